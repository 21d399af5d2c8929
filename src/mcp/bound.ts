// Owns: fitting what wait returns into the 10 kB that a host keeps in view.
// Promises: pure; what matters least goes first, in the order of `steps`; no failed worker, pending request or unlisted
// completed worker is ever lost: completed entries that do not fit are handed back as `moved`, for a manifest file.
// Never: writes a file; cuts without saying so.
import { clip } from '../contract/text.ts';
import type { CompletedEntry, WaitResult } from '../contract/worker.ts';
import { cutText, cutValue, fairCap, jsonBytes } from './json-size.ts';
import type { WaitOutput } from './wait-output.ts';

export const resultLimit = 10_000;

const inputBytes = 4_000;
const previewChars = 200;
const hintChars = 300;

export type Bounded = { readonly output: WaitOutput; readonly moved: readonly CompletedEntry[] };

type Step = (output: WaitOutput, limit: number) => WaitOutput;

/** `reserve` bytes are kept free for the path of a manifest, should one be needed. */
export function boundWait(result: WaitResult, limit: number = resultLimit, reserve = 400): Bounded {
  let output = withinFieldLimits(result);
  for (const step of steps) {
    if (jsonBytes(output) <= limit) return { output, moved: [] };
    output = step(output, limit);
  }
  if (jsonBytes(output) <= limit) return { output, moved: [] };
  const kept = keepCompleted(output, limit - reserve);
  const moved = result.completed.slice(kept.completed.length);
  output = kept;
  for (const step of lastSteps) {
    if (jsonBytes(output) <= limit - reserve) break;
    output = step(output, limit - reserve);
  }
  return { output, moved };
}

/** Each entry bounded by itself, whatever the rest. */
function withinFieldLimits(result: WaitResult): WaitOutput {
  return {
    completed: result.completed.map(endedWithin),
    failed: result.failed.map((entry) => ({
      ...endedWithin(entry),
      error_type: entry.error_type,
      error_hint: clip(entry.error_hint, hintChars),
    })),
    pending_permissions: result.pending_permissions.map((entry) => ({
      ...entry,
      description: cutText(entry.description, 200),
      tool: cutText(entry.tool, 120),
      input: cutValue(entry.input, inputBytes),
      reason: cutText(entry.reason, 500),
      suggested_rule: entry.suggested_rule === null ? null : cutText(entry.suggested_rule, 500),
    })),
    running: result.running.map((entry) => ({ ...entry, description: cutText(entry.description, 200) })),
  };
}

function endedWithin(entry: CompletedEntry): CompletedEntry {
  return {
    ...entry,
    description: cutText(entry.description, 200),
    model: cutText(entry.model, 100),
    result_preview: clip(entry.result_preview, previewChars),
  };
}

/** Up to here nothing is lost that the transcript files do not hold. */
const steps: readonly Step[] = [
  dropRepeated,
  (output, limit) => cutResults(output, limit, 200),
  dropPreviews,
  shortenRunning,
  (output, limit) => cutResults(shrinkEntries(output), limit, 60),
  dropResults,
];

/** With completed entries moved out: what remains is cut, never dropped. */
const lastSteps: readonly Step[] = [
  cutInputs,
  (output) => ({ ...output, running: [], running_omitted: output.running.length + (output.running_omitted ?? 0) }),
  (output) => mapFailed(output, (entry) => ({ ...entry, error_hint: clip(entry.error_hint, 100) })),
  (output) => ({
    ...output,
    pending_permissions: output.pending_permissions.map(({ request_id, worker_id, tool, input }) => ({
      request_id,
      worker_id,
      tool: clip(tool, 40),
      input,
    })),
  }),
  cutInputs,
  (output) =>
    mapFailed(output, ({ worker_id, error_type, error_hint }) => ({
      worker_id,
      error_type,
      error_hint: clip(error_hint, 40),
    })),
];

/** A preview beside its result, structured output beside its text: the same thing twice. */
function dropRepeated(output: WaitOutput): WaitOutput {
  return mapEnded(output, (entry) => {
    if (entry.result === undefined) return entry;
    const { result_preview: _preview, structured_output: _structured, ...rest } = entry;
    return rest;
  });
}

/** Results share the room that the rest leaves, the longest cut first; not at all when a share is below `least`. */
function cutResults(output: WaitOutput, limit: number, least: number): WaitOutput {
  const ended = [...output.completed, ...output.failed];
  const sizes = ended.flatMap((entry) => (entry.result === undefined ? [] : [jsonBytes(entry.result)]));
  if (sizes.length === 0) return output;
  const rest = jsonBytes(output) - sizes.reduce((sum, size) => sum + size, 0);
  const cap = fairCap(sizes, limit - rest);
  if (cap < least) return output;
  return mapEnded(output, (entry) =>
    entry.result === undefined ? entry : { ...entry, result: cutText(entry.result, cap) },
  );
}

function dropPreviews(output: WaitOutput): WaitOutput {
  return mapEnded(output, ({ result_preview: _preview, ...entry }) => entry);
}

function dropResults(output: WaitOutput): WaitOutput {
  return mapEnded(output, ({ result: _result, structured_output: _structured, ...entry }) => entry);
}

/** At most 20 running ones, by id and state; list_workers has them all. */
function shortenRunning(output: WaitOutput): WaitOutput {
  const shown = output.running.slice(0, 20).map(({ worker_id, status }) => ({ worker_id, status }));
  const omitted = output.running.length - shown.length;
  return { ...output, running: shown, ...(omitted > 0 ? { running_omitted: omitted } : {}) };
}

function shrinkEntries(output: WaitOutput): WaitOutput {
  return mapEnded(output, ({ worker_id, conversation_history_file_path, result }) => ({
    worker_id,
    conversation_history_file_path,
    ...(result === undefined ? {} : { result }),
  }));
}

/** As many completed entries, from the first, as fit; at least one, so that a caller sees that there are some. */
function keepCompleted(output: WaitOutput, limit: number): WaitOutput {
  let room = limit - jsonBytes({ ...output, completed: [] });
  const fitting = output.completed.findIndex((entry) => (room -= jsonBytes(entry) + 1) < 0);
  return { ...output, completed: fitting === -1 ? output.completed : output.completed.slice(0, Math.max(1, fitting)) };
}

function cutInputs(output: WaitOutput, limit: number): WaitOutput {
  const sizes = output.pending_permissions.map((entry) => jsonBytes(entry.input));
  const rest = jsonBytes(output) - sizes.reduce((sum, size) => sum + size, 0);
  const cap = Math.max(40, fairCap(sizes, limit - rest));
  return {
    ...output,
    pending_permissions: output.pending_permissions.map((entry) => ({ ...entry, input: cutValue(entry.input, cap) })),
  };
}

type Completed = WaitOutput['completed'][number];
type Failed = WaitOutput['failed'][number];

function mapFailed(output: WaitOutput, change: (entry: Failed) => Failed): WaitOutput {
  return { ...output, failed: output.failed.map(change) };
}

/** Completed and failed alike; a failed entry keeps its error. */
function mapEnded(output: WaitOutput, change: (entry: Completed) => Completed): WaitOutput {
  return {
    ...output,
    completed: output.completed.map(change),
    failed: output.failed.map((entry) => {
      const { error_type, error_hint, conversation_history_file_path = '', ...rest } = entry;
      return { ...change({ ...rest, conversation_history_file_path }), error_type, error_hint };
    }),
  };
}
