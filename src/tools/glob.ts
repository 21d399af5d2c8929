// Owns: the Glob tool.
// Promises: newest first, bounded, the bound said; the same answer on every machine (no outside program). A search whose root
// was exchanged meanwhile shows nothing.
// Never: looks outside the directory that was judged.
import { lstat, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import type { Tool } from '../contract/ports.ts';
import { grouped } from '../contract/text.ts';
import type { ToolContext } from './context.ts';
import { bindTool, ToolFailure } from './define-tool.ts';
import { requireInside } from './judged-path.ts';
import { fileFailure } from './open-file.ts';
import { shownPath } from './paths.ts';
import { visible } from './sanitize.ts';
import { walkFiles } from './walk.ts';

/** Beyond so many matches the newest are looked for among these only: each costs a stat. */
const maxStats = 20_000;

const costly =
  'The pattern would take too long to match: use at most three * in one name, three **, and no repetition within +( ) or *( ).';

export const globDefinition = {
  name: 'Glob',
  description:
    'List files whose path matches a glob such as src/**/*.ts, newest first, at most 100. Skips .git, node_modules and what .gitignore names.',
  input: z.strictObject({
    pattern: z.string().min(1),
    path: z.string().min(1).optional().describe('Directory to search, default: the working directory'),
  }),
  access: 'read',
} as const;

export function globTool(context: ToolContext): Tool {
  const { cwd, limits, paths } = context;
  return bindTool(globDefinition, {
    async run({ pattern, path }, signal, call) {
      if (isAbsolute(pattern) || pattern.split(/[\\/{},()|]/).includes('..')) {
        throw new ToolFailure('The pattern must be relative and without "..". Give the directory as path.');
      }
      if (isCostly(pattern)) throw new ToolFailure(costly);
      const shown = path ?? '.';
      const { default: picomatch } = await import('picomatch');
      const plain = pattern.replace(/^(\.\/+)+/, '');
      const base = literalLead(plain, picomatch.scan(plain).base);
      const isFile = base === plain;
      const folder = isFile ? base.slice(0, Math.max(base.lastIndexOf('/'), 0)) : base;
      const judged = (): string => {
        const { real } = paths.resolve(`${shown}/${folder}`, cwd);
        requireInside(real, join(shown, folder), call);
        return real;
      };
      const place = judged();
      const root = await directory(folder === '' ? place : paths.resolve(shown, cwd).real, shown);
      const start = base === '' ? root : join(root, base);
      const matches = picomatch(base === '' ? plain : plain.slice(base.length).replace(/^\//, '') || '*', {
        dot: true,
      });
      const found: string[] = [];
      const options = { maxEntries: limits.walkEntries, deadline: Date.now() + limits.searchTimeoutMs, signal };
      const { complete } = isFile
        ? { complete: true }
        : await walkFiles(place, options, (file) => {
            if (matches(file) && context.mayRead(join(start, file))) found.push(join(start, file));
          });
      if (isFile && (await lstat(start).catch(() => undefined))?.isFile() === true && context.mayRead(start))
        found.push(start);
      const home = paths.resolve('.', cwd).real;
      const files = await newestFirst(found);
      judged(); // the walk opened it by its path
      return list(files, home, complete, limits.globResults);
    },
  });
}

/** Matching is in this process and cannot be stopped: each further star multiplies the work by the length of a name. */
function isCostly(pattern: string): boolean {
  let flat = pattern;
  for (let group = innermost.exec(flat); group !== null; group = innermost.exec(flat)) {
    const choices = (group[1] ?? '').split(',').toSorted((a, b) => stars(b) - stars(a));
    flat = flat.replace(group[0], () => choices[0] ?? '');
  }
  const names = flat.split('/').filter((name) => name !== '**');
  const deep = flat.split('/').length - names.length;
  return deep > 3 || names.some((name) => stars(name) > 3) || /[*+]\([^)]*[*+]/.test(flat);
}

const innermost = /\{([^{}]*)\}/;

function stars(text: string): number {
  return text.split('*').length - 1;
}

/** A directory that the pattern does not start with as it stands, such as that of "!a/**", is not what was judged. */
function literalLead(pattern: string, base: string): string {
  return pattern === base || pattern.startsWith(`${base}/`) ? base : '';
}

function list(files: readonly string[], home: string, complete: boolean, limit: number): string {
  const partial = complete ? '' : '[The tree is too large: not all of it was searched. Give a deeper path.]';
  if (files.length === 0) return partial === '' ? 'No files match.' : `No files match so far.\n${partial}`;
  const lines = files.slice(0, limit).map((file) => oneLine(shownPath(file, home)));
  if (files.length > limit)
    lines.push(`[${grouped(limit)} of ${grouped(files.length)} files shown. Narrow the pattern or path.]`);
  if (partial !== '') lines.push(partial);
  return lines.join('\n');
}

async function newestFirst(files: readonly string[]): Promise<readonly string[]> {
  const dated = await Promise.all(
    files
      .slice(0, maxStats)
      .map(async (file) => ({ file, at: (await stat(file).catch(() => undefined))?.mtimeMs ?? 0 })),
  );
  dated.sort((a, b) => b.at - a.at || (a.file < b.file ? -1 : 1));
  return [...dated.map(({ file }) => file), ...files.slice(maxStats)];
}

async function directory(real: string, shown: string): Promise<string> {
  const info = await stat(real).catch((error: unknown) => {
    throw fileFailure(error, shown);
  });
  if (!info.isDirectory()) throw new ToolFailure(`${shown} is a file. Glob searches directories; use Read or Grep.`);
  return real;
}

/** A file name may hold anything but a slash: a newline in it must not look like another file. */
function oneLine(path: string): string {
  return visible(path).replaceAll('\n', '\u240a').replaceAll('\t', '\u2409');
}
