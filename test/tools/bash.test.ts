import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { open, temp } from './open.ts';

test('Bash shows output in the order it was written, and how the command ended', async (t) => {
  const { run, cwd } = open(t);
  const table: readonly (readonly [string, string])[] = [
    ['echo a; echo b >&2; echo c', 'a\nb\nc'],
    ['pwd', cwd],
    ['true', '(no output)'],
    ['echo out; exit 3', 'error: out\nExit code 3.'],
    ['kill -9 $$', 'error: Ended by SIGKILL.'],
    ['cat; read x; echo "$?"', '1'],
    ['exec echo replaced', 'replaced'],
    ['echo one > /dev/stdout; echo two > /dev/stderr; exit 4', 'error: one\ntwo\nExit code 4.'],
    ['echo a | tee /dev/stderr; wait; echo done', 'a\na\ndone'],
    ["cat <<'E'\n$HOME `x`\nE", '$HOME `x`'],
    ['# only a comment', '(no output)'],
    ['echo $LINENO; nonsense-command || true', '1\nbash: line 1: nonsense-command: command not found'],
    ['printf "10%%\\r50%%\\r100%%\\n"; printf "\\033[31mred\\033[0m\\n"; printf "_\\bN\\n"', '100%\nred\nN'],
    ['printf "caf\\303\\251 \\360\\237\\230\\200"', 'café 😀'],
    ['head -c 100 /dev/zero', '[binary output, 100 bytes, not shown. Redirect it to a file.]'],
  ];
  for (const [command, expected] of table) assert.equal(await run('Bash', { command }), expected, command);
  assert.match(await run('Bash', { command: 'echo $((' }), /^error: .*unexpected EOF.*\nExit code \d\.$/s);
});

test('every command starts fresh in the directory of the worker', async (t) => {
  const { run, cwd } = open(t);
  await run('Bash', { command: 'cd /; export X=1; alias ls=false; f() { :; }' });
  assert.equal(await run('Bash', { command: 'echo "$PWD [$X] [$(type -t f)]"' }), `${cwd} [] []`);
});

// Deno gives children pipes, which can be opened by name.
test(
  'a script that opens /dev/stderr by name fails once, is explained, and works from then on',
  { skip: process.platform !== 'linux' || 'Deno' in globalThis },
  async (t) => {
    const { run, path } = open(t);
    writeFileSync(path('s.sh'), 'echo warn > /dev/stderr\n');
    const first = await run('Bash', { command: 'bash s.sh' });
    assert.match(
      first,
      /No such device or address\n\[\/dev\/stdout and \/dev\/stderr could not be opened by name\. They can from now on: repeat the command\.\]\nExit code 1\.$/,
    );
    assert.equal(await run('Bash', { command: 'bash s.sh' }), 'warn');
  },
);

test('commands get no credential, no switch of ours, no injection, no pager and no prompt', async (t) => {
  const secret = {
    ANTHROPIC_API_KEY: 's',
    CLAUDE_CODE_X: 's',
    CLAUDECODE: '1',
    AWORKERS_MODEL: 's',
    BUN_OPTIONS: 's',
    BUN_BE_BUN: '1',
  };
  const inject = {
    NODE_OPTIONS: '--require x',
    BASH_ENV: '/evil',
    ENV: '/evil',
    LD_PRELOAD: '',
    'BASH_FUNC_git%%': '() { echo evil; }',
    PROMPT_COMMAND: 'x',
    anthropic_auth_token: 's',
  };
  const kept = {
    PATH: process.env['PATH'],
    HOME: '/home/x',
    LANG: 'C.UTF-8',
    CI: 'true',
    GH_TOKEN: 'mine',
    PAGER: 'less',
  };
  const { run } = open(t, { env: { ...secret, ...inject, ...kept, UNSET: undefined } });
  const lines = (await run('Bash', { command: 'env | sort' })).split('\n');
  const own = new Set(['PWD', 'SHLVL', '_', 'OLDPWD']);
  const seen = Object.fromEntries(
    lines
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
      .filter(([name]) => !own.has(name ?? '')),
  );
  const { AWORKERS_TOOL_CALL: mark, ...rest } = seen;
  assert.match(mark ?? '', /^[\w-]+\.worker-1\.\w+\.1\.$/);
  assert.deepEqual(rest, {
    ...kept,
    PAGER: 'cat',
    GIT_PAGER: 'cat',
    MANPAGER: 'cat',
    TERM: 'dumb',
    GIT_TERMINAL_PROMPT: '0',
    GIT_EDITOR: 'true',
    EDITOR: 'true',
    VISUAL: 'true',
  });
});

test('long output keeps head and tail, in whole characters, and counts what is missing', async (t) => {
  const { run } = open(t, { limits: { outputBytes: 1_000 } });
  const text = await run('Bash', { command: 'for i in $(seq 1 5000); do echo "zeile ü $i"; done' });
  const [head = '', tail = ''] = text.split(
    /\n\[\.\.\. [\d,]+ lines \([\d,]+ bytes\) cut here\. Redirect to a file and Read parts of it, or filter with grep, head or tail\.\]\n/,
  );
  assert.match(head, /^zeile ü 1\nzeile ü 2\n/);
  assert.match(tail, /\nzeile ü 5000$/);
  const cut = /\.\.\. ([\d,]+) lines/.exec(text)?.[1]?.replace(',', '');
  assert.equal(head.split('\n').length + tail.split('\n').length + Number(cut), 5_000);
  const wide = await run('Bash', { command: "head -c 30000 /dev/zero | sed 's/\\x00/€/g'" });
  assert.match(wide, /^€+\n\[\.\.\. .* cut here\..*\]\n€+$/);
});

