// Owns: thinking, effort, max_tokens and forced tool choice against the model.
// Promises: every row of the model table is enforced here or in check-sampling.ts, nowhere else.
// Never: adapts a value.
import { type Call, thinkingMode } from './call.ts';
import { invalid, type Problems } from './problem.ts';

export function* thinkingProblems(call: Call): Problems {
  const { body, model } = call;
  const thinking = body.thinking;
  if (thinking !== undefined && !model.thinking.includes(thinking.type)) yield refusedType(call, thinking.type);
  if (thinking !== undefined && 'display' in thinking && thinking.display === 'updates') {
    yield* needsBeta(call, `thinking.${thinking.type}.display`, 'thinking-display-updates-2026-08-18');
  }
  if (thinking !== undefined && 'block_binding' in thinking) {
    yield* needsBeta(call, `thinking.${thinking.type}.block_binding`, 'thinking-binding-controls-2026-08-01');
  }
  if (thinking?.type === 'enabled') yield* budgetProblems(call, thinking.budget_tokens);
  const effort = body.output_config?.effort ?? model.effortDefault;
  const off = thinking?.type === 'disabled' || thinking?.type === 'between_tools';
  if (off && model.offNeedsEffortHigh && (effort === 'xhigh' || effort === 'max')) {
    yield invalid(
      `"thinking.type.${thinking.type}" is not supported with effort "${effort}" for this model. ` +
        'Lower "output_config.effort" to "high" or use "thinking.type.adaptive".',
    );
  }
}

export function* effortProblems(call: Call): Problems {
  const effort = call.body.output_config?.effort;
  const { efforts } = call.model;
  if (effort === undefined || effort === null || efforts.includes(effort)) return;
  yield efforts.length === 0
    ? invalid('This model does not support the effort parameter.')
    : invalid(`This model does not support effort level '${effort}'. Supported levels: ${efforts.join(', ')}.`);
}

export function* maxTokensProblems(call: Call): Problems {
  const { body, model } = call;
  if (body.max_tokens !== undefined && body.max_tokens > model.maxOutput) {
    yield invalid(
      `max_tokens: ${body.max_tokens} > ${model.maxOutput}, which is the maximum allowed number of output tokens for ${body.model}`,
    );
  }
  if (body.max_tokens !== 0) return;
  const clash = [
    body.stream === true && 'stream',
    body.thinking?.type === 'enabled' && 'thinking.type.enabled',
    body.output_config?.format && 'output_config.format',
    forces(call) && 'a forced tool_choice',
  ].find((name) => typeof name === 'string');
  if (clash !== undefined) yield invalid(`max_tokens: 0 is not supported together with ${clash}`);
}

export function* toolChoiceProblems(call: Call): Problems {
  const choice = call.body.tool_choice;
  if (choice === undefined) return;
  if (call.tools.length === 0) yield invalid('tool_choice may only be specified while providing tools');
  if (choice.type === 'tool' && !call.tools.some((tool) => tool['name'] === choice.name)) {
    yield invalid(`Tool '${choice.name}' not found in provided tools`);
  }
  if (!forces(call)) return;
  const { forcedToolChoice } = call.model;
  if (forcedToolChoice === 'never') {
    yield invalid('tool_choice: type "tool" and "any" are not supported for this model.');
  }
  if (forcedToolChoice === 'not-with-enabled' && thinkingMode(call) === 'enabled') {
    yield invalid('Thinking may not be enabled when tool_choice forces tool use.');
  }
}

export function* speedProblems(call: Call): Problems {
  if (call.body.speed !== 'fast') return;
  const fast = ['claude-opus-5-5', 'claude-opus-5', 'claude-opus-4-8', 'claude-opus-4-6'];
  if (!fast.includes(call.model.id)) yield invalid("speed: 'fast' is not supported for this model.");
}

function* budgetProblems(call: Call, budget: number): Problems {
  if (budget < 1024) yield invalid('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024');
  const spansTurn = call.betas.has('interleaved-thinking-2025-05-14');
  const { max_tokens: maxTokens } = call.body;
  if (maxTokens !== undefined && budget >= maxTokens && !spansTurn) {
    yield invalid('`max_tokens` must be greater than `thinking.budget_tokens`.');
  }
}

function refusedType(call: Call, type: string): ReturnType<typeof invalid> {
  if (type === 'adaptive') return invalid('adaptive thinking is not supported on this model');
  const refused = `"thinking.type.${type}" is not supported for this model.`;
  if (type === 'between_tools') return invalid(refused);
  const advice = ' Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.';
  const off = call.model.thinking.includes('between_tools') && type === 'disabled';
  return invalid(refused + advice + (off ? ' To turn thinking off send `{"type": "between_tools"}`.' : ''));
}

function* needsBeta(call: Call, path: string, beta: string): Problems {
  if (!call.betas.has(beta)) yield invalid(`${path}: Extra inputs are not permitted`);
}

function forces(call: Call): boolean {
  return call.body.tool_choice?.type === 'any' || call.body.tool_choice?.type === 'tool';
}
