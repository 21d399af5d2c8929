// WebFetch and WebSearch in a worker: when they are offered, what the gate says, what goes over the wire and comes back.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import {
  pauseTurn,
  reply,
  type Script,
  serverToolResult,
  serverToolUse,
  text,
  toolUse,
} from '../fakes/messages-api.ts';
import { withWorld } from '../cli/world.ts';
import { openApp } from '../../src/app.ts';

type Tool = { readonly name: string; readonly type?: string };
const toolsOf = ({ body }: { readonly body: unknown }) => (body as { tools: readonly Tool[] }).tools;

const six = ['Bash', 'Edit', 'Glob', 'Grep', 'Read', 'Write'];
const withFetch = ['Bash', 'Edit', 'Glob', 'Grep', 'Read', 'WebFetch', 'Write'];

const offers: readonly (readonly [flags: readonly string[], names: readonly string[]])[] = [
  [[], six],
  [['--allow', 'WebFetch(domain:example.com)'], withFetch],
  [['--allowed-tools', 'WebFetch'], withFetch],
  [['--allow', 'WebFetch', '--deny', 'WebFetch(domain:evil.example)'], withFetch],
  [['--allow', 'WebFetch', '--deny', 'WebFetch'], six],
  [
    ['--agent-type', 'researcher'],
    ['Read', 'WebFetch'],
  ],
  [
    ['--agent-type', 'Explore', '--allow', 'WebFetch'],
    ['Glob', 'Grep', 'Read'],
  ],
  [['--permission-mode', 'bypassPermissions'], six],
];

for (const [flags, names] of offers) {
  test(`offered with ${flags.join(' ') || 'no flags'}: ${names.length} tools`, () =>
    withWorld({ script: ['Done.'] }, async ({ run, cwd, api }) => {
      mkdirSync(join(cwd, '.claude', 'agents'), { recursive: true });
      const agent = '---\nname: researcher\ntools: Read, WebFetch, WebSearch\n---\nLook things up.';
      writeFileSync(join(cwd, '.claude', 'agents', 'r.md'), agent);
      assert.equal((await run(['run', 'Go.', ...flags])).code, 0);
      assert.deepEqual(
        toolsOf(api.requests[0]!).map(({ name }) => name),
        names,
      );
    }));
}

const fetches =
  (...urls: readonly string[]): Script =>
  ({ replies, toolResults }) =>
    replies === 0
      ? reply(urls.map((url) => toolUse('WebFetch', { url })))
      : reply(toolResults.map((result) => result.text.split('\n')[0]).join('\n'));

test('a host that no rule allows asks; one that a rule allows is still refused when it is inside', () =>
  withWorld(
    { script: fetches('https://other.example/', 'http://127.0.0.1:1/', 'http://bad.example/') },
    async ({ run }) => {
      const { code, stdout, stderr } = await run([
        'run',
        'Go.',
        '--allow',
        'WebFetch(domain:127.0.0.1)',
        '--deny',
        'WebFetch(domain:bad.example)',
      ]);
      assert.equal(code, 3, stderr);
      assert.deepEqual(stdout.trim().split('\n'), [
        "Permission to use WebFetch was denied. Reason: No rule allows fetching from other.example, and nobody is here to approve it. To allow it: --allow 'WebFetch(domain:other.example)'",
        '127.0.0.1 is not an address on the public web: it is not fetched. There is no way around this.',
        'Permission to use WebFetch was denied. Reason: WebFetch matches the deny rule WebFetch(domain:bad.example).',
      ]);
      assert.match(stderr, /--allow 'WebFetch\(domain:other\.example\)' would allow it/);
    },
  ));

const searchResult = [{ type: 'web_search_result', url: 'https://a.example', title: 'A', encrypted_content: 'Eo8=' }];
const citation = { type: 'web_search_result_location', url: 'https://a.example', encrypted_index: 'Eo9=', title: 'A' };

/** A paused search, then its answer with a citation; on a later prompt one more. */
const searches: Script = ({ replies }) =>
  replies === 0
    ? pauseTurn([serverToolUse('web_search', { query: 'tea' }, 'srvtoolu_1')])
    : reply(
        replies === 1
          ? [serverToolResult('web_search', 'srvtoolu_1', searchResult), text('Tea is old.', { citations: [citation] })]
          : 'Nothing new.',
        { usage: { server_tool_use: { web_search_requests: replies === 1 ? 2 : 0 } } },
      );

const anyHost = { web_search: { hosts: 'any' } };

