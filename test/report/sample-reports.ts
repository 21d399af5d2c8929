// The three reports that are looked at: ten workers, a 3 x 2 sweep, a thousand workers.
import type { ReportInput, ReportWorker } from '../../src/report/html-report.ts';
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
  const axes = { temperature: ['0', '0.5', '1'], model: ['sonnet', 'haiku'] } as const;
  const random = chance(7);
  const combinations = axes.temperature.flatMap((temperature) =>
    axes.model.map((model) => [temperature, model] as const),
  );
  const workers = tasks.flatMap((task, at) =>
    combinations.flatMap(([temperature, model], combination) => {
      const number = at * 6 + combination;
      const heat = axes.temperature.indexOf(temperature);
      const answer =
        task === 'regex'
          ? '^[a-z0-9-]{3,32}$'
          : `${ideas[heat] ?? ''}${model === 'haiku' && heat > 0 ? ', rememberMe' : ''}`;
      const worker: ReportWorker = {
        ...workerOf(
          {
            number,
            description: `${task} at ${temperature}, ${model}`,
            model: model === 'haiku' ? 'claude-haiku-4-5' : 'claude-sonnet-4-6',
            start: number * 350,
            turns: 1 + Math.floor(random() * 3),
            answer,
            options: { temperature: Number(temperature) },
            end: number === 16 ? 'failed' : 'completed',
          },
          18,
        ),
        task: { id: task, combination },
      };
      return [worker];
    }),
  );
  return {
    ...frame,
    title: 'Names at three temperatures, two models',
    workers,
    sweep: {
      measure: 'share of words that two answers of a combination and its neighbours do not have in common, on average.',
      keys: ['temperature', 'model'],
      combinations: combinations.map((values, index) => {
        const own = workers.filter((worker) => worker.task?.combination === index);
        return {
          values,
          count: own.length,
          failed: own.filter((worker) => worker.status !== 'completed').length,
          total_cost_usd: own.reduce((sum, worker) => sum + (worker.total_cost_usd ?? 0), 0),
          tokens: own.reduce(
            (sum, { usage }) =>
              sum +
              usage.output_tokens +
              usage.cache_creation_input_tokens +
              usage.cache_read_input_tokens +
              usage.input_tokens,
            0,
          ),
          duration_ms: own.map((worker) => worker.duration_ms).toSorted((a, b) => a - b)[1] ?? 0,
          answer_difference: index === 0 ? 0 : Math.round(random() * 80) / 100,
        };
      }),
    },
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
