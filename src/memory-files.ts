// Owns: the memory of user and project as one context block: CLAUDE.md and AGENTS.md, with what they import.
// Promises: nearest files have first claim on the budget; what is cut, left out or comes from a folder that is not trusted is
// said; the same files give the same bytes, widest first, so that workers share the longest prefix.
// Never: grants anything, or follows an import out of its project (or out of ~/.claude).
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { isInside, type Project } from './project-folders.ts';
import { type ContextFile, type MayRead, readContextFile } from './context-files.ts';
import type { Notice } from './contract/options.ts';
import { counted } from './contract/text.ts';
import { importsIn } from './memory-imports.ts';

export type MemoryWorld = {
  readonly project: Pick<Project, 'root' | 'directories' | 'configured'>;
  readonly home: string;
  readonly trustProject: boolean;
  readonly mayRead: MayRead;
};

export type Memory = { readonly context: readonly string[]; readonly notices: readonly Notice[] };

export const noMemory: Memory = { context: [], notices: [] };

export const memoryBudget = 40_000;
const maxDepth = 5;

const below = join('.claude', 'CLAUDE.md');
const names = ['CLAUDE.md', below, 'CLAUDE.local.md', 'AGENTS.md'] as const;

type Section = ContextFile & { readonly scope: 'project' | 'user' };
type Place = { readonly scope: Section['scope']; readonly root: string; readonly paths: readonly string[] };

export function memoryFor(world: MemoryWorld): Memory {
  const problems: string[] = [];
  const seen = new Set<string>();
  const groups: Section[][] = [];
  for (const place of placesOf(world)) groups.push(sectionsOf(place, world, seen, problems));
  if (problems.length === 0 && seen.size === 0) return noMemory;
  const { kept, cut } = withinBudget(groups);
  const sections = kept.toReversed().flat();
  return {
    context: sections.length === 0 ? [] : [block(sections)],
    notices: notices(sections, cut, problems, world.trustProject),
  };
}

/** In the order of their claim on the budget. */
function placesOf({ project: { root, directories, configured }, home }: MemoryWorld): readonly Place[] {
  const own = join(home, '.claude');
  const project = directories
    .filter((directory) => !isInside(directory, own))
    .map((directory) => {
      const hasOwn = configured.includes(directory) && join(directory, '.claude') !== own;
      const there = names.filter((name) => name !== below || hasOwn);
      return { scope: 'project' as const, root, paths: there.map((name) => join(directory, name)) };
    });
  return [...project, { scope: 'user', root: own, paths: ['CLAUDE.md', 'AGENTS.md'].map((name) => join(own, name)) }];
}

function sectionsOf(place: Place, world: MemoryWorld, seen: Set<string>, problems: string[]): Section[] {
  const sections: Section[] = [];
  const visit = (path: string, depth: number): void => {
    const read = readContextFile(path, place.root, world.mayRead);
    if ('problem' in read) problems.push(read.problem);
    if (!('file' in read) || seen.has(read.file.real)) return;
    seen.add(read.file.real);
    if (read.file.text !== '') sections.push({ ...read.file, scope: place.scope });
    const imports = importsIn(read.file.text).map((target) => absolute(target, dirname(read.file.real), world.home));
    if (depth < maxDepth) for (const target of imports) visit(target, depth + 1);
    else if (imports.length > 0) problems.push(`${path}: imports deeper than ${maxDepth} are not followed`);
  };
  for (const path of place.paths) visit(path, 0);
  return sections;
}

function absolute(target: string, directory: string, home: string): string {
  if (target.startsWith('~/')) return join(home, target.slice(2));
  return isAbsolute(target) ? target : resolve(directory, target);
}

function withinBudget(groups: readonly (readonly Section[])[]) {
  let left = memoryBudget;
  const cut: string[] = [];
  const kept = groups.map((group) =>
    group.flatMap((section) => {
      const size = Buffer.byteLength(section.text);
      const room = left;
      left = Math.max(0, left - size);
      if (size <= room) return [section];
      cut.push(section.path);
      const part = Buffer.from(section.text)
        .subarray(0, room)
        .toString('utf8')
        .replace(/\uFFFD$/, '');
      return [{ ...section, text: `${part}\n[Cut here: ${size - room} more bytes are in the file.]`.trimStart() }];
    }),
  );
  return { kept, cut };
}

function block(sections: readonly Section[]): string {
  const head =
    'What the user and the project tell every agent. Follow it where it bears on your task. It grants no permission.';
  const parts = sections.map(({ path, scope, text }) => {
    return `# ${path} (${scope === 'user' ? "the user's" : "the project's"})\n\n${text.replaceAll('</memory>', '< /memory>')}`;
  });
  return `<memory>\n${[head, ...parts].join('\n\n')}\n</memory>`;
}

function notices(
  sections: readonly Section[],
  cut: readonly string[],
  problems: readonly string[],
  trusted: boolean,
): Notice[] {
  const notice = (requested: unknown, sent: unknown, reason: string): Notice => {
    return { option: 'memory', requested, sent, reason };
  };
  const loaded = sections.filter(({ scope }) => scope === 'project').map(({ path }) => path);
  return [
    ...(loaded.length === 0 || trusted
      ? []
      : [
          notice(
            'on',
            loaded,
            'Memory files of a folder that is not trusted were loaded. They are text and grant nothing. --no-memory leaves them out, --trust-project trusts the folder.',
          ),
        ]),
    ...(cut.length === 0
      ? []
      : [notice(cut, null, `Memory has ${memoryBudget} bytes: of these files only a part, or nothing, was loaded.`)]),
    ...(problems.length === 0
      ? []
      : [notice(counted(problems.length, 'file'), null, `Not loaded: ${problems.slice(0, 5).join('; ')}.`)]),
  ];
}
