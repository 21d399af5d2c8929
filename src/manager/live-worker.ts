// Owns: one worker while it is queued, running or waiting: its slot, its journal, its tools, its end.
// Promises: every event is journaled, then folded, then told; ends exactly once, with every tool use answered, its
// processes gone, its transcript written and its journal closed; the owner's `ended` is called last.
// Never: decides what to run next (that is the loop) or who waits for whom (that is the manager).
import { runAgent } from '../agent/loop.ts';
import { settleUnfinished } from '../agent/settle.ts';
import type { AgentWorld } from '../agent/world.ts';
import { AworkersError, errorText } from '../contract/errors.ts';
import type { EventBody, WorkerEvent } from '../contract/event.ts';
import { lastText } from '../contract/message.ts';
import type { Approver, Toolset } from '../contract/ports.ts';
import type { WorkerSnapshot } from '../contract/worker.ts';
import type { WorkerLog } from '../journal/store.ts';
import type { ManagerDeps } from './deps.ts';
import { EndedFromOutside, type EndRequest } from './end.ts';
import { HeldSlot } from './held-slot.ts';
import type { Slots } from './slots.ts';

/** A turn shorter than this does not rewrite the transcript; the next one, or the end, will. Milliseconds. */
const slowTurn = 1_000;

export type WorkerOwner = {
  onEvent(event: WorkerEvent): void;
  onEnded(worker: LiveWorker): void;
  /** It takes up a run that was begun before, so its limits count from the spawn. */
  readonly goesOn: boolean;
};

export class LiveWorker {
  readonly id: string;
  readonly #deps: ManagerDeps;
  readonly #log: WorkerLog;
  readonly #owner: WorkerOwner;
  readonly #abort = new AbortController();
  readonly #slot: HeldSlot;
  #toolset: Toolset | undefined;
  #turnBegan = 0;
  #lost: { readonly error_type: string; readonly error_hint: string } | undefined;
  #run: Promise<void> | undefined;

  constructor(log: WorkerLog, deps: ManagerDeps, slots: Slots, owner: WorkerOwner) {
    this.id = log.worker_id;
    this.#log = log;
    this.#deps = deps;
    this.#slot = new HeldSlot(slots, this.#abort.signal);
    this.#owner = owner;
  }

  /** As journaled, unless the journal itself failed: then what is known beside it. */
  snapshot(): WorkerSnapshot {
    const snapshot = this.#log.snapshot();
    return this.#lost === undefined ? snapshot : { ...snapshot, state: 'failed', ...this.#lost };
  }

  /** Why it can't be resumed now. */
  isBusy(): AworkersError {
    const { state } = this.snapshot();
    const hint =
      state === 'awaiting_permission'
        ? 'Answer its request with approve_permission, then wait.'
        : 'Wait for it, or stop it with stop_worker, then resume it.';
    return new AworkersError('conflict', `Worker ${this.id} is still ${state}.`, hint);
  }

  start(): void {
    this.#run ??= this.#drive();
  }

  /** Resolves when the worker has ended. */
  async end(request: EndRequest): Promise<void> {
    this.#abort.abort(new EndedFromOutside(request));
    await this.#run;
  }

  async record(body: EventBody): Promise<void> {
    if (isEnd(body)) await this.#settleWorktree(body.type === 'worker.completed');
    await this.#append(body);
  }

