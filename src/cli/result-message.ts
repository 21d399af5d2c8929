// Owns: the result object of one worker, as `claude -p --output-format json` prints it, and our fields beside it.
// Promises: derived from the snapshot and the events alone; costs that are unknown are null.
// Never: writes.
import { randomUUID } from 'node:crypto';
import type { WorkerSnapshot } from '../contract/worker.ts';
import type { ReplyTally } from './reply-tally.ts';

const subtypes: Readonly<Record<string, string>> = {
  max_turns: 'error_max_turns',
  max_cost: 'error_max_budget_usd',
  output_schema: 'error_max_structured_output_retries',
};

export type ResultMessage = Readonly<Record<string, unknown>>;

export function resultMessage(worker: WorkerSnapshot, replies: ReplyTally, transcriptPath: string): ResultMessage {
  const failed = worker.state !== 'completed';
  const hint = worker.error_hint ?? `The worker is ${worker.state}.`;
  return {
    type: 'result',
    subtype: failed ? (subtypes[worker.error_type ?? ''] ?? 'error_during_execution') : 'success',
    is_error: failed,
    duration_ms: worker.duration_ms,
    duration_api_ms: replies.apiMs,
    num_turns: worker.num_turns,
    result: worker.result,
    ...(failed ? { errors: [hint] } : {}),
    stop_reason: replies.stopReason,
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

function modelUsage({ models }: ReplyTally): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    [...models].map(([model, { usage, cost_usd }]) => [
      model,
      {
        inputTokens: usage.input_tokens,
        outputTokens: usage.output_tokens,
        cacheReadInputTokens: usage.cache_read_input_tokens,
        cacheCreationInputTokens: usage.cache_creation_input_tokens,
        webSearchRequests: usage.web_search_requests,
        costUSD: cost_usd === null ? null : Math.round(cost_usd * 1e11) / 1e11,
      },
    ]),
  );
}
