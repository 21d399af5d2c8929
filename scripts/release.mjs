// Owns: dist/release: for every platform an npm package with the executable, the npm package `aworkers` with the launcher and
// the JavaScript, SHA256SUMS and the bill of materials.
// Promises: every executable is built twice and must come out the same, byte for byte; those that can run here are run,
// of the others for macOS every page is checked against their signature.
// Never: uploads, signs in somebody's name, or reads a clock.
//   node scripts/release.mjs [--targets=linux-x64,darwin-arm64]
import { createHash } from 'node:crypto';
import { copyFileSync, createReadStream, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { npm, tar } from './release/commands.mjs';
import { billOfMaterials } from './release/sbom.mjs';
import { checkSignature, signAdHoc } from './release/sign-macos.mjs';
import { executableOf, runtimeOf, targets } from './release/targets.mjs';
import { tryRun } from './release/try-run.mjs';
import { root, runProgram } from './run-bun.mjs';

const out = join(root, 'dist', 'release');
const work = join(root, 'dist', 'release-work');
const metafile = join(work, 'meta.json');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const asked = process.argv.find((argument) => argument.startsWith('--targets='))?.slice('--targets='.length);
const chosen = asked === undefined ? targets : asked.split(',').map((name) => targetNamed(name));

rmSync(out, { recursive: true, force: true });
rmSync(work, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const executables = [];
for (const target of chosen) executables.push(await makeExecutable(target));
await packMain();
const bill = billOfMaterials({ manifest, metafile, executables });
write(`aworkers-${manifest.version}.cdx.json`, `${JSON.stringify(bill, null, 2)}\n`);
copyFileSync(join(root, 'scripts', 'install.sh'), join(out, 'install.sh'));
await writeSums();
rmSync(work, { recursive: true });
console.log(`${executables.length} executables, built twice each, same bytes. See dist/release`);

async function makeExecutable(target) {
  const runtime = runtimeOf(target, join(work, 'runtimes'));
  const [first, second] = [await build(target, runtime, 'first'), await build(target, runtime, 'second')];
  const [sha256, again] = [await hashOf(first), await hashOf(second)];
  if (sha256 !== again) throw new Error(`${target.name} is not reproducible: ${sha256}, then ${again}.`);
  const { said } = tryRun(target, first);
  console.log(`${sha256}  ${target.name.padEnd(17)} ${said}`);
  packExecutable(target, first);
  rmSync(join(work, 'first', target.name), { recursive: true });
  rmSync(join(work, 'second', target.name), { recursive: true });
  return { file: `aworkers-${target.name}/${executableOf(target)}`, runtime: target.runtime, sha256 };
}

/** The name of the file is inside the executable, the folder is not. */
async function build(target, runtime, round) {
  const folder = join(work, round, target.name);
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, executableOf(target));
  const how = [`--target=${target.bun}`, `--compile-executable-path=${runtime}`, `--metafile=${metafile}`];
  await runBuild([...how, `--outfile=${outfile}`]);
  if (target.name === 'darwin-x64') signAdHoc(outfile);
  if (target.os === 'darwin') checkSignature(outfile);
  return outfile;
}

async function runBuild(args) {
  const build = [join(root, 'scripts', 'build.mjs'), ...args];
  const code = await runProgram(process.execPath, build, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (code !== 0) throw new Error(`This build failed: node ${build.join(' ')}`);
}

/** What npm installs for one platform, and what install.sh unpacks. */
function packExecutable(target, path) {
  const folder = join(work, 'pack', target.name);
  mkdirSync(folder, { recursive: true });
  copyFileSync(path, join(folder, executableOf(target)));
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  const { name, version, description, license, author } = manifest;
  const { os, cpu, libc } = target;
  const ours = {
    name: `${name}-${target.name}`,
    version,
    description: `${description} The executable for ${target.name}.`,
  };
  const platform = { os: [os], cpu: [cpu], ...(libc === undefined ? {} : { libc: [libc] }) };
  const files = [executableOf(target)];
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ ...ours, license, author, ...platform, files })}\n`);
  npm(['pack', '--pack-destination', out], folder);
  rmSync(folder, { recursive: true });
}

/** As `npm pack` makes it, but its bundle needs no packages, and it asks for the executables of this release. */
async function packMain() {
  const folder = join(work, 'main');
  mkdirSync(folder, { recursive: true });
  await runBuild(['--bundle']);
  npm(['pack', '--pack-destination', folder], root);
  tar(['-xzf', join(folder, `${manifest.name}-${manifest.version}.tgz`), '-C', folder]);
  const { private: _private, scripts: _scripts, dependencies: _d, devDependencies: _dev, ...kept } = manifest;
  const { allowScripts: _allow, trustedDependencies: _trusted, ...slim } = kept;
  const optional = chosen.map((target) => [`${manifest.name}-${target.name}`, manifest.version]);
  const packed = { ...slim, optionalDependencies: Object.fromEntries(optional) };
  writeFileSync(join(folder, 'package', 'package.json'), `${JSON.stringify(packed, null, 2)}\n`);
  npm(['pack', '--pack-destination', out], join(folder, 'package'));
}

async function writeSums() {
  const names = readdirSync(out).toSorted();
  const lines = [];
  for (const name of names) lines.push(`${await hashOf(join(out, name))}  ${name}\n`);
  write('SHA256SUMS', lines.join(''));
}

async function hashOf(path) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function write(name, text) {
  writeFileSync(join(out, name), text);
}

function targetNamed(name) {
  const target = targets.find((candidate) => candidate.name === name);
  if (target === undefined)
    throw new Error(`Unknown target "${name}". Known: ${targets.map((t) => t.name).join(', ')}`);
  return target;
}
