// Owns: reading permissions from settings files: .claude/settings.json and settings.local.json from the working directory up
// to the repository root, and ~/.claude/settings.json.
// Promises: a file that is not JSON, or a rule that is malformed, is an error that names file and place; none is ignored.
// Never: decides which of them count (permission/grants.ts), or reads anything but "permissions".
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import type { Project } from './project-folders.ts';
import { byText } from './by-text.ts';
import { AworkersError, errorText } from './contract/errors.ts';
import { once } from './contract/once.ts';
import { tryParse } from './contract/parse.ts';
import type { PermissionRule, RuleSource } from './contract/permission.ts';
import { inOneSentence } from './contract/text.ts';
import { sharedLook } from './shared-looks.ts';
import { parseRule, type Settings } from './permission/index.ts';
import { readProjectText } from './project-text.ts';

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
export function loadSettings({ configured }: Pick<Project, 'configured'>, home: string): LoadedSettings {
  const user = readSettings(join(home, '.claude', 'settings.json'), readers.user, join(home, '.claude'), home);
  // The home directory is never a project.
  const roots = configured.filter((root) => root !== home);
  const project = roots
    .toReversed()
    .flatMap((root) => [
      ...readSettings(join(root, '.claude', 'settings.json'), readers.project, root, home),
      ...readSettings(join(root, '.claude', 'settings.local.json'), readers.local, root, home),
    ]);
  return { user, project };
}

function readSettings(path: string, read: Reader, root: string, home: string): readonly Settings[] {
  const text = textOf(path);
  if (text === undefined) return [];
  const { permissions, rules } = read(text, path);
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

/** Undefined: there is no such file. */
const textOf = sharedLook((path: string): string | undefined => {
  if (!existsSync(path)) return undefined;
  try {
    return readProjectText(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
});

/** What a file's text says, if it is a file of this source. The same text gives the same rules, which are then parsed once. */
function reader(source: RuleSource) {
  return byText((text, path) => {
    const parsed = tryParse(permissionsSchema(), jsonOf(text, path));
    const place = `Settings file ${path}`;
    if (!parsed.ok)
      throw new AworkersError('usage', `${place}: ${inOneSentence(parsed.problems)}`, 'Correct the file.');
    const permissions = parsed.value.permissions ?? {};
    const root = source === 'user' ? dirname(path) : dirname(dirname(path));
    const rules = (['deny', 'ask', 'allow'] as const).flatMap((decision) =>
      (permissions[decision] ?? []).map((text, index) => {
        const rule: PermissionRule = { decision, text, source, root };
        checkRule(rule, `${place}, permissions.${decision}[${index}]`);
        return rule;
      }),
    );
    return { permissions, rules };
  });
}

const readers = { user: reader('user'), project: reader('project'), local: reader('local') } as const;
type Reader = ReturnType<typeof reader>;

function jsonOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): AworkersError {
  const what = `Settings file ${path} cannot be read: ${errorText(cause).replace(/\.$/, '')}.`;
  return new AworkersError('usage', what, 'Correct the file.', { cause });
}

function checkRule(rule: PermissionRule, place: string): void {
  try {
    parseRule(rule);
  } catch (cause) {
    if (!(cause instanceof AworkersError)) throw cause;
    throw new AworkersError(cause.code, `${place}: ${cause.message}`, cause.hint, { cause });
  }
}
