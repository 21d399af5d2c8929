// Owns: the scripted API as a process beside the bench, with a certificate of its own when TLS is asked for.
// Promises: `stop` ends it; the certificate is made here, for this run, and goes with it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { ApiStats } from './api.ts';
import { type Settings, toFlags } from './settings.ts';

export type Api = {
  readonly address: string;
  /** For NODE_EXTRA_CA_CERTS. */
  readonly ca: string | undefined;
  reset(): Promise<void>;
  stats(): Promise<ApiStats>;
  stop(): Promise<void>;
};

export async function startApi(settings: Settings): Promise<Api> {
  const folder = settings.tls ? mkdtempSync(join(tmpdir(), 'aworkers-bench-tls-')) : undefined;
  const [certificate, key] = folder === undefined ? ['-', '-'] : makeCertificate(folder);
  const script = join(import.meta.dirname, 'api.ts');
  const child = Bun.spawn([process.execPath, script, certificate, key, ...toFlags(settings)], { stdout: 'pipe' });
  const reader = child.stdout.getReader();
  const address = new TextDecoder().decode((await reader.read()).value).trim();
  if (!address.startsWith('http')) throw new Error(`The scripted API did not start: ${address}`);
  const ask = (path: string) => fetch(address + path, { tls: { rejectUnauthorized: false } });
  return {
    address,
    ca: folder === undefined ? undefined : certificate,
    reset: async () => void (await ask('/reset')),
    stats: async () => (await (await ask('/stats')).json()) as ApiStats,
    async stop() {
      child.kill();
      await child.exited;
      if (folder !== undefined) rmSync(folder, { recursive: true });
    },
  };
}

function makeCertificate(folder: string): [string, string] {
  const certificate = join(folder, 'certificate.pem');
  const key = join(folder, 'key.pem');
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  const files = ['-keyout', key, '-out', certificate];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...subject, ...files], {
    stdio: 'ignore',
  });
  return [certificate, key];
}
