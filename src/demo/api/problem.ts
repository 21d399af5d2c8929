// Owns: what the scripted API says when it refuses a request.
// Promises: a problem carries status, error type and message exactly as they go over the wire.
// Never: decides; the check-*.ts files yield problems in the order the API would meet them.

export type Problem = {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
};

/** A lazy list: only the first problem is ever sent. */
export type Problems = Generator<Problem, void, void>;

export function invalid(message: string): Problem {
  return { status: 400, type: 'invalid_request_error', message };
}

export function unauthorized(message: string): Problem {
  return { status: 401, type: 'authentication_error', message };
}

export function notFound(message: string): Problem {
  return { status: 404, type: 'not_found_error', message };
}

export function errorBody(problem: Problem, requestId: string | null): Readonly<Record<string, unknown>> {
  const { type, message, details } = problem;
  return {
    type: 'error',
    error: details === undefined ? { type, message } : { type, message, details },
    request_id: requestId,
  };
}
