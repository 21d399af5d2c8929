// Owns: one worker while it is queued, running or waiting: its slot, its journal, its tools, its end.
// Promises: every event is journaled, then folded, then told; ends exactly once, with every tool use answered, its
// processes gone, its transcript written and its journal closed; the owner's `ended` is called last.
// Never: decides what to run next (that is the loop) or who waits for whom (that is the manager).
import { runAgent } from '../agent/loop.ts';
import { settleUnfinished } from '../agent/settle.ts';
import type { AgentWorld } from '../agent/world.ts';
import type { ChildEnd, ChildRequest } from '../contract/delegate.ts';
import { errorText } from '../contract/errors.ts';
import { type EventBody, isEnd, type WorkerEvent } from '../contract/event.ts';
import { lastText } from '../contract/message.ts';
import type { Approver, Toolset } from '../contract/ports.ts';
import type { WorkerSnapshot } from '../contract/worker.ts';
import type { WorkerLog } from '../journal/store.ts';
import { withDeadline } from './deadline.ts';
import type { Share } from './delegation.ts';
import type { ManagerDeps } from './deps.ts';
import { EndedFromOutside, type EndRequest } from './end.ts';
import { HeldSlot } from './held-slot.ts';
import type { Slots } from './slots.ts';

/** A turn shorter than this does not rewrite the transcript; the next one, or the end, will. Milliseconds. */
const slowTurn = 1_000;

export type WorkerOwner = {
  onEvent(event: WorkerEvent): void;
  onEnded(worker: LiveWorker): void;
  /** Of its children that run: what they cost beside its own total; null: unknown. */
  runningCost(): number | null;
  delegate(worker: LiveWorker, request: ChildRequest, signal: AbortSignal): Promise<ChildEnd>;
  /** Of a child: dollars that its parent's budget lost since it began. */
  readonly share?: Share | undefined;
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
  /** As it was when it was queued here. */
  readonly #first: WorkerSnapshot;
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
    this.#first = log.snapshot();
  }

  get parentId(): string | undefined {
    return this.#first.plan.parent?.worker_id;
  }

  /** As journaled, unless the journal itself failed: then what is known beside it. */
  snapshot(): WorkerSnapshot {
    const snapshot = this.#log.snapshot();
    return this.#lost === undefined ? snapshot : { ...snapshot, state: 'failed', ...this.#lost };
  }

  start(): void {
    this.#run ??= this.#drive();
  }

  /** Resolves when it has ended, however. */
  get ended(): Promise<void> {
    return this.#run ?? Promise.resolve();
  }

  /** Of this run, children included: what earlier runs spent does not count. */
  spent(): { readonly turns: number; readonly cost_usd: number | null } {
    const { num_turns, total_cost_usd } = this.#log.snapshot();
    const running = this.#owner.runningCost();
    const unknown = total_cost_usd === null || running === null;
    const before = this.#owner.goesOn ? { num_turns: 0, total_cost_usd: 0 } : this.#first;
    return {
      turns: num_turns - before.num_turns,
      cost_usd: unknown ? null : total_cost_usd + running - (before.total_cost_usd ?? 0),
    };
  }

  /** Resolves when the worker has ended. */
  async end(request: EndRequest): Promise<void> {
    this.#abort.abort(new EndedFromOutside(request));
    await this.#run;
  }

  record(body: EventBody): Promise<void> {
    return isEnd(body) ? this.#recordEnd(body) : this.#append(body);
  }

  async #recordEnd(body: EventBody): Promise<void> {
    await this.#settleWorktree(body.type === 'worker.completed');
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
      const { plan } = this.#first;
      const { remembered_rules } = this.#log.snapshot(); // more of them may have been answered in the queue
      if (plan.worktree !== undefined) await this.#deps.worktrees?.open(plan.worktree, signal);
      const { toolset, policy } = await this.#deps.equip(this.id, plan, remembered_rules, (request, abort) =>
        this.#slot.whileAway(() => this.#owner.delegate(this, request, abort)),
      );
      this.#toolset = toolset;
      unbind = this.#deps.gate.bind(this.id, policy);
      await this.record({ type: 'worker.started' });
      const run = runAgent(this.#world(toolset, policy), signal);
      await withDeadline(this.#deps.clock, plan.options.timeout_seconds, run, (seconds) =>
        this.#abort.abort(new EndedFromOutside({ type: 'timeout', seconds })),
      );
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
    const { plan, description } = this.#first;
    const { reason } = this.#abort.signal as { readonly reason?: unknown };
    const shutdown = reason instanceof EndedFromOutside && reason.request.type === 'shutdown';
    const none = plan.worktree === undefined || plan.parent !== undefined; // a child works in its parent's
    if (none || this.#toolset === undefined || shutdown) return;
    await this.#toolset.close();
    const settled = await this.#deps.worktrees?.settle(plan.worktree, { message: description, completed });
    if (settled !== undefined) await this.#append({ type: 'worktree.settled', ...settled });
  }

  #world(toolset: Toolset, policy: AgentWorld['policy']): AgentWorld {
    const { plan, description, history } = this.#first;
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
        const { turns, cost_usd } = this.spent();
        const shared = this.#owner.share?.() ?? 0;
        return { turns, cost_usd: cost_usd === null ? null : Math.max(cost_usd, shared) };
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
    const result = lastText(this.#log.history.messages);
    await this.record({ type: 'worker.failed', error_type, error_hint, result });
  }

  #settling() {
    return { history: this.#log.history, record: (event: EventBody) => this.record(event) };
  }

  #followTurn(event: WorkerEvent): void {
    if (event.type === 'worker.started') this.#turnBegan = this.#deps.clock.now();
    if (event.type === 'permission.requested') this.#writeTranscript('now');
    if (event.type !== 'tool.finished' || this.#log.history.open.length > 0) return;
    const now = this.#deps.clock.now();
    if (now - this.#turnBegan > slowTurn) this.#writeTranscript('soon');
    this.#turnBegan = now;
  }

  /** The final transcript is the one that counts; one in between that fails will be tried again then. */
  #writeTranscript(when: 'now' | 'soon'): void {
    this.#deps.store.writeTranscript(this.#log, when).catch(() => undefined);
  }

  async #finish(): Promise<void> {
    try {
      await this.#deps.store.writeTranscript(this.#log);
      await this.#log.close();
    } catch (error) {
      this.#lost ??= { error_type: 'journal_error', error_hint: errorText(error) };
    }
    this.#owner.onEnded(this);
  }
}
