// Owns: how this very program is started again, compiled or from source.
// Never: starts it.
import process from 'node:process';

/** A hidden sub-command of this very program: the compiled binary, or the sources on a runtime. */
export function selfCommand(name: string): readonly [string, ...string[]] {
  const script = process.argv[1];
  const compiled = script === undefined || script.startsWith('/$bunfs/') || /^[A-Z]:[\\/]~BUN[\\/]/i.test(script);
  if (compiled) return [process.execPath, name];
  const runtime = 'deno' in process.versions ? ['run', '-A'] : [];
  return [process.execPath, ...runtime, script, name];
}
