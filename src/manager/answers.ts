// Owns: answering permission requests: those that wait in the gate, and those whose process is gone.
// Promises: the first answer wins, also across a restart; a worker that is revived by an answer goes on with it, and its other
// requests can be answered, too.
// Never: answers by itself.
import { AworkersError } from '../contract/errors.ts';
import type { EventBody } from '../contract/event.ts';
import type { PermissionAnswer, PermissionAnswered } from '../contract/manager.ts';
import type { PermissionRequest, Resolution } from '../contract/permission.ts';
import type { Store } from '../journal/store.ts';
import type { Answered, Gate } from '../permission/gate.ts';
import type { Taken } from './stop-elsewhere.ts';

export type AnswersWorld = {
  readonly store: Store;
  readonly gate: Gate;
  readonly isLive: (workerId: string) => boolean;
  /** Takes the worker, lets `use` do its part, then runs it. */
  readonly revive: <T>(workerId: string, use: (taken: Taken) => Promise<T>) => Promise<T>;
};

export class Answers {
  readonly #world: AnswersWorld;
  /** One at a time: two answers may be for one worker. */
  #revival: Promise<unknown> = Promise.resolve();

  constructor(world: AnswersWorld) {
    this.#world = world;
  }

  async answer(answer: PermissionAnswer): Promise<PermissionAnswered> {
    const { request, resolution } = await this.#resolve(answer).catch((error: unknown) => this.#revived(answer, error));
    const { request_id, worker_id, tool } = request;
    return { status: resolution.allow ? 'approved' : 'denied', request_id, worker_id, tool };
  }

  #resolve(answer: PermissionAnswer): Promise<Answered> {
    return this.#world.gate.resolve(answer, 'host');
  }

  #revived(answer: PermissionAnswer, error: unknown): Promise<Answered> {
    if (!(error instanceof AworkersError) || error.code !== 'not_found') throw error;
    const revived = this.#revival.then(() => this.#revive(answer));
    this.#revival = revived.catch(() => undefined); // told to its own caller
    return revived;
  }

  async #revive(answer: PermissionAnswer): Promise<Answered> {
    const { store, gate, isLive, revive } = this.#world;
    const asked = await findAsker(store, answer.request_id);
    // An answer to another request of the worker may have revived it meanwhile: the gate has them all then.
    if (asked === undefined || isLive(asked.worker_id)) return this.#resolve(answer);
    return revive(asked.worker_id, async ({ log, record }) => {
      if (!log.proven) throw askedAgain(asked);
      for (const request of log.snapshot().pending) {
        gate.restore(request, (resolution) => record(resolvedEvent(request, resolution)));
      }
      return this.#resolve(answer);
    });
  }
}

function askedAgain({ request_id, worker_id }: PermissionRequest): AworkersError {
  return new AworkersError(
    'conflict',
    `Request ${request_id} was not answered: nothing proves that the journal of worker ${worker_id} was written here.`,
    'The worker goes on and asks again: call wait.',
  );
}

/** The open request with this id in the journals of the logs directory. */
async function findAsker(store: Store, requestId: string): Promise<PermissionRequest | undefined> {
  const { workers } = await store.list();
  for (const { worker_id } of workers.filter((summary) => summary.status === 'awaiting_permission')) {
    const { pending } = await store.read(worker_id);
    const request = pending.find((candidate) => candidate.request_id === requestId);
    if (request !== undefined) return request;
  }
  return undefined;
}

function resolvedEvent(request: PermissionRequest, resolution: Resolution): EventBody {
  const { request_id, tool_use_id, tool, input } = request;
  return { type: 'permission.resolved', request_id, tool_use_id, tool, input, resolution };
}
