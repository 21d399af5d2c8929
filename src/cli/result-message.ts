// Owns: the result object of one worker, as `claude -p --output-format json` prints it, and our fields beside it.
// Promises: derived from the snapshot and the journal alone; costs that are unknown are null.
// Never: writes.
import { randomUUID } from 'node:crypto';
import type { EventOf, WorkerEvent } from '../contract/event.ts';
import { addUsage, noUsage, type Usage } from '../contract/usage.ts';
import type { WorkerSnapshot } from '../contract/worker.ts';

const subtypes: Readonly<Record<string, string>> = {
  max_turns: 'error_max_turns',
  max_cost: 'error_max_budget_usd',
  output_schema: 'error_max_structured_output_retries',
};

export type ResultMessage = Readonly<Record<string, unknown>>;

export function resultMessage(
  worker: WorkerSnapshot,
  events: readonly WorkerEvent[],
  transcriptPath: string,
): ResultMessage {
  const replies = events.filter((event) => event.type === 'model.replied');
  const failed = worker.state !== 'completed';
  const hint = worker.error_hint ?? `The worker is ${worker.state}.`;
  return {
    type: 'result',
    subtype: failed ? (subtypes[worker.error_type ?? ''] ?? 'error_during_execution') : 'success',
    is_error: failed,
    duration_ms: worker.duration_ms,
    duration_api_ms: replies.reduce((sum, reply) => sum + reply.duration_ms, 0),
    num_turns: worker.num_turns,
    result: worker.result,
    ...(failed ? { errors: [hint] } : {}),
    stop_reason: replies.at(-1)?.stop_reason ?? null,
    session_id: worker.session_id,
    total_cost_usd: worker.total_cost_usd,
    usage: worker.usage,
    modelUsage: modelUsage(replies),
    permission_denials: worker.permission_denials,
    ...(worker.structured_output === undefined ? {} : { structured_output: worker.structured_output }),
    uuid: randomUUID(),
    worker_id: worker.worker_id,
    description: worker.description,
    status: worker.state,
    model: worker.plan.settings.model,
    ...(failed ? { error_type: worker.error_type ?? worker.state, error_hint: hint } : {}),
    notices: worker.plan.notices,
    conversation_history_file_path: transcriptPath,
  };
}

function modelUsage(replies: readonly EventOf<'model.replied'>[]): Readonly<Record<string, unknown>> {
  const models = [...new Set(replies.map((reply) => reply.model))];
  return Object.fromEntries(
    models.map((model) => {
      const own = replies.filter((reply) => reply.model === model);
      const usage = own.reduce<Usage>((sum, reply) => addUsage(sum, reply.usage), noUsage);
      return [
        model,
        {
          inputTokens: usage.input_tokens,
          outputTokens: usage.output_tokens,
          cacheReadInputTokens: usage.cache_read_input_tokens,
          cacheCreationInputTokens: usage.cache_creation_input_tokens,
          webSearchRequests: usage.web_search_requests,
          costUSD: own.some((reply) => reply.cost_usd === null)
            ? null
            : Math.round(own.reduce((sum, reply) => sum + (reply.cost_usd ?? 0), 0) * 1e11) / 1e11,
        },
      ];
    }),
  );
}
