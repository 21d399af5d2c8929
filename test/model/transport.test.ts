// The way to the API: credentials, secrets, connections, proxies, servers that are not quite the API.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { ModelClient } from '../../src/contract/ports.ts';
import { createModelClient } from '../../src/model/client.ts';
import { ask, clientFor, fastClock, requestFor, sendText, sse, textEvents, withServer } from './wire.ts';

test('no credential shows in a retry or a hint, even when the server repeats it', async () => {
  const key = 'local-gateway-token-31337';
  await withServer(
    (response, number, request) => {
      const message = `bad key ${key} in "${request.headers.authorization}" sk-ant-api03-${'x'.repeat(40)}`;
      response.writeHead(number === 1 ? 500 : 401, { 'content-type': number === 1 ? 'text/html' : 'application/json' });
      response.end(
        number === 1
          ? `<p>${message}</p>`
          : JSON.stringify({ type: 'error', error: { type: 'authentication_error', message } }),
      );
    },
    async (server) => {
      const client = clientFor(server.url, { apiKey: key });
      const { result, retries } = await ask(client, requestFor('task'));
      assert.equal(retries[0]?.message, 'The API failed (500): bad key [redacted] in "Bearer [redacted]" [redacted]');
      assert.ok(result.type === 'failed' && result.fleet);
      assert.match(result.error_hint, /^The API refused the credentials \(401\): bad key \[redacted\]/);
      assert.ok(!JSON.stringify([result, retries]).includes('31337'));
    },
  );
});

/** The SDK looks credentials up in the environment and in a config folder: here only in the folder, freshly made. */
async function withConfigFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const names = Object.keys(process.env).filter((name) => name.startsWith('ANTHROPIC_'));
  const saved = names.map((name) => [name, process.env[name]] as const);
  for (const name of names) delete process.env[name];
  const folder = mkdtempSync(join(tmpdir(), 'aworkers-model-'));
  process.env['ANTHROPIC_CONFIG_DIR'] = folder;
  try {
    return await body(folder);
  } finally {
    delete process.env['ANTHROPIC_CONFIG_DIR'];
    for (const [name, value] of saved) process.env[name] = value;
    rmSync(folder, { recursive: true });
  }
}

function clientWithLookup(baseUrl: string, clock = fastClock(1000)): ModelClient {
  return createModelClient({ baseUrl, price: () => null, cacheMinimum: () => undefined, clock, random: () => 0.5 });
}

test('no credentials at all: a failure that names the variable to set; a login later is found', async () => {
  await withConfigFolder(async (folder) => {
    await withServer(
      (response) => sendText(response, 'done'),
      async (server) => {
        const clock = fastClock(1000);
        const client = clientWithLookup(server.url, clock);
        const { result } = await ask(client, requestFor('task'));
        assert.ok(result.type === 'failed' && result.fleet && result.error_type === 'authentication_error');
        assert.equal(
          result.error_hint,
          'No usable credentials: there is no key, no token and no login. Set ANTHROPIC_API_KEY (or log in to a profile), restart, then resume the worker.',
        );
        assert.deepEqual(server.requests, []);
        logIn(folder, { access_token: 'a-login-token' });
        await clock.sleep(61_000);
        assert.equal((await ask(client, requestFor('task'))).result.type, 'replied');
      },
    );
  });
});

test('a key that no header can carry: said so, and nothing is sent', async () => {
  await withServer(
    (response) => sendText(response, 'done'),
    async (server) => {
      const client = createModelClient({
        baseUrl: server.url,
        apiKey: 'a\nb',
        price: () => null,
        cacheMinimum: () => undefined,
        clock: fastClock(1000),
        random: () => 0.5,
      });
      const { result } = await ask(client, requestFor('task'));
      assert.ok(result.type === 'failed' && result.fleet && result.error_type === 'authentication_error');
      assert.match(result.error_hint, /^No usable credentials: the key or token holds a line break or another /);
      assert.deepEqual(server.requests, []);
    },
  );
});

function logIn(folder: string, credentials: object): void {
  for (const name of ['configs', 'credentials']) mkdirSync(join(folder, name), { mode: 0o700 });
  const config = { authentication: { type: 'user_oauth', client_id: 'c' } };
  writeFileSync(join(folder, 'configs', 'default.json'), JSON.stringify(config), { mode: 0o600 });
  writeFileSync(join(folder, 'credentials', 'default.json'), JSON.stringify(credentials), { mode: 0o600 });
}

