// The compiled binary: its guard against addresses that are not public, its converter of HTML, what it loads of a folder.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import test from 'node:test';
import { reply, toolUse } from '../fakes/messages-api.ts';
import { binary, host } from './host.ts';

type Given = { readonly cwd: string; readonly env?: Readonly<Record<string, string>>; readonly stdin?: string };

async function run(argv: readonly string[], { cwd, env = {}, stdin = '' }: Given) {
  const base = { PATH: process.env['PATH'] ?? '', HOME: join(cwd, 'home'), ANTHROPIC_API_KEY: 'test-key' };
  const child = spawn(binary, argv, { cwd, env: { ...base, ...env } });
  child.stdin.end(stdin);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, stdout, stderr };
}

const inside = [
  '127.0.0.1',
  'localhost',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '0.0.0.0',
  '[::1]',
  '[::ffff:7f00:1]',
];

test('WebFetch reaches nothing on this machine, whatever is allowed and whatever the environment says', async (t) => {
  let hits = 0;
  const server = createServer((_, response) => {
    hits += 1;
    response.end('secret');
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  t.after(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const { api, folder } = await host(t, {
    script: ({ replies, toolResults }) =>
      replies === 0
        ? reply(inside.map((name) => toolUse('WebFetch', { url: `http://${name}:${port}/` })))
        : reply(toolResults.map((result) => result.text).join('\n')),
  });
  const proxy = `http://127.0.0.1:${port}`;
  const env = {
    ANTHROPIC_BASE_URL: api.url,
    HTTP_PROXY: proxy,
    http_proxy: proxy,
    ALL_PROXY: proxy,
    NO_PROXY: new URL(api.url).host,
  };
  const argv = ['run', 'Go.', '--allow', 'WebFetch', '--permission-mode', 'bypassPermissions'];
  const { code, stdout, stderr } = await run(argv, { cwd: folder, env });
  assert.equal(code, 0, stderr);
  const lines = stdout.trim().split('\n');
  assert.equal(lines.length, inside.length, stdout);
  for (const line of lines) assert.match(line, / is not an address on the public web/);
  assert.equal(hits, 0);
});

test('pages become Markdown in the binary started again', async (t) => {
  const { folder } = await host(t, {});
  const html =
    '<title>Tea</title><body><h1>On tea</h1><p>Water <b>boils</b>.</p><table><tr><td>a</td><td>b</td></tr></table>';
  const stdin = JSON.stringify({ url: 'https://tea.example/', html });
  const { code, stdout } = await run(['__html'], { cwd: folder, stdin });
  assert.equal(code, 0);
  const { title, markdown } = JSON.parse(stdout) as { title: string; markdown: string };
  assert.deepEqual(
    [title, /Water \*\*boils\*\*\./.test(markdown), /\| a \| b \|/.test(markdown)],
    ['On tea', true, true],
    markdown,
  );
});

test('a stranger folder is loaded as text with a word, a trusted one without, and skills load', async (t) => {
  const { api, folder } = await host(t, {
    script: ({ replies, toolResults }) =>
      replies === 0 ? reply(toolUse('Skill', { skill: 'ship' })) : reply(toolResults[0]?.text ?? ''),
  });
  mkdirSync(join(folder, '.claude', 'skills', 'ship'), { recursive: true });
  writeFileSync(join(folder, '.claude', 'skills', 'ship', 'SKILL.md'), '---\ndescription: To ship\n---\nRun it.');
  writeFileSync(join(folder, 'AGENTS.md'), 'Use tabs.');
  const env = { ANTHROPIC_BASE_URL: api.url };
  const stranger = await run(['run', 'Go.'], { cwd: folder, env });
  assert.match(stranger.stderr, /notice memory on: [^]*notice skills on: /);
  assert.match(stranger.stdout, /^Skill ship\. .*\n\nRun it\.\n$/);
  const trusted = await run(['run', 'Go.', '--trust-project'], { cwd: folder, env });
  assert.doesNotMatch(trusted.stderr, /notice/);
  const [first] = (api.requests[2]!.body as { messages: [{ content: { text: string }[] }] }).messages;
  assert.match(first.content[0]!.text, /^<memory>[^]*Use tabs\./);
});
