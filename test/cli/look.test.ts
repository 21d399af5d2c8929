// The commands that look at workers and start none: list, show, logs, stop, models, permissions explain, doctor.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { reply, silence, toolUse } from '../fakes/messages-api.ts';
import { withWorld } from './world.ts';

const conversations = {
  Look: [reply(['I will look.', toolUse('Glob', { pattern: '*.txt' })]), 'There is one file.'],
  Wait: [silence('late')],
};

test('list, show and logs tell of a worker that has ended', () =>
  withWorld({ conversations: { Look: conversations.Look } }, async ({ run, cwd, workers }) => {
    writeFileSync(join(cwd, 'a.txt'), '');
    assert.equal((await run(['run', 'Look here'])).code, 0);
    const [id = ''] = await workers();

    const list = await run(['list']);
    const [head = '', row = ''] = list.stdout.split('\n');
    assert.deepEqual(head.split(/ {2,}/), [
      'ID',
      'STATE',
      'DESCRIPTION',
      'MODEL',
      'TURNS',
      'COST',
      'TIME',
      'LAST ACTIVITY (UTC)',
    ]);
    assert.deepEqual(row.split(/ {2,}/).slice(0, 5), [
      id.slice(0, 8),
      'completed',
      'Look here',
      'claude-sonnet-5-5',
      '2',
    ]);
    const [summary] = JSON.parse((await run(['list', '--format', 'json'])).stdout) as Record<string, unknown>[];
    assert.deepEqual([summary?.['worker_id'], summary?.['num_turns']], [id, 2]);
    assert.deepEqual(await run(['list', '--status', 'failed']), {
      code: 0,
      stdout: '',
      stderr: `No failed workers in ${join(cwd, 'logs')}.\n`,
    });

    const show = await run(['show', id.slice(0, 6)]);
    assert.equal(show.code, 0);
    assert.match(show.stdout, new RegExp(`^Look here\\nworker {4}${id}\\nsession {3}\\S+\\nstate {5}completed\\n`));
    assert.match(show.stdout, /\n\nThere is one file\.\n$/);
    const transcript = await run(['show', id, '--format', 'json']);
    assert.equal(transcript.stdout, `${readFileSync(join(cwd, 'logs', `worker-${id}.json`), 'utf8').trimEnd()}\n`);

    const logs = await run(['logs', id]);
    assert.deepEqual(
      logs.stdout
        .split('\n')
        .filter((line) => !line.startsWith('completed '))
        .slice(1),
      ['> Look here', 'I will look.', '● Glob  *.txt', ...globResult(logs.stdout), 'There is one file.', ''],
    );
    const events = (await run(['logs', id, '--format', 'jsonl'])).stdout.trimEnd().split('\n');
    const journal = readFileSync(join(cwd, 'logs', `worker-${id}.jsonl`), 'utf8')
      .trimEnd()
      .split('\n');
    assert.deepEqual(
      events,
      journal.map((line) => line.replace(/,"seal":"[^"]{43}"\}$/, '}')),
    );
    assert.equal((await run(['logs', '-f', id])).stdout, logs.stdout);
  }));

/** The lines of the tool's result, whatever the tool makes of them. */
function globResult(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.startsWith('  '));
  assert.ok(
    lines.some((line) => line.includes('a.txt')),
    text,
  );
  return lines;
}

test('logs -f follows a worker that runs, and ends with it; stop ends it from another shell', () =>
  withWorld({ conversations: { Wait: conversations.Wait } }, async ({ start, run, api, workers }) => {
    const worker = start(['run', 'Wait for me']);
    await api.until((requests) => requests.length === 1);
    const [id = ''] = await workers();
    const logs = start(['logs', '-f', id]);
    while (!logs.stdout().includes('> Wait for me')) await once(logs.io.stdout, 'data');

    const stop = await run(['stop', id]);
    assert.deepEqual([stop.code, stop.stdout], [0, '']);
    assert.match(stop.stderr, new RegExp(`^Worker ${id} is stopped\\. Go on with: aworkers resume ${id}`));
    assert.equal(await worker.code, 1);
    assert.equal(await logs.code, 0);
    assert.match(logs.stdout(), /\nstopped: from a shell\n$/);

    const again = await run(['stop', id]);
    assert.deepEqual(again, { code: 0, stdout: '', stderr: `Worker ${id} is stopped already.\n` });
  }));

