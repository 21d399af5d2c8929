// Owns: what of a worker's options goes to the API, and how: from (options, facts, host) to settings and notices.
// Promises: pure; what the model takes goes unchanged; what it is documented to refuse never goes; each change has exactly one
// notice, or with `strict` the whole is refused with the rule and the models that would accept.
// Never: sends anything; changes the API version of a conversation that has begun.
import { AworkersError } from '../contract/errors.ts';
import type { Notice, WorkerOptions } from '../contract/options.ts';
import type { ModelSettings } from '../contract/task.ts';
import { chooseEffort } from './choose-effort.ts';
import { chooseModel } from './choose-model.ts';
import { chooseSampling, samplingVersion } from './choose-sampling.ts';
import { chooseThinking } from './choose-thinking.ts';
import type { ModelFacts } from './facts.ts';
import type { Ask, Finding } from './finding.ts';
import { nativeSchema } from './native-schema.ts';

export type Negotiated = { readonly settings: ModelSettings; readonly notices: readonly Notice[] };

export function negotiate(ask: Ask): Negotiated {
  const { settings, findings } = settle(ask);
  const changes = findings.filter((finding) => finding.kind === 'change').map((finding) => finding.notice);
  if (ask.options.strict === true && changes.length > 0) throw refusal(ask, settings.model, changes);
  return { settings, notices: findings.map((finding) => finding.notice) };
}

/** Options of a resumed worker: its own, under those of the call; it keeps its model unless the call names one. */
export function optionsOnResume(
  worker: { readonly options: WorkerOptions; readonly settings: ModelSettings },
  call: WorkerOptions = {},
): WorkerOptions {
  const given = Object.fromEntries(Object.entries(call).filter(([, value]) => value !== undefined));
  return { ...worker.options, model: worker.settings.model, ...given };
}

function settle(ask: Ask): { readonly settings: ModelSettings; readonly findings: readonly Finding[] } {
  const { id, model, findings: modelFindings } = chooseModel(ask);
  const thought = chooseThinking(ask, id, model);
  const exerted = chooseEffort(ask, id, model);
  const sampled = chooseSampling(ask, id, model, thought.on);
  const schema = model?.structured_output === true ? nativeSchema(ask.options.output_schema) : undefined;
  const effort = exerted.effort ?? thought.effort;
  const output_config = {
    ...(effort === undefined ? {} : { effort }),
    ...(schema === undefined ? {} : { format: { type: 'json_schema', schema } }),
  };
  const settings: ModelSettings = {
    model: id,
    api_version: apiVersion(ask, model, Object.keys(sampled.sampling).length > 0),
    betas: betas(ask, model, thought.thinking?.type),
    max_tokens: thought.max_tokens,
    max_tokens_cap: model?.max_tokens ?? null,
    body: {
      ...(thought.thinking === undefined ? {} : { thinking: thought.thinking }),
      ...sampled.sampling,
      ...(Object.keys(output_config).length === 0 ? {} : { output_config }),
    },
  };
  return { settings, findings: [...modelFindings, ...thought.findings, ...exerted.findings, ...sampled.findings] };
}

/** The newest version that the model has on Anthropic's host; the old one for sampling, unknown ids and other hosts. */
function apiVersion({ host, previous }: Ask, model: ModelFacts | undefined, samples: boolean): string {
  if (previous !== undefined) return previous.api_version;
  if (!host.anthropic || samples || model === undefined) return samplingVersion;
  return model.api_versions.toSorted().at(-1) ?? samplingVersion;
}

function betas({ host }: Ask, model: ModelFacts | undefined, thinking: string | undefined): string[] {
  const beta = model?.thinking.interleaved_beta;
  return host.anthropic && thinking === 'enabled' && typeof beta === 'string' ? [beta] : [];
}

function refusal(ask: Ask, id: string, changes: readonly Notice[]): AworkersError {
  const rules = changes.map(({ option, requested, reason }) => `${option} ${JSON.stringify(requested)}: ${reason}`);
  const all = accepting(ask, ask.options);
  const each = changes
    .filter(({ option }) => option !== 'model')
    .map(
      ({ option }) => `${option}: ${list(accepting(ask, { [option]: ask.options[option as keyof WorkerOptions] }))}`,
    );
  const hint =
    all.length > 0
      ? `Models that accept all of it: ${list(all)}.`
      : `No one model accepts all of it. Models by option: ${each.join('; ')}.`;
  return new AworkersError(
    'usage',
    `Refused (strict): ${id} does not take the options as they are. ${rules.join(' ')}`,
    `${hint} Change the options, or leave out strict to have them adapted.`,
  );
}

/** Ids of the data that take the options as they are, under the conversation's version if it has one. */
function accepting(ask: Ask, options: WorkerOptions): string[] {
  return ask.facts.models
    .filter((model) => model.lifecycle.status !== 'retired')
    .map((model) => model.id)
    .filter((model) =>
      settle({ ...ask, options: { ...options, model } }).findings.every(({ kind }) => kind === 'info'),
    );
}

function list(ids: readonly string[]): string {
  return ids.length === 0 ? 'none' : ids.join(', ');
}
