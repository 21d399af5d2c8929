// Owns: from the tasks of a file to the tasks of a run: options in force, combinations, repeats, shard, ids and hashes.
// Promises: a sweep wins over the task, the task over the file's defaults, those over the flags; the same input gives the same
// ids and hashes; limits (max_turns, max_cost_usd, timeout_seconds) are not part of the hash, so raising one runs nothing again.
// Never: reads a file.
import { createHash } from 'node:crypto';
import { isObject } from '../contract/json.ts';
import type { WorkerOptions } from '../contract/options.ts';
import { clip } from '../contract/text.ts';
import type { Place } from './place.ts';
import { placedError, type PlacedProblem } from './place.ts';
import { type Axis, combinationsOf } from './sweep.ts';
import type { FileTask } from './task-file.ts';
import type { Check } from './task-schema.ts';
import { fillTemplate, templateProblems } from './template.ts';

export type BatchTask = {
  /** Unique in the batch. */
  readonly id: string;
  /** Id of the task in the file: the same for its combinations and repeats. */
  readonly task: string;
  readonly hash: string;
  readonly place: Place;
  readonly combination: Readonly<Record<string, string>>;
  /** From 1. */
  readonly repeat: number;
  readonly description: string;
  readonly prompt: string;
  readonly agent_type?: string;
  readonly options: WorkerOptions;
  readonly checks: readonly Check[];
};

export type Expansion = {
  readonly flags: { readonly agent_type?: string; readonly options: WorkerOptions };
  readonly axes: readonly Axis[];
  readonly repeat: number;
  /** index from 1. */
  readonly shard?: { readonly index: number; readonly count: number };
};

export function expand(fileTasks: readonly FileTask[], { flags, axes, repeat, shard }: Expansion): BatchTask[] {
  const problems: PlacedProblem[] = [];
  const ids = idsOf(fileTasks);
  const combinations = combinationsOf(axes);
  const tasks = fileTasks.flatMap((fileTask, index) =>
    combinations.flatMap((combination) => {
      const template = combination.prompt ?? fileTask.prompt ?? '';
      const { cells } = fileTask;
      if (combination.prompt !== undefined && cells !== undefined) {
        const wrong = templateProblems(combination.prompt, Object.keys(cells));
        problems.push(
          ...wrong.map((text) => ({ ...fileTask.place, text: `prompt ${combination.labels['prompt']}: ${text}` })),
        );
      }
      const prompt = combination.prompt === undefined || cells === undefined ? template : fillTemplate(template, cells);
      const agent = combination.agent_type ?? fileTask.agent_type ?? flags.agent_type;
      const options = { ...flags.options, ...fileTask.options, ...combination.options };
      const checks = fileTask.checks ?? [];
      const task = ids[index] ?? '';
      const labels = Object.entries(combination.labels).map(([key, label]) => `${key}=${label}`);
      const common = {
        task,
        hash: hashOf({ prompt, agent, options: withoutLimits(options), checks }, 16),
        place: fileTask.place,
        combination: combination.labels,
        description: fileTask.description ?? firstWords(prompt),
        prompt,
        ...(agent === undefined ? {} : { agent_type: agent }),
        options,
        checks,
      };
      const id = labels.length === 0 ? task : `${task}[${labels.join(',')}]`;
      return Array.from({ length: repeat }, (_, at) => ({
        ...common,
        id: at === 0 ? id : `${id}#${at + 1}`,
        repeat: at + 1,
      }));
    }),
  );
  if (problems.length > 0) throw placedError(uniqueProblems(problems));
  return shard === undefined ? tasks : tasks.filter((_, index) => index % shard.count === shard.index - 1);
}

/** A task without an id is named by what it says, so that inserting others before it changes nothing. */
function idsOf(tasks: readonly FileTask[]): readonly string[] {
  const seen = new Map<string, number>(tasks.flatMap((task) => (task.id === undefined ? [] : [[task.id, 1]])));
  return tasks.map(({ place: _place, id, ...content }) => {
    if (id !== undefined) return id;
    const name = hashOf(content, 8);
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}-${count}`;
  });
}

function withoutLimits({
  max_turns: _t,
  max_cost_usd: _c,
  timeout_seconds: _s,
  ...rest
}: WorkerOptions): WorkerOptions {
  return rest;
}

function hashOf(value: unknown, length: number): string {
  return createHash('sha256').update(stable(value)).digest('hex').slice(0, length);
}

/** JSON with sorted keys. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    isObject(part) ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}

function firstWords(prompt: string): string {
  return clip(prompt.replaceAll(/\s+/g, ' ').trim(), 60);
}

function uniqueProblems(problems: readonly PlacedProblem[]): PlacedProblem[] {
  return [...new Map(problems.map((problem) => [`${problem.line} ${problem.text}`, problem])).values()];
}
