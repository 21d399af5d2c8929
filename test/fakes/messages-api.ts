// Owns: the door through which tests reach the scripted Messages API, and small helpers to speak to it without a client.
// Promises: helpers wait for events, never for time.
// Never: logic of its own about what the API accepts.
export { startScriptedApi } from '../../src/demo/api/server.ts';
export type { ScriptedApi, ScriptedApiOptions } from '../../src/demo/api/options.ts';
export type { RecordedRequest } from '../../src/demo/api/recorder.ts';
export type { Script, Turn } from '../../src/demo/api/script-book.ts';
export type { Fault, Reply, Step } from '../../src/demo/api/sendable.ts';
export * from '../../src/demo/api/reply.ts';
export * from '../../src/demo/api/fault.ts';
export { findModel, modelTable, permissiveModel } from '../../src/demo/api/model-table.ts';

import type { RecordedRequest } from '../../src/demo/api/recorder.ts';
import { type ScriptedApi, type ScriptedApiOptions } from '../../src/demo/api/options.ts';
import { startScriptedApi } from '../../src/demo/api/server.ts';

/** Runs `body` against a fresh server, then closes it. Fails when the script was not followed. */
export async function withApi<T>(options: ScriptedApiOptions, body: (api: ScriptedApi) => Promise<T>): Promise<T> {
  const api = await startScriptedApi(options);
  try {
    const value = await body(api);
    api.assertFinished();
    return value;
  } finally {
    await api.close();
  }
}

/** The nth request (from 1) once it has arrived. */
export async function nthRequest(api: ScriptedApi, n: number): Promise<RecordedRequest> {
  await api.until((requests) => requests.length >= n);
  return api.requests[n - 1]!;
}

/** The nth request (from 1) once it has been answered, broken off or given up. */
export async function nthEnded(api: ScriptedApi, n: number): Promise<RecordedRequest> {
  await api.until((requests) => requests[n - 1] !== undefined && requests[n - 1]!.outcome !== 'pending');
  return api.requests[n - 1]!;
}
