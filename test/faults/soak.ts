// Many workers on the compiled binary against a Messages API that fails at random, killed with SIGKILL again and again; then
// everything that can be resumed is, and what must hold is counted. The runner is scripts/soak.ts; a short run is a test.
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { systemClock } from '../../src/clock.ts';
import type { WorkerSnapshot, WorkerState } from '../../src/contract/worker.ts';
import { createFold, openStore, replay, type Store } from '../../src/journal/store.ts';
import { reply, type ScriptedApi, startScriptedApi, toolUse, type Turn } from '../fakes/messages-api.ts';
import { RpcProcess } from '../fakes/rpc-process.ts';

export type SoakPlan = {
  readonly binary: string;
  readonly workers: number;
  readonly kills: number;
  readonly seed: number;
  /** Share of answers that are faults. */
  readonly faults: number;
  /** The API is gone for so long in the middle of the last part; 0: never. */
  readonly outageSeconds: number;
  /** What is not over by then hangs. */
  readonly deadlineSeconds: number;
  readonly say: (line: string) => void;
};

export type SoakFigures = {
  readonly workers: number;
  readonly completed: number;
  readonly kills: number;
  readonly requests: number;
  readonly faults: number;
  readonly retries: number;
  /** Resumes, or answers to questions of a dead process. */
  readonly taken_over: number;
  readonly tool_calls: number;
  /** Tool calls that were cut off by a kill and told so to the model. */
  readonly may_have_run: number;
  /** Workers whose six tries were used up. */
  readonly failed_then_resumed: number;
  readonly seconds: number;
  /** All must be 0. */
  readonly lost: number;
  readonly run_twice: number;
  readonly hung: number;
  readonly unreadable: number;
  readonly undone: number;
  readonly not_as_folded: number;
  readonly orphans: number;
  readonly refused_by_the_api: number;
};

const marksFile = 'marks.txt';

