// Owns: the world of the CLI: streams, environment, signals, and how the app is opened. Handed in, so that tests can stand in for it.
// Promises: the only file of the room that touches `process`.
// Never: decides what a command does.
import { homedir } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import type { OpenApp } from '../app-config.ts';

export type Env = Readonly<Record<string, string | undefined>>;
export type TerminalReadable = Readable & {
  readonly isTTY?: boolean;
  readonly setRawMode?: (raw: boolean) => unknown;
};
export type TerminalWritable = Writable & { readonly isTTY?: boolean; readonly columns?: number };
export type EndSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

export type CliIo = {
  readonly env: Env;
  readonly cwd: string;
  readonly home: string;
  readonly stdin: TerminalReadable;
  readonly stdout: TerminalWritable;
  readonly stderr: TerminalWritable;
  /** Takes the signal over from its default; returns the function that gives it back. */
  readonly onSignal: (signal: EndSignal, listener: () => void) => () => void;
  /** Ends the process at once, without waiting for anything. */
  readonly exit: (code: number) => void;
  readonly openApp: OpenApp;
};

export function processIo(): CliIo {
  return {
    env: process.env,
    cwd: process.cwd(),
    home: homedir(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: sized(process.stderr),
    onSignal: (signal, listener) => {
      process.on(signal, listener);
      return () => process.off(signal, listener);
    },
    exit: (code) => process.exit(code),
    openApp: async (config) => (await import('../app.ts')).openApp(config),
  };
}

/** A terminal that does not know its size says 0; prompts would then break after every character. */
function sized(stream: typeof process.stderr): TerminalWritable {
  if (stream.isTTY && !(stream.columns > 0)) Object.assign(stream, { columns: 80, rows: 24 });
  return stream;
}
