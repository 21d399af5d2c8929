// `aworkers run` and `resume` with the real app against the strict scripted API: what is printed where, and the exit code.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import {
  reply,
  refusal,
  silence,
  toolUse,
  wrongKey,
  forbidden,
  type Script,
  type Step,
} from '../fakes/messages-api.ts';
import { withWorld } from './world.ts';

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** What differs from run to run, named. */
function steady(text: string, cwd: string): string {
  return text
    .replaceAll(cwd, '<cwd>')
    .replaceAll(new RegExp(uuid, 'g'), '<id>')
    .replaceAll(/\d+(\.\d+)? s\b/g, '<time>')
    .replaceAll(/\$\d+\.\d+/g, '<cost>');
}

const writes =
  (path = 'note.txt'): Script =>
  ({ replies, toolResults }) =>
    replies === 0
      ? reply(toolUse('Write', { file_path: path, content: 'hello\n' }))
      : reply(toolResults[0]?.isError === true ? 'I was not allowed to.' : 'Written.');

test('the result is on stdout, alone; all else is on stderr', () =>
  withWorld({ script: ['The answer is 42.'] }, async ({ run, cwd }) => {
    const { code, stdout, stderr } = await run(['run', 'What is the answer?']);
    assert.equal(code, 0);
    assert.equal(stdout, 'The answer is 42.\n');
    assert.equal(
      steady(stderr, cwd),
      'completed  1 turn, <cost>, <time>, claude-sonnet-5-5, <cwd>/logs/worker-<id>.json\n',
    );
  }));

const prompts: readonly (readonly [intent: string, argv: readonly string[], stdin: string, prompt: string])[] = [
  ['the argument', ['run', 'From the argument'], 'not this', 'From the argument'],
  ['a file', ['run', '@task.md'], 'not this', 'From a file, ünïcode\n'],
  ['stdin', ['run'], 'From stdin\n', 'From stdin\n'],
  ['stdin by name', ['run', '-'], 'From stdin', 'From stdin'],
  ['an argument that starts with @', ['run', '@@task.md'], '', '@task.md'],
  ['an argument that starts with a dash', ['run', '--', '--dashed prompt'], '', '--dashed prompt'],
];

for (const [intent, argv, stdin, prompt] of prompts) {
  test(`the prompt is ${intent}`, () =>
    withWorld({ script: ['ok'] }, async ({ run, cwd, api }) => {
      writeFileSync(join(cwd, 'task.md'), '\ufeffFrom a file, ünïcode\n');
      assert.equal((await run(argv, { stdin })).code, 0);
      const [message] = (api.requests[0]!.body as { messages: { content: { text: string }[] }[] }).messages;
      assert.equal(message!.content.at(-1)!.text, prompt);
    }));
}

const badPrompts: readonly (readonly [argv: readonly string[], stdin: string | Uint8Array, text: RegExp])[] = [
  [['run', ''], '', /^aworkers: The prompt argument is empty\./],
  [['run'], ' \n', /^aworkers: The prompt on stdin is empty\./],
  [['run', '@missing.md'], '', /^aworkers: The prompt file .+\/missing\.md cannot be read: ENOENT/],
  [['run', '@.'], '', /^aworkers: The prompt file .+ cannot be read: EISDIR/],
  [['run'], new Uint8Array([0xff, 0xfe, 0x00]), /^aworkers: The prompt from stdin is not UTF-8 text\./],
];

for (const [argv, stdin, text] of badPrompts) {
  test(`a bad prompt is refused: ${JSON.stringify(argv)} ${typeof stdin === 'string' ? JSON.stringify(stdin) : 'bytes'}`, () =>
    withWorld({}, async ({ run, workers, api }) => {
      const { code, stdout, stderr } = await run(argv, { stdin });
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
      assert.match(stderr, text);
      assert.deepEqual({ workers: await workers(), requests: api.requests.length }, { workers: [], requests: 0 });
    }));
}

