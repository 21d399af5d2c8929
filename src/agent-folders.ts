// Owns: where agent files lie: .claude/agents of the working directory and its parents up to the repository root, then of home.
// Promises: nearest folder first, files in a stable order; a file of a project that leads out of it by a symlink is left out.
// Never: throws for one bad file: it is listed with its problem.
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { type AgentFile, parseAgentFile } from './agent-file.ts';
import { AworkersError } from './contract/errors.ts';
import { isInside, projectOf } from './project-folders.ts';
import { readRealText } from './project-text.ts';

type FolderScope = 'project' | 'user';

export type FoundAgent = { readonly path: string; readonly scope: FolderScope } & (
  { readonly file: AgentFile } | { readonly problem: AworkersError }
);

export function findAgents(cwd: string, home: string): readonly FoundAgent[] {
  const { root, configured } = projectOf(cwd);
  const user = agentsFolder(home);
  const project = configured.map(agentsFolder).filter((folder) => folder !== user);
  return [...project.flatMap((folder) => agentsIn(folder, 'project', root)), ...agentsIn(user, 'user', home)];
}

export function agentsFolder(directory: string): string {
  return join(directory, '.claude', 'agents');
}

function agentsIn(folder: string, scope: FolderScope, root: string): readonly FoundAgent[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
  const real = realpathSync(root);
  return names
    .toSorted()
    .map((name) => join(folder, name))
    .map((path) => ({ path, target: realOf(path) }))
    .filter(({ target }) => scope === 'user' || isInside(target, real))
    .map(({ path, target }) => read(path, target, scope));
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // a link to nothing: reading it will say so
  }
}

function read(path: string, target: string, scope: FolderScope): FoundAgent {
  try {
    return { path, scope, file: parseAgentFile(readRealText(target), path) };
  } catch (error) {
    if (error instanceof AworkersError) return { path, scope, problem: error };
    const problem = new AworkersError('usage', `${path} cannot be read.`, 'Check that it is a readable file.', {
      cause: error,
    });
    return { path, scope, problem };
  }
}
