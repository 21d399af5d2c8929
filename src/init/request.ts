// Owns: what a person asks of init, and which hosts that means.
// Promises: a host counts as in use when its program is in PATH or a folder or file of it is there.
// Never: reads what is in a file.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type HostName, hostNames, hosts } from './hosts.ts';
import type { Roots } from './place.ts';
import { type Env, inPath } from './server.ts';

export type Request = {
  readonly roots: Roots;
  readonly env: Env;
  readonly platform: NodeJS.Platform;
  /** The command that starts `mcp` of this very program. */
  readonly self: readonly [string, ...string[]];
  /** undefined: those in use. */
  readonly hosts: readonly HostName[] | undefined;
  /** undefined: where Claude Code is among the hosts. */
  readonly skill: boolean | undefined;
  readonly humanApproval: boolean;
  readonly replaceTask: boolean;
  readonly trustProject: boolean;
};

export async function hostsInUse({
  roots,
  env,
  platform,
}: Pick<Request, 'roots' | 'env' | 'platform'>): Promise<readonly HostName[]> {
  const inUse = await Promise.all(
    hostNames.map(async (name) => {
      const { program, signs } = hosts[name];
      const signed = [
        ...signs.project.map((sign) => join(roots.project, sign)),
        ...signs.home.map((sign) => join(roots.home, sign)),
      ].some((path) => existsSync(path));
      return signed || (await inPath(program, env, platform)) !== undefined ? [name] : [];
    }),
  );
  return inUse.flat();
}
