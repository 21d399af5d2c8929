// Owns: the one error class, and the codes that decide an exit code or an MCP error text.
// Promises: `message` says what happened and names the thing; `hint` says what to try; `cause` is kept.
// Never: carries a credential or a whole prompt.

export type ErrorCode =
  | 'usage' // the caller's input is wrong: exit code 2
  | 'not_found' // an id, file or agent that does not exist
  | 'conflict' // the thing is in a state that does not allow this (still running, already answered)
  | 'credentials' // none, or refused: exit code 5
  | 'io' // the disk or a process failed us
  | 'internal'; // a broken promise of our own

export class AworkersError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, hint: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'AworkersError';
    this.code = code;
    this.hint = hint;
  }

  /** What a person or a model reads: what happened, then what to try. */
  get text(): string {
    return this.hint === '' ? this.message : `${this.message} ${this.hint}`;
  }
}

/** Text of any thrown value, for a message a person reads. */
export function errorText(thrown: unknown): string {
  if (thrown instanceof AworkersError) return thrown.text;
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The code of a system error, such as ENOENT; undefined for anything else. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Ends an exhaustive switch: a new union member becomes a type error here. */
export function assertNever(value: never): never {
  throw new AworkersError(
    'internal',
    `Unexpected value: ${JSON.stringify(value)}.`,
    'This is a fault of aworkers: please report it.',
  );
}
