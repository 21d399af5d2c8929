#!/usr/bin/env node
// Owns: `aworkers` for npm users: the executable if one is there, else the JavaScript on what is running or installed.
// Promises: same arguments, stdio and exit code as the executable; nothing of the working directory is loaded; where
// nothing can run it, one message says what to install.
// Never: builds, installs or downloads.
import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findBun } from './find-bun.mjs';
import { root, runProgram } from './run-bun.mjs';

const windows = process.platform === 'win32';
const exe = windows ? '.exe' : '';
const args = process.argv.slice(2);
const source = join(root, 'src', 'main.ts');
const bundle = join(root, 'dist', 'node', 'main.js');
/** A checkout runs its sources, which are newer than any bundle of them. */
const program = existsSync(source) ? source : bundle;

const { bun: runsOnBun, deno: runsOnDeno, node } = process.versions;
const [major, minor] = node.split('.').map(Number);

const executable = findExecutable();
const installedBun = findBun() ?? onPath('bun');
const installedDeno = onPath('deno');
if (executable !== undefined) {
  process.exitCode = await runProgram(executable, args);
} else if (program === bundle && (runsOnBun !== undefined || runsOnDeno !== undefined || major >= 22)) {
  await import(pathToFileURL(bundle));
} else if (installedBun !== undefined) {
  const config = join(root, 'bunfig.toml');
  process.exitCode = await runProgram(installedBun, ['--no-env-file', `--config=${config}`, program, ...args]);
} else if (installedDeno !== undefined) {
  process.exitCode = await runProgram(installedDeno, ['run', '-A', program, ...args]);
} else if (program === bundle && (major > 20 || (major === 20 && minor >= 12))) {
  Promise.withResolvers ??= withResolvers; // all that the program needs and Node 20 lacks
  await import(pathToFileURL(bundle));
} else {
  console.error(
    `aworkers: this is Node ${node}; aworkers needs Node 20.12 or newer, or Bun, or Deno.\n` +
      'Install one of them (for example: npm install -g bun), or take the executable of a release, which needs nothing.',
  );
  process.exitCode = 1;
}

function withResolvers() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

/** The build of this checkout, or the package with the executable of this platform, which npm installs where it is published. */
function findExecutable() {
  const built = join(root, 'dist', `aworkers${exe}`);
  if (existsSync(built)) return built;
  const require = createRequire(import.meta.url);
  const musl = process.platform === 'linux' && process.report?.getReport().header.glibcVersionRuntime === undefined;
  try {
    const name = `aworkers-${windows ? 'windows' : process.platform}-${process.arch}${musl ? '-musl' : ''}`;
    const path = join(dirname(require.resolve(`${name}/package.json`)), `aworkers${exe}`);
    return existsSync(path) ? path : undefined;
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

function onPath(name) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name + exe))
    .find((path) => isExecutable(path));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
