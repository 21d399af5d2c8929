// Owns: where the bun binary of this checkout is.
// Promises: works with install scripts allowed (bun/bin/bun.exe, on every platform) and blocked (@oven/bun-*).
// Never: downloads anything; never trusts node_modules/.bin/bun, which is a stub when install scripts were blocked.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** Absolute path of bun, or undefined when node_modules holds none for this platform. */
export function findBun() {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const exe = process.platform === 'win32' ? 'bun.exe' : 'bun';
  const builds = [`bun-${os}-${process.arch === 'arm64' ? 'aarch64' : 'x64'}`];
  const packages = builds.flatMap((name) => [name, `${name}-musl`, `${name}-baseline`, `${name}-musl-baseline`]);
  const candidates = [
    fromPackage('bun', 'bin/bun.exe'),
    ...packages.map((name) => fromPackage(`@oven/${name}`, `bin/${exe}`)),
  ];
  return candidates.find((path) => path !== undefined && existsSync(path));
}

function fromPackage(name, file) {
  try {
    return join(dirname(require.resolve(`${name}/package.json`)), file);
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND' || error.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return undefined;
    throw error;
  }
}
