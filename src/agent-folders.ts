// Owns: where agent files lie: .claude/agents of the working directory and its parents up to the repository root, then of home.
// Promises: nearest folder first, files in a stable order; a file of a project that leads out of it by a symlink is left out.
// Never: throws for one bad file: it is listed with its problem.
import { existsSync } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { dirname, join, relative, isAbsolute } from 'node:path';
import { type AgentFile, parseAgentFile } from './agent-file.ts';
import { AworkersError } from './contract/errors.ts';
import { readProjectText } from './project-text.ts';

type FolderScope = 'project' | 'user';

export type FoundAgent = { readonly path: string; readonly scope: FolderScope } & (
  { readonly file: AgentFile } | { readonly problem: AworkersError }
);

/** The nearest directory at or above `cwd` with a .git; `cwd` itself when there is none. */
export function projectRoot(cwd: string): string {
  for (let directory = cwd; ; directory = dirname(directory)) {
    if (existsSync(join(directory, '.git'))) return directory;
    if (dirname(directory) === directory) return cwd;
  }
}

/** From `cwd` up to the project's root: nearest first. */
export function projectDirectories(cwd: string, root = projectRoot(cwd)): readonly string[] {
  return cwd === root ? [cwd] : [cwd, ...projectDirectories(dirname(cwd), root)];
}

export async function findAgents(cwd: string, home: string): Promise<readonly FoundAgent[]> {
  const root = projectRoot(cwd);
  const user = agentsFolder(home);
  const project = projectDirectories(cwd)
    .map(agentsFolder)
    .filter((folder) => folder !== user);
  const found = await Promise.all([
    ...project.map((folder) => agentsIn(folder, 'project', root)),
    agentsIn(user, 'user', home),
  ]);
  return found.flat();
}

export function isInside(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way === '' || (!isAbsolute(way) && way.split(/[\\/]/)[0] !== '..');
}

export function agentsFolder(directory: string): string {
  return join(directory, '.claude', 'agents');
}

async function agentsIn(folder: string, scope: FolderScope, root: string): Promise<FoundAgent[]> {
  if (!existsSync(folder)) return [];
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.md')).toSorted();
  const real = await realpath(root);
  const found: FoundAgent[] = [];
  for (const name of names) {
    const path = join(folder, name);
    if (scope === 'project' && !isInside(await realpath(path).catch(() => path), real)) continue;
    found.push(await read(path, scope));
  }
  return found;
}

async function read(path: string, scope: FolderScope): Promise<FoundAgent> {
  try {
    return { path, scope, file: parseAgentFile(await readProjectText(path), path) };
  } catch (error) {
    if (error instanceof AworkersError) return { path, scope, problem: error };
    const problem = new AworkersError('usage', `${path} cannot be read.`, 'Check that it is a readable file.', {
      cause: error,
    });
    return { path, scope, problem };
  }
}
