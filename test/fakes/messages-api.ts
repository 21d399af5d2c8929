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

export type RawAnswer = { readonly status: number; readonly headers: Headers; readonly text: string };

export type RawOptions = {
  readonly path?: string;
  readonly version?: string;
  readonly betas?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
};

/** One request as bare HTTP: the answer, whatever it is. `body` as a string goes as it stands. */
export async function send(api: ScriptedApi, body: unknown, options: RawOptions = {}): Promise<RawAnswer> {
  const response = await open(api, body, options);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** The same, with the body of the answer still to be read. */
export function open(api: ScriptedApi, body: unknown, options: RawOptions = {}): Promise<Response> {
  return fetch(`${api.url}${options.path ?? '/v1/messages'}`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      'x-api-key': 'test',
      'anthropic-version': options.version ?? '2023-06-01',
      'content-type': 'application/json',
      ...(options.betas === undefined ? {} : { 'anthropic-beta': options.betas.join(',') }),
      ...options.headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

/** The message of an answer that must be a 200. */
export async function ask(api: ScriptedApi, body: unknown, options: RawOptions = {}): Promise<any> {
  const answer = await send(api, body, options);
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
  return JSON.parse(answer.text);
}

/** "400 invalid_request_error: the message" of an answer that must be an error of the API, or "200". */
export async function verdict(api: ScriptedApi, body: unknown, options: RawOptions = {}): Promise<string> {
  const answer = await send(api, body, options);
  if (answer.status === 200) return '200';
  const { error } = JSON.parse(answer.text) as { error: { type: string; message: string } };
  return `${answer.status} ${error.type}: ${error.message}`;
}

/** The events of a stream that was read to its end. Throws on anything that is no well-formed event. */
export function parseEvents(text: string): readonly any[] {
  const bare = text.replace(/^\uFEFF/, '');
  return bare
    .split(/\r\n\r\n|\n\n/)
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const lines = part.split(/\r\n|\n/).filter((line) => !line.startsWith(':'));
      const name = lines.find((line) => line.startsWith('event: '))?.slice(7);
      const data = lines.filter((line) => line.startsWith('data: ')).map((line) => line.slice(6));
      const event = JSON.parse(data.join('\n')) as { type: string };
      if (name !== undefined && name !== event.type) throw new Error(`event: ${name} carries ${event.type}`);
      return event;
    });
}
