// Owns: the files below a directory, without what a developer would not look at.
// Promises: .gitignore files on the way down and up to the repository's root count; links are not followed; bounded in
// entries and time, and says when a bound was reached.
// Never: leaves the directory it was given.
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Ignore } from 'ignore';
import { readWhole, withRegularFile } from './open-file.ts';

export type WalkOptions = {
  readonly maxEntries: number;
  readonly deadline: number;
  readonly signal: AbortSignal;
};

/** `complete` is false when a bound ended the walk. */
export type Walk = { readonly complete: boolean };

const maxIgnoreBytes = 1024 * 1024;

/** A pattern with many "**" takes seconds to match a deep path: such lines are left out, such paths not walked. */
const maxStars = 3;
const maxDepth = 128;

type Rules = { readonly base: string; readonly rules: Ignore };

const always = new Set(['.git', '.hg', '.svn', 'node_modules']);

/** Calls `visit` with the path of each file, relative to `root`, "/" between names. */
export async function walkFiles(root: string, options: WalkOptions, visit: (path: string) => void): Promise<Walk> {
  const { default: ignore } = await import('ignore');
  const load = async (directory: string): Promise<Rules[]> => {
    const text = await ignoreFile(join(directory, '.gitignore'));
    return text === undefined
      ? []
      : [
          {
            base: directory,
            rules: ignore({ allowRelativePaths: true }).add(
              text.split('\n').filter((line) => line.split('**').length <= maxStars + 1),
            ),
          },
        ];
  };
  const above = (await Promise.all(foldersUpToRepository(root).map(load))).flat();
  // Who asks for an ignored directory by name wants to see into it.
  const inherited = ignored(root, true, above) ? [] : above;
  const pending: { readonly directory: string; readonly rules: readonly Rules[] }[] = [
    { directory: root, rules: inherited },
  ];
  let entries = 0;
  let complete = true;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    options.signal.throwIfAborted();
    if (Date.now() > options.deadline) return { complete: false };
    const children = await readdir(next.directory, { withFileTypes: true }).catch(() => []); // gone, or not readable: as if empty
    const hasRules = children.some((child) => child.name === '.gitignore');
    const rules = hasRules ? [...next.rules, ...(await load(next.directory))] : next.rules;
    for (const child of children) {
      entries += 1;
      if (entries > options.maxEntries) return { complete: false };
      const path = join(next.directory, child.name);
      if (child.isDirectory()) {
        if (path.split(sep).length > maxDepth) complete = false;
        else if (!always.has(child.name) && !ignored(path, true, rules)) pending.push({ directory: path, rules });
      } else if ((child.isFile() || child.isSymbolicLink()) && !ignored(path, false, rules)) {
        visit(relative(root, path).replaceAll(sep, '/'));
      }
    }
  }
  return { complete };
}

/** undefined: none, or not one that git would read. */
async function ignoreFile(path: string): Promise<string | undefined> {
  const read = withRegularFile(path, path, (file, info) => readWhole(file, info, maxIgnoreBytes, path));
  return (await read.catch(() => undefined))?.toString('utf8');
}

/** The deepest file that says anything about the path decides, as in git. */
function ignored(path: string, isDirectory: boolean, rules: readonly Rules[]): boolean {
  for (const { base, rules: own } of rules.toReversed()) {
    const inside = relative(base, path).replaceAll(sep, '/');
    const verdict = own.test(isDirectory ? `${inside}/` : inside);
    if (verdict.ignored) return true;
    if (verdict.unignored) return false;
  }
  return false;
}

/** The parents of `root` up to the root of its repository, outermost first; none when it is in no repository. */
function foldersUpToRepository(root: string): string[] {
  const folders: string[] = [];
  for (let folder = root; ; folder = dirname(folder)) {
    if (folder !== root) folders.unshift(folder);
    if (existsSync(join(folder, '.git'))) return folders;
    if (folder === dirname(folder)) return [];
  }
}
