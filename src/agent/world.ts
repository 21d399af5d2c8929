// Owns: what the loop is given: its whole world as arguments.
// Promises: nothing of the loop reaches a file, socket, clock or environment but through this.
import type { EventBody } from '../contract/event.ts';
import type { History } from '../contract/history.ts';
import type { Approver, ModelClient, Policy, Toolset } from '../contract/ports.ts';
import type { WorkerPlan } from '../contract/task.ts';

/** Validates the final text against options.output_schema. `problems` are sentences for the model. */
export type ValidateOutput = (
  text: string,
) => Promise<
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problems: readonly string[] }
>;

export type AgentWorld = {
  readonly worker_id: string;
  readonly description: string;
  readonly plan: WorkerPlan;
  readonly model: ModelClient;
  readonly toolset: Toolset;
  readonly policy: Policy;
  readonly approver: Approver;
  /** Absent when the task has no output_schema. */
  readonly validateOutput?: ValidateOutput;
  /** Live: `record` updates it before it resolves. */
  readonly history: History;
  /** Model replies and dollars of this run (since spawn, or since the last resume); cost null when it is unknown. */
  spent(): { readonly turns: number; readonly cost_usd: number | null };
  /** Journals one event, then applies it to `history`. */
  record(event: EventBody): Promise<void>;
  newId(): string;
  /** Milliseconds; only for durations in events. */
  now(): number;
};
