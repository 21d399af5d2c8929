// Owns: max_tokens and the thinking setting of a request, which depend on each other.
// Promises: a budget is at least 1024 and below max_tokens; max_tokens is never above the cap nor above what was asked;
// at most one finding each.
// Never: turns thinking on unasked.
import type { Effort } from '../contract/options.ts';
import type { ModelFacts } from './facts.ts';
import { type Ask, change, type Finding } from './finding.ts';

type Wire = Readonly<Record<string, unknown>> & { readonly type: string };

export type ChosenThinking = {
  readonly max_tokens: number;
  /** The wire field; undefined: left out. */
  readonly thinking: Wire | undefined;
  /** The reply will be made with thinking, asked for or by default of the model. */
  readonly on: boolean;
  /** An effort that stands in for a budget. */
  readonly effort?: Effort;
  readonly findings: readonly Finding[];
};

type Part = Omit<ChosenThinking, 'on'>;

const defaultMaxTokens = 32_000;
const minBudget = 1024;
const usualBudget = 16_000;
/** Left for the answer when max_tokens is ours to choose. */
const answerRoom = 8_000;

export function chooseThinking(ask: Ask, id: string, model: ModelFacts | undefined): ChosenThinking {
  const limit = chooseMaxTokens(ask, id, model);
  const part = model === undefined ? unknownModel(ask, limit.max_tokens) : knownModel(ask, id, model, limit.max_tokens);
  const type = part.thinking?.type;
  const on = type === undefined ? model?.thinking.default === 'adaptive' : type === 'adaptive' || type === 'enabled';
  return { ...part, on, findings: [...limit.findings, ...part.findings] };
}

function chooseMaxTokens(
  { options }: Ask,
  id: string,
  model: ModelFacts | undefined,
): { readonly max_tokens: number; readonly findings: readonly Finding[] } {
  const cap = model?.max_tokens ?? Infinity;
  const asked = options.max_tokens;
  if (asked === undefined) return { max_tokens: Math.min(defaultMaxTokens, cap), findings: [] };
  if (asked <= cap) return { max_tokens: asked, findings: [] };
  return {
    max_tokens: cap,
    findings: [change('max_tokens', asked, cap, `${id} writes at most ${cap} tokens per reply.`)],
  };
}

function knownModel(ask: Ask, id: string, model: ModelFacts, max_tokens: number): Part {
  const { types } = model.thinking;
  const asked = ask.options.thinking;
  if (asked === undefined) return { max_tokens, thinking: unasked(ask, model), findings: [] };
  if (asked === false) return { max_tokens, ...off(ask, id, model) };
  if (asked === true) {
    if (types.includes('adaptive')) return { max_tokens, thinking: adaptive(model), findings: [] };
    return withBudget(ask, model, usualBudget, max_tokens);
  }
  if (types.includes('enabled')) return withBudget(ask, model, asked.budget_tokens, max_tokens);
  const effort = effortFor(asked.budget_tokens);
  const usesEffort = ask.options.effort === undefined && model.effort.levels.includes(effort);
  const thinking = adaptive(model);
  const sent = usesEffort ? { ...thinking, effort } : thinking;
  const instead = usesEffort ? `adaptive thinking at effort ${effort} takes its place` : 'it thinks adaptively';
  const findings = [change('thinking', asked, sent, `${id} takes no thinking budget; ${instead}.`)];
  return { max_tokens, thinking, findings, ...(usesEffort ? { effort } : {}) };
}

/** Nothing, save where the worker would look silent between its tool calls: there the text is asked for. */
function unasked({ host }: Ask, model: ModelFacts): Wire | undefined {
  return host.anthropic && model.thinking.narrates ? adaptive(model) : undefined;
}

function off(ask: Ask, id: string, model: ModelFacts): Pick<Part, 'thinking' | 'findings'> {
  if (model.thinking.types.includes('disabled')) return { thinking: { type: 'disabled' }, findings: [] };
  if (model.thinking.types.includes('between_tools')) {
    const thinking = { type: 'between_tools' };
    const reason = `${id} cannot turn thinking off altogether; between_tools, its least, only thinks between tool calls.`;
    return { thinking, findings: [change('thinking', false, thinking, reason)] };
  }
  const thinking = unasked(ask, model);
  const reason = `${id} always thinks; effort "low" makes it think least.`;
  return { thinking, findings: [change('thinking', false, thinking ?? null, reason)] };
}

function withBudget(ask: Ask, model: ModelFacts, wanted: number, limit: number): Part {
  const asked = ask.options.thinking;
  const free = ask.options.max_tokens === undefined;
  const max_tokens = free ? Math.min(model.max_tokens, Math.max(limit, wanted + answerRoom)) : limit;
  if (max_tokens <= minBudget) {
    const thinking = model.thinking.types.includes('adaptive') ? adaptive(model) : { type: 'disabled' };
    const reason = `A thinking budget is at least ${minBudget} and below max_tokens, which is ${max_tokens}.`;
    return { max_tokens, thinking, findings: [change('thinking', asked, thinking, reason)] };
  }
  const fits = wanted < max_tokens && (asked !== true || wanted <= max_tokens / 2);
  const share = asked === true ? 0.5 : 0.75;
  const budget_tokens = fits ? wanted : Math.max(minBudget, Math.floor(max_tokens * share));
  const thinking = enabled(model, budget_tokens);
  if (asked === true || budget_tokens === wanted) return { max_tokens, thinking, findings: [] };
  const reason = `A thinking budget must be below max_tokens, which is ${max_tokens}.`;
  return { max_tokens, thinking, findings: [change('thinking', asked, thinking, reason)] };
}

/** Everything as typed; `true` becomes what most hosts of the kind know. */
function unknownModel({ options, host }: Ask, limit: number): Part {
  const asked = options.thinking;
  if (asked === undefined) return { max_tokens: limit, thinking: undefined, findings: [] };
  if (asked === false) return { max_tokens: limit, thinking: { type: 'disabled' }, findings: [] };
  if (asked === true && (host.anthropic || limit <= minBudget)) {
    return { max_tokens: limit, thinking: { type: 'adaptive' }, findings: [] };
  }
  const budget_tokens =
    asked === true ? Math.max(minBudget, Math.min(usualBudget, Math.floor(limit / 2))) : asked.budget_tokens;
  const max_tokens = options.max_tokens ?? Math.max(limit, budget_tokens + answerRoom);
  return { max_tokens, thinking: { type: 'enabled', budget_tokens }, findings: [] };
}

function adaptive(model: ModelFacts): Wire {
  return { type: 'adaptive', ...display(model) };
}

function enabled(model: ModelFacts, budget_tokens: number): Wire {
  return { type: 'enabled', budget_tokens, ...display(model) };
}

/** Thinking that was asked for should be readable in the log. */
function display(model: ModelFacts): { readonly display?: 'summarized' } {
  return model.thinking.display === 'omitted' ? { display: 'summarized' } : {};
}

function effortFor(budget: number): Effort {
  if (budget <= 4_096) return 'low';
  if (budget <= 16_384) return 'medium';
  return budget <= 32_768 ? 'high' : 'xhigh';
}
