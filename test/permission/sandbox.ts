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

/** A small repository with two commits, a bare repository that runs a command, and an evil directory for PATH. */
export function makeTemplate(): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'gate-')));
  const work = join(dir, 'work');
  for (const each of ['src', 'bin', 'template', 'a', 'b']) mkdirSync(join(work, each), { recursive: true });
  mkdirSync(join(dir, 'home'));
  const write = (name: string, text: string, mode = 0o644) => writeFileSync(join(work, name), text, { mode });
  write('x', 'a\nb\n');
  write('README.md', '# foo\n');
  write('package.json', '{"name":"x","version":"1.0.0","scripts":{"test":"true"}}\n');
  write('src/a.ts', 'export const foo = 1;\n// TODO\n');
  write('src/b.ts', 'export const bar = 2;\n');
  write('bin/ls', '#!/bin/sh\n/usr/bin/touch marker\n', 0o755);
  write('evil.sed', 'w marker\n');
  write('evil.awk', 'BEGIN{print > "marker"}\n');
  const script = `git init -q --template= . && git config user.email a@b.c && git config user.name n && git add -A && git commit -qm one &&
    echo c >> x && git commit -qam two && git init -q --bare --template= bare &&
    git -C bare config core.bare false && git -C bare config core.worktree . &&
    git -C bare config core.fsmonitor '/usr/bin/touch ../marker; false'`;
  execFileSync('bash', ['-c', script], { cwd: work, env: clean(dir), stdio: 'pipe' });
  return dir;
}

/** Runs a command in its own copy of the template. Resolves to whether a marker is there afterwards. */
async function leavesMarker(template: string, command: string): Promise<boolean> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'gate-run-')));
  try {
    const repository = /git|bare/.test(command);
    const filter = (path: string) => repository || !/\/(\.git|bare)$/.test(path);
    cpSync(template, dir, { recursive: true, filter });
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
