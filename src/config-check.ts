// Owns: what can be wrong in a configuration, as far as it shows before the app is opened.
// Promises: a malformed rule throws here; where only opening can tell, `opensWithFiles` is true.
// Never: loads what the app consists of: a server that has only shaken hands should have paid for nothing else.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AppConfig } from './app-config.ts';
import { parseRule } from './permission/rules.ts';
import { projectOf } from './project-folders.ts';

/** Throws 'usage' for a malformed rule of a flag. */
export function checkRules({ allow, deny }: AppConfig['grants']): void {
  for (const text of allow) parseRule({ decision: 'allow', text, source: 'cli' });
  for (const text of deny) parseRule({ decision: 'deny', text, source: 'cli' });
}

/** The app cannot be opened without something that may be missing or malformed: a file that is read, programs of a sandbox. */
export function opensWithFiles(config: AppConfig): boolean {
  return config.modelsFile !== undefined || config.sandbox !== 'off' || serverFiles(config).length > 0;
}

/** Configurations of MCP servers for every worker: those given, and of a trusted project the nearest .mcp.json at or above `cwd`. */
export function serverFiles({ mcpConfig = [], grants, cwd }: AppConfig): readonly string[] {
  const project = grants.trustProject
    ? projectOf(cwd).directories.map((directory) => join(directory, '.mcp.json'))
    : [];
  const nearest = project.find((path) => existsSync(path));
  return [...new Set([...mcpConfig, ...(nearest === undefined ? [] : [nearest])])];
}
