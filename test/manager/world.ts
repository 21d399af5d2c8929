// A manager over a real store in a temp folder, with a model that the test answers by hand and small tools.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { z } from 'zod';
import { systemClock } from '../../src/clock.ts';
import type { WorkerEvent } from '../../src/contract/event.ts';
import { textOf } from '../../src/contract/message.ts';
import type {
  ModelClient,
  ModelFailure,
  ModelReply,
  ModelRequest,
  Policy,
  Tool,
  Toolset,
} from '../../src/contract/ports.ts';
import type { WorkerPlan } from '../../src/contract/task.ts';
import { noUsage } from '../../src/contract/usage.ts';
import { openStore } from '../../src/journal/store.ts';
import { Manager } from '../../src/manager/manager.ts';
import { createGate } from '../../src/permission/gate.ts';
import { planOf } from '../agent/world.ts';

/** One open request to the model: the test answers it when it likes. */
type Asked = {
  readonly request: ModelRequest;
  /** Text of the first user message: tells the workers apart. */
  readonly prompt: string;
  answer(reply: Partial<Omit<ModelReply, 'type'>> | ModelFailure): void;
};

export type ManagerWorld = {
  readonly manager: Manager;
  readonly logsDir: string;
  readonly events: { readonly id: string; readonly event: WorkerEvent }[];
  readonly closedToolsets: string[];
  /** The next request of the worker with this prompt. */
  readonly asked: (prompt: string) => Promise<Asked>;
  log(id: string): Promise<Record<string, unknown>>;
};

const endings = new WeakMap<TestContext, (() => Promise<void>)[]>();

/** What was begun last ends first: a folder goes when no manager writes into it any more. */
function atEnd(t: TestContext, end: () => Promise<void>): void {
  const known = endings.get(t) ?? [];
  known.unshift(end);
  if (known.length > 1) return;
  endings.set(t, known);
  t.after(async () => {
    for (const each of known) await each();
  });
}

export async function tempFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'aworkers-manager-'));
  atEnd(t, () => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function managerWorld(
  t: TestContext,
  options: { readonly cap?: number; readonly logsDir?: string } = {},
): Promise<ManagerWorld> {
  const logsDir = options.logsDir ?? join(await tempFolder(t), 'logs');
  const waiting: Asked[] = [];
  const takers: { readonly prompt: string; readonly take: (asked: Asked) => void }[] = [];
  const closedToolsets: string[] = [];
  const model: ModelClient = {
    reply: (request, _onRetry, signal) =>
      new Promise((resolve, reject) => {
        const abort = () => reject(signal.reason as Error);
        signal.addEventListener('abort', abort, { once: true });
        const asked: Asked = {
          request,
          prompt: textOf(request.messages[0]?.content ?? ''),
          answer: (reply) => {
            signal.removeEventListener('abort', abort);
            resolve('error_type' in reply ? reply : whole(reply));
          },
        };
        const taker = takers.findIndex((each) => each.prompt === asked.prompt);
        if (taker === -1) waiting.push(asked);
        else takers.splice(taker, 1)[0]?.take(asked);
      }),
  };
  const store = openStore({ logsDir, clock: systemClock, keyFile: join(logsDir, 'journal-key') });
  const gate = createGate();
  const manager = new Manager({
    store,
    model,
    gate,
    approver: gate,
    clock: systemClock,
    newId: () => crypto.randomUUID(),
    plan: async (task) => planWith(task.options ?? {}),
    planChild: async (task, _signal, _id, { worker_id, plan: { agent_type, agent } }) => ({
      ...planWith(task.options ?? {}),
      parent: { worker_id, depth: 1, agents: [{ agent_type, agent }] },
    }),
    replan: async (previous, more) => ({ ...previous, options: { ...previous.options, ...more } }),
    equip: async (workerId, _plan, remembered) => {
      const rules = new Set(remembered);
      const toolset: Toolset = {
        tools: new Map(testTools().map((tool) => [tool.name, tool])),
        specs: [],
        close: async () => void closedToolsets.push(workerId),
      };
      const policy: Policy = {
        evaluate: (call) => {
          const allowed = call.access === 'read' || rules.has(call.tool);
          return {
            decision: allowed ? 'allow' : 'ask',
            reason: 'it changes things',
            suggested_rule: call.tool,
            parts: [],
          };
        },
        remember: (rule) => void rules.add(rule),
      };
      return { toolset, policy };
    },
    outputValidator: () => async (text) => ({ ok: true, value: text }),
    maxConcurrency: options.cap ?? 20,
    quietMs: 60_000,
  });
  const events: { id: string; event: WorkerEvent }[] = [];
  manager.subscribe((event, id) => events.push({ id, event }));
  atEnd(t, () => manager.close('test over'));
  return {
    manager,
    logsDir,
    events,
    closedToolsets,
    asked: (prompt) => {
      const index = waiting.findIndex((asked) => asked.prompt === prompt);
      const found = index === -1 ? undefined : waiting.splice(index, 1)[0];
      return found === undefined ? new Promise((take) => takers.push({ prompt, take })) : Promise.resolve(found);
    },
    log: async (id) => JSON.parse(await readFile(manager.transcriptPath(id), 'utf8')) as Record<string, unknown>,
  };
}

function planWith(options: WorkerPlan['options']): WorkerPlan {
  return { ...planOf(options), tools: ['Look', 'Make'] };
}

function testTools(): Tool[] {
  const input = z.strictObject({ what: z.string() });
  const run = async (given: Record<string, unknown>) => ({ content: `did ${String(given['what'])}`, is_error: false });
  return [
    { name: 'Look', description: '', access: 'read', input, run },
    { name: 'Make', description: '', access: 'execute', input, run },
  ];
}

function whole(parts: Partial<Omit<ModelReply, 'type'>>): ModelReply {
  return {
    type: 'replied',
    content: [],
    stop_reason: 'end_turn',
    model: 'scripted',
    request_id: null,
    usage: noUsage,
    cost_usd: 0.01,
    duration_ms: 1,
    ...parts,
  };
}
