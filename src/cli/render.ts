// Owns: the only writes to stdout and stderr outside `mcp`, and colour.
// Promises: results go to stdout, everything else to stderr; while a prompt is on the screen both wait and then come out in
// order; NO_COLOR, FORCE_COLOR and TERM=dumb are honoured; a reader that went away is not an error, a full disk is.
// Never: decides what is said.
import { styleText } from 'node:util';
import { codeOf } from '../contract/errors.ts';
import { printable, printableJson } from '../contract/printable.ts';
import { defused, shielded, shieldedJson } from './github-log.ts';
import type { CliIo, Env, TerminalWritable } from './io.ts';
import { statusLine } from './status-line.ts';

type Format = Parameters<typeof styleText>[0];
/** Colours the text when its stream takes colour. */
export type Paint = (format: Format, text: string) => string;

export type Output = {
  /** A line (or lines) of result, exactly as given to a pipe, made safe for a terminal and for the log of GitHub Actions. */
  readonly result: (text: string) => void;
  /** The same, of JSON, which stays the same JSON. */
  readonly json: (text: string) => void;
  /** A line of our own making (may be coloured) on stdout: tables and help. */
  readonly page: (text: string) => void;
  /** A line of our own making on stderr: notices, progress, errors. */
  readonly note: (text: string) => void;
  /** A command of ours to the runner of GitHub Actions, which reads stderr, too. */
  readonly runnerCommand: (line: string) => void;
  /** On stderr at once, also while output is held: for whoever holds it. */
  readonly direct: (text: string) => void;
  /** Keeps this as the last line of the terminal on stderr; '' takes it away. Nothing without a terminal. */
  readonly status: (text: string) => void;
  readonly paintPage: Paint;
  readonly paintNote: Paint;
  /** Keeps all output back until the returned function is called. */
  readonly hold: () => () => void;
  /** Aborts when nobody reads stdout any more. */
  readonly closed: AbortSignal;
  /** Why stdout did not take all that was written to it, although somebody wanted it. */
  readonly lost: () => Error | undefined;
  /** Resolves when everything written has left the process. */
  readonly flush: () => Promise<void>;
  /** Gives up what a reader has not taken yet: it had its time. */
  readonly abandon: () => void;
};

export function createOutput(io: Pick<CliIo, 'env' | 'stdout' | 'stderr'>): Output {
  const closed = new AbortController();
  let held: (() => void)[] = [];
  let holders = 0;
  let unwritten = 0;
  let abandoned = false;
  let lost: Error | undefined;
  let settled = () => {};
  const bottom = statusLine(io.stderr);
  const inActions = io.env['GITHUB_ACTIONS'] === 'true';
  const own = (text: string) => (inActions ? defused(text) : text);
  const shown = (text: string) => (io.stdout.isTTY === true ? printable(text) : text);
  const shownJson = (text: string) => (io.stdout.isTTY === true ? printableJson(text) : text);

  io.stdout.on('error', stdoutFailed);
  io.stderr.on('error', ignoreLostReader);

  function stdoutFailed(error: Error): void {
    if (!closed.signal.aborted && io.stdout.isTTY !== true && !readerGone.has(codeOf(error) ?? '')) lost = error;
    closed.abort(new Error('stdout was closed'));
  }

  // Every write is counted until its own callback: Bun calls that of a later, empty write too early.
  function send(stream: TerminalWritable, text: string): void {
    if (!stream.writable) return;
    unwritten += 1;
    bottom.clear();
    stream.write(text.endsWith('\n') ? text : `${text}\n`, (error) => {
      // The event comes later, when the process may have ended.
      if (stream === io.stdout && error instanceof Error) stdoutFailed(error);
      unwritten -= 1;
      if (unwritten === 0) settled();
    });
    if (holders === 0) bottom.draw();
  }

  function write(stream: TerminalWritable, text: string): void {
    if (holders > 0) held.push(() => send(stream, text));
    else send(stream, text);
  }

  return {
    result: (text) => write(io.stdout, inActions ? shielded(shown(text)) : shown(text)),
    json: (text) => write(io.stdout, inActions ? shieldedJson(shownJson(text)) : shownJson(text)),
    page: (text) => write(io.stdout, own(text)),
    note: (text) => write(io.stderr, own(text)),
    runnerCommand: (line) => write(io.stderr, line),
    direct: (text) => send(io.stderr, own(text)),
    status: (text) => {
      if (holders === 0) bottom.set(text);
    },
    paintPage: painter(io.stdout, io.env),
    paintNote: painter(io.stderr, io.env),
    hold: () => {
      holders += 1;
      bottom.clear();
      let released = false;
      return () => {
        if (released) return;
        released = true;
        holders -= 1;
        if (holders > 0) return;
        const waiting = held;
        held = [];
        for (const write of waiting) write();
      };
    },
    closed: closed.signal,
    lost: () => lost,
    flush: () =>
      new Promise((resolve) => {
        settled = resolve;
        if (unwritten === 0 || abandoned) resolve();
      }),
    abandon: () => {
      abandoned = true;
    },
  };
}

/** What writing says when the other end of a pipe was closed, and what a stream says of every write after that. */
const readerGone: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET', 'EOF', 'ERR_STREAM_DESTROYED']);

function painter(stream: TerminalWritable, env: Env): Paint {
  const coloured = takesColour(stream, env);
  return (format, text) => (coloured ? styleText(format, text, { validateStream: false }) : text);
}

function takesColour(stream: TerminalWritable, env: Env): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  if (env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0') return true;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** Without a reader of stderr there is nobody to tell; the work itself goes on. */
function ignoreLostReader(): void {}