test('a login: a token that the API refuses is renewed once, a token server in trouble is tried again', async () => {
  await withConfigFolder(async (folder) => {
    const log: string[] = [];
    await withServer(
      (response, _, request) => {
        const { authorization = '' } = request.headers;
        log.push(`${request.url} ${authorization} ${String(request.headers['anthropic-beta'])}`);
        const json = (status: number, body: object) =>
          void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
        if (request.url === '/v1/oauth/token') {
          if (log.length === 2) return json(503, {});
          return json(200, { access_token: 'token-2', expires_in: 3600, token_type: 'Bearer' });
        }
        if (authorization === 'Bearer token-2') return sendText(response, 'done');
        json(401, { type: 'error', error: { type: 'authentication_error', message: 'expired' } });
      },
      async (server) => {
        logIn(folder, { access_token: 'token-1', refresh_token: 'refresh-1' });
        const client = clientWithLookup(server.url);
        const settings = { ...requestFor('').settings, betas: ['b1'] };
        const { result, retries } = await ask(client, requestFor('task', { settings }));
        assert.equal(result.type, 'replied', JSON.stringify(result));
        assert.deepEqual(
          retries.map(({ error_type }) => error_type),
          ['authentication_error', 'connection_error', 'authentication_error'],
        );
        assert.deepEqual(log, [
          '/v1/messages Bearer token-1 b1,oauth-2025-04-20',
          '/v1/oauth/token  oauth-2025-04-20',
          '/v1/messages Bearer token-1 b1,oauth-2025-04-20',
          '/v1/oauth/token  oauth-2025-04-20',
          '/v1/messages Bearer token-2 b1,oauth-2025-04-20',
        ]);
      },
    );
  });
});

test('headers: the version and betas of the worker, the key as Bearer or the token as it is', async () => {
  const seen: unknown[] = [];
  const accepted = 'Deno' in globalThis ? 'gzip,br' : 'identity';
  await withServer(
    (response, _, request) => {
      const {
        authorization,
        'anthropic-version': version,
        'anthropic-beta': beta,
        'accept-encoding': encoding,
      } = request.headers;
      seen.push([request.method, request.url, authorization, version, beta, encoding]);
      sendText(response, 'done');
    },
    async (server) => {
      const settings = { ...requestFor('').settings, api_version: '2026-10-21', betas: ['b1', 'b2'] };
      for (const config of [{ apiKey: 'key-1' }, { authToken: 'token-1' }]) {
        const client = createModelClient({
          baseUrl: `${server.url}/prefix/`,
          ...config,
          price: () => null,
          cacheMinimum: () => undefined,
          clock: fastClock(1000),
          random: () => 0.5,
        });
        const { result } = await ask(client, requestFor('task', { settings }));
        assert.equal(result.type, 'replied');
      }
    },
  );
  assert.deepEqual(seen, [
    ['POST', '/prefix/v1/messages', 'Bearer key-1', '2026-10-21', 'b1,b2', accepted],
    ['POST', '/prefix/v1/messages', 'Bearer token-1', '2026-10-21', 'b1,b2', accepted],
  ]);
});

test('workers with other betas and versions share a client, and each sends its own, every time', async () => {
  const seen: unknown[] = [];
  await withServer(
    (response, _, { headers }) => {
      seen.push([headers.authorization, headers['anthropic-version'], headers['anthropic-beta']]);
      sendText(response, 'done');
    },
    async (server) => {
      const client = clientFor(server.url);
      const { settings } = requestFor('');
      for (const own of [{ betas: ['b1'] }, { betas: ['b2'] }, { betas: ['b1'] }, { api_version: '2026-10-21' }]) {
        const { result } = await ask(client, requestFor('task', { settings: { ...settings, ...own } }));
        assert.equal(result.type, 'replied');
      }
    },
  );
  const key = 'Bearer test-key-0123456789';
  assert.deepEqual(seen, [
    [key, '2023-06-01', 'b1'],
    [key, '2023-06-01', 'b2'],
    [key, '2023-06-01', 'b1'],
    [key, '2026-10-21', undefined],
  ]);
});

test('connections are used again, and one that went stale in between is replaced without a retry', async () => {
  let connections = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => sendText(response, 'done'));
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = clientFor(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const replies: string[] = [];
  for (let n = 0; n < 5; n += 1) {
    const { result, retries } = await ask(client, requestFor('task'));
    replies.push(`${result.type} ${retries.length}`);
    await new Promise((resolve) => setTimeout(resolve, 20)); // its end is read in the background
    if (n === 2) server.closeAllConnections();
  }
  server.close();
  assert.deepEqual(
    replies,
    Array.from({ length: 5 }, () => 'replied 0'),
  );
  assert.equal(connections, 2);
});

