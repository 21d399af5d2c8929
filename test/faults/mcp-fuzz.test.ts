// Generated garbage against a server in this process: it stays alive and answers the ping that follows. fast-check prints the seed.
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import test from 'node:test';
import * as fc from 'fast-check';
import { createServer } from '../../src/mcp/index.ts';
import { StdioTransport } from '../../src/mcp/stdio-transport.ts';
import { managerWorld } from '../manager/world.ts';

const tools = ['spawn_worker', 'wait', 'resume_worker', 'approve_permission', 'list_workers', 'stop_worker', 'no_tool'];
const methods = [
  'initialize',
  'ping',
  'tools/list',
  'resources/list',
  'resources/read',
  'notifications/cancelled',
  'notifications/initialized',
  'logging/setLevel',
  '__proto__',
];

const keys = [
  'prompt',
  'description',
  'options',
  'worker_id',
  'worker_ids',
  'request_id',
  'allow',
  'uri',
  'cursor',
  'id',
];
const value = fc.oneof(
  { depthSize: 'small' },
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('\uD800', '\u0000', '../../etc/passwd', 'worker://', '__proto__', 1e308, -0, 2 ** 53),
);
const args = fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string({ maxLength: 8 })), value, { maxKeys: 5 });
/** A wait without a limit would be answered only when its workers end. */
const call = fc.record({ name: fc.constantFrom(...tools), arguments: args }).map(({ name, arguments: given }) => ({
  name,
  arguments: name === 'wait' ? { ...given, timeout_seconds: 0.01 } : given,
}));
const id = fc.oneof(fc.integer({ min: 1000 }), fc.string(), fc.constantFrom(null, 1.5, {}, []));
const message = fc.oneof(
  fc.record({ jsonrpc: fc.constant('2.0'), id, method: fc.constant('tools/call'), params: fc.oneof(call, value) }),
  fc.record({ jsonrpc: fc.constant('2.0'), id, method: fc.constantFrom(...methods), params: fc.oneof(args, value) }),
  fc.record({ jsonrpc: fc.constantFrom('2.0', '1.0', 2), id, result: value }, { requiredKeys: [] }),
  fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 3 }),
);
const line = fc.oneof(
  { weight: 4, arbitrary: message.map((given) => Buffer.from(JSON.stringify(given))) },
  { weight: 1, arbitrary: message.map((given) => Buffer.from(JSON.stringify(given).slice(0, -3))) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
);

test('any lines: the server stays alive, writes only JSON-RPC, and answers a ping', async (t) => {
  const { manager } = await managerWorld(t);
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const logged: string[] = [];
  const server = createServer(async () => manager, { version: '0' }, { log: (entry) => logged.push(entry) });
  await server.connect(new StdioTransport(stdin, stdout));
  const waiting = new Map<string, () => void>();
  let rest = '';
  stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const written of lines) {
      const answer = JSON.parse(written) as { jsonrpc: string; id?: unknown; result?: unknown };
      assert.equal(answer.jsonrpc, '2.0');
      if (typeof answer.id === 'string' && answer.result !== undefined) waiting.get(answer.id)?.();
    }
  });
  let pings = 0;
  const ping = async (): Promise<void> => {
    const name = `ping-${(pings += 1)}-of-the-test`;
    const answered = new Promise<void>((resolve) => waiting.set(name, resolve));
    stdin.write(`\n${JSON.stringify({ jsonrpc: '2.0', id: name, method: 'ping' })}\n`);
    await answered;
    waiting.delete(name);
  };
  await ping();
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 6 }), fc.integer({ min: 1, max: 64 }), async (lines, size) => {
      const bytes = Buffer.concat(lines.flatMap((entry) => [entry, Buffer.from('\n')]));
      for (let at = 0; at < bytes.length; at += size) stdin.write(bytes.subarray(at, at + size));
      await ping();
    }),
    { numRuns: 300 },
  );
  assert.deepEqual(
    logged.filter((entry) => /internal error/i.test(entry)),
    [],
  );
  await server.close();
});