test('a flood is stopped and does not fill memory', async (t) => {
  const { run } = open(t, { limits: { floodBytes: 8_000_000, outputBytes: 1_000 } });
  const before = process.memoryUsage().rss;
  const text = await run('Bash', { command: 'yes' });
  assert.match(
    text,
    /^error: y\ny\n.*Stopped: it wrote more than [\d,]+ bytes\. Redirect its output to a file, or filter it\.$/s,
  );
  assert.ok(text.length < 2_000);
  assert.ok(process.memoryUsage().rss - before < 300_000_000);
});

test('a timeout ends the whole group, also what ignores TERM, and keeps the output so far', async (t) => {
  const { run, path } = open(t, { limits: { timeoutGraceMs: 50 } });
  const command = `echo before; bash -c 'trap "" TERM; echo $$ > stubborn; while :; do sleep 0.05; done' & sleep 1000`;
  const text = await run('Bash', { command, timeout: 1_500 });
  assert.equal(
    text,
    'error: before\nTimed out after 1500 ms; the command and all it started were ended. Set timeout (up to 600000) if it needs longer.',
  );
  assertGone(path('stubborn'));
});

test('background processes do not keep a call: in the group, holding the pipe, or escaped by setsid', async (t) => {
  const { run, path } = open(t);
  const ended = '[Processes left in the background were ended.]';
  assert.equal(await run('Bash', { command: 'sleep 1000 & echo $! > a; echo started' }), `started\n${ended}`);
  assert.equal(
    await run('Bash', { command: 'sleep 1000 > /dev/null 2>&1 & echo $! > b; echo quiet' }),
    `quiet\n${ended}`,
  );
  assert.equal(await run('Bash', { command: '(sleep 0.01; echo late) & echo early' }), 'early\nlate');
  assertGone(path('a'), path('b'));
  if (process.platform !== 'linux') return;
  const escape = (file: string): string =>
    `setsid bash -c 'echo $$ > ${file}; exec sleep 1000' & until [ -s ${file} ]; do sleep 0.01; done; echo x`;
  assert.equal(await run('Bash', { command: escape('c') }), `x\n${ended}`);
  assertGone(path('c'));
});

test('an abort ends the command and what escaped from it', { skip: process.platform !== 'linux' }, async (t) => {
  const { run, path } = open(t);
  const abort = new AbortController();
  const started = appears(path('pid'));
  const text = run(
    'Bash',
    {
      command: `setsid bash -c 'echo $$ > esc; exec sleep 1000' & until [ -s esc ]; do sleep 0.01; done; echo $$ > pid; wait`,
    },
    abort.signal,
  );
  await started;
  abort.abort();
  assert.equal(await text, 'error: Interrupted; the command and all it started were ended. It may have run in part.');
  assertGone(path('pid'), path('esc'));
});

test(
  'close ends running commands and quiet escapees, and later calls do not run',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const { run, path, toolset } = open(t);
    const quiet = `setsid bash -c 'echo $$ > q; exec sleep 1000' > /dev/null 2>&1 & until [ -s q ]; do sleep 0.01; done; echo left`;
    assert.equal(await run('Bash', { command: quiet }), 'left');
    const started = appears(path('pid'));
    const running = run('Bash', { command: 'echo $$ > pid; sleep 1000' });
    await started;
    await toolset.close();
    await toolset.close();
    assert.match(await running, /^error: Interrupted/);
    assertGone(path('q'), path('pid'));
    assert.match(await run('Bash', { command: 'touch never' }), /^error: Interrupted/);
    assert.equal(existsSync(path('never')), false);
  },
);

test('when this process is killed, its commands end with it', { skip: process.platform === 'win32' }, async (t) => {
  const cwd = temp(t);
  const holder = fileURLToPath(new URL('holder.ts', import.meta.url));
  const args = 'Deno' in globalThis ? ['run', '-A', holder, cwd] : [holder, cwd];
  const started = Promise.all([appears(`${cwd}/pid`), appears(`${cwd}/esc`)]);
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'], env: process.env });
  await started;
  const pids = ['pid', ...(process.platform === 'linux' ? ['esc'] : [])].map((name) =>
    Number(readFileSync(`${cwd}/${name}`, 'utf8')),
  );
  assert.deepEqual(
    pids.map(isAlive),
    pids.map(() => true),
  );
  child.kill('SIGKILL');
  // The watchdog is another process: all that can be awaited is that they are gone.
  while (pids.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 5));
});

test('what can not start is an error that says so', async (t) => {
  const { run } = open(t, { cwd: `${temp(t)}/gone` });
  assert.match(await run('Bash', { command: 'true' }), /^error: The command could not start in .*gone: /);
  assert.match(await run('Bash', { command: 'echo a\0b' }), /^error: The command holds a NUL/);
  assert.match(
    await run('Bash', { command: `: ${'x'.repeat(130_000)}` }),
    /^error: The command is longer than 120,000 bytes/,
  );
});

function assertGone(...files: readonly string[]): void {
  for (const file of files) assert.equal(isAlive(Number(readFileSync(file, 'utf8'))), false, basename(file));
}

/** A zombie that init has not collected yet is gone for us. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** Looked for, not watched: a watcher may report the file before its content and then nothing more. */
async function appears(file: string): Promise<void> {
  while (!existsSync(file) || !readFileSync(file, 'utf8').endsWith('\n'))
    await new Promise((resolve) => setTimeout(resolve, 5));
}
