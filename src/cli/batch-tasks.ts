// Owns: from flags to the tasks of a batch: file, prompt, sweeps, shard, and what every task would be told before it starts.
// Promises: everything that can be wrong is found before anything is sent, with file, line and column.
// Never: starts a worker.
import { resolve } from 'node:path';
import type { App } from '../app-config.ts';
import { type BatchTask, expand } from '../batch/expand.ts';
import { placedError, placeText, type PlacedProblem } from '../batch/place.ts';
import { parseSweeps } from '../batch/sweep.ts';
import { type FileTask, readTaskFile } from '../batch/task-file.ts';
import { AworkersError, errorText } from '../contract/errors.ts';
import type { Notice, WorkerOptions } from '../contract/options.ts';
import { assertOutputSchema, judgePattern } from '../structured-output.ts';
import type { batchFlags, BatchLimits } from './batch-flags.ts';
import type { Values } from './command.ts';
import type { CliIo } from './io.ts';
import { readPrompt } from './prompt.ts';

type Given = Values<typeof batchFlags>;

export type Asked = {
  readonly flags: Given;
  /** Of the command line, without -f. */
  readonly prompt: string | undefined;
  readonly agent_type?: string;
  readonly options: WorkerOptions;
  readonly limits: BatchLimits;
};

export async function batchTasks(asked: Asked, io: CliIo): Promise<readonly BatchTask[]> {
  const { flags, limits } = asked;
  const axes = await parseSweeps(flags.sweep, async (path) => await readPrompt(`@${path}`, io));
  const promptSwept = axes.some(({ key }) => key === 'prompt');
  const agent = asked.agent_type === undefined ? {} : { agent_type: asked.agent_type };
  return expand(await fileTasks(asked, promptSwept, io), {
    flags: { ...agent, options: asked.options },
    axes,
    repeat: limits.repeat,
    ...(limits.shard === undefined ? {} : { shard: limits.shard }),
  });
}

async function fileTasks(asked: Asked, promptSwept: boolean, io: CliIo): Promise<readonly FileTask[]> {
  const { file, prompt: template } = asked.flags;
  if (file === undefined) {
    if (template !== undefined)
      throw new AworkersError('usage', '--prompt is for the rows of a CSV file.', 'Name it with -f.');
    const place = { file: 'prompt', line: 1, column: 1 };
    if (promptSwept && asked.prompt === undefined) return [{ id: 'prompt', place }];
    return [{ prompt: await readPrompt(asked.prompt, io), place }];
  }
  if (asked.prompt !== undefined) {
    const hint = 'With -f the prompts are those of the file; --prompt is the template for a CSV file.';
    throw new AworkersError('usage', `There is a prompt ("${asked.prompt.slice(0, 40)}") beside -f ${file}.`, hint);
  }
  const { tasks } = await readTaskFile(resolve(io.cwd, file), file, {
    promptSwept,
    judges: { schema: judgeSchema, pattern: judgePattern },
    ...(template === undefined ? {} : { template: await readPrompt(template, io) }),
  });
  return tasks;
}

async function judgeSchema(schema: Readonly<Record<string, unknown>>): Promise<string | undefined> {
  try {
    await assertOutputSchema(schema);
    return undefined;
  } catch (error) {
    return errorText(error).replace(/^output_schema: /, '');
  }
}

export type Planned = { readonly notice: Notice; readonly tasks: number };

/** Plans every kind of task once. Throws what spawn would refuse, of all tasks at once; returns the notices they get. */
export async function preflight(app: App, tasks: readonly BatchTask[]): Promise<readonly Planned[]> {
  const kinds = new Map<string, BatchTask[]>();
  for (const task of tasks) {
    const kind = JSON.stringify([task.agent_type, task.options]);
    const same = kinds.get(kind);
    if (same === undefined) kinds.set(kind, [task]);
    else same.push(task);
  }
  const problems: PlacedProblem[] = [];
  const notices = new Map<string, { notice: Notice; tasks: number }>();
  for (const same of kinds.values()) {
    const [first] = same;
    if (first === undefined) continue;
    const { description, prompt, options, agent_type } = first;
    const asked = { description, prompt, options, ...(agent_type === undefined ? {} : { agent_type }) };
    try {
      for (const notice of await app.preflight(asked)) {
        const key = JSON.stringify(notice);
        const known = notices.get(key) ?? { notice, tasks: 0 };
        notices.set(key, { notice, tasks: known.tasks + same.length });
      }
    } catch (error) {
      if (!(error instanceof AworkersError) || (error.code !== 'usage' && error.code !== 'not_found')) throw error;
      const others = new Set(same.map(({ place }) => placeText(place))).size - 1;
      problems.push({ ...first.place, text: `${error.text}${others > 0 ? ` (and ${others} more tasks)` : ''}` });
    }
  }
  if (problems.length > 0) throw placedError(problems);
  return [...notices.values()];
}