test('a search that a rule allows runs at the API; its blocks go back untouched, its price is counted', () =>
  withWorld({ script: searches }, async ({ run, cwd, api, workers }) => {
    writeFileSync(join(cwd, 'models.json'), JSON.stringify(anyHost));
    const env = { AWORKERS_MODELS_FILE: 'models.json' };
    const { code, stdout, stderr } = await run(['run', 'Tea?', '--allow', 'WebSearch'], { env });
    assert.deepEqual({ code, stdout }, { code: 0, stdout: 'Tea is old.\n' }, stderr);
    const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 10 };
    for (const request of api.requests) assert.deepEqual(toolsOf(request).at(-1), search);
    const [id = ''] = await workers();
    const log = JSON.parse(readFileSync(join(cwd, 'logs', `worker-${id}.json`), 'utf8')) as {
      usage: { web_search_requests: number };
      total_cost_usd: number;
    };
    assert.equal(log.usage.web_search_requests, 2);
    assert.ok(log.total_cost_usd > 0.02 && log.total_cost_usd < 0.03, String(log.total_cost_usd));

    await run(['resume', id, 'And now?', '--allow', 'WebSearch'], { env });
    const { messages } = api.requests[2]!.body as { messages: readonly { content: readonly { type: string }[] }[] };
    assert.deepEqual(
      messages.flatMap(({ content }) => content).filter(({ type }) => type !== 'text'),
      [
        {
          type: 'server_tool_use',
          id: 'srvtoolu_1',
          name: 'web_search',
          input: { query: 'tea' },
          caller: { type: 'direct' },
        },
        { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: searchResult },
      ],
    );
    assert.match(JSON.stringify(messages), /"citations":\[\{"type":"web_search_result_location"/);
    assert.deepEqual(toolsOf(api.requests[2]!).at(-1), search);

    const { stderr: revoked } = await run(['resume', id, 'Once more.'], { env });
    assert.match(revoked, /tools WebSearch: not sent\..*--allow WebSearch/);
    assert.ok(!toolsOf(api.requests[3]!).some(({ name }) => name === 'web_search'));
  }));

const refusals: readonly (readonly [intent: string, flags: readonly string[], table: unknown, why: RegExp])[] = [
  ['a host that is not known to have it', ['--allow', 'WebSearch'], {}, /is not Anthropic's own.*"hosts": "any"/],
  ['an agent file that nobody allowed', ['--agent-type', 'researcher'], anyHost, /no search can be asked about/],
  ['a plan that only reads', ['--allow', 'WebSearch', '--permission-mode', 'plan'], anyHost, /no search can be asked/],
];

for (const [intent, flags, table, why] of refusals) {
  test(`no search, and it is said: ${intent}`, () =>
    withWorld({ script: ['Done.'] }, async ({ run, cwd, api }) => {
      mkdirSync(join(cwd, '.claude', 'agents'), { recursive: true });
      const agent = '---\nname: researcher\ntools: Read, WebSearch\n---\nLook things up.';
      writeFileSync(join(cwd, '.claude', 'agents', 'r.md'), agent);
      writeFileSync(join(cwd, 'models.json'), JSON.stringify(table));
      const { stderr } = await run(['run', 'Go.', ...flags], { env: { AWORKERS_MODELS_FILE: 'models.json' } });
      assert.match(stderr, why);
      assert.ok(!toolsOf(api.requests[0]!).some(({ name }) => name === 'web_search'));
    }));
}

test('a deny rule takes the search away without a word', () =>
  withWorld({ script: ['Done.'] }, async ({ run, api, cwd }) => {
    writeFileSync(join(cwd, 'models.json'), JSON.stringify(anyHost));
    const env = { AWORKERS_MODELS_FILE: 'models.json' };
    const { stderr } = await run(['run', 'Go.', '--allow', 'WebSearch', '--deny', 'WebSearch'], { env });
    assert.doesNotMatch(stderr, /WebSearch/);
    assert.deepEqual(
      toolsOf(api.requests[0]!).map(({ name }) => name),
      six,
    );
  }));

test('a caller that cannot grant may name WebFetch, and each call of it asks; a search it cannot have', () =>
  withWorld({ script: fetches('https://example.com/') }, async ({ cwd, api }) => {
    writeFileSync(join(cwd, 'models.json'), JSON.stringify(anyHost));
    const app = await openApp({
      env: {},
      cwd,
      home: join(cwd, 'home'),
      baseUrl: api.url,
      apiKey: 'test-key',
      modelsFile: join(cwd, 'models.json'),
      grants: { allow: [], deny: [], trustProject: false, trustCaller: false },
      approver: 'host',
      sandbox: 'off',
    });
    const { manager } = app;
    const options = { allowed_tools: ['WebFetch', 'WebSearch'] };
    const { worker_id, notices } = await manager.spawn({ description: 'd', prompt: 'Go.', options });
    assert.deepEqual(
      notices.map(({ option, sent }) => [option, sent]),
      [
        ['allowed_tools', null],
        ['tools', null],
      ],
    );
    const { pending_permissions: pending } = await manager.wait({});
    assert.deepEqual(
      pending.map(({ tool, input, suggested_rule }) => [tool, input, suggested_rule]),
      [['WebFetch', { url: 'https://example.com/' }, 'WebFetch(domain:example.com)']],
    );
    assert.deepEqual(
      toolsOf(api.requests[0]!).map(({ name }) => name),
      withFetch,
    );
    await manager.approve({ request_id: pending[0]!.request_id, allow: false, reason: 'not today' });
    const { completed } = await manager.wait({ include_results: true });
    assert.deepEqual([completed[0]!.worker_id, /not today/.test(completed[0]!.result ?? '')], [worker_id, true]);
    await app.close('test');
  }));
