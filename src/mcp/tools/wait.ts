// Owns: the wait tool: blocking with a heartbeat, and its bounded answer.
// Promises: progress at least every heartbeat while it blocks, when the caller gave a token, and none after the answer; a
// cancelled call leaves the workers alone; a manifest that cannot be written costs its path, not the answer.
// Never: decides when a batch is done (the manager does).
import { errorText } from '../../contract/errors.ts';
import { type WaitQuery, waitQuerySchema } from '../../contract/manager.ts';
import { clip } from '../../contract/text.ts';
import type { WaitResult } from '../../contract/worker.ts';
import { boundWait } from '../bound.ts';
import { jsonBytes } from '../json-size.ts';
import { dataResult, defineTool, readOnly, type ToolContext } from '../tool.ts';
import { type WaitOutput, waitOutputSchema } from '../wait-output.ts';

const description = `Wait for workers. Without arguments: blocks until every worker of the current batch has ended, however long that takes, and returns early when one needs a permission. Call it once after spawning; do not poll.

Returns {completed, failed, pending_permissions, running}.
- completed: result_preview is only the beginning. The whole is in conversation_history_file_path; read the end of it with \`tail -20\` or your Read tool, or set include_results.
- failed: error_hint says what happened and what to try; most can be resumed. One failure does not end the others.
- pending_permissions: ask your user about each, answer each with approve_permission, then call wait again, until none is pending and nothing is running.
- running: not finished yet, when a permission, timeout_seconds or the host's limit ended the wait early. Call wait again.

Nothing is lost by waiting again: the same batch gives the same answer until you spawn or resume after it was reported. A cancelled or timed-out call leaves the workers alone.

worker_ids: just these, also from before a restart. mode "any": until the first has ended. timeout_seconds: return what there is by then. include_results: add each result, within 10 kB for all; long ones are cut with a marker. With many workers, completed entries that do not fit are in the file manifest_path.`;

export const wait = defineTool({
  name: 'wait',
  title: 'Wait for workers',
  description,
  annotations: readOnly,
  input: waitQuerySchema,
  output: waitOutputSchema,
  run: async (query, context) => {
    const beat = startHeartbeat(query, context);
    try {
      const waiting = withHostLimit(query, context.waitSeconds);
      const result = await (context.human?.wait(waiting, context.signal) ??
        context.manager.wait(waiting, context.signal));
      return dataResult(await present(result, context));
    } finally {
      clearInterval(beat);
    }
  },
});

/** The host's limit holds whatever the caller asked for: beyond it the host would drop the answer. */
function withHostLimit(query: WaitQuery, hostSeconds: number | undefined): WaitQuery {
  if (hostSeconds === undefined) return query;
  return { ...query, timeout_seconds: Math.min(query.timeout_seconds ?? hostSeconds, hostSeconds) };
}

function startHeartbeat(query: WaitQuery, context: ToolContext): ReturnType<typeof setInterval> | undefined {
  const { manager, progress, heartbeatMs } = context;
  if (progress === undefined) return undefined;
  return setInterval(() => progress(clip(manager.progress(query.worker_ids), 300)), heartbeatMs);
}

async function present(result: WaitResult, { manager, log }: ToolContext): Promise<WaitOutput> {
  const reserve = jsonBytes(manager.logsDir) + 200;
  const { output, moved } = boundWait(result, undefined, reserve);
  if (moved.length === 0) return output;
  try {
    return { ...output, manifest_path: await manager.writeManifest(moved), manifest_count: moved.length };
  } catch (error) {
    log(`The manifest of ${moved.length} completed workers was not written: ${errorText(error)}`);
    const hint = `${moved.length} more have completed; no manifest could be written (${clip(errorText(error), 80)}). See list_workers.`;
    return { ...output, manifest_count: moved.length, manifest_error: hint };
  }
}
