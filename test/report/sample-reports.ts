// The three reports that are looked at: ten workers, a 3 x 2 sweep, a thousand workers.
import type { TaskResult } from '../../src/contract/task-result.ts';
import { budgetFor, type ReportInput, type ReportWorker, withTaskResults } from '../../src/report/html-report.ts';
import { chance, workerOf } from './sample-run.ts';

const models = ['claude-sonnet-5-5', 'claude-haiku-4-5', 'claude-opus-4-6'] as const;

const jobs = [
  'Find the double discount',
  'Review the login for attacks',
  'Name unused dependencies',
  'Write tests for the cart',
  'Check every error message',
  'Explain the search index',
  'Find slow queries',
  'Update the change log',
  'Look for dead code',
  'Check the licence headers',
] as const;

const frame = { generated_at: '2026-03-02T09:30:00.000Z', version: '0.1.0', logs_dir: '/work/shop/logs' };

export function tenWorkers(): ReportInput {
  const workers = jobs.map((description, number) =>
    workerOf(
      {
        number,
        description,
        model: models[number % 3] ?? models[0],
        start: number < 5 ? number * 700 : 9000 + number * 2100,
        asks: number === 1 || number === 4,
        end: number === 6 ? 'failed' : number === 8 ? 'stopped' : 'completed',
      },
      jobs.length,
    ),
  );
  return { ...frame, title: 'Shop review', workers };
}

const ideas = [
  'authenticateUser, verifyCredentials, startSession, endSession, refreshToken',
  'signIn, signOut, checkPassword, issueToken, revokeToken',
  'openDoor, whoGoesThere, handOverKey, takeKeyBack, changeLocks',
] as const;

export function sweepOfSix(): ReportInput {
  const tasks = ['login-names', 'slogan', 'regex'] as const;
  const random = chance(7);
  const temperatures = ['0', '0.5', '1'];
  const combinations = temperatures.flatMap((temperature) =>
    ['sonnet', 'haiku'].map((model) => ({ temperature, model })),
  );
  const done = tasks.flatMap((task, at) =>
    combinations.map((combination, place) => {
      const { temperature, model } = combination;
      const heat = temperatures.indexOf(temperature);
      const names = `${ideas[heat] ?? ''}${model === 'haiku' && heat > 0 ? ', rememberMe' : ''}`;
      const worker = workerOf(
        {
          number: at * 6 + place,
          description: `${task} at ${temperature}, ${model}`,
          model: model === 'haiku' ? 'claude-haiku-4-5' : 'claude-sonnet-4-6',
          start: (at * 6 + place) * 350,
          turns: 1 + Math.floor(random() * 3),
          answer: task === 'regex' ? '^[a-z0-9-]{3,32}$' : names,
          options: { temperature: Number(temperature) },
          end: at * 6 + place === 16 ? 'failed' : 'completed',
        },
        18,
      );
      return { worker, result: resultOf(worker, task, combination) };
    }),
  );
  const part = withTaskResults(
    done.map(({ result }) => result),
    done.map(({ worker }) => worker),
    budgetFor(18),
  );
  return { ...frame, title: 'Names at three temperatures, two models', ...part };
}

/** The line that the batch would have written. */
export function resultOf(
  worker: ReportWorker,
  task: string,
  combination: TaskResult['combination'] = {},
  more: Partial<TaskResult> = {},
): TaskResult {
  const { error_type, error_hint } = worker;
  return {
    id: [task, ...Object.values(combination)].join(' '),
    task,
    hash: 'h',
    status: worker.status === 'completed' ? 'completed' : 'failed',
    result: worker.result.text,
    ...(error_type === undefined ? {} : { error_type }),
    ...(error_hint === undefined ? {} : { error_hint }),
    description: worker.description,
    combination,
    repeat: 1,
    model: worker.model,
    agent_type: worker.agent_type,
    options: {},
    notices: [],
    usage: worker.usage,
    total_cost_usd: worker.total_cost_usd,
    num_turns: worker.num_turns,
    duration_ms: worker.duration_ms,
    permission_denials: [],
    unapproved: 0,
    checks: [],
    worker_id: worker.worker_id,
    session_id: worker.session_id,
    ended_at: worker.ended_at ?? worker.started_at,
    conversation_history_file_path: worker.log_path,
    ...more,
  };
}

export function manyWorkers(count = 1000): ReportInput {
  const random = chance(11);
  const lanes = Array.from({ length: 20 }, () => 0);
  const workers = Array.from({ length: count }, (_, number) => {
    const lane = lanes.indexOf(Math.min(...lanes));
    const luck = random();
    const worker = workerOf(
      {
        number,
        description: `${jobs[number % jobs.length] ?? ''}, part ${number + 1}`,
        model: models[number % 7 === 0 ? 2 : number % 3 === 0 ? 1 : 0] ?? models[0],
        start: Math.round(lanes[lane] ?? 0),
        end: luck < 0.04 ? 'failed' : luck < 0.05 ? 'stopped' : 'completed',
        asks: number % 60 === 0,
      },
      count,
    );
    lanes[lane] = (lanes[lane] ?? 0) + worker.duration_ms;
    return worker;
  });
  return { ...frame, title: `Nightly review of ${count} packages`, workers };
}