export async function soak(plan: SoakPlan): Promise<SoakFigures> {
  const began = performance.now();
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'aworkers-soak-')));
  const random = randomFrom(plan.seed);
  const api = await startScriptedApi({
    script: (turn) => step(turn, folder),
    chaos: { seed: plan.seed, rate: plan.faults, retryMs: 100 },
    conversationOf: (call) => /task (\d+)/.exec(JSON.stringify(call.messages[0]))?.[0] ?? 'stranger',
  });
  await mkdir(join(folder, 'home'));
  const store = openStore({ logsDir: join(folder, 'logs'), clock: systemClock });
  let server: RpcProcess | undefined;
  try {
    const ids: string[] = [];
    const finished = new Map<string, number>();
    let undone = 0;
    let orphans = 0;
    let outage = Promise.resolve();
    for (let part = 0; part <= plan.kills; part += 1) {
      server = await startServer(plan.binary, folder, api.url);
      if (part === plan.kills && plan.outageSeconds > 0) outage = goDown(api, plan);
      const share = Math.ceil((plan.workers - ids.length) / (plan.kills + 1 - part));
      for (let n = 0; n < share; n += 1) ids.push(await spawn(server, ids.length));
      if (part > 0) await takeOver(server, store, ids.slice(0, ids.length - share));
      if (part === plan.kills) break;
      const answering = answer(server).catch(() => undefined); // ends with the server
      const target = api.requests.length + Math.round(share * (0.5 + random() * 2));
      await within(
        plan.deadlineSeconds,
        api.until((requests) => requests.length >= target),
      );
      await sleep(random() * 30);
      await server.kill();
      await answering;
      orphans += await orphansIn(folder);
      const states = await statesOf(store);
      for (const [id, seq] of finished) if ((await store.read(id)).last_seq !== seq) undone += 1;
      for (const [id, state] of states) if (state === 'completed') finished.set(id, (await store.read(id)).last_seq);
      plan.say(`kill ${part + 1} after ${api.requests.length} requests: ${counted([...states.values()])}`);
    }
    const over = await within(plan.deadlineSeconds, answer(server!));
    await outage;
    const failed = await resumeFailed(server!, store, plan);
    server!.child.stdin.end();
    await server!.ended();
    const { workers, unreadable } = await store.list();
    const snapshots = await Promise.all(workers.map(({ worker_id }) => store.read(worker_id)));
    const calls = await toolCalls(store, ids);
    const figures: SoakFigures = {
      workers: ids.length,
      completed: snapshots.filter(({ state }) => state === 'completed').length,
      kills: plan.kills,
      requests: api.requests.length,
      faults: api.requests.filter(({ outcome }) => outcome === 'fault' || outcome === 'broken').length,
      retries: calls.retries,
      taken_over: calls.resumes,
      tool_calls: calls.started,
      may_have_run: calls.mayHaveRun,
      failed_then_resumed: failed,
      seconds: Math.round((performance.now() - began) / 1000),
      lost: ids.filter((id) => !snapshots.some((snapshot) => isSettled(snapshot, id))).length,
      run_twice: calls.startedTwice + (await marksLeftTwice(folder)),
      hung: over ? 0 : snapshots.filter(({ ended_at }) => ended_at === null).length,
      unreadable: unreadable.length,
      undone,
      not_as_folded: await notAsFolded(store, ids),
      orphans: orphans + (await orphansIn(folder)),
      refused_by_the_api: api.requests.filter(({ outcome }) => outcome === 'refused').length,
    };
    return figures;
  } finally {
    await server?.kill();
    await store.close();
    await api.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Every call leaves its number. Some take a while, so that a kill meets them; a Write needs an approval. */
function step({ conversation, replies, toolResults }: Turn, folder: string) {
  const task = Number(conversation.split(' ')[1]);
  const steps = 2 + (task % 4);
  if (replies >= steps && toolResults.length === 0) return reply('Done after a resume.');
  if (replies >= steps) return reply('Done.');
  const mark = (part: string) => `echo "${task} ${replies}${part}" >> ${marksFile}`;
  const pace = task % 3 === 0 ? ' && sleep 0.3' : '';
  const calls = [toolUse('Bash', { command: `${mark('')}${pace}` })];
  if (task % 5 === 0) calls.push(toolUse('Bash', { command: mark(' b') }), toolUse('Read', { file_path: marksFile }));
  if (task % 7 === 0 && replies === 0) {
    calls.push(toolUse('Write', { file_path: join(folder, `task-${task}.txt`), content: `${task}` }));
  }
  return reply(calls, { firstByteMs: 5 + (task % 10) * 3 });
}

async function startServer(binary: string, folder: string, url: string): Promise<RpcProcess> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: join(folder, 'home'),
    ANTHROPIC_API_KEY: 'soak-key',
    ANTHROPIC_BASE_URL: url,
    AWORKERS_MAX_CONCURRENCY: '25',
  };
  const server = new RpcProcess(binary, ['mcp', '--allow', 'Bash', '--allow', `Edit(./${marksFile})`], {
    cwd: folder,
    env,
  });
  await server.initialize();
  return server;
}

async function spawn(server: RpcProcess, task: number): Promise<string> {
  const result = await server.call('spawn_worker', { description: `task ${task}`, prompt: `Do task ${task}` });
  if (result['isError'] === true) throw new Error(result['content'][0].text);
  return result['content'][0].text;
}

/** What the dead process left: the interrupted are resumed, the questions of the others are answered. */
async function takeOver(server: RpcProcess, store: Store, ids: readonly string[]): Promise<void> {
  const states = await statesOf(store);
  for (const id of ids) {
    const state = states.get(id);
    if (state === 'interrupted') await call(server, 'resume_worker', { worker_id: id, prompt: 'Go on.' });
    if (state !== 'awaiting_permission') continue;
    const waited = await call(server, 'wait', { worker_ids: [id], timeout_seconds: 1 });
    for (const { request_id } of waited['pending_permissions']) {
      await call(server, 'approve_permission', { request_id, allow: true });
    }
  }
}

/** Resumes what failed once more, and says what it was. */
async function resumeFailed(server: RpcProcess, store: Store, plan: SoakPlan): Promise<number> {
  const failed = [...(await statesOf(store))].filter(([, state]) => state === 'failed');
  for (const [id] of failed) {
    plan.say(`failed, resumed: ${(await store.read(id)).error_hint}`);
    await call(server, 'resume_worker', { worker_id: id, prompt: 'Go on.' });
  }
  if (failed.length > 0) await within(plan.deadlineSeconds, answer(server));
  return failed.length;
}

