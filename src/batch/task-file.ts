// Owns: a task file, whatever its format, as tasks with places.
// Promises: read and judged whole: every problem with its file, line and column, all at once, before anything is sent.
// Never: merges in flags or sweeps (expand.ts does).
import { readFile } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import type { z } from 'zod';
import { AworkersError, errorText } from '../contract/errors.ts';
import { problemsIn } from '../contract/parse.ts';
import { type Judges, withSchemas } from './check-schemas.ts';
import { csvTasks, markdownTasks } from './file-forms.ts';
import { type Located, type Place, placedError, type PlacedProblem } from './place.ts';
import { readJson, readYaml } from './read-yaml.ts';
import { type Defaults, defaultsSchema, type FileTaskFields, fileTaskSchema } from './task-schema.ts';

export type FileTask = FileTaskFields & {
  readonly place: Place;
  /** Cells of its row, where there are any: what a template can name. */
  readonly cells?: Readonly<Record<string, string>>;
};

export type TaskFile = { readonly path: string; readonly tasks: readonly FileTask[] };

/** Values out of a file, before they are judged. */
export type RawFile = {
  readonly defaults?: Located;
  readonly tasks: readonly (Located & { readonly cells?: Readonly<Record<string, string>> })[];
  readonly problems: readonly PlacedProblem[];
};

export type TaskFileNeeds = {
  /** Prompt of every row of a CSV file. */
  readonly template?: string;
  /** A sweep gives the prompts. */
  readonly promptSwept: boolean;
  readonly judges: Judges;
};

const formats: Readonly<Record<string, (text: string, file: string, needs: TaskFileNeeds) => RawFile>> = {
  '.jsonl': jsonLines,
  '.ndjson': jsonLines,
  '.json': (text, file) => listOrObject(readJson(text, { file, line: 1 })),
  '.yaml': (text, file) => listOrObject(readYaml(text, { file, line: 1 })),
  '.yml': (text, file) => listOrObject(readYaml(text, { file, line: 1 })),
  '.csv': csvTasks,
  '.md': markdownTasks,
  '.markdown': markdownTasks,
};

/** `file` is how the person named it: errors name it the same way. */
export async function readTaskFile(path: string, file: string, needs: TaskFileNeeds): Promise<TaskFile> {
  const extension = extname(file).toLowerCase();
  const read = formats[extension];
  const known = 'Use .jsonl, .json, .yaml, .csv or .md.';
  if (read === undefined)
    throw new AworkersError('usage', `${file}: "${extension}" is no format of task files.`, known);
  if (needs.template !== undefined && extension !== '.csv') {
    throw new AworkersError(
      'usage',
      '--prompt is the template for the rows of a CSV file.',
      `${file} has its own prompts.`,
    );
  }
  const raw = read(await textOf(path, file), file, needs);
  const { tasks, problems } = judged(raw, file, needs);
  const ready: FileTask[] = [];
  for (const [index, task] of tasks.entries()) {
    const place = (check: number, key: string) => raw.tasks[index]?.placeOf(['checks', check, key]) ?? task.place;
    const { checks, problems: wrong } = await withSchemas(task.checks ?? [], dirname(path), needs.judges, place);
    problems.push(...wrong);
    ready.push(task.checks === undefined ? task : { ...task, checks });
  }
  if (problems.length > 0) throw placedError(problems);
  return { path: file, tasks: ready };
}

async function textOf(path: string, file: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path)); // drops a BOM
  } catch (cause) {
    throw new AworkersError('usage', `The task file ${file} cannot be read: ${errorText(cause)}.`, 'Check -f.', {
      cause,
    });
  }
}

function judged(raw: RawFile, file: string, needs: TaskFileNeeds): { tasks: FileTask[]; problems: PlacedProblem[] } {
  const problems = [...raw.problems];
  const judge = <T>(schema: z.ZodType<T>, { value, placeOf }: Located): T => {
    for (const { path, ofKey, text } of problemsIn(schema, value)) problems.push({ ...placeOf(path, ofKey), text });
    return value as T; // used only when there was no problem
  };
  const defaults = raw.defaults === undefined ? {} : judge(defaultsSchema(), raw.defaults);
  const taken = new Map<string, Place>();
  const tasks = raw.tasks.map((located): FileTask => {
    const before = problems.length;
    const fields = judge(fileTaskSchema(), located);
    const place = located.placeOf([]);
    if (problems.length > before) return { place };
    if (!needs.promptSwept && (fields.prompt ?? defaults.prompt) === undefined) {
      problems.push({ ...place, text: 'the task has no prompt' });
    }
    const first = fields.id === undefined ? undefined : taken.get(fields.id);
    if (first !== undefined) {
      problems.push({
        ...located.placeOf(['id']),
        text: `the id "${fields.id}" is already that of line ${first.line}`,
      });
    } else if (fields.id !== undefined) taken.set(fields.id, place);
    const cells = located.cells === undefined ? {} : { cells: located.cells };
    return { ...merged(fields, defaults), ...cells, place };
  });
  if (tasks.length === 0 && problems.length === 0)
    problems.push({ file, line: 1, column: 1, text: 'there is no task' });
  return { tasks, problems };
}

/** A task's own words win over the file's defaults, option by option. */
function merged(fields: FileTaskFields, defaults: Defaults): FileTaskFields {
  const options = { ...defaults.options, ...fields.options };
  return { ...defaults, ...fields, ...(Object.keys(options).length === 0 ? {} : { options }) };
}

function jsonLines(text: string, file: string): RawFile {
  const read = text
    .split('\n')
    .map((line, index) => ({ line, origin: { file, line: index + 1 } }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, origin }) => readJson(line, origin));
  return {
    tasks: read.flatMap((each) => ('located' in each ? [each.located] : [])),
    problems: read.flatMap((each) => ('problems' in each ? each.problems : [])),
  };
}

/** A list of tasks, or {defaults?, tasks}. */
function listOrObject(read: ReturnType<typeof readYaml>): RawFile {
  if ('problems' in read) return { tasks: [], problems: read.problems };
  const { value, placeOf } = read.located;
  const under = (prefix: readonly PropertyKey[], part: unknown): Located => ({
    value: part,
    placeOf: (path, ofKey) => placeOf([...prefix, ...path], ofKey),
  });
  if (Array.isArray(value)) return { tasks: value.map((task: unknown, index) => under([index], task)), problems: [] };
  const object = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  const { tasks, defaults, ...others } = object;
  const problems = Object.keys(others).map((key) => ({
    ...placeOf([key], true),
    text: `unknown key "${key}" (known: defaults, tasks)`,
  }));
  if (!Array.isArray(tasks)) {
    const text = 'the file must be a list of tasks, or an object with a list "tasks" and, if wanted, "defaults"';
    return { tasks: [], problems: [...problems, { ...placeOf(['tasks']), text }] };
  }
  return {
    ...(defaults === undefined ? {} : { defaults: under(['defaults'], defaults) }),
    tasks: tasks.map((task: unknown, index) => under(['tasks', index], task)),
    problems,
  };
}