test('without a prompt and without a pipe there is nothing to do', () =>
  withWorld({}, async ({ run }) => {
    const { code, stderr } = await run(['run'], { terminal: true });
    assert.deepEqual(
      { code, stderr },
      {
        code: 2,
        stderr: '\u001b[31maworkers:\u001b[39m There is no prompt. Give it as an argument, as @path, or on stdin.\n',
      },
    );
  }));

test('options reach the request; what is changed is said on stderr', () =>
  withWorld({ script: ['ok'] }, async ({ run, api }) => {
    const { code, stderr } = await run([
      'run',
      'Hi',
      '--model',
      'claude-haiku-4',
      '--temperature',
      '0.5',
      '--max-tokens',
      '100',
    ]);
    assert.equal(code, 0);
    const body = api.requests[0]!.body as Record<string, unknown>;
    assert.deepEqual([body['model'], body['temperature'], body['max_tokens']], ['claude-haiku-4-5', 0.5, 100]);
    assert.match(stderr, /^notice model claude-haiku-4: sent as claude-haiku-4-5\. /);
  }));

// ---- permissions ----

test('without a terminal a call that asks is denied, loudly, and the exit code is 3', () =>
  withWorld({ script: writes('.git/x') }, async ({ run, cwd }) => {
    const { code, stdout, stderr } = await run(['run', 'Write it']);
    assert.deepEqual({ code, stdout }, { code: 3, stdout: 'I was not allowed to.\n' });
    assert.match(stderr, /^DENIED Write {2}\.git\/x\n {7}.* Nobody could approve it here; /);
    assert.match(
      stderr,
      /\n1 tool call was denied because nobody could approve\. .* accept it with --allow-denials\.\n/,
    );
    assert.equal(existsSync(join(cwd, '.git/x')), false);
  }));

test('the flag that the denial names allows it', () =>
  withWorld({ script: writes() }, async ({ run, cwd }) => {
    const denied = await run(['run', 'Write it']);
    const rule = /Run again with: --allow '?([^';]+)'?;/.exec(denied.stderr)?.[1];
    assert.equal(denied.code, 3);
    const allowed = await run(['run', 'Write it', '--allow', rule ?? '']);
    assert.deepEqual({ code: allowed.code, stdout: allowed.stdout }, { code: 0, stdout: 'Written.\n' });
    assert.equal(readFileSync(join(cwd, 'note.txt'), 'utf8'), 'hello\n');
  }));

test('--allow-denials makes it 0', () =>
  withWorld({ script: writes() }, async ({ run }) => {
    assert.equal((await run(['run', 'Write it', '--allow-denials'])).code, 0);
  }));

test('--deny wins over --allow, and is no matter of an absent person', () =>
  withWorld({ script: writes() }, async ({ run, cwd }) => {
    const { code, stderr } = await run(['run', 'Write it', '--allow', 'Write', '--deny', 'Edit(note.txt)']);
    assert.equal(code, 0);
    assert.match(stderr, /^DENIED Write {2}note\.txt\n {7}by policy: /);
    assert.equal(existsSync(join(cwd, 'note.txt')), false);
  }));

test('in a terminal it is asked, with the diff, and allowed', () =>
  withWorld({ script: writes() }, async ({ start, cwd }) => {
    const terminal = start(['run', 'Write it'], { terminal: true });
    while (!terminal.stderr().includes('Deny, and say why')) await once(terminal.io.stderr, 'data');
    assert.ok(terminal.stderr().includes('\u001b[32m+hello'));
    terminal.type('\r');
    assert.equal(await terminal.code, 0);
    assert.equal(terminal.stdout(), 'Written.\n');
    assert.equal(readFileSync(join(cwd, 'note.txt'), 'utf8'), 'hello\n');
  }));

// ---- exit codes ----

