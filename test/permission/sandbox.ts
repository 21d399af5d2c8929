// A throw-away directory in which commands of the tables are really run by bash, to see whether they leave "marker" behind.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const bashVersion = (() => {
  try {
    return Number(execFileSync('bash', ['-c', 'echo ${BASH_VERSINFO[0]}'], { encoding: 'utf8' }));
  } catch {
    return 0; // no bash here: the real runs are skipped, the verdicts are not
  }
})();

/** The tables are written for GNU tools and bash 5. */
export const canRun = process.platform === 'linux' && bashVersion >= 5;

const clean = (dir: string) => ({
  PATH:
    process.env['PATH']
      ?.split(delimiter)
      .filter((each) => each.startsWith('/'))
      .join(delimiter) ?? '/usr/bin:/bin',
  HOME: join(dir, 'home'),
  LC_ALL: 'C.UTF-8',
  GIT_CONFIG_NOSYSTEM: '1',
});

/** Commands of the table name their folder without quotes. */
const parent = /[^\w/.-]/.test(tmpdir()) ? '/tmp' : tmpdir();

const files: Readonly<Record<string, string>> = {
  x: 'a\nb\n',
  'README.md': '# foo\n',
  'package.json': '{"name":"x","version":"1.0.0","scripts":{"test":"true"}}\n',
  'src/a.ts': 'export const foo = 1;\n// TODO\n',
  'src/b.ts': 'export const bar = 2;\n',
  'bin/ls': '#!/bin/sh\n/usr/bin/touch marker\n',
  'evil.sed': 'w marker\n',
  'evil.awk': 'BEGIN{print > "marker"}\n',
};

/** Among them an evil directory for PATH. */
function writeFiles(dir: string): void {
  for (const each of ['work/src', 'work/bin', 'work/template', 'work/a', 'work/b', 'home']) {
    mkdirSync(join(dir, each), { recursive: true });
  }
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(dir, 'work', name), text, { mode: name.startsWith('bin/') ? 0o755 : 0o644 });
  }
}

/** The files in a repository with two commits, and a bare repository whose configuration runs a command. */
export function makeTemplate(): string {
  const dir = realpathSync(mkdtempSync(join(parent, 'gate-')));
  const work = join(dir, 'work');
  writeFiles(dir);
  const script = `git init -q --template= . && git config user.email a@b.c && git config user.name n && git add -A && git commit -qm one &&
    echo c >> x && git commit -qam two && git init -q --bare --template= bare &&
    git -C bare config core.bare false && git -C bare config core.worktree . &&
    git -C bare config core.fsmonitor '/usr/bin/touch ../marker; false'`;
  execFileSync('bash', ['-c', script], { cwd: work, env: clean(dir), stdio: 'pipe' });
  return dir;
}

/** Runs a command in its own copy of the template. Resolves to whether a marker is there afterwards. */
async function leavesMarker(template: string, command: string): Promise<boolean> {
  const dir = realpathSync(mkdtempSync(join(parent, 'gate-run-')));
  try {
    if (/git|bare/.test(command)) cpSync(template, dir, { recursive: true });
    else writeFiles(dir);
    await new Promise<void>((resolve) => {
      // No pipe at stdin: bash takes a socket there for a remote shell and reads other startup files.
      const options = {
        cwd: join(dir, 'work'),
        env: clean(dir),
        stdio: 'ignore',
        timeout: 10_000,
        killSignal: 'SIGKILL',
      } as const;
      const child = spawn('bash', ['-c', command], options);
      child.on('close', () => resolve());
      child.on('error', () => resolve());
    });
    return ['work/marker', 'marker', 'work/src/marker'].some((path) => existsSync(join(dir, path)));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** In parallel, a few at a time, in the order given. */
export async function eachLeavesMarker(template: string, commands: readonly string[]): Promise<readonly boolean[]> {
  const results: boolean[] = [];
  for (let at = 0; at < commands.length; at += 8) {
    results.push(...(await Promise.all(commands.slice(at, at + 8).map((command) => leavesMarker(template, command)))));
  }
  return results;
}
