// Owns: the turns of a worker: settle what is open, ask the model once, let the stop reason decide.
// Promises: every event is recorded before it is acted on; ends with exactly one worker.completed or worker.failed,
// or rejects with the signal's reason when aborted (the owner then settles what is open).
// Never: I/O of its own; edits of earlier messages; a tool run from a reply that was cut.
import type { EventBody } from '../contract/event.ts';
import { isToolUse, lastText, toBlocks } from '../contract/message.ts';
import type { ModelReply, ModelRetry } from '../contract/ports.ts';
import { noUsage } from '../contract/usage.ts';
import { reachedLimit } from './limits.ts';
import { trailingText } from './result.ts';
import { settle } from './settle.ts';
import { decide, newTurnMemory } from './stop-reason.ts';
import { repairText } from './texts.ts';
import type { AgentWorld } from './world.ts';

type End = Extract<EventBody, { type: 'worker.completed' | 'worker.failed' }>;

const maxRepairs = 2;

export async function runAgent(world: AgentWorld, signal: AbortSignal): Promise<void> {
  const memory = newTurnMemory(world.plan.settings);
  let repairs = 0;
  let earlier = undecidedReply(world);
  for (;;) {
    await settle(world, signal);
    const limit = earlier === undefined ? reachedLimit(world) : undefined;
    if (limit !== undefined) return world.record(failed(world, limit));

    const reply = earlier ?? (await ask(world, memory.max_tokens, signal));
    if (reply.type === 'failed') return world.record(failed(world, reply));

    const step = decide(reply, memory);
    if (reply !== earlier) await world.record(repliedEvent(reply, step.keep));
    earlier = undefined;
    switch (step.type) {
      case 'next_turn':
        break;
      case 'nudge':
        await world.record({ type: 'message.appended', content: step.text });
        break;
      case 'refuse_cut_call':
        await refuseCutCall(world, reply);
        break;
      case 'fail':
        return world.record(failed(world, step, step.partial));
      case 'finish': {
        const problems = await finish(world, repairs < maxRepairs);
        if (problems === undefined) return;
        repairs += 1;
        await world.record({ type: 'message.appended', content: repairText(problems) });
        break;
      }
    }
  }
}

/** The reply that was recorded just before a crash: what follows from it is decided now, and it is not asked for again. */
function undecidedReply({ history }: AgentWorld): ModelReply | undefined {
  const { undecided, messages } = history;
  const last = messages.at(-1);
  if (undecided === undefined || last?.role !== 'assistant') return undefined;
  const told = { model: '', request_id: null, usage: noUsage, cost_usd: null, duration_ms: 0 };
  return { type: 'replied', content: toBlocks(last.content), stop_reason: undecided, ...told };
}

function ask(world: AgentWorld, maxTokens: number, signal: AbortSignal) {
  const { plan, toolset, history, worker_id } = world;
  const onRetry = (retry: ModelRetry) => world.record({ type: 'model.retried', ...retry });
  const request = {
    worker_id,
    settings: plan.settings,
    system: plan.system,
    tools: toolset.specs,
    messages: history.messages,
    max_tokens: maxTokens,
  };
  return world.model.reply(request, onRetry, signal);
}

function repliedEvent(reply: ModelReply, kept: boolean): EventBody {
  const { type: _, stop_details, content, ...rest } = reply;
  return {
    type: 'model.replied',
    kept,
    content: [...content],
    ...(stop_details === undefined ? {} : { stop_details: { ...stop_details } }),
    ...rest,
  };
}

function failed(
  world: AgentWorld,
  why: { readonly error_type: string; readonly error_hint: string },
  partial = '',
): End {
  return {
    type: 'worker.failed',
    error_type: why.error_type,
    error_hint: why.error_hint,
    result: partial || lastText(world.history.messages),
  };
}

/** The second reply in a row that was cut inside a tool use: its whole calls run, the cut one (the last) is answered. */
async function refuseCutCall(world: AgentWorld, reply: ModelReply): Promise<void> {
  const cut = reply.content.findLast(isToolUse);
  if (cut === undefined) return;
  await world.record({
    type: 'tool.finished',
    tool_use_id: cut.id,
    tool: cut.name,
    content:
      'This call was cut off by the output limit and was not run. Make a smaller call, or split the work into several.',
    is_error: true,
    duration_ms: 0,
  });
}

/** Records the end. Returns the problems instead when the output does not fit its schema and may still be repaired. */
async function finish(world: AgentWorld, mayRepair: boolean): Promise<readonly string[] | undefined> {
  const result = trailingText(world.history.messages);
  const checked = await world.validateOutput?.(result);
  if (checked === undefined) {
    await world.record({ type: 'worker.completed', result });
    return undefined;
  }
  if (checked.ok) {
    await world.record({ type: 'worker.completed', result, structured_output: checked.value });
    return undefined;
  }
  if (mayRepair) return checked.problems;
  const hint = `The result does not satisfy output_schema after ${maxRepairs} repairs: ${checked.problems.join('; ')}`;
  await world.record({
    type: 'worker.failed',
    error_type: 'output_schema',
    error_hint: `${hint.slice(0, 200)}. Loosen the schema or resume with a clearer prompt.`,
    result,
  });
  return undefined;
}