const endings: readonly (readonly [
  code: number,
  intent: string,
  step: Step,
  flags: readonly string[],
  said: RegExp,
])[] = [
  [1, 'refusal', refusal(), [], /^refusal: /m],
  [1, 'a reply cut by max_tokens, its text kept', reply('Half of', { stopReason: 'max_tokens' }), [], /^max_tokens: /m],
  [4, 'the turn limit', reply(toolUse('Glob', { pattern: '*' })), ['--max-turns', '1'], /^max_turns: /m],
  [4, 'the cost limit', reply(toolUse('Glob', { pattern: '*' })), ['--max-cost-usd', '0.000001'], /^max_cost: /m],
  [5, 'a wrong key', wrongKey(), [], /^authentication_error: /m],
  [5, 'a key without the right', forbidden(), [], /^permission_error: /m],
  [124, 'timed out', silence('late'), ['--timeout-seconds', '0.2'], /^timeout: /m],
];

for (const [code, intent, step, flags, said] of endings) {
  test(`exit code ${code}: ${intent}`, () =>
    // On a busy machine the time is over before the request is sent.
    withWorld({ script: code === 124 ? () => step : [step] }, async ({ run }) => {
      const ran = await run(['run', 'Do it', ...flags]);
      assert.equal(ran.code, code, ran.stderr);
      assert.match(ran.stderr, said);
      assert.match(ran.stderr, new RegExp(`^Go on with: aworkers resume ${uuid} "…"$`, 'm'));
      assert.equal(ran.stdout, intent.endsWith('text kept') ? 'Half of\n' : '');
    }));
}

test('how to go on names the logs directory, where it is not the usual one', () =>
  withWorld({ script: () => wrongKey() }, async ({ run, cwd, api }) => {
    const go = async (argv: readonly string[], env: Readonly<Record<string, string>> = {}) =>
      /^Go on with: aworkers resume \S+ "…"(.*)$/m.exec((await run(argv, { env })).stderr)?.[1];
    assert.equal(await go(['run', 'Do it', '--logs-dir', 'my logs']), ` --logs-dir '${join(cwd, 'my logs')}'`);
    assert.equal(await go(['run', 'Do it'], { AWORKERS_LOGS_DIR: 'my logs' }), '');
    assert.equal(await go(['run', 'Do it', '--logs-dir', 'logs']), '');
    assert.equal(api.requests.length, 3);
  }));

test('exit code 130: an interrupt stops the worker as resumable; resume goes on with the whole conversation', () =>
  withWorld({ conversations: { Work: [silence('late'), 'Back again.'] } }, async ({ start, run, api, workers }) => {
    const terminal = start(['run', 'Work']);
    await api.until((requests) => requests.length === 1);
    terminal.send('SIGINT');
    assert.equal(await terminal.code, 130);
    assert.deepEqual({ exits: terminal.exits, taken: [...terminal.signals] }, { exits: [], taken: [] });
    assert.match(terminal.stderr(), /^Interrupted: ending the worker\. Once more ends at once\.\n/);
    const [id = ''] = await workers();
    const resumed = await run(['resume', id.slice(0, 8), 'Go on']);
    assert.deepEqual({ code: resumed.code, stdout: resumed.stdout }, { code: 0, stdout: 'Back again.\n' });
    const { messages } = api.requests[1]!.body as { messages: { content: { text: string }[] }[] };
    assert.deepEqual(messages.flatMap(({ content }) => content.map(({ text }) => text)).slice(-2), ['Work', 'Go on']);
  }));

test('a second interrupt ends the process at once', () =>
  withWorld({ script: [silence('late')] }, async ({ start, api }) => {
    const terminal = start(['run', 'Work']);
    await api.until((requests) => requests.length === 1);
    terminal.send('SIGTERM');
    terminal.send('SIGINT');
    assert.deepEqual(terminal.exits, [130]);
    assert.equal(await terminal.code, 130);
  }));

test('an unknown worker, an unknown agent and a missing directory are bad input', () =>
  withWorld({}, async ({ run, api }) => {
    const codes = await Promise.all(
      [
        ['resume', 'deadbeef', 'Go on'],
        ['run', 'Hi', '--agent-type', 'no-such-agent.md'],
        ['run', 'Hi', '--cwd', 'nowhere'],
        ['run', 'Hi', '--allow', 'Bash(unclosed'],
      ].map(async (argv) => (await run(argv)).code),
    );
    assert.deepEqual(codes, [2, 2, 2, 2]);
    assert.equal(api.requests.length, 0);
  }));