/** Waits and approves until nothing runs. */
async function answer(server: RpcProcess): Promise<void> {
  for (;;) {
    const waited = await call(server, 'wait', {});
    for (const { request_id } of waited['pending_permissions']) {
      await call(server, 'approve_permission', { request_id, allow: true });
    }
    if (waited['pending_permissions'].length === 0 && waited['running'].length === 0) return;
  }
}

async function call(server: RpcProcess, name: string, args: Record<string, unknown>): Promise<Record<string, any>> {
  const result = await server.call(name, args);
  if (result['isError'] === true) throw new Error(`${name}: ${result['content'][0].text}`);
  return result['structuredContent'];
}

async function goDown(api: ScriptedApi, plan: SoakPlan): Promise<void> {
  const target = api.requests.length + Math.ceil(plan.workers / 2);
  await api.until((requests) => requests.length >= target);
  plan.say(`the API is gone for ${plan.outageSeconds} s`);
  await api.down('refused');
  await sleep(plan.outageSeconds * 1000);
  await api.up();
}

async function statesOf(store: Store): Promise<Map<string, WorkerState>> {
  const { workers } = await store.list();
  return new Map(workers.map(({ worker_id, status }) => [worker_id, status]));
}

function isSettled(snapshot: WorkerSnapshot, id: string): boolean {
  return snapshot.worker_id === id && snapshot.state === 'completed';
}

async function toolCalls(store: Store, ids: readonly string[]) {
  const sums = { started: 0, startedTwice: 0, mayHaveRun: 0, retries: 0, resumes: 0 };
  for (const id of ids) {
    const started = new Set<string>();
    await replay(store.paths(id).journal, (event) => {
      if (event.type === 'model.retried') sums.retries += 1;
      if (event.type === 'worker.resumed') sums.resumes += 1;
      if (event.type === 'tool.finished' && JSON.stringify(event.content).includes('It may have run'))
        sums.mayHaveRun += 1;
      if (event.type !== 'tool.started') return;
      sums.started += 1;
      if (started.has(event.tool_use_id)) sums.startedTwice += 1;
      started.add(event.tool_use_id);
    });
  }
  return sums;
}

async function marksLeftTwice(folder: string): Promise<number> {
  const marks = (await readFile(join(folder, marksFile), 'utf8')).trimEnd().split('\n');
  return marks.length - new Set(marks).size;
}

async function notAsFolded(store: Store, ids: readonly string[]): Promise<number> {
  let wrong = 0;
  for (const id of ids) {
    const fold = createFold();
    const { journal, transcript } = store.paths(id);
    await replay(journal, fold.apply);
    const { state, result, history, usage, num_turns, session_id, total_cost_usd } = fold.snapshot();
    const folded = { status: state, result, messages: history.messages, usage, num_turns, session_id, total_cost_usd };
    const written = JSON.parse(await readFile(transcript, 'utf8')) as Record<string, unknown>;
    const seen = Object.fromEntries(Object.keys(folded).map((key) => [key, written[key]]));
    if (!isDeepStrictEqual(seen, JSON.parse(JSON.stringify(folded)))) wrong += 1;
  }
  return wrong;
}

/** Processes that work in the folder and should not: what a command leaves when its server is killed. Linux only. */
async function orphansIn(folder: string): Promise<number> {
  if (!existsSync('/proc/self/environ')) return 0;
  const { readdirSync, readlinkSync } = await import('node:fs');
  const count = () =>
    readdirSync('/proc').filter((name) => {
      if (!/^\d+$/.test(name)) return false;
      try {
        return (
          readlinkSync(`/proc/${name}/cwd`) === folder &&
          !/^State:\s+Z/m.test(readFileSync(`/proc/${name}/status`, 'utf8'))
        );
      } catch {
        return false; // gone
      }
    }).length;
  for (let tries = 0; tries < 100 && count() > 0; tries += 1) await sleep(20);
  return count();
}

/** False when it took too long. */
async function within(seconds: number, work: Promise<void>): Promise<boolean> {
  const late = new AbortController();
  const timer = sleep(seconds * 1000, false, { signal: late.signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), timer]);
  } finally {
    late.abort();
  }
}

function counted(states: readonly WorkerState[]): string {
  const names = [...new Set(states)].toSorted();
  return names.map((name) => `${states.filter((state) => state === name).length} ${name}`).join(', ');
}

function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}
