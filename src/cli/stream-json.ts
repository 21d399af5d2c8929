// Owns: events as the lines of `claude -p --output-format stream-json`.
// Promises: the same type and subtype names; what has no name there is a `system` line with a subtype of our own.
// Never: writes; the last line (the result) is result-message.ts.
import { randomUUID } from 'node:crypto';
import { assertNever } from '../contract/errors.ts';
import type { WorkerEvent } from '../contract/event.ts';
import type { Spawned } from '../contract/manager.ts';
import type { WorkerPlan } from '../contract/task.ts';

type Line = Readonly<Record<string, unknown>>;
type Ids = Pick<Spawned, 'worker_id' | 'session_id'>;

export function streamLines(event: WorkerEvent, ids: Ids): Line[] {
  const line = (body: Line): Line => ({
    ...body,
    session_id: ids.session_id,
    worker_id: ids.worker_id,
    uuid: randomUUID(),
  });
  switch (event.type) {
    case 'worker.spawned':
    case 'worker.resumed':
      return [
        line(init(event.plan)),
        ...event.plan.notices.map((notice) => line({ type: 'system', subtype: 'notice', ...notice })),
      ];
    case 'message.appended':
      return [line(user(event.content))];
    case 'model.replied':
      return event.kept ? [line(assistant(event))] : [];
    case 'model.retried':
      return [
        line({
          type: 'system',
          subtype: 'api_retry',
          attempt: event.attempt,
          max_retries: event.max_attempts,
          retry_delay_ms: event.delay_ms,
          error_status: null,
          error: event.error_type,
          message: event.message,
        }),
      ];
    case 'permission.requested':
      return [line({ type: 'system', subtype: 'permission_requested', ...event.request })];
    case 'permission.resolved':
      return event.resolution.allow ? [] : [line(denial(event))];
    case 'tool.finished':
      return [
        line(
          user([
            {
              type: 'tool_result',
              tool_use_id: event.tool_use_id,
              content: event.content,
              ...(event.is_error ? { is_error: true } : {}),
            },
          ]),
        ),
      ];
    case 'worktree.settled': {
      const { type: _, v: _v, seq: _seq, at: _at, ...settled } = event;
      return [line({ type: 'system', subtype: 'worktree_settled', ...settled })];
    }
    case 'child.spawned':
      return [
        line({ type: 'system', subtype: 'child_spawned', child_id: event.worker_id, description: event.description }),
      ];
    case 'child.ended':
    case 'worker.started':
    case 'tool.started':
    case 'worker.completed':
    case 'worker.failed':
    case 'worker.stopped':
      return [];
    default:
      return assertNever(event);
  }
}

function init(plan: WorkerPlan): Line {
  return {
    type: 'system',
    subtype: 'init',
    cwd: plan.cwd,
    tools: plan.tools,
    mcp_servers: [],
    model: plan.settings.model,
    permissionMode: plan.options.permission_mode ?? 'default',
    slash_commands: [],
    agents: [plan.agent_type],
    skills: [],
  };
}

function assistant(event: Extract<WorkerEvent, { type: 'model.replied' }>): Line {
  return {
    type: 'assistant',
    message: {
      id: event.request_id,
      type: 'message',
      role: 'assistant',
      model: event.model,
      content: event.content,
      stop_reason: event.stop_reason,
      usage: event.usage,
    },
    parent_tool_use_id: null,
  };
}

function user(content: unknown): Line {
  return { type: 'user', message: { role: 'user', content }, parent_tool_use_id: null };
}

function denial(event: Extract<WorkerEvent, { type: 'permission.resolved' }>): Line {
  return {
    type: 'system',
    subtype: 'permission_denied',
    tool_name: event.tool,
    tool_use_id: event.tool_use_id,
    tool_input: event.input,
    message: event.resolution.reason ?? '',
    decided_by: event.resolution.decided_by,
  };
}
