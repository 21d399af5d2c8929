// Owns: running the checkout's bun from a Node script, so that .env and bunfig.toml of other folders stay out.
// Promises: inherits stdio unless told otherwise; returns the exit code (128 + n for a signal).
// Never: swallows a failure to start.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { findBun } from './find-bun.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));

export async function runBun(args, options = {}) {
  const bun = findBun();
  if (bun === undefined) {
    console.error('aworkers: bun is not installed here. Run: node scripts/bootstrap.mjs');
    return 1;
  }
  return runProgram(bun, args, options);
}

export async function runProgram(program, args, options = {}) {
  const child = spawn(program, args, { stdio: 'inherit', ...options });
  const forward = (signal) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 1)));
    });
  } finally {
    for (const signal of signals) process.off(signal, forward);
  }
}