/** The runtime reads the environment of the process itself. */
async function withProxy(address: string, body: () => Promise<void>): Promise<void> {
  const names = ['HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy'];
  const saved = names.map((name) => [name, process.env[name]] as const);
  for (const name of names) delete process.env[name];
  process.env['HTTP_PROXY'] = address;
  try {
    await body();
  } finally {
    delete process.env['HTTP_PROXY'];
    for (const [name, value] of saved) if (value !== undefined) process.env[name] = value;
  }
}

test('a proxy named by the environment is used', async () => {
  await withServer(
    (response, _, request) => {
      assert.equal(request.url, 'http://api.invalid/v1/messages');
      sendText(response, 'through the proxy');
    },
    async (proxy) => {
      await withProxy(proxy.url, async () => {
        const { result } = await ask(clientFor('http://api.invalid'), requestFor('task'));
        assert.ok(result.type === 'replied', JSON.stringify(result));
        assert.deepEqual(result.content, [{ type: 'text', text: 'through the proxy' }]);
      });
    },
  );
});

// Deno's fetch passes a proxy by for what NO_PROXY names, and for nothing else.
test('a server on this machine is reached without the proxy', { skip: 'Deno' in globalThis }, async () => {
  await withServer(
    (response) => sendText(response, 'direct'),
    async ({ url }) => {
      await withProxy('http://proxy.invalid', async () => {
        for (const address of [url, url.replace('127.0.0.1', 'localhost')]) {
          const { result } = await ask(clientFor(address), requestFor('task'));
          assert.ok(result.type === 'replied', JSON.stringify(result));
          assert.deepEqual(result.content, [{ type: 'text', text: 'direct' }]);
        }
      });
    },
  );
});

const message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  stop_reason: 'end_turn',
  usage: { input_tokens: 4, output_tokens: 2 },
};
const answers: readonly (readonly [name: string, type: string, body: string, outcome: string])[] = [
  [
    'a whole message as JSON',
    'application/json',
    JSON.stringify({ ...message, content: [{ type: 'text', text: 'x' }] }),
    'x',
  ],
  ['a stream without a content type', '', sse(textEvents('x')), 'x'],
  [
    'a stream that goes on after message_stop',
    'text/event-stream',
    sse([...textEvents('x'), { type: 'error', error: {} }]),
    'x',
  ],
  ['a page under 200', 'text/html', '<html>Sign in</html>', 'stream_error'],
  ['JSON that is no message', 'application/json', '{"ok":true}', 'stream_error'],
  ['JSON that is cut', 'application/json', '{"type":"mess', 'stream_error'],
  [
    'an error event of a bad request',
    'text/event-stream',
    sse([{ type: 'error', error: { type: 'invalid_request_error', message: 'no' } }]),
    'invalid_request_error',
  ],
];

for (const [name, type, body, outcome] of answers) {
  test(`a server that answers with ${name}`, async () => {
    await withServer(
      (response) => {
        response.writeHead(200, type === '' ? {} : { 'content-type': type });
        response.end(body);
      },
      async (server) => {
        const client = clientFor(server.url, { retry: { maxAttempts: 2 } });
        const { result } = await ask(client, requestFor('task'));
        assert.equal(result.type === 'failed' ? result.error_type : (result.content[0] as any).text, outcome);
      },
    );
  });
}

for (const [name, behave] of [
  ['ends before it answers', (response) => response.destroy()],
  ['breaks off', (response) => void response.writeHead(200).write('event: ping\n\n', () => response.destroy())],
] as readonly (readonly [name: string, behave: (response: ServerResponse) => void])[]) {
  test(`a connection that ${name} is told in one sentence, without the runtime's advice to programmers`, async () => {
    await withServer(behave, async (server) => {
      const { result, retries } = await ask(clientFor(server.url, { retry: { maxAttempts: 2 } }), requestFor('task'));
      assert.ok(result.type === 'failed', JSON.stringify(result));
      const { host } = new URL(server.url);
      for (const text of [result.error_hint, ...retries.map(({ message }) => message)]) {
        assert.doesNotMatch(text, /verbose|\?/);
        if (name === 'ends before it answers') assert.ok(text.includes(` (${host})`), text);
      }
    });
  });
}

test('a redirect is refused before the key goes to another host', async () => {
  await withServer(
    (response) => sendText(response, 'stolen'),
    async (thief) => {
      await withServer(
        (response) => void response.writeHead(307, { location: `${thief.url}/v1/messages` }).end(),
        async (server) => {
          const client = clientFor(server.url);
          const { result } = await ask(client, requestFor('task'));
          assert.ok(result.type === 'failed' && result.error_hint.includes(new URL(thief.url).host));
          assert.deepEqual(thief.requests, []);
        },
      );
    },
  );
});
