// Owns: the outside commands of a release: npm and tar.
// Promises: returns stdout; a failure is an error with what the command said. Runs no package's scripts.
// Never: a shell where none is needed (npm is a script on Windows).
import { execFileSync } from 'node:child_process';

const windows = process.platform === 'win32';
const maxBuffer = 256 * 1024 * 1024;

export function npm(args, cwd) {
  const options = { cwd, maxBuffer, encoding: 'utf8', shell: windows, stdio: ['ignore', 'pipe', 'pipe'] };
  return execFileSync(windows ? 'npm.cmd' : 'npm', [...args, '--ignore-scripts'], options);
}

export function tar(args) {
  return execFileSync('tar', args, { stdio: ['ignore', 'pipe', 'inherit'] });
}
