// Owns: the skills there are: .claude/skills/*/SKILL.md of home and of the project.
// Promises: home's come first and cannot be replaced by the project's; only name and description stand in the prompt, within
// a budget; skills of a folder that is not trusted are named in a notice.
// Never: runs anything, or gives what a skill's front matter asks for (its allowed-tools).
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Project } from './project-folders.ts';
import { byText } from './by-text.ts';
import { type MayRead, readContextFile } from './context-files.ts';
import { errorText } from './contract/errors.ts';
import type { Notice } from './contract/options.ts';
import { clip } from './contract/text.ts';
import { readFrontMatter } from './front-matter.ts';
import { sharedLook } from './shared-looks.ts';

export type SkillWorld = {
  readonly project: Pick<Project, 'root' | 'configured'>;
  readonly home: string;
  readonly mayRead: MayRead;
};

export type FoundSkill = {
  readonly name: string;
  readonly description: string;
  readonly path: string;
  readonly directory: string;
  readonly body: string;
  readonly scope: 'user' | 'project';
};

type Found = { readonly skills: readonly FoundSkill[]; readonly problems: readonly string[] };

const listChars = 8_000;
const descriptionChars = 400;

export function findSkills({ project: { root, configured }, home, mayRead }: SkillWorld): Found {
  const folders = [
    { folder: skillsFolder(home), scope: 'user' as const, inside: undefined },
    ...configured
      .map(skillsFolder)
      .filter((folder) => folder !== skillsFolder(home))
      .map((folder) => ({ folder, scope: 'project' as const, inside: root })),
  ];
  const skills = new Map<string, FoundSkill>();
  const problems: string[] = [];
  for (const { folder, scope, inside } of folders) {
    for (const name of namesIn(folder).toSorted()) {
      const read = readContextFile(join(folder, name, 'SKILL.md'), inside, mayRead);
      if ('problem' in read) problems.push(read.problem);
      const skill = 'file' in read ? parseSkill(read.file.path, read.file.text, scope, problems) : undefined;
      if (skill !== undefined && !skills.has(skill.name)) skills.set(skill.name, skill);
    }
  }
  return { skills: [...skills.values()], problems };
}

/** A context block; none without skills. */
export function skillList(skills: readonly FoundSkill[]): readonly string[] {
  if (skills.length === 0) return [];
  const lines: string[] = [];
  let left = listChars;
  for (const { name, description } of skills) {
    const line = `- ${name}: ${description}`.replaceAll('</skills>', '< /skills>');
    left -= line.length + 1;
    if (left < 0) break;
    lines.push(line);
  }
  const more = skills.slice(lines.length).map(({ name }) => name);
  const rest = more.length === 0 ? [] : [`Without description: ${more.join(', ').slice(0, listChars)}`];
  const head = 'Instructions for special tasks. When one fits your task, load it with the Skill tool before you begin.';
  return [`<skills>\n${[head, ...lines, ...rest].join('\n')}\n</skills>`];
}

export function skillNotices({ skills, problems }: Found, trusted: boolean): readonly Notice[] {
  const offered = skills.filter(({ scope }) => scope === 'project').map(({ path }) => path);
  const reason =
    'Skills of a folder that is not trusted are offered. They are text and grant nothing. --deny Skill leaves them out, --trust-project trusts the folder.';
  const notLoaded = `Not offered: ${problems.slice(0, 5).join('; ')}.`;
  return [
    ...(offered.length === 0 || trusted ? [] : [{ option: 'skills', requested: 'on', sent: offered, reason }]),
    ...(problems.length === 0
      ? []
      : [{ option: 'skills', requested: `${problems.length} not read`, sent: null, reason: notLoaded }]),
  ];
}

const namesIn = sharedLook((folder: string): readonly string[] => {
  if (!existsSync(folder)) return []; // as mostly
  try {
    return readdirSync(folder);
  } catch {
    return []; // a file, or a folder that is not ours to read
  }
});

function skillsFolder(directory: string): string {
  return join(directory, '.claude', 'skills');
}

const partsOf = byText((text, path) => {
  const { values, body } = readFrontMatter(text, path);
  return { values, body };
});

/** undefined: none that a model may load. */
function parseSkill(
  path: string,
  text: string,
  scope: FoundSkill['scope'],
  problems: string[],
): FoundSkill | undefined {
  const directory = dirname(path);
  try {
    const { values = {}, body } = partsOf(text, path);
    if (values['disable-model-invocation'] === true) return undefined;
    const named = values['name'];
    const name = typeof named === 'string' && named !== '' ? named : directory.split(/[\\/]/).at(-1);
    if (name === undefined || !/^[\w:.-]{1,64}$/.test(name)) {
      problems.push(`${path}: "${name}" is not a name for a skill`);
      return undefined;
    }
    const given = values['description'];
    const about = typeof given === 'string' && given.trim() !== '' ? given : body.trim();
    return { name, description: oneLine(about), path, directory, body: body.trim(), scope };
  } catch (error) {
    problems.push(errorText(error));
    return undefined;
  }
}

function oneLine(text: string): string {
  return clip(text.trim().replaceAll(/\s+/g, ' '), descriptionChars);
}
