// Owns: the record of every request, and waiting for one.
// Promises: a request is recorded before it is answered; whoever waits is woken by the event, not by a clock.
// Never: forgets.
import type { IncomingHttpHeaders } from 'node:http';

export type RecordedRequest = {
  /** Counts from 1 in order of arrival. */
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Parsed JSON; the text when it is none. */
  readonly body: unknown;
  readonly rawBytes: number;
  readonly at: number;
  readonly requestId: string;
  /** Set once the request was accepted. */
  conversation?: string;
  status?: number;
  /** refused: the validation did; fault: scripted or injected; aborted: the client went away first. */
  outcome: 'pending' | 'sent' | 'refused' | 'fault' | 'broken' | 'aborted';
  /** What a refusal said. */
  refusal?: string;
};

export type Recorder = {
  readonly requests: RecordedRequest[];
  add(request: RecordedRequest): void;
  change(request: RecordedRequest, change: Partial<RecordedRequest>): void;
  until(condition: (requests: readonly RecordedRequest[]) => boolean): Promise<void>;
};

export function createRecorder(): Recorder {
  const requests: RecordedRequest[] = [];
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const check of waiting) check();
  };
  return {
    requests,
    add: (request) => {
      requests.push(request);
      wake();
    },
    change: (request, change) => {
      Object.assign(request, change);
      wake();
    },
    until: (condition) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!condition(requests)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
  };
}
