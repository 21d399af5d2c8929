// Owns: how this very program is started again, compiled or from source.
// Never: starts it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

/** This very program, or a hidden sub-command of it: the compiled binary, or the sources on a runtime. */
export function selfCommand(...words: readonly string[]): readonly [string, ...string[]] {
  const script = process.argv[1];
  const compiled = script === undefined || script.startsWith('/$bunfs/') || /^[A-Z]:[\\/]~BUN[\\/]/i.test(script);
  if (compiled) return [process.execPath, ...words];
  return [process.execPath, ...runtimeFlags(script), script, ...words];
}

/** From source Bun would load the .env and the bunfig.toml of the directory it is started in: those of a stranger. */
function runtimeFlags(script: string): readonly string[] {
  if ('deno' in process.versions) return ['run', '-A'];
  const config = join(script, '..', '..', 'bunfig.toml');
  return 'bun' in process.versions && existsSync(config) ? ['--no-env-file', `--config=${config}`] : [];
}
