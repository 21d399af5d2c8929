// Owns: what a row of a CSV file and a section of a Markdown file mean as a task.
// Promises: columns id, description, agent_type, prompt and options.<name> are those of a task; every column can be named in a
// template. A heading is description and id ("id: description", or its words), the body the prompt, front matter the defaults.
import { optionNames } from '../contract/options.ts';
import { type OptionName, optionFromText } from './option-text.ts';
import type { PlacedProblem } from './place.ts';
import { readCsv } from './read-csv.ts';
import { readMarkdown } from './read-markdown.ts';
import { readYaml } from './read-yaml.ts';
import type { RawFile, TaskFileNeeds } from './task-file.ts';
import { fillTemplate, templateProblems } from './template.ts';

const taskColumns = ['id', 'description', 'agent_type', 'prompt'];

export function csvTasks(text: string, file: string, { template, promptSwept }: TaskFileNeeds): RawFile {
  const table = readCsv(text, file);
  const head = { file, line: 1, column: 1 };
  const problems: PlacedProblem[] = [...table.problems];
  const wrong = template === undefined ? [] : templateProblems(template, table.columns);
  problems.push(...wrong.map((problem) => ({ ...head, text: `--prompt: ${problem}` })));
  if (template === undefined && !promptSwept && !table.columns.includes('prompt')) {
    problems.push({ ...head, text: 'there is no column "prompt"; give a template with --prompt "… {{column}} …"' });
  }
  if (problems.length > 0) return { tasks: [], problems };
  const tasks = table.rows.map(({ cells, placeOf }) => ({
    cells,
    value: taskOf(cells, template),
    placeOf: (path: readonly PropertyKey[]) =>
      path.length === 0 ? placeOf(table.columns[0] ?? '') : placeOf(path.map(String).join('.')),
  }));
  return { tasks, problems };
}

function taskOf(cells: Readonly<Record<string, string>>, template: string | undefined): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.fromEntries(
    taskColumns.flatMap((name) => (cells[name] === undefined || cells[name] === '' ? [] : [[name, cells[name]]])),
  );
  if (template !== undefined) fields['prompt'] = fillTemplate(template, cells);
  const options = Object.entries(cells).flatMap(([column, text]) => {
    if (!column.startsWith('options.') || text === '') return [];
    const name = column.slice('options.'.length);
    const known = optionNames().find((option) => option === name);
    return [[name, known === undefined ? text : optionFromText(known satisfies OptionName, text)]];
  });
  return options.length === 0 ? fields : { ...fields, options: Object.fromEntries(options) as unknown };
}

export function markdownTasks(text: string, file: string): RawFile {
  const { front, unclosed, sections } = readMarkdown(text);
  if (unclosed) {
    const problem = { file, line: 1, column: 1, text: 'the front matter is not closed by a line "---"' };
    return { tasks: [], problems: [problem] };
  }
  const defaults = front === undefined ? undefined : readYaml(front.text, { file, line: front.line });
  const problems: PlacedProblem[] = defaults !== undefined && 'problems' in defaults ? [...defaults.problems] : [];
  const tasks = sections.map(({ heading, body, line }) => ({
    value: { ...headingParts(heading), prompt: body },
    placeOf: () => ({ file, line, column: 1 }),
  }));
  const given = defaults !== undefined && 'located' in defaults ? defaults.located : undefined;
  return {
    ...(given === undefined || given.value === null ? {} : { defaults: given }),
    tasks,
    problems,
  };
}

function headingParts(heading: string): { id: string; description: string } {
  const named = /^([\w.-]+):\s+(.+)$/.exec(heading);
  if (named !== null) return { id: named[1] ?? '', description: named[2] ?? '' };
  const slug = heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '');
  return { id: slug, description: heading };
}
