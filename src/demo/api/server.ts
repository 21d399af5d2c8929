// Owns: the scripted Messages API: one HTTP server on loopback that checks every request and answers from a script.
// Promises: refuses what the real API is documented to refuse; every request is recorded; close() leaves nothing behind.
// Never: listens anywhere but on 127.0.0.1, or knows the client under test.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createAnswerer } from './answer.ts';
import { headerProblems } from './check-headers.ts';
import { checkRequest, maxBodyBytes, type RequestRules } from './check-request.ts';
import { deliverFault, deliverJson, type Line } from './deliver.ts';
import { createIssued } from './issued.ts';
import { listenOnLoopback } from './listener.ts';
import { serial } from './message.ts';
import { modelTable } from './model-table.ts';
import { modelById, modelPage } from './models-endpoint.ts';
import type { ScriptedApi, ScriptedApiOptions } from './options.ts';
import { errorBody, invalid, notFound, type Problem } from './problem.ts';
import { readBody } from './read-body.ts';
import { createRecorder, type RecordedRequest } from './recorder.ts';
import type { Endpoint } from './request-shape.ts';
import { createScriptBook } from './script-book.ts';
import type { Fault } from './sendable.ts';
import { promptTokens } from './tokens.ts';

const endpoints: Readonly<Record<string, Endpoint>> = {
  '/v1/messages': 'messages',
  '/v1/messages/count_tokens': 'count_tokens',
};

type Exchange = { readonly line: Line; readonly record: RecordedRequest };

export async function startScriptedApi(options: ScriptedApiOptions = {}): Promise<ScriptedApi> {
  const { models = modelTable, now = Date.now } = options;
  const rules: RequestRules = { keys: options.keys, models, issued: createIssued() };
  const book = createScriptBook(options.script, options.conversations ?? {});
  const answerer = createAnswerer(options, book, rules.issued);
  const recorder = createRecorder();
  const broken: string[] = [];
  const open = new Set<AbortController>();
  let outage: Fault | undefined;

  const refuse = ({ line, record }: Exchange, problem: Problem): void => {
    deliverJson(line, problem.status, errorBody(problem, line.requestId));
    recorder.change(record, { refusal: problem.message, status: problem.status, outcome: 'refused' });
  };

  const inform = ({ line, record }: Exchange, body: unknown): void => {
    deliverJson(line, 200, body);
    recorder.change(record, { status: 200, outcome: 'sent' });
  };

  const post = async (exchange: Exchange, endpoint: Endpoint, isJson: boolean): Promise<void> => {
    const { line, record } = exchange;
    if (!isJson) return refuse(exchange, invalid('The request body is not valid JSON.'));
    const checked = checkRequest(endpoint, record.headers, record.body, rules);
    if ('problem' in checked) return refuse(exchange, checked.problem);
    if (endpoint === 'count_tokens') return inform(exchange, { input_tokens: promptTokens(checked.call) });
    recorder.change(record, { conversation: answerer.conversationOf(checked.call) });
    const answered = await answerer.answer(line, checked.call, record.number);
    if ('unscripted' in answered) refuse(exchange, invalid(`scripted API: ${answered.unscripted}`));
    else recorder.change(record, answered);
  };

  const route = async (exchange: Exchange, isJson: boolean): Promise<void> => {
    const { line, record } = exchange;
    if (outage !== undefined) {
      deliverFault(line, outage);
      return recorder.change(record, { status: outage.status, outcome: 'fault' });
    }
    if (record.rawBytes > maxBodyBytes) {
      return refuse(exchange, { status: 413, type: 'request_too_large', message: 'Request exceeds the maximum size' });
    }
    const { pathname, searchParams } = new URL(record.path, 'http://127.0.0.1');
    const endpoint = record.method === 'POST' ? endpoints[pathname] : undefined;
    const lacks = options.lacks ?? [];
    if (lacks.some((part) => pathname.startsWith(`/v1/${part}`) || pathname.endsWith(`/${part}`))) {
      return refuse(exchange, notFound('Not found'));
    }
    if (endpoint !== undefined) return post(exchange, endpoint, isJson);
    const id = /^\/v1\/models(?:\/(.+))?$/.exec(pathname);
    if (record.method !== 'GET' || id === null) return refuse(exchange, notFound('Not found'));
    for (const problem of headerProblems(record.headers, rules.keys)) return refuse(exchange, problem);
    if (id[1] === undefined) return inform(exchange, modelPage(models, searchParams));
    const found = modelById(models, decodeURIComponent(id[1]));
    return found === undefined ? refuse(exchange, notFound(`model: ${id[1]}`)) : inform(exchange, found);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const gone = new AbortController();
    open.add(gone);
    response.on('close', () => {
      open.delete(gone);
      if (!response.writableFinished) gone.abort();
    });
    const at = now();
    const { text, bytes } = await readBody(request, maxBodyBytes);
    const json = parseJson(text);
    const number = recorder.requests.length + 1;
    const requestId = `req_${serial(number)}`;
    const record: RecordedRequest = {
      number,
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: json === undefined ? text : json.value,
      rawBytes: bytes,
      at,
      requestId,
      outcome: 'pending',
    };
    recorder.add(record);
    const headers = { 'request-id': requestId, 'anthropic-organization-id': 'scripted', ...options.headers };
    const line: Line = { response, requestId, headers, signal: gone.signal };
    try {
      await route({ line, record }, json !== undefined);
    } catch (error) {
      broken.push(`Request ${number}: ${error instanceof Error ? error.message : String(error)}`);
      if (!response.headersSent) refuse({ line, record }, invalid(`scripted API: ${broken.at(-1)}`));
      else response.destroy();
    }
  };

  const listener = await listenOnLoopback((request, response) => {
    handle(request, response).catch(() => response.destroy()); // the client left while it was sending
  });

  const problems = (): readonly string[] => [
    ...broken,
    ...book.problems(),
    ...(options.refusalsExpected === true ? [] : recorder.requests.flatMap(refusalText)),
  ];
  const stop = async (): Promise<void> => {
    for (const gone of open) gone.abort();
    await listener.stop();
  };

  return {
    url: `http://127.0.0.1:${listener.port}`,
    port: listener.port,
    requests: recorder.requests,
    load: answerer.load,
    script: (conversation, script) => book.set(conversation, script),
    until: (condition) => recorder.until(condition),
    down: async (how) => {
      if (how === 'refused') await stop();
      else outage = how;
    },
    up: async () => {
      outage = undefined;
      await listener.start();
    },
    problems,
    assertFinished: () => {
      const found = problems();
      if (found.length > 0) throw new Error(`The scripted API did not finish as written:\n- ${found.join('\n- ')}`);
    },
    close: stop,
  };
}

function refusalText(record: RecordedRequest): readonly string[] {
  if (record.refusal === undefined || record.refusal.startsWith('scripted API: ')) return [];
  return [
    `Request ${record.number} (${record.method} ${record.path}) was refused with ${record.status}: ${record.refusal}`,
  ];
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined; // a GET, or a body that the route refuses
  }
}