// ---- formats ----

test('--format json is the result object of claude -p, with our fields beside it', () =>
  withWorld({ script: writes() }, async ({ run, cwd }) => {
    const { code, stdout } = await run(['run', 'Write it', '--format', 'json']);
    const result = JSON.parse(stdout) as Record<string, unknown>;
    const { duration_ms, duration_api_ms, total_cost_usd, usage, modelUsage, uuid, session_id, worker_id, ...rest } =
      result;
    assert.equal(code, 3);
    assert.deepEqual(
      [duration_ms, duration_api_ms, total_cost_usd, uuid, session_id, worker_id].map((value) => typeof value),
      ['number', 'number', 'number', 'string', 'string', 'string'],
    );
    const used = usage as { output_tokens: number };
    const models = modelUsage as Record<string, { outputTokens: number; costUSD: number }>;
    assert.equal(models['claude-sonnet-5-5']?.outputTokens, used.output_tokens);
    assert.equal(models['claude-sonnet-5-5']?.costUSD, total_cost_usd);
    const denials = rest['permission_denials'] as Record<string, unknown>[];
    assert.deepEqual(
      denials.map(({ tool_name, tool_input }) => ({ tool_name, tool_input })),
      [{ tool_name: 'Write', tool_input: { file_path: 'note.txt', content: 'hello\n' } }],
    );
    assert.deepEqual(
      { ...rest, permission_denials: undefined },
      {
        type: 'result',
        subtype: 'success',
        is_error: false,
        num_turns: 2,
        result: 'I was not allowed to.',
        stop_reason: 'end_turn',
        permission_denials: undefined,
        description: 'Write it',
        status: 'completed',
        model: 'claude-sonnet-5-5',
        notices: [],
        conversation_history_file_path: join(cwd, 'logs', `worker-${String(worker_id)}.json`),
      },
    );
  }));

test('--format jsonl is one line, also of a failure', () =>
  withWorld({ script: [reply(toolUse('Glob', { pattern: '*' }))] }, async ({ run }) => {
    const { code, stdout } = await run(['run', 'Do it', '--format', 'jsonl', '--max-turns', '1']);
    assert.equal(code, 4);
    assert.equal(stdout.trimEnd().split('\n').length, 1);
    const { subtype, is_error, errors, error_type, error_hint } = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual(
      { subtype, is_error, error_type },
      { subtype: 'error_max_turns', is_error: true, error_type: 'max_turns' },
    );
    assert.deepEqual(errors, [error_hint]);
  }));

test('--format stream-json is a line per event, the result last', () =>
  withWorld({ script: writes() }, async ({ run }) => {
    const { stdout } = await run(['run', 'Write it', '--format', 'stream-json']);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; subtype?: string; session_id: string });
    assert.deepEqual(
      lines.map(({ type, subtype }) => (subtype === undefined ? type : `${type}/${subtype}`)),
      [
        'system/init',
        'assistant',
        'system/permission_requested',
        'system/permission_denied',
        'user',
        'assistant',
        'result/success',
      ],
    );
    assert.equal(new Set(lines.map(({ session_id }) => session_id)).size, 1);
    const { message, parent_tool_use_id } = lines[1] as unknown as {
      message: { content: { type: string }[] };
      parent_tool_use_id: null;
    };
    assert.deepEqual([message.content.map(({ type }) => type), parent_tool_use_id], [['tool_use'], null]);
  }));

test('a failed call is retried, and each retry is said', () =>
  withWorld(
    {
      script: [
        {
          kind: 'fault',
          name: 'busy',
          status: 529,
          headers: { 'retry-after': '0' },
          body: { type: 'overloaded_error', message: 'Overloaded' },
        },
        'ok',
      ],
    },
    async ({ run }) => {
      const { code, stdout, stderr } = await run(['run', 'Hi']);
      assert.deepEqual({ code, stdout }, { code: 0, stdout: 'ok\n' });
      assert.match(stderr, /^retry 1\/\d+ in [\d.]+ s: overloaded_error, /);
    },
  ));
