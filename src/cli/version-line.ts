// Owns: the line of --version: version, commit, runtime and platform.
// Promises: loads nothing.
// Never: writes.
import { commit, version } from '../version.ts';

export function versionLine(): string {
  const { bun, deno, node } = process.versions as Readonly<Record<string, string | undefined>>;
  const runtime = bun !== undefined ? `bun ${bun}` : deno !== undefined ? `deno ${deno}` : `node ${node}`;
  return `aworkers ${version} (${commit}) ${runtime} ${process.platform}-${process.arch}`;
}
