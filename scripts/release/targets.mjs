// Owns: the platforms of a release and the Bun runtime each executable is made from.
// Promises: a runtime is used only when its tarball has the hash that package-lock.json names.
// Never: downloads by itself: the npm client does, from the registry of whoever runs it.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../run-bun.mjs';
import { npm, tar } from './commands.mjs';

/** `name` is what a user sees and what scripts/launch.mjs and scripts/install.sh look for. */
export const targets = [
  { name: 'linux-x64', bun: 'bun-linux-x64', runtime: '@oven/bun-linux-x64', os: 'linux', cpu: 'x64', libc: 'glibc' },
  {
    name: 'linux-arm64',
    bun: 'bun-linux-arm64',
    runtime: '@oven/bun-linux-aarch64',
    os: 'linux',
    cpu: 'arm64',
    libc: 'glibc',
  },
  {
    name: 'linux-x64-musl',
    bun: 'bun-linux-x64-musl',
    runtime: '@oven/bun-linux-x64-musl',
    os: 'linux',
    cpu: 'x64',
    libc: 'musl',
  },
  {
    name: 'linux-arm64-musl',
    bun: 'bun-linux-arm64-musl',
    runtime: '@oven/bun-linux-aarch64-musl',
    os: 'linux',
    cpu: 'arm64',
    libc: 'musl',
  },
  { name: 'darwin-arm64', bun: 'bun-darwin-arm64', runtime: '@oven/bun-darwin-aarch64', os: 'darwin', cpu: 'arm64' },
  { name: 'darwin-x64', bun: 'bun-darwin-x64', runtime: '@oven/bun-darwin-x64', os: 'darwin', cpu: 'x64' },
  { name: 'windows-x64', bun: 'bun-windows-x64', runtime: '@oven/bun-windows-x64', os: 'win32', cpu: 'x64' },
];

export function executableOf(target) {
  return target.os === 'win32' ? 'aworkers.exe' : 'aworkers';
}

/** Path of the target's bun, unpacked below `cache`. */
export function runtimeOf(target, cache) {
  const { version, integrity } = lockedRuntime(target.runtime);
  const folder = join(cache, `${target.name}-${version}`);
  const bun = join(folder, 'package', 'bin', target.os === 'win32' ? 'bun.exe' : 'bun');
  mkdirSync(folder, { recursive: true });
  const [{ filename }] = JSON.parse(
    npm(['pack', '--json', `${target.runtime}@${version}`, '--pack-destination', folder]),
  );
  const tarball = join(folder, filename);
  const found = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
  if (found !== integrity) {
    rmSync(folder, { recursive: true });
    throw new Error(`${target.runtime}@${version} has the hash ${found}, package-lock.json wants ${integrity}.`);
  }
  tar(['-xzf', tarball, '-C', folder]);
  if (!existsSync(bun)) throw new Error(`${target.runtime}@${version} holds no ${bun}.`);
  return bun;
}

function lockedRuntime(name) {
  const entry = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages[`node_modules/${name}`];
  if (entry?.integrity === undefined) throw new Error(`package-lock.json names no hash for ${name}.`);
  return entry;
}
