// Owns: temperature, top_p and top_k against the model and its thinking mode.
// Promises: the rules of 2023-06-01; under 2026-10-21 the three fields do not exist at all (request-shape.ts).
// Never: adapts a value.
import { type Call, thinkingMode } from './call.ts';
import { invalid, type Problems } from './problem.ts';

export function* samplingProblems(call: Call): Problems {
  const { temperature, top_p: topP, top_k: topK } = call.body;
  const given = (value: unknown): boolean => value !== undefined && value !== null;
  if (call.model.sampling === 'free') return;
  if (call.model.sampling === 'no') {
    if (given(temperature) && temperature !== 1) yield deprecated('temperature');
    if (given(topP) && (topP ?? 1) < 0.99) yield deprecated('top_p');
    if (given(topK)) yield deprecated('top_k');
    return;
  }
  if (given(temperature) && given(topP)) {
    yield invalid('`temperature` and `top_p` cannot both be specified for this model. Please use only one.');
  }
  if (thinkingMode(call) === 'off') return;
  const when = 'when thinking is enabled or in adaptive mode';
  if (given(temperature) && temperature !== 1) yield invalid(`\`temperature\` may only be set to 1 ${when}.`);
  if (given(topP) && (topP ?? 1) < 0.95) {
    yield invalid(`\`top_p\` must be greater than or equal to 0.95 or unset ${when}.`);
  }
  if (given(topK)) yield invalid(`\`top_k\` must be unset ${when}.`);
}

function deprecated(name: string): ReturnType<typeof invalid> {
  return invalid(`\`${name}\` is deprecated for this model.`);
}