  async #append(body: EventBody): Promise<void> {
    const event = await this.#log.append(body);
    this.#owner.onEvent(event);
    this.#followTurn(event);
  }

  async #drive(): Promise<void> {
    const { signal } = this.#abort;
    let unbind: (() => void) | undefined;
    try {
      await this.#slot.take();
      const { plan, remembered_rules } = this.#log.snapshot();
      if (plan.worktree !== undefined) await this.#deps.worktrees?.open(plan.worktree, signal);
      const toolset = await this.#deps.openToolset(this.id, plan);
      this.#toolset = toolset;
      const policy = await this.#deps.openPolicy(this.id, plan, remembered_rules);
      unbind = this.#deps.gate.bind(this.id, policy);
      await this.record({ type: 'worker.started' });
      await this.#withDeadline(plan.options.timeout_seconds, runAgent(this.#world(toolset, policy), signal));
    } catch (error) {
      await this.#endWith(error);
    } finally {
      unbind?.();
      await this.#toolset?.close();
      this.#slot.release();
      await this.#finish();
    }
  }

  /** Before the end is recorded: what the worker changed belongs to it. A shutdown has no time for it and leaves all in place. */
  async #settleWorktree(completed: boolean): Promise<void> {
    const { plan, description } = this.#log.snapshot();
    const { reason } = this.#abort.signal as { readonly reason?: unknown };
    const shutdown = reason instanceof EndedFromOutside && reason.request.type === 'shutdown';
    if (plan.worktree === undefined || this.#toolset === undefined || shutdown) return;
    await this.#toolset.close();
    const settled = await this.#deps.worktrees?.settle(plan.worktree, { message: description, completed });
    if (settled !== undefined) await this.#append({ type: 'worktree.settled', ...settled });
  }

  #world(toolset: Toolset, policy: AgentWorld['policy']): AgentWorld {
    const { plan, description, history, ...before } = this.#log.snapshot();
    const turns = this.#owner.goesOn ? 0 : before.num_turns;
    const cost = this.#owner.goesOn ? 0 : (before.total_cost_usd ?? 0);
    const schema = plan.options.output_schema;
    return {
      worker_id: this.id,
      description,
      plan,
      history,
      toolset,
      policy,
      model: this.#deps.model,
      approver: this.#approver(),
      ...(schema === undefined ? {} : { validateOutput: this.#deps.outputValidator(schema) }),
      spent: () => {
        const now = this.#log.snapshot();
        return {
          turns: now.num_turns - turns,
          cost_usd: now.total_cost_usd === null ? null : now.total_cost_usd - cost,
        };
      },
      record: (event) => this.record(event),
      newId: () => this.#deps.newId(),
      now: () => this.#deps.clock.now(),
    };
  }

  /** A worker that waits for a person gives its slot to another, and comes back first in line. */
  #approver(): Approver {
    const { approver } = this.#deps;
    return { ask: (...question) => this.#slot.whileAway(() => approver.ask(...question)) };
  }

  async #withDeadline(seconds: number | undefined, run: Promise<void>): Promise<void> {
    if (seconds === undefined) return run;
    const done = new AbortController();
    const expire = () => this.#abort.abort(new EndedFromOutside({ type: 'timeout', seconds }));
    this.#deps.clock.sleep(seconds * 1_000, done.signal).then(expire, () => undefined); // rejects when the run was faster
    try {
      await run;
    } finally {
      done.abort();
    }
  }

  async #endWith(error: unknown): Promise<void> {
    try {
      if (error instanceof EndedFromOutside) await this.#endFromOutside(error.request);
      else await this.#fail('internal_error', `It failed inside aworkers: ${errorText(error)} Resume it to try again.`);
    } catch (journalError) {
      this.#lost = { error_type: 'journal_error', error_hint: errorText(journalError) };
    }
  }

  async #endFromOutside(request: EndRequest): Promise<void> {
    switch (request.type) {
      case 'stop':
        await settleUnfinished(this.#settling(), 'The worker was stopped');
        return this.record({ type: 'worker.stopped', reason: request.reason });
      case 'timeout':
        return this.#fail(
          'timeout',
          `Stopped after timeout_seconds (${request.seconds}). Its work is kept: resume it, with a higher timeout_seconds if it needs more.`,
        );
      case 'shutdown': {
        const { state, history } = this.#log.snapshot();
        if (state === 'awaiting_permission' && history.open.every((open) => !open.started || open.result)) return;
        await settleUnfinished(this.#settling(), 'aworkers was shut down');
        return this.record({ type: 'worker.stopped', reason: request.reason });
      }
    }
  }

  async #fail(error_type: string, error_hint: string): Promise<void> {
    await settleUnfinished(this.#settling(), error_type === 'timeout' ? 'The worker timed out' : 'The worker failed');
    const result = lastText(this.#log.snapshot().history.messages);
    await this.record({ type: 'worker.failed', error_type, error_hint, result });
  }

  #settling() {
    return { history: this.#log.snapshot().history, record: (event: EventBody) => this.record(event) };
  }

  #followTurn(event: WorkerEvent): void {
    if (event.type === 'worker.started') this.#turnBegan = this.#deps.clock.now();
    if (event.type === 'permission.requested') this.#writeTranscriptSoon();
    if (event.type !== 'tool.finished' || this.#log.snapshot().history.open.length > 0) return;
    const now = this.#deps.clock.now();
    if (now - this.#turnBegan > slowTurn) this.#writeTranscriptSoon();
    this.#turnBegan = now;
  }

  /** The final transcript is the one that counts; one in between that fails will be tried again then. */
  #writeTranscriptSoon(): void {
    this.#deps.store.writeTranscript(this.#log.snapshot()).catch(() => undefined);
  }

  async #finish(): Promise<void> {
    try {
      await this.#deps.store.writeTranscript(this.#log.snapshot());
      await this.#log.close();
    } catch (error) {
      this.#lost ??= { error_type: 'journal_error', error_hint: errorText(error) };
    }
    this.#owner.onEnded(this);
  }
}

function isEnd(body: EventBody): boolean {
  return body.type === 'worker.completed' || body.type === 'worker.failed' || body.type === 'worker.stopped';
}
