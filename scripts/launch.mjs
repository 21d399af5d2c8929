#!/usr/bin/env node
// Owns: `aworkers` for npm users: runs the built binary if there is one, else the sources on the installed bun.
// Promises: same arguments, stdio and exit code as the binary; nothing of the working directory is loaded.
// Never: builds or installs.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, runBun, runProgram } from './run-bun.mjs';

const binary = join(root, 'dist', process.platform === 'win32' ? 'aworkers.exe' : 'aworkers');
const args = process.argv.slice(2);

process.exitCode = existsSync(binary)
  ? await runProgram(binary, args)
  : await runBun(['--no-env-file', `--config=${join(root, 'bunfig.toml')}`, join(root, 'src/main.ts'), ...args]);
