// Owns: what the help of `run` says of task files, results files and limits.
// Promises: true to the code: the measure, the rules and the keys are those that are used.
import { differenceMeaning } from '../report/compare.ts';
import { wrap } from './help.ts';

const width = 96;

function paragraphs(...texts: readonly string[]): string[] {
  return texts.flatMap((text) => wrap(text, width));
}

export const batchNotes: readonly { readonly title: string; readonly lines: readonly string[] }[] = [
  {
    title: 'Task files',
    lines: [
      '.jsonl       a task per line: {"id", "description", "prompt", "agent_type", "options",',
      '             "checks"}; only prompt is needed',
      '.json .yaml  a list of tasks, or {"defaults": {...}, "tasks": [...]}',
      '.csv         a task per row; columns id, description, agent_type, prompt and options.NAME are',
      '             those of a task',
      '.md          a task per "## heading" (or "## id: description"), the text below is the prompt;',
      '             front matter: defaults',
      '',
      ...paragraphs(
        'A sweep wins over the task, the task over the defaults of its file, those over the flags. A task without an id is named by its content. \\{{ is a literal {{.',
        'checks: [{"file_exists": path}, {"command": line}, {"matches": pattern}, {"json_schema": schema or "@file"}], each with a "name" if wanted. They run in the directory of the worker when it has completed; one that fails fails the task.',
      ),
    ],
  },
  {
    title: 'Results file (--out)',
    lines: paragraphs(
      'A line per task as it ends, in the shape of `claude -p --output-format json`. The same command again skips tasks that have a line and have not changed (prompt, agent, options but for limits, checks), and goes on with workers that were interrupted, wherever the last run ended. Of several lines of a task the last counts. Beside it FILE.started says which worker is on which task: keep it.',
    ),
  },
  {
    title: 'Limits of a run',
    lines: paragraphs(
      '--max-cost and --run-max-turns count all that the tasks of --out have taken, in earlier runs too. A worker starts only when its reservation fits in what is left and not held by others: 1.5 times the running mean of its model, at most its own limit; until one of that model has ended, everything that is left, so one runs alone first. Before a worker asks for more than it holds it gets more if there is some, else it is ended and can go on later. So the limit is passed by no more than one reply costs beyond the one before it.',
    ),
  },
  {
    title: 'Sweeps',
    lines: paragraphs(
      `At the end a row per combination. ${differenceMeaning} spread: the mean between repeats; from others: from other combinations.`,
    ),
  },
];