test('Ctrl-C ends logs -f', () =>
  withWorld({ conversations: { Wait: conversations.Wait } }, async ({ start, api, workers }) => {
    const worker = start(['run', 'Wait for me']);
    await api.until((requests) => requests.length === 1);
    const [id = ''] = await workers();
    const logs = start(['logs', '-f', id]);
    while (!logs.stdout().includes('> Wait for me')) await once(logs.io.stdout, 'data');
    logs.send('SIGINT');
    assert.equal(await logs.code, 130);
    worker.send('SIGINT');
    assert.equal(await worker.code, 130);
  }));

for (const argv of [
  ['show', 'deadbeef'],
  ['logs', 'deadbeef'],
  ['stop', 'deadbeef'],
]) {
  test(`an unknown worker is named: ${argv.join(' ')}`, () =>
    withWorld({}, async ({ run }) => {
      const { code, stderr } = await run(argv);
      assert.equal(code, 2);
      assert.match(stderr, /deadbeef/);
    }));
}

test('a folder without workers stays as it is', () =>
  withWorld({}, async ({ run, cwd, workers }) => {
    assert.deepEqual(await run(['list']), { code: 0, stdout: '', stderr: `No workers in ${join(cwd, 'logs')}.\n` });
    assert.deepEqual(await run(['list', '--format', 'json']), { code: 0, stdout: '[]\n', stderr: '' });
    assert.deepEqual(await workers(), []);
  }));

test('--logs-dir wins over AWORKERS_LOGS_DIR', () =>
  withWorld({}, async ({ run, cwd }) => {
    const env = { AWORKERS_LOGS_DIR: '/elsewhere' };
    assert.equal((await run(['list'], { env })).stderr, 'No workers in /elsewhere.\n');
    assert.equal((await run(['list', '--logs-dir', 'mine'], { env })).stderr, `No workers in ${join(cwd, 'mine')}.\n`);
  }));

test('models shows every model of the data, as a table and as JSON', () =>
  withWorld({}, async ({ run }) => {
    const table = await run(['models']);
    const rows = JSON.parse((await run(['models', '--format', 'json'])).stdout) as {
      id: string;
      retires_soon: boolean;
    }[];
    assert.ok(rows.length > 5);
    assert.equal(table.code, 0);
    assert.deepEqual(
      rows.filter(({ id }) => !table.stdout.includes(`${id} `)),
      [],
    );
    for (const { id, retires_soon } of rows) assert.equal(table.stdout.includes(`! ${id}`), retires_soon, id);
  }));

test('a bad models file is named', () =>
  withWorld({}, async ({ run, cwd }) => {
    writeFileSync(join(cwd, 'models.json'), '{"models": [{"id": 5}]}');
    const { code, stderr } = await run(['models'], { env: { AWORKERS_MODELS_FILE: 'models.json' } });
    assert.equal(code, 2);
    assert.match(stderr, /models\.json.*models\.0\.id/);
  }));

test('permissions explain gives the verdict, its parts, and the rule', () =>
  withWorld({}, async ({ run, cwd }) => {
    const asked = await run(['permissions', 'explain', 'npm publish']);
    assert.equal(asked.code, 0);
    assert.match(asked.stdout, /^ask {3}/);
    const allowed = await run(['permissions', 'explain', 'npm publish', '--allow', 'Bash(npm publish)']);
    assert.match(allowed.stdout, /^allow /);
    const json = await run([
      'permissions',
      'explain',
      '--tool',
      'Write',
      '--path',
      'a.txt',
      '--deny',
      'Edit',
      '--format',
      'json',
    ]);
    const { tool, input, decision } = JSON.parse(json.stdout) as Record<string, unknown>;
    assert.deepEqual(
      { tool, input, decision },
      { tool: 'Write', input: { file_path: join(cwd, 'a.txt') }, decision: 'deny' },
    );
  }));

