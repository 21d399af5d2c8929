// Owns: starting a fresh executable where this machine can: natively, or an arm64 one under qemu.
// Promises: says 'ran' with what --version printed, or why it could not be tried. One that should run here and does not is an error.
// Never: takes "not tried" for "works".
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Where the arm64 libc is: that of Debian's cross packages, or AWORKERS_ARM64_ROOT. */
const arm64Root = process.env.AWORKERS_ARM64_ROOT ?? '/usr/aarch64-linux-gnu';

export function tryRun(target, path) {
  const command = commandFor(target, path);
  if (typeof command === 'string') return { ran: false, said: `not run: ${command}` };
  const [program, ...args] = command;
  const env = { PATH: process.env.PATH ?? '', HOME: '/nonexistent' };
  const said = execFileSync(program, [...args, '--version'], { encoding: 'utf8', env }).trim();
  const wanted = `${target.os}-${target.cpu}`;
  if (!said.endsWith(` ${wanted}`)) throw new Error(`${target.name} says "${said}", not ${wanted}.`);
  return { ran: true, said };
}

/** What starts it here, or the reason why nothing does. */
function commandFor(target, path) {
  if (target.os !== process.platform) return `needs ${target.os}`;
  if (target.os !== 'linux') return target.cpu === process.arch ? [path] : `needs an ${target.cpu} machine`;
  const here = process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
  if (target.libc !== here) return `needs a ${target.libc} system with libstdc++`;
  if (target.cpu === process.arch) return [path];
  const qemu = ['qemu-aarch64-static', 'qemu-aarch64'].find((name) => onPath(name));
  if (target.cpu !== 'arm64' || qemu === undefined) return `needs an ${target.cpu} machine, or qemu-user-static`;
  if (!existsSync(arm64Root)) return `needs an arm64 libc in ${arm64Root} (Debian: libc6-arm64-cross)`;
  return [qemu, '-L', arm64Root, path];
}

function onPath(name) {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(`${folder}/${name}`));
}
