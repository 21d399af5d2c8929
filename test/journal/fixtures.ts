// What the tests of this room share: bodies of events, a clock that counts, temp folders.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventBody, EventOf } from '../../src/contract/event.ts';
import type { PermissionRequest } from '../../src/contract/permission.ts';
import type { Clock } from '../../src/contract/ports.ts';
import type { WorkerPlan } from '../../src/contract/task.ts';
import { noUsage } from '../../src/contract/usage.ts';
import type { FirstEvent } from '../../src/journal/writers.ts';

export const workerId = '11111111-1111-4111-8111-111111111111';
export const sessionId = '99999999-9999-4999-8999-999999999999';

export const plan: WorkerPlan = {
  agent_type: 'general-purpose',
  agent: { scope: 'builtin', disallowed: [] },
  system: 'You work.',
  context: [],
  tools: ['Bash', 'Read'],
  settings: {
    model: 'claude-haiku-4-5',
    api_version: '2023-06-01',
    betas: [],
    max_tokens: 1000,
    max_tokens_cap: 64_000,
    body: {},
  },
  options: { model: 'haiku', temperature: 0.5 },
  cwd: '/project',
  notices: [{ option: 'top_k', requested: 5, sent: null, reason: 'not taken' }],
};

export type Self = { readonly pid: number; readonly instance: string };

export function spawned(owner: Self, ids = { worker_id: workerId, session_id: sessionId }): FirstEvent {
  return { type: 'worker.spawned', ...ids, description: 'count lines', prompt: 'Count the lines.', plan, owner };
}

export function resumed(owner: Self): EventBody {
  return { type: 'worker.resumed', plan, owner };
}

export function replied(
  content: EventOf<'model.replied'>['content'],
  change: Partial<EventOf<'model.replied'>> = {},
): EventBody {
  return {
    type: 'model.replied',
    content,
    kept: true,
    stop_reason: 'end_turn',
    model: 'claude-haiku-4-5',
    request_id: 'req_1',
    usage: { ...noUsage, input_tokens: 10, output_tokens: 5 },
    cost_usd: 0.1,
    duration_ms: 20,
    ...change,
  };
}

export function text(text: string): { type: 'text'; text: string } {
  return { type: 'text', text };
}

export function use(id: string, name = 'Bash', input: unknown = { command: 'wc -l a' }) {
  return { type: 'tool_use', id, name, input };
}

export function finished(id: string, content = '3 a', isError = false): EventBody {
  return { type: 'tool.finished', tool_use_id: id, tool: 'Bash', content, is_error: isError, duration_ms: 4 };
}

export function request(id: string, tool_use_id: string): PermissionRequest {
  return {
    request_id: id,
    worker_id: workerId,
    description: 'count lines',
    tool: 'Bash',
    tool_use_id,
    input: { command: 'wc -l a' },
    reason: 'Bash asks.',
    suggested_rule: 'Bash(wc:*)',
  };
}

export function answered(
  requestId: string | null,
  tool_use_id: string,
  resolution: EventOf<'permission.resolved'>['resolution'],
): EventBody {
  return {
    type: 'permission.resolved',
    request_id: requestId,
    tool_use_id,
    tool: 'Bash',
    input: { command: 'wc -l a' },
    resolution,
  };
}

/** One second per look at it, from 2026-01-01. */
export function tickingClock(): Clock {
  let ticks = 0;
  return {
    now: () => Date.UTC(2026, 0, 1) + 1000 * ticks++,
    sleep: () => Promise.reject(new Error('nothing here sleeps')),
  };
}

export async function inTempFolder<T>(run: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'aworkers-journal-'));
  try {
    return await run(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
