// Owns: workers of workers: a Task call from its child's spawn (or resume) to the text that the parent's model reads.
// Promises: the parent's journal names the child before it exists; its cost is the parent's, while it runs and after; when the
// parent ends, its children end first, for the same reason; what goes wrong is a text.
// Never: a parent that holds a slot while it waits (live-worker.ts gives it away), or a child of another's.
import type { ChildEnd, ChildRequest } from '../contract/delegate.ts';
import { AworkersError, errorText } from '../contract/errors.ts';
import type { WorkerOptions } from '../contract/options.ts';
import type { WorkerSnapshot } from '../contract/worker.ts';
import { EndedFromOutside } from './end.ts';
import type { LiveWorker } from './live-worker.ts';

/** A share of the parent's budget: of its cost since the child began, whoever caused it. */
export type Share = () => number | null;

export type DelegationWorld = {
  readonly newId: () => string;
  readonly spawn: (
    request: ChildRequest,
    parent: WorkerSnapshot,
    limits: WorkerOptions,
    workerId: string,
    share: Share,
  ) => Promise<LiveWorker>;
  readonly resume: (workerId: string, prompt: string, limits: WorkerOptions, share: Share) => Promise<LiveWorker>;
  readonly read: (workerId: string) => Promise<WorkerSnapshot>;
  readonly pathOf: (workerId: string) => string;
};

type Running = { readonly child: LiveWorker; readonly countedFrom: number };

export class Delegation {
  readonly #world: DelegationWorld;
  readonly #running = new Map<string, Set<Running>>();

  constructor(world: DelegationWorld) {
    this.#world = world;
  }

  /** What running children of the worker cost so far that its own total does not hold yet; null: unknown. */
  runningCost(parentId: string): number | null {
    let sum = 0;
    for (const { child, countedFrom } of this.#running.get(parentId) ?? []) {
      const cost = total(child.snapshot().total_cost_usd, this.runningCost(child.id));
      if (cost === null) return null;
      sum += cost - countedFrom;
    }
    return sum;
  }

  async delegate(parent: LiveWorker, request: ChildRequest, signal: AbortSignal): Promise<ChildEnd> {
    try {
      return await this.#run(parent, request, signal);
    } catch (error) {
      signal.throwIfAborted();
      return { ok: false, text: `No worker took the task: ${errorText(error)}` };
    }
  }

  async #run(parent: LiveWorker, request: ChildRequest, signal: AbortSignal): Promise<ChildEnd> {
    const { worker_id, children } = parent.snapshot();
    const known = children.find((child) => child.worker_id === request.resume);
    if (request.resume !== undefined && known === undefined) {
      const own = children.map((child) => child.worker_id).join(', ') || 'none yet';
      throw new AworkersError(
        'not_found',
        `Worker ${request.resume} is not one of yours (${own}).`,
        'Leave resume out.',
      );
    }
    const limits = limitsLeft(parent);
    const id = known?.worker_id ?? this.#world.newId();
    const { tool_use_id, description } = request;
    await parent.record({ type: 'child.spawned', worker_id: id, tool_use_id, description });
    const before = parent.spent().cost_usd;
    const share: Share = () => {
      const now = parent.spent().cost_usd;
      return now === null || before === null ? null : now - before;
    };
    signal.throwIfAborted();
    const child =
      known === undefined
        ? await this.#world.spawn(request, parent.snapshot(), limits, id, share)
        : await this.#world.resume(id, request.prompt, limits, share);
    const running: Running = { child, countedFrom: known?.counted_usd ?? 0 };
    const siblings = this.#running.get(worker_id) ?? new Set();
    this.#running.set(worker_id, siblings.add(running));
    try {
      await untilEnded(child, signal);
    } finally {
      siblings.delete(running);
      if (siblings.size === 0) this.#running.delete(worker_id);
      const cost = child.snapshot().total_cost_usd;
      const cost_usd = cost === null ? null : cost - running.countedFrom;
      await parent.record({ type: 'child.ended', worker_id: id, tool_use_id, cost_usd });
    }
    return this.#told(await this.#world.read(id));
  }

  #told(child: WorkerSnapshot): ChildEnd {
    const { worker_id, state, result, error_hint = '' } = child;
    const place = `[worker ${worker_id}, ${state}, log: ${this.#world.pathOf(worker_id)}]`;
    if (state === 'completed') return { ok: true, text: `${place}\n${result}` };
    const so = result === '' ? '' : `\nWhat there is of it:\n${result}`;
    return { ok: false, text: `${place}\n${error_hint}\nTo go on with it: Task with resume "${worker_id}".${so}` };
  }
}

async function untilEnded(child: LiveWorker, signal: AbortSignal): Promise<void> {
  const end = () => void child.end(reasonFor(signal)); // awaited below: it settles with the child
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    await child.ended;
  } finally {
    signal.removeEventListener('abort', end);
  }
  signal.throwIfAborted();
}

/** A shutdown leaves a child that waits for an answer waiting, like any worker. */
function reasonFor({ reason }: { readonly reason?: unknown }): EndedFromOutside['request'] {
  const request = reason instanceof EndedFromOutside ? reason.request : undefined;
  return request?.type === 'shutdown' ? request : { type: 'stop', reason: `its parent ended (${errorText(reason)})` };
}

/** No child outlives what its parent may still use. */
function limitsLeft(parent: LiveWorker): WorkerOptions {
  const { max_turns, max_cost_usd } = parent.snapshot().plan.options;
  const { turns, cost_usd } = parent.spent();
  const dollars = max_cost_usd === undefined || cost_usd === null ? undefined : max_cost_usd - cost_usd;
  const left = max_turns === undefined ? undefined : max_turns - turns;
  if ((dollars !== undefined && dollars <= 0) || (left !== undefined && left <= 0)) {
    throw new AworkersError(
      'usage',
      'Nothing is left of your own limits for another worker.',
      'Finish with what you have.',
    );
  }
  return {
    ...(left === undefined ? {} : { max_turns: left }),
    ...(dollars === undefined ? {} : { max_cost_usd: dollars }),
  };
}

function total(own: number | null, more: number | null): number | null {
  return own === null || more === null ? null : own + more;
}
