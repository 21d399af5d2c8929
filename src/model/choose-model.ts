// Owns: which model a worker gets: the id that was asked for, an alias, a correction, or the default; and what to say of it.
// Promises: an id that is not an alias or a known mistake goes as typed.
// Never: refuses an id.
import { nearest } from '../contract/parse.ts';
import { daysToRetirement, soonDays, type FactTable, factsOf, type ModelFacts } from './facts.ts';
import { type Ask, change, type Finding, info } from './finding.ts';

export type ChosenModel = {
  readonly id: string;
  /** undefined: not in the data. */
  readonly model: ModelFacts | undefined;
  readonly findings: readonly Finding[];
};

export function chooseModel(ask: Ask): ChosenModel {
  const { id, findings } = pick(ask);
  const model = factsOf(id, ask.facts);
  return { id, model, findings: [...findings, ...lifecycle(id, model, ask)] };
}

function pick({ options, facts, previous }: Ask): { readonly id: string; readonly findings: readonly Finding[] } {
  if (options.model === undefined) {
    if (previous !== undefined) return { id: previous.model, findings: [] };
    return pickDefault({ options, facts });
  }
  const asked = options.model.trim();
  const id = resolveAlias(asked, facts);
  const corrected = factsOf(id, facts) === undefined ? facts.corrections[id.toLowerCase()] : undefined;
  if (corrected === undefined) return { id, findings: [] };
  const reason = `"${asked}" is not a model id of the Messages API; ${corrected} is the one it stands for.`;
  return { id: corrected, findings: [change('model', asked, corrected, reason)] };
}

function pickDefault({ options, facts }: Pick<Ask, 'options' | 'facts'>): ReturnType<typeof pick> {
  const sampling = (['temperature', 'top_p', 'top_k'] as const).filter((name) => options[name] !== undefined);
  const thinks = options.thinking !== undefined && options.thinking !== false;
  const id = resolveAlias(facts.default_model, facts);
  const takesAll = factsOf(id, facts)?.sampling_api_versions.length !== 0;
  if (sampling.length === 0 || thinks || takesAll) return { id, findings: [] };
  const reason = `${id}, the default, takes no ${sampling.join(', ')}; ${facts.sampling_model} does.`;
  return { id: facts.sampling_model, findings: [info('model', null, facts.sampling_model, reason)] };
}

/** A known id is never an alias: a user file may add a model under any name. */
function resolveAlias(asked: string, facts: FactTable): string {
  return factsOf(asked, facts) === undefined ? (facts.aliases[asked.toLowerCase()] ?? asked) : asked;
}

function lifecycle(id: string, model: ModelFacts | undefined, { facts, host, now, options }: Ask): readonly Finding[] {
  const asked = options.model ?? null;
  if (model !== undefined) {
    const days = daysToRetirement(model, now);
    const gone = model.lifecycle.status === 'retired' || (days !== null && days < 0);
    if (!gone && (days === null || days > soonDays)) return [];
    const use = model.lifecycle.replacement === null ? '' : ` Use ${model.lifecycle.replacement}.`;
    const on = model.lifecycle.retires_on;
    const when = gone
      ? `was retired${on === null ? '' : ` on ${on}`}; the API refuses it.`
      : `will be retired on ${on ?? 'an announced date'}.`;
    return [info('model', asked, id, `${id} ${when}${use}`)];
  }
  const retired = facts.retired.find((entry) => entry.ids.includes(id));
  if (retired !== undefined) {
    const on = retired.retired_on === null ? '' : ` on ${retired.retired_on}`;
    return [info('model', asked, id, `${id} was retired${on}; the API refuses it. Use ${retired.replacement}.`)];
  }
  if (!host.anthropic) return [];
  const near = nearest(id, [...Object.keys(facts.aliases), ...facts.models.map((known) => known.id)]);
  const hint = near === undefined ? 'Run "aworkers models" for the known ids.' : `Did you mean ${near}?`;
  const reason = `${id} is not a known model id. ${hint} It goes as typed, with every option as typed; its cost is unknown.`;
  return [info('model', asked, id, reason)];
}
