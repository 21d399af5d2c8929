// Owns: why a running worker is ended from outside, as the reason of its abort signal.

export type EndRequest =
  | { readonly type: 'stop'; readonly reason: string }
  | { readonly type: 'timeout'; readonly seconds: number }
  /** The process ends. A worker that only waits for an answer goes on waiting in its journal. */
  | { readonly type: 'shutdown'; readonly reason: string };

export class EndedFromOutside extends Error {
  readonly request: EndRequest;

  constructor(request: EndRequest) {
    super(request.type === 'timeout' ? `timed out after ${request.seconds} s` : request.reason);
    this.name = 'EndedFromOutside';
    this.request = request;
  }
}
