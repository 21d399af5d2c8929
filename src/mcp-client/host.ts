// Owns: what this room is given by the app: processes, text bounds.
// Promises: plain functions; the room itself starts no process and reads no environment.

type ServerCommand = {
  readonly command: string;
  readonly args: readonly string[];
  /** Beside the scrubbed environment. */
  readonly env: Readonly<Record<string, string>>;
};

/** A process that serves until it is ended. */
export type ServerProcess = {
  readonly stdin: NodeJS.WritableStream;
  readonly stdout: NodeJS.ReadableStream;
  readonly stderr: NodeJS.ReadableStream;
  /** How it ended, or why it never ran: "exited with code 1". Its output was read to the end by then. */
  readonly ended: Promise<string>;
  /** Ends it and all that it started. Idempotent. */
  end(): Promise<void>;
};

export type Host = {
  readonly version: string;
  readonly startProcess: (command: ServerCommand) => ServerProcess;
  /** Makes text of unknown origin fit to stand in a message, and bounds it as any tool's output. */
  readonly bound: (text: string) => string;
  readonly maxImageBytes: number;
  /** From the start of a server to the list of its tools. */
  readonly startMs: number;
};
