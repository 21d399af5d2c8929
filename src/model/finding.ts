// Owns: what one step of negotiation finds out, and what every step is asked.
// Promises: a `change` is an option that will not go as asked, so `strict` refuses it; an `info` is worth saying, no more.
// Never: decides.
import type { Notice, WorkerOptions } from '../contract/options.ts';
import type { ModelSettings } from '../contract/task.ts';
import type { FactTable } from './facts.ts';

export type Ask = {
  readonly options: WorkerOptions;
  readonly facts: FactTable;
  /** `anthropic`: the host is Anthropic's own API; others may not know the newest API version. */
  readonly host: { readonly anthropic: boolean; readonly baseUrl: string };
  readonly now: Date;
  /** Settings the conversation runs under already: its API version stays. */
  readonly previous?: ModelSettings | undefined;
};

export type Finding = { readonly kind: 'change' | 'info'; readonly notice: Notice };

/** `sent` null: the option is left out. */
export function change(option: string, requested: unknown, sent: unknown, reason: string): Finding {
  return { kind: 'change', notice: { option, requested, sent, reason } };
}

export function info(option: string, requested: unknown, sent: unknown, reason: string): Finding {
  return { kind: 'info', notice: { option, requested, sent, reason } };
}
