// Owns: the first event of a log that this process writes: of a new worker, or of one that it takes over.
// Promises: told to listeners like every other; a log whose worker cannot go on is given up again.
// Never: runs a worker.
import { settleUnfinished } from '../agent/settle.ts';
import type { EventBody, WorkerEvent } from '../contract/event.ts';
import type { WorkerOptions } from '../contract/options.ts';
import type { Task, WorkerPlan } from '../contract/task.ts';
import type { WorkerLog } from '../journal/store.ts';
import type { ManagerDeps } from './deps.ts';
import type { Taken } from './stop-elsewhere.ts';

export class Logs {
  readonly #deps: ManagerDeps;
  readonly #tell: (event: WorkerEvent, workerId: string) => void;
  readonly #closing: AbortSignal;

  constructor(deps: ManagerDeps, tell: (event: WorkerEvent, workerId: string) => void, closing: AbortSignal) {
    this.#deps = deps;
    this.#tell = tell;
    this.#closing = closing;
  }

  async create({ description, prompt }: Task, plan: WorkerPlan, worker_id: string): Promise<WorkerLog> {
    const session_id = this.#deps.newId();
    const { owner } = this.#deps.store;
    const first = { type: 'worker.spawned', worker_id, session_id, description, prompt, plan, owner } as const;
    const { log, event } = await this.#deps.store.create(first);
    this.#tell(event, worker_id);
    return log;
  }

  /**
   * Takes a worker that no live process has, under a plan with the new options. Its first event says so, and whether what was
   * granted before still counts. `regrant`: the options that its person gave it, for a journal that cannot prove them.
   */
  async take(id: string, options?: WorkerOptions, regrant?: WorkerOptions): Promise<Taken> {
    const log = await this.#deps.store.take(id);
    const record = async (event: EventBody) => this.#tell(await log.append(event), id);
    try {
      const { proven } = log;
      const given = proven ? options : { ...regrant, ...options };
      const plan = await this.#deps.replan(log.snapshot().plan, given, this.#closing, proven);
      const { owner } = this.#deps.store;
      await record({ type: 'worker.resumed', plan, owner, ...(proven ? {} : { anew: true }) });
    } catch (error) {
      await log.close();
      throw error;
    }
    return { log, record };
  }

  /** The same, with the next message of its conversation. */
  async resume(id: string, prompt: string, options: WorkerOptions | undefined): Promise<WorkerLog> {
    const { log, record } = await this.take(id, options);
    await settleUnfinished({ history: log.history, record }, 'The worker was interrupted');
    await record({ type: 'message.appended', content: prompt });
    return log;
  }
}
