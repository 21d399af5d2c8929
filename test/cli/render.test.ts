// What reaches stdout and stderr, in which order and colour.
import assert from 'node:assert/strict';
import test from 'node:test';
import { createOutput } from '../../src/cli/render.ts';
import { runCli } from '../../src/cli/root.ts';
import { testIo } from './cli-io.ts';

test('held output comes out in order when the last holder lets go', () => {
  const screen = testIo({ terminal: true });
  const out = createOutput(screen.io);
  const [first, second] = [out.hold(), out.hold()];
  out.note('one');
  out.result('two');
  out.direct('now');
  first();
  first();
  out.note('three');
  assert.equal(screen.stderr(), 'now\n');
  second();
  assert.deepEqual([screen.stderr(), screen.stdout()], ['now\none\nthree\n', 'two\n']);
});

test('results are exact for a pipe and safe for a terminal', () => {
  const [pipe, terminal] = [testIo({ stdin: '' }), testIo({ terminal: true })];
  for (const { io } of [pipe, terminal]) createOutput(io).result('\u001b[2Kx');
  assert.deepEqual([pipe.stdout(), terminal.stdout()], ['\u001b[2Kx\n', '\\x1b[2Kx\n']);
});

test('JSON is safe for a terminal, too, and still the same JSON', () => {
  const value = { result: 'a\u009b31m \u001b[2K \u202e b\u{e0041}\r\n\tc' };
  const [pipe, terminal] = [testIo({ stdin: '' }), testIo({ terminal: true })];
  for (const { io } of [pipe, terminal]) createOutput(io).json(JSON.stringify(value, null, 2));
  assert.equal(pipe.stdout(), `${JSON.stringify(value, null, 2)}\n`);
  assert.deepEqual(JSON.parse(terminal.stdout()), value);
  for (const raw of ['\u009b', '\u001b', '\u202e', '\u{e0041}'])
    assert.ok(!terminal.stdout().includes(raw), JSON.stringify(raw));
});

const losses: readonly (readonly [code: string, of: string, lost: boolean])[] = [
  ['ENOSPC', 'a file', true],
  ['EPIPE', 'a pipe', false],
  ['ECONNRESET', 'a socket', false],
  ['EIO', 'a terminal', false],
];

for (const [code, of, lost] of losses) {
  test(`stdout is ${of} and says ${code}: ${lost ? 'exit code 1, and said why' : 'no error'}`, async () => {
    const { io, stderr } = testIo({ terminal: of === 'a terminal', stdin: '' });
    const error = Object.assign(new Error(`${code}: it cannot`), { code });
    Object.assign(io.stdout, {
      _write: (_chunk: unknown, _encoding: unknown, done: (error: Error) => void) => done(error),
    });
    assert.equal(await runCli(['--help'], io), lost ? 1 : 0);
    assert.equal(/stdout could not be written: ENOSPC: it cannot\..*Make room/.test(stderr()), lost, stderr());
  });
}

const colours: readonly (readonly [env: Readonly<Record<string, string>>, terminal: boolean, coloured: boolean])[] = [
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ TERM: 'dumb' }, true, false],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '0' }, false, false],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
];

for (const [env, terminal, coloured] of colours) {
  test(`colour ${coloured ? 'yes' : 'no'}: ${JSON.stringify(env)} ${terminal ? 'in a terminal' : 'in a pipe'}`, () => {
    const screen = testIo(terminal ? { terminal, env } : { stdin: '', env });
    const painted = createOutput(screen.io).paintNote('red', 'x');
    assert.equal(painted, coloured ? '\u001b[31mx\u001b[39m' : 'x');
  });
}

test('the status line is cleared before anything else is written, and drawn again below it', () => {
  const screen = testIo({ terminal: true });
  const out = createOutput(screen.io);
  const erase = '\r\u001b[2K';
  out.status('busy');
  out.note('a line');
  const release = out.hold();
  out.status('busier');
  out.direct('a question');
  release();
  out.status('');
  assert.equal(screen.stderr(), `${erase}busy${erase}a line\n${erase}busy${erase}a question\n`);
});

test('without a terminal there is no status line', () => {
  const pipe = testIo({ stdin: '' });
  const { io } = pipe;
  createOutput({ ...io, stderr: Object.assign(io.stderr, { isTTY: false }) }).status('busy');
  assert.equal(pipe.stderr(), '');
});

test('flush waits for what a slow reader has not taken; abandon does not', async () => {
  for (const abandoned of [false, true]) {
    const { io } = testIo({ stdin: '' });
    const taken: (() => void)[] = [];
    Object.assign(io.stdout, { _write: (_chunk: unknown, _encoding: unknown, done: () => void) => taken.push(done) });
    const out = createOutput(io);
    out.result('x');
    if (abandoned) out.abandon();
    let flushed = false;
    const flush = out.flush().then(() => (flushed = true));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(flushed, abandoned);
    for (const done of taken) done();
    await flush;
  }
});
