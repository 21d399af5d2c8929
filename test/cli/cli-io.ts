// A stand-in for the process: streams that are read back, an environment, signals that a test sends.
import { PassThrough } from 'node:stream';
import type { OpenApp } from '../../src/app-config.ts';
import type { CliIo, EndSignal } from '../../src/cli/io.ts';
import { runCli } from '../../src/cli/root.ts';

export type Given = {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly home?: string;
  /** What stdin holds; undefined: a terminal. */
  readonly stdin?: string | Uint8Array;
  readonly terminal?: boolean;
  readonly openApp?: OpenApp;
};

export type TestIo = {
  readonly io: CliIo;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly type: (keys: string) => void;
  readonly send: (signal: EndSignal) => void;
  readonly exits: readonly number[];
  readonly signals: ReadonlySet<EndSignal>;
};

export function testIo(given: Given = {}): TestIo {
  const stdin = stream(given.terminal === true || given.stdin === undefined);
  const stdout = stream(given.terminal === true);
  const stderr = stream(given.terminal === true);
  if (given.stdin !== undefined && given.terminal !== true) stdin.end(given.stdin);
  const listeners = new Map<EndSignal, () => void>();
  const exits: number[] = [];
  const texts = [collect(stdout), collect(stderr)] as const;
  return {
    io: {
      env: given.env ?? {},
      cwd: given.cwd ?? '/',
      home: given.home ?? '/nowhere',
      stdin,
      stdout,
      stderr,
      onSignal: (signal, listener) => {
        listeners.set(signal, listener);
        return () => listeners.delete(signal);
      },
      exit: (code) => exits.push(code),
      openApp: given.openApp ?? (() => Promise.reject(new Error('this command must not open the app'))),
    },
    stdout: texts[0],
    stderr: texts[1],
    type: (keys) => stdin.write(keys),
    send: (signal) => listeners.get(signal)?.(),
    exits,
    get signals() {
      return new Set(listeners.keys());
    },
  };
}

export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

export async function cli(argv: readonly string[], given: Given = {}): Promise<Ran> {
  const test = testIo(given);
  const code = await runCli(argv, test.io);
  return { code, stdout: test.stdout(), stderr: test.stderr() };
}

function stream(isTTY: boolean): PassThrough & { isTTY: boolean; columns: number; setRawMode: () => void } {
  return Object.assign(new PassThrough(), { isTTY, columns: 100, rows: 40, setRawMode: () => undefined });
}

function collect(stream: PassThrough): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}
