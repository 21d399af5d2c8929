// Owns: reading permissions from settings files: .claude/settings.json and settings.local.json from the working directory up
// to the repository root, and ~/.claude/settings.json.
// Promises: a file that is not JSON, or a rule that is malformed, is an error that names file and place; none is ignored.
// Never: decides which of them count (permission/grants.ts), or reads anything but "permissions".
import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { projectDirectories } from './agent-folders.ts';
import { AworkersError, errorText } from './contract/errors.ts';
import { once } from './contract/once.ts';
import { tryParse } from './contract/parse.ts';
import type { PermissionRule, RuleSource } from './contract/permission.ts';
import { parseRule, type Settings } from './permission/index.ts';
import { readProjectTextSync } from './project-text.ts';

const permissionsSchema = once(() => {
  const strings = z.array(z.string()).optional();
  return z.looseObject({
    permissions: z
      .looseObject({
        allow: strings,
        ask: strings,
        deny: strings,
        additionalDirectories: strings,
        defaultMode: z.string().optional(),
        disableBypassPermissionsMode: z.string().optional(),
      })
      .optional(),
  });
});

export type LoadedSettings = { readonly user: readonly Settings[]; readonly project: readonly Settings[] };

/** Project files stand outermost first, settings.local.json after settings.json: later ones win where one must. */
export function loadSettings(input: { readonly cwd: string; readonly home: string }): LoadedSettings {
  const { home } = input;
  const user = readSettings(join(home, '.claude', 'settings.json'), 'user', join(home, '.claude'), home);
  // The home directory is never a project.
  const roots = projectDirectories(resolve(input.cwd)).filter((root) => root !== home);
  const project = roots
    .toReversed()
    .flatMap((root) => [
      ...readSettings(join(root, '.claude', 'settings.json'), 'project', root, home),
      ...readSettings(join(root, '.claude', 'settings.local.json'), 'local', root, home),
    ]);
  return { user, project };
}

function readSettings(path: string, source: RuleSource, root: string, home: string): readonly Settings[] {
  if (!existsSync(path)) return [];
  const { value, place } = { value: parseJson(path), place: `Settings file ${path}` };
  const parsed = tryParse(permissionsSchema(), value);
  if (!parsed.ok) throw new AworkersError('usage', `${place}: ${parsed.problems.join('; ')}.`, 'Correct the file.');
  const permissions = parsed.value.permissions ?? {};
  const rules = (['deny', 'ask', 'allow'] as const).flatMap((decision) =>
    (permissions[decision] ?? []).map((text, index) => {
      const rule: PermissionRule = { decision, text, source, root };
      checkRule(rule, `${place}, permissions.${decision}[${index}]`);
      return rule;
    }),
  );
  const directories = (permissions.additionalDirectories ?? []).map((each) => {
    const expanded = each === '~' || each.startsWith('~/') ? join(home, each.slice(1)) : each;
    return isAbsolute(expanded) ? expanded : resolve(root, expanded);
  });
  return [
    {
      path,
      rules,
      ...(permissions.defaultMode === undefined ? {} : { mode: permissions.defaultMode }),
      disableBypass: permissions.disableBypassPermissionsMode === 'disable',
      additionalDirectories: directories,
    },
  ];
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readProjectTextSync(path).replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new AworkersError(
      'usage',
      `Settings file ${path} cannot be read: ${errorText(cause)}.`,
      'Correct the file.',
      { cause },
    );
  }
}

function checkRule(rule: PermissionRule, place: string): void {
  try {
    parseRule(rule);
  } catch (cause) {
    if (!(cause instanceof AworkersError)) throw cause;
    throw new AworkersError(cause.code, `${place}: ${cause.message}`, cause.hint, { cause });
  }
}
