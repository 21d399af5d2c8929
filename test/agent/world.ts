// A whole world for the loop in memory: scripted model, small tools, a policy from a function.
import { z } from 'zod';
import type { AgentWorld } from '../../src/agent/world.ts';
import type { EventBody } from '../../src/contract/event.ts';
import { applyToHistory, emptyHistory } from '../../src/contract/history.ts';
import type { WorkerOptions } from '../../src/contract/options.ts';
import type { Decision, Resolution, ToolCall } from '../../src/contract/permission.ts';
import type { Approver, Tool, Toolset } from '../../src/contract/ports.ts';
import type { WorkerPlan } from '../../src/contract/task.ts';
import { type Scripted, type ScriptedModel, scriptedModel } from '../fakes/scripted-model.ts';

export type TestWorld = AgentWorld & {
  readonly events: EventBody[];
  readonly model: ScriptedModel;
  readonly ran: string[];
  readonly highestSideBySide: () => number;
};

export type Given = {
  readonly replies: readonly Scripted[];
  readonly options?: WorkerOptions;
  readonly decide?: (call: ToolCall, ran: readonly string[]) => Decision;
  readonly answer?: Pick<Resolution, 'allow' | 'reason'>;
  readonly validateOutput?: AgentWorld['validateOutput'];
  readonly prompt?: string;
  readonly approver?: Approver;
};

export function planOf(options: WorkerOptions = {}): WorkerPlan {
  return {
    agent_type: 'general-purpose',
    agent: { scope: 'builtin', disallowed: [] },
    system: 'system',
    context: [],
    tools: ['Fail', 'Look', 'Make'],
    settings: {
      model: 'scripted',
      api_version: '2026-10-21',
      betas: [],
      max_tokens: 100,
      max_tokens_cap: 400,
      body: {},
    },
    options,
    cwd: '/work',
    notices: [],
  };
}

export async function worldOf(given: Given): Promise<TestWorld> {
  const history = emptyHistory();
  const events: EventBody[] = [];
  const ran: string[] = [];
  let turns = 0;
  let ids = 0;
  let sideBySide = 0;
  let highest = 0;
  const tool = (name: string, access: Tool['access'], run: (input: Record<string, unknown>) => string): Tool => ({
    name,
    description: name,
    access,
    input: z.strictObject({ what: z.string() }),
    async run(input) {
      ran.push(`${name} ${String(input['what'])}`);
      sideBySide += 1;
      highest = Math.max(highest, sideBySide);
      await Promise.resolve();
      await Promise.resolve();
      sideBySide -= 1;
      return { content: run(input), is_error: false };
    },
  });
  const tools = [
    tool('Look', 'read', (input) => `saw ${String(input['what'])}`),
    tool('Make', 'execute', (input) => (input['what'] === 'nothing' ? '' : `made ${String(input['what'])}`)),
    tool('Fail', 'execute', () => {
      throw new Error('broken');
    }),
  ];
  const toolset: Toolset = {
    tools: new Map(tools.map((each) => [each.name, each])),
    specs: [],
    close: async () => undefined,
  };
  const world: TestWorld = {
    worker_id: 'w1',
    description: 'test',
    plan: planOf(given.options),
    history,
    events,
    ran,
    highestSideBySide: () => highest,
    model: scriptedModel(given.replies),
    toolset,
    policy: {
      evaluate: (call) => {
        const decision = given.decide?.(call, ran) ?? 'allow';
        return {
          decision,
          reason: `${decision} by test`,
          parts: [],
          ...(decision === 'ask' ? { suggested_rule: call.tool } : {}),
        };
      },
      remember: () => undefined,
    },
    approver: given.approver ?? {
      async ask(_request, commit) {
        const resolution: Resolution = { allow: false, scope: 'once', decided_by: 'host', ...given.answer };
        await commit(resolution);
        return resolution;
      },
    },
    ...(given.validateOutput === undefined ? {} : { validateOutput: given.validateOutput }),
    spent: () => ({ turns, cost_usd: turns * 0.001 }),
    async record(event) {
      if (event.type === 'model.replied') turns += 1;
      events.push(event);
      applyToHistory(history, event);
    },
    newId: () => `id${(ids += 1)}`,
    now: () => 0,
  };
  await world.record({
    type: 'worker.spawned',
    worker_id: 'w1',
    session_id: 's1',
    description: 'test',
    prompt: given.prompt ?? 'do it',
    plan: world.plan,
    owner: { pid: 1, instance: 'i' },
  });
  return world;
}

/** Events after the spawn, by type and what tells them apart. */
export function outline(events: readonly EventBody[]): string[] {
  return events.slice(1).map((event): string => {
    switch (event.type) {
      case 'tool.started':
        return `started ${event.tool_use_id}`;
      case 'tool.finished':
        return `${event.is_error ? 'error' : 'result'} ${event.tool_use_id}: ${contentText(event.content)}`;
      case 'permission.requested':
        return `asked ${event.request.request_id} ${event.request.tool_use_id}`;
      case 'permission.resolved':
        return `${event.resolution.allow ? 'allowed' : 'denied'} ${event.tool_use_id} by ${event.resolution.decided_by}`;
      case 'model.replied':
        return `replied ${event.stop_reason}${event.kept ? '' : ' (dropped)'}`;
      case 'message.appended':
        return `user: ${contentText(event.content)}`;
      case 'worker.completed':
        return `completed: ${event.result}`;
      case 'worker.failed':
        return `failed ${event.error_type}: ${event.result}`;
      case 'worker.spawned':
      case 'worker.resumed':
      case 'worker.started':
      case 'worker.stopped':
      case 'model.retried':
      case 'child.spawned':
      case 'child.ended':
      case 'worktree.settled':
        return event.type;
    }
  });
}

function contentText(content: unknown): string {
  return typeof content === 'string' ? content : JSON.stringify(content);
}
