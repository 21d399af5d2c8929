// What is refused before anything is opened: each line of the table is one mistake and the exact text that names it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { cli } from './cli-io.ts';

const seeRun = ' Run `aworkers run --help` to see its flags.';

const refused: readonly (readonly [argv: readonly string[], text: string])[] = [
  [['run', '--modle', 'x', 'hi'], `unknown flag --modle, did you mean "--model"?${seeRun}`],
  [['run', '--max-token=5', 'hi'], `unknown flag --max-token, did you mean "--max-tokens"?${seeRun}`],
  [['run', '--maxTokens', '5', 'hi'], `unknown flag --maxTokens, did you mean "--max-tokens"?${seeRun}`],
  [['run', '--no-strict', 'hi'], `unknown flag --no-strict, did you mean "--strict"?${seeRun}`],
  [['run', '--zzzzzzzzzzzzzzzz', 'hi'], `unknown flag --zzzzzzzzzzzzzzzz.${seeRun}`],
  [['run', '-x', 'hi'], `unknown flag -x.${seeRun}`],
  [['run', '- do this'], `a prompt that starts with a dash goes behind "--".${seeRun}`],
  [['run', 'fix', 'the', 'bug'], `unexpected argument "the" (words that belong together need quotes).${seeRun}`],
  [['run', 'hi', '--model'], `--model needs a value.${seeRun}`],
  [['run', 'hi', '--model='], `--model needs a value.${seeRun}`],
  [
    ['run', 'hi', '--model', '--strict'],
    `--model needs a value (one that starts with a dash is written --model=--strict).${seeRun}`,
  ],
  [['run', 'hi', '--model', 'a', '--model', 'b'], `--model was given twice.${seeRun}`],
  [['run', 'hi', '--strict=maybe'], `--strict takes no value other than true or false, not "maybe".${seeRun}`],
  [
    ['run', 'hi', '--effort', 'hi'],
    `--effort must be one of low, medium, high, xhigh, max, not "hi", did you mean "high"?${seeRun}`,
  ],
  [
    ['run', 'hi', '--permission-mode', 'plann'],
    `--permission-mode must be one of default, acceptEdits, plan, dontAsk, bypassPermissions, not "plann", did you mean "plan"?${seeRun}`,
  ],
  [
    ['run', 'hi', '--temperature', '1.5', '--top-k', '0'],
    '--temperature must be a number from 0 to 1, not "1.5"; --top-k must be a whole number of at least 1, not "0".',
  ],
  [['run', 'hi', '--temperature', '-1'], '--temperature must be a number from 0 to 1, not "-1".'],
  [['run', 'hi', '--temperature', '0x1'], '--temperature must be a number from 0 to 1, not "0x1".'],
  [['run', 'hi', '--top-p', ''], `--top-p needs a value.${seeRun}`],
  [['run', 'hi', '--max-tokens', '1.5'], '--max-tokens must be a whole number of at least 1, not "1.5".'],
  [['run', 'hi', '--max-turns', '0'], '--max-turns must be a whole number of at least 1, not "0".'],
  [['run', 'hi', '--concurrency', '0'], '--concurrency must be a whole number of at least 1, not "0".'],
  [['run', 'hi', '--max-cost-usd', 'free'], '--max-cost-usd must be a number greater than 0, not "free".'],
  [['run', 'hi', '--timeout-seconds', '0'], '--timeout-seconds must be a number greater than 0, not "0".'],
  [
    ['run', 'hi', '--thinking', '1000'],
    '--thinking must be true, false, or a budget of at least 1024 tokens, not "1000".',
  ],
  [
    ['run', 'hi', '--thinking', 'yes'],
    '--thinking must be true, false, or a budget of at least 1024 tokens, not "yes".',
  ],
  [['run', 'hi', '--output-schema', '[]'], '--output-schema must be a JSON Schema object, or @file, not "[]".'],
  [['resume'], 'missing argument <id>. Run `aworkers resume --help` to see its flags.'],
  [['run', '@no-such-file', '--temperature', '2'], '--temperature must be a number from 0 to 1, not "2".'],
  [
    ['lst'],
    'unknown command "lst", did you mean "list"? Commands: run, resume, list, show, logs, report, stop, models, permissions explain, mcp, init, demo, doctor, completions.',
  ],
  [['--modle'], 'unknown flag "--modle". Flags go behind a command.'],
  [['permissions'], '"permissions" needs a second word. Try: aworkers permissions explain.'],
  [['completions', 'tcsh'], 'There is no completion for "tcsh". Shells: bash, zsh, fish.'],
  [['permissions', 'explain'], 'There is nothing to explain. Give a command, or --tool.'],
  [['permissions', 'explain', '--tool', 'X', '--input', '[1]'], '--input must be a JSON object.'],
];

for (const [argv, text] of refused) {
  test(`refused: aworkers ${argv.join(' ')}`, async () => {
    assert.deepEqual(await cli(argv, { stdin: '' }), { code: 2, stdout: '', stderr: `aworkers: ${text}\n` });
  });
}

const environment: readonly (readonly [name: string, value: string, text: string])[] = [
  ['AWORKERS_MAX_CONCURRENCY', 'many', 'AWORKERS_MAX_CONCURRENCY must be a whole number of at least 1, not "many".'],
  ['AWORKERS_MAX_CONCURRENCY', '0', 'AWORKERS_MAX_CONCURRENCY must be a whole number of at least 1, not "0".'],
];

for (const [name, value, text] of environment) {
  test(`refused: ${name}=${value}`, async () => {
    const ran = await cli(['list'], { env: { [name]: value } });
    assert.deepEqual(ran, { code: 2, stdout: '', stderr: `aworkers: ${text}\n` });
  });
}

for (const address of ['api.example.com', 'localhost:8080', 'user:secret@host', 'file:///etc']) {
  test(`refused: a worker of ANTHROPIC_BASE_URL=${address}, without showing it`, async () => {
    const text =
      'ANTHROPIC_BASE_URL is not an address of http or https. Set it to one such as https://api.anthropic.com, or unset it.';
    for (const argv of [['run', 'hi'], ['resume', 'abcdef', 'hi'], ['mcp']]) {
      const ran = await cli(argv, { stdin: '', env: { ANTHROPIC_BASE_URL: address } });
      assert.deepEqual(ran, { code: 2, stdout: '', stderr: `aworkers: ${text}\n` });
    }
  });
}
