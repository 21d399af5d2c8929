// Owns: a person at a terminal as one of those who answer the gate.
// Promises: an answer given here counts as any other: the first wins, a remembered rule reaches every worker and settles
// what else it allows; a question that was answered otherwise leaves the screen.
// Never: asks or decides by itself.
import { AworkersError } from './contract/errors.ts';
import type { Approver } from './contract/ports.ts';
import type { Gate } from './permission/index.ts';

export function throughGate(gate: Pick<Gate, 'ask' | 'resolve'>, person: Approver): Approver {
  return {
    ask(request, commit, signal) {
      const over = new AbortController();
      const open = AbortSignal.any([signal, over.signal]);
      const answered = gate.ask(request, commit, signal).finally(() => over.abort(new Error('It was answered.')));
      const broken = new Promise<never>((_, reject) => {
        const resolve: typeof commit = async ({ allow, reason, scope }) => {
          await gate.resolve({ request_id: request.request_id, allow, reason, scope }, 'cli');
        };
        person.ask(request, resolve, open).catch((error: unknown) => {
          const tooLate = error instanceof AworkersError && error.code === 'conflict';
          if (!open.aborted && !tooLate) reject(error);
        });
      });
      return Promise.race([answered, broken]);
    },
  };
}
