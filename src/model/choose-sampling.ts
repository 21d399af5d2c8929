// Owns: which of temperature, top_p and top_k a request carries.
// Promises: precedence is thinking over temperature and top_k, temperature over top_p; one finding for each one left out.
// Never: changes a value: it goes as asked or not at all.
import type { WorkerOptions } from '../contract/options.ts';
import type { FactTable, ModelFacts } from './facts.ts';
import { type Ask, change, type Finding } from './finding.ts';

export type Sampling = Pick<WorkerOptions, 'temperature' | 'top_p' | 'top_k'>;

export const samplingVersion = '2023-06-01';

const names = ['temperature', 'top_p', 'top_k'] as const;

export function chooseSampling(
  { options, facts, previous }: Ask,
  id: string,
  model: ModelFacts | undefined,
  thinks: boolean,
): { readonly sampling: Sampling; readonly findings: readonly Finding[] } {
  if (model === undefined) return { sampling: pick(options, () => undefined), findings: [] };
  const version = previous?.api_version ?? samplingVersion;
  const refusal = model.sampling_api_versions.includes(version) ? undefined : refusalOf(id, model, version, facts);
  const reasonFor = (name: keyof Sampling): string | undefined => {
    if (refusal !== undefined) return refusal;
    if (thinks && name === 'temperature' && options.temperature !== 1) return 'With thinking on, it can only be 1.';
    if (thinks && name === 'top_k') return 'With thinking on, it cannot be set.';
    if (thinks && name === 'top_p' && (options.top_p ?? 1) < 0.95)
      return 'With thinking on, it must be within 0.95 and 1.';
    const keepsTemperature = options.temperature !== undefined && (!thinks || options.temperature === 1);
    return name === 'top_p' && keepsTemperature ? `${id} takes temperature or top_p, not both.` : undefined;
  };
  const findings = names.flatMap((name) => {
    const reason = options[name] === undefined ? undefined : reasonFor(name);
    return reason === undefined ? [] : [change(name, options[name], null, reason)];
  });
  return { sampling: pick(options, reasonFor), findings };
}

function refusalOf(id: string, model: ModelFacts, version: string, facts: FactTable): string {
  if (model.sampling_api_versions.length > 0) {
    return `The conversation runs under API version ${version}, which takes no sampling values; a new worker can.`;
  }
  const takers = facts.models.filter((other) => other.sampling_api_versions.length > 0).map((other) => other.id);
  return `${id} takes no sampling values; ${takers.join(', ')} do.`;
}

function pick(options: WorkerOptions, refused: (name: keyof Sampling) => string | undefined): Sampling {
  return Object.fromEntries(
    names
      .filter((name) => options[name] !== undefined && refused(name) === undefined)
      .map((name) => [name, options[name]]),
  );
}
