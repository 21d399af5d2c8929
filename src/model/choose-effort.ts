// Owns: the effort a request carries, given what the model has and whether thinking is to be off.
// Promises: the nearest level the model takes, the lower of two; at most one finding.
// Never: sends an effort that was not asked for.
import { type Effort, efforts } from '../contract/options.ts';
import type { ModelFacts } from './facts.ts';
import { type Ask, change, type Finding } from './finding.ts';

export type ChosenEffort = { readonly effort?: Effort | undefined; readonly findings: readonly Finding[] };

export function chooseEffort({ options, previous }: Ask, id: string, model: ModelFacts | undefined): ChosenEffort {
  const asked = options.effort;
  if (model === undefined) return { effort: asked, findings: [] };
  const fixed = options.thinking === false ? fixedEffort(id, model, previous) : undefined;
  if (fixed !== undefined && (asked ?? model.effort.default) !== (fixed.effort ?? model.effort.default)) {
    const reason = `Under between_tools the effort of a conversation cannot change, and this one runs with ${fixed.effort ?? model.effort.default}.`;
    return { effort: fixed.effort, findings: [change('effort', asked ?? null, fixed.effort ?? null, reason)] };
  }
  if (asked === undefined) return { findings: [] };
  const { levels } = model.effort;
  if (levels.length === 0) {
    return { findings: [change('effort', asked, null, `${id} has no effort setting.`)] };
  }
  const max = options.thinking === false ? model.thinking.off_max_effort : null;
  const allowed = max === null ? levels : levels.filter((level) => efforts.indexOf(level) <= efforts.indexOf(max));
  const sent = nearestEffort(asked, allowed);
  if (sent === asked) return { effort: asked, findings: [] };
  const reason = levels.includes(asked)
    ? `${id} turns thinking off only at effort ${max} or lower.`
    : `${id} takes effort ${levels.join(', ')}.`;
  return { effort: sent, findings: [change('effort', asked, sent, reason)] };
}

/** The effort a between_tools conversation started with; undefined: free to choose. */
function fixedEffort(
  id: string,
  model: ModelFacts,
  previous: Ask['previous'],
): { readonly effort: Effort | undefined } | undefined {
  if (previous?.model !== id || !model.thinking.types.includes('between_tools')) return undefined;
  const { thinking, output_config: config } = previous.body;
  if (!hasKey(thinking, 'type') || thinking.type !== 'between_tools') return undefined;
  const sent = hasKey(config, 'effort') ? config.effort : undefined;
  return { effort: efforts.find((level) => level === sent) };
}

function nearestEffort(asked: Effort, levels: readonly Effort[]): Effort | undefined {
  const rank = (level: Effort): number => Math.abs(efforts.indexOf(level) - efforts.indexOf(asked));
  return levels.toSorted((a, b) => rank(a) - rank(b) || efforts.indexOf(a) - efforts.indexOf(b))[0];
}

function hasKey<K extends string>(value: unknown, key: K): value is Record<K, unknown> {
  return typeof value === 'object' && value !== null && key in value;
}
