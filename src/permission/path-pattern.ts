// Owns: gitignore-style path patterns of Read(...) and Edit(...) rules.
// Promises: `//abs`, `~/home`, `/` (the settings' directory), bare and `./` (the working directory); an allow pattern
// compares case exactly, deny and ask patterns do not, so that no file system can be used to get around them.
// Never: touches a file.
import ignore from 'ignore';
import type { Decision } from '../contract/permission.ts';

export type PathPattern = {
  /** Matches the file or directory itself. */
  readonly matches: (path: string) => boolean;
  /** Matches everything below the directory. */
  readonly covers: (directory: string) => boolean;
  /** Could match something at or below the directory. */
  readonly reaches: (directory: string) => boolean;
  /** Names that every path it matches has as a component, in lower case. */
  readonly names: readonly string[];
  /** How many components follow the last of them, at least. */
  readonly after: number;
};

export type PatternPlace = { readonly cwd: string; readonly home: string; readonly root: string | undefined };

/** A name that no pattern spells out: what covers a directory matches it there. */
const anything = '\u{10fffd}';
const wild = /[*?[\]\\]/;

export function pathPattern(spec: string, decision: Decision, place: PatternPlace): PathPattern {
  const { base, pattern } = anchored(spec, decision, place);
  const matcher = ignore({ ignorecase: decision !== 'allow' }).add(pattern);
  const matches = (path: string) => {
    const inside = below(base, path, decision !== 'allow');
    return inside !== undefined && inside !== '' && ignore.isPathValid(inside) && matcher.ignores(inside);
  };
  const parts = pattern.split('/').filter((part) => part !== '');
  const fixed = parts.slice(
    0,
    parts.findIndex((part) => wild.test(part)) === -1 ? undefined : parts.findIndex((part) => wild.test(part)),
  );
  const floating = !pattern.slice(0, -1).includes('/');
  const start = floating ? base : join(base, fixed.join('/'));
  return {
    matches,
    covers: (directory) => matches(join(directory, anything)),
    reaches: (directory) => below(directory, start, true) !== undefined || below(start, directory, true) !== undefined,
    after: parts.length - 1 - parts.findLastIndex((part) => !wild.test(part)),
    names: parts.filter((part) => !wild.test(part)).map((part) => part.toLowerCase()),
  };
}

/** The directory a pattern starts from and the gitignore pattern there. */
function anchored(
  spec: string,
  decision: Decision,
  { cwd, home, root }: PatternPlace,
): { base: string; pattern: string } {
  if (spec.startsWith('//')) return { base: '/', pattern: spec.slice(1) };
  if (spec === '~' || spec.startsWith('~/')) return { base: home, pattern: spec === '~' ? '/**' : spec.slice(1) };
  if (spec.startsWith('/')) return { base: root ?? cwd, pattern: spec };
  if (/^[A-Za-z]:[\\/]/.test(spec)) return { base: '/', pattern: `/${toPosix(spec).slice(1)}` };
  if (spec === '.' || spec === './') return { base: cwd, pattern: '/**' };
  if (spec.startsWith('./')) return { base: cwd, pattern: spec.slice(1) };
  if (spec.startsWith('../')) return { base: '/', pattern: join(cwd, spec) };
  const nested = spec.slice(0, -1).includes('/');
  if (decision === 'allow') return { base: cwd, pattern: nested ? `/${spec}` : escaped(spec) };
  return { base: '/', pattern: nested ? `**/${spec}` : escaped(spec) };
}

/** A first "#" or "!" means something else to gitignore. */
function escaped(spec: string): string {
  return /^[#!]/.test(spec) ? `\\${spec}` : spec;
}

/** `path` relative to `base`; '' when equal; undefined when it is not below. */
export function below(base: string, path: string, ignoreCase = false): string | undefined {
  const [a, b] = ignoreCase ? [base.toLowerCase(), path.toLowerCase()] : [base, path];
  if (a === b) return '';
  const prefix = a.endsWith('/') ? a : `${a}/`;
  return b.startsWith(prefix) ? path.slice(prefix.length) : undefined;
}

/** Joins and normalises "." and ".." by text. */
function join(base: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${base}/${path}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** Drive paths become "/C:/x", so that one syntax serves all platforms. */
export function toPosix(path: string): string {
  const windows = /^[A-Za-z]:[\\/]|^\\\\/.test(path);
  return windows ? `/${path.replaceAll('\\', '/')}` : path;
}