test('doctor finds what is there, shows no key, and fails without credentials', () =>
  withWorld({ keys: ['right-key'] }, async ({ run, api, cwd }) => {
    const env = { PATH: process.env['PATH'] ?? '', ANTHROPIC_BASE_URL: api.url };
    const none = await run(['doctor'], { env });
    assert.equal(none.code, 5);
    assert.match(none.stdout, /^fail {2}credentials {2}none found\n/m);
    const offline = await run(['doctor', '--offline', '--format', 'json'], {
      env: { ...env, ANTHROPIC_API_KEY: 'sk-secret' },
    });
    assert.equal(offline.code, 0);
    assert.equal(offline.stdout.includes('sk-secret'), false);
    const findings = JSON.parse(offline.stdout) as { name: string; verdict: string; text: string }[];
    assert.deepEqual(
      findings.map(({ name }) => name),
      ['version', 'credentials', 'logs', 'models', 'ripgrep', 'git', 'sandbox', 'hosts'],
    );
    assert.deepEqual(findings[1], { name: 'credentials', verdict: 'ok', text: 'from ANTHROPIC_API_KEY' });
    assert.equal(findings[2]?.text, join(cwd, 'logs'));
    const gone = await run(['doctor'], {
      env: { ...env, ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: 'http://127.0.0.1:1' },
    });
    assert.equal(gone.code, 5);
    assert.match(gone.stdout, /^fail {2}API {10}http:\/\/127\.0\.0\.1:1 cannot be reached: /m);
  }));

test('doctor knows a login: by its folder, or by the variable that names it', () =>
  withWorld({ keys: ['right-key'], refusalsExpected: true }, async ({ run, api, cwd }) => {
    mkdirSync(join(cwd, 'home/.config/anthropic/configs'), { recursive: true });
    const env = { PATH: process.env['PATH'] ?? '', HOME: join(cwd, 'home'), ANTHROPIC_BASE_URL: api.url };
    for (const [given, from] of [
      [env, join(cwd, 'home/.config/anthropic')],
      [{ ...env, ANTHROPIC_PROFILE: 'work' }, 'ANTHROPIC_PROFILE'],
    ] as const) {
      const { code, stdout } = await run(['doctor'], { env: given });
      assert.equal(code, 0, stdout);
      assert.ok(stdout.includes(`ok    credentials  a profile, from ${from}\n`), stdout);
      assert.match(stdout, /^ok {4}API {10}http:\S+ answers; the login of the profile was not tried$/m);
    }
  }));

const answers: readonly (readonly [status: number, code: number, line: string])[] = [
  [200, 0, 'ok    API          <url> answers and takes the key'],
  [401, 5, 'fail  API          <url> refuses the key (401)'],
  [403, 5, 'fail  API          <url> refuses the key (403)'],
  [404, 0, 'warn  API          <url> is reachable, but answers 404 to a list of models'],
  [302, 0, 'warn  API          <url> is reachable, but answers 302 to a list of models'],
];

for (const [status, code, line] of answers) {
  test(`doctor: the API answers ${status}`, () =>
    withWorld({}, async ({ run }) => {
      const seen: unknown[] = [];
      const server = createServer((request, response) => {
        seen.push([request.method, request.url, request.headers['x-api-key'], request.headers['anthropic-version']]);
        response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end('{}');
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      try {
        const env = { PATH: '', ANTHROPIC_BASE_URL: `${url}/`, ANTHROPIC_API_KEY: 'sk-secret' };
        const ran = await run(['doctor'], { env });
        const shown = ran.stdout.split('\n').find((text) => text.includes('  API  '));
        assert.deepEqual([ran.code, shown?.replace(url, '<url>')], [code, line]);
        assert.deepEqual(seen, [['GET', '/v1/models?limit=1', 'sk-secret', '2023-06-01']]);
        assert.equal(ran.stdout.includes('sk-secret'), false);
      } finally {
        server.close();
        server.closeAllConnections();
      }
    }));
}

test('a beginning of an id that is too short says so', () =>
  withWorld({ conversations: { Look: ['Done.'] } }, async ({ run, workers }) => {
    await run(['run', 'Look']);
    const [id = ''] = await workers();
    const { code, stderr } = await run(['show', id.slice(0, 5)]);
    assert.deepEqual(
      [code, stderr],
      [2, `aworkers: "${id.slice(0, 5)}" is too short to name a worker. Give 6 or more characters of its id.\n`],
    );
  }));

test('list says which workers it could not read', () =>
  withWorld({ script: () => 'Done.' }, async ({ run, cwd, workers }) => {
    await run(['run', 'Look']);
    const [id = ''] = await workers();
    const damaged = '00000000-0000-4000-8000-000000000000';
    writeFileSync(join(cwd, `logs/worker-${damaged}.jsonl`), 'x\n');
    for (const argv of [['list'], ['list', '--format', 'json'], ['list', '--status', 'completed']]) {
      const { code, stdout, stderr } = await run(argv);
      assert.deepEqual([code, stdout.includes(id.slice(0, 8)), stdout.includes(damaged)], [0, true, false]);
      assert.match(stderr, new RegExp(`^not read: ${damaged}: .*line 1: not a journal line .*\\n$`));
    }
  }));
