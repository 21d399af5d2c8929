// Owns: events -> the steps of a timeline: prompts, replies, tool uses with their permission and result, retries, ends.
// Promises: a tool use is one step from the call to the result, in call order; every text is cut at the budget's length.
// Never: drops a step (budget.ts may, and says so).
import { type EventOf, type WorkerEvent } from '../contract/event.ts';
import { type ContentBlock, isText, isToolUse, textOf } from '../contract/message.ts';
import { type Budget, excerpt } from './budget.ts';
import type { Excerpt, ReportPermission, ReportStep } from './input.ts';
import { inputText, resultText } from './tool-text.ts';

/** Filled in as the journal goes on; nobody outside sees it before the end. */
type ToolStep = {
  -readonly [K in keyof Extract<ReportStep, { type: 'tool' }>]: Extract<ReportStep, { type: 'tool' }>[K];
};

export function stepsOf(events: readonly WorkerEvent[], budget: Budget): readonly ReportStep[] {
  const steps: ReportStep[] = [];
  const tools = new Map<string, ToolStep>();
  const asked = new Map<string, number>();
  const cut = (text: string) => excerpt(text, budget.text);
  let turn = 0;

  function replied(event: EventOf<'model.replied'>): void {
    turn += 1;
    const { usage, cost_usd, duration_ms, stop_reason, at } = event;
    const parts = event.content.flatMap((block) => partsOf(block, event.kept, cut, budget));
    steps.push({ type: 'reply', at, turn, parts, dropped: !event.kept, stop_reason, usage, cost_usd, duration_ms });
    if (!event.kept) return;
    for (const use of event.content.filter((block) => isToolUse(block))) {
      const step: ToolStep = {
        type: 'tool',
        at,
        tool: use.name,
        input: cut(inputText(use.input)),
        result: null,
        is_error: false,
        duration_ms: null,
      };
      tools.set(use.id, step);
      steps.push(step);
    }
  }

  function permit(id: string, permission: ReportPermission): void {
    const step = tools.get(id);
    if (step !== undefined) step.permission = permission;
  }

  for (const event of events) {
    switch (event.type) {
      case 'worker.spawned':
        steps.push({ type: 'prompt', at: event.at, text: cut(event.prompt) });
        break;
      case 'message.appended':
        steps.push({ type: 'prompt', at: event.at, text: cut(textOf(event.content)) });
        break;
      case 'model.replied':
        replied(event);
        break;
      case 'model.retried': {
        const { at, attempt, max_attempts, delay_ms, error_type, message } = event;
        steps.push({ type: 'retry', at, attempt, max_attempts, delay_ms, error_type, message: cut(message) });
        break;
      }
      case 'permission.requested':
        asked.set(event.request.tool_use_id, Date.parse(event.at));
        permit(event.request.tool_use_id, { reason: event.request.reason, allowed: null, waited_ms: 0 });
        break;
      case 'permission.resolved': {
        const { allow, decided_by, reason } = event.resolution;
        const since = asked.get(event.tool_use_id);
        permit(event.tool_use_id, {
          reason: reason ?? tools.get(event.tool_use_id)?.permission?.reason ?? '',
          allowed: allow,
          decided_by,
          waited_ms: since === undefined ? 0 : Date.parse(event.at) - since,
        });
        break;
      }
      case 'tool.finished': {
        const step = tools.get(event.tool_use_id);
        if (step === undefined) break;
        step.result = cut(resultText(event.content));
        step.is_error = event.is_error;
        step.duration_ms = event.duration_ms;
        break;
      }
      case 'worker.resumed':
        steps.push({ type: 'resumed', at: event.at, text: cut('') });
        break;
      case 'child.spawned':
      case 'child.ended': // the Task call and the child's own entry tell of them
        break;
      case 'worktree.settled':
        steps.push({ type: 'ended', at: event.at, text: cut(`worktree ${event.branch}: ${worktreeText(event)}`) });
        break;
      case 'worker.completed':
        steps.push({ type: 'ended', at: event.at, text: cut('completed') });
        break;
      case 'worker.failed':
        steps.push({ type: 'ended', at: event.at, text: cut(`failed (${event.error_type}): ${event.error_hint}`) });
        break;
      case 'worker.stopped':
        steps.push({ type: 'ended', at: event.at, text: cut(`stopped: ${event.reason}`) });
        break;
      case 'tool.started': {
        const step = tools.get(event.tool_use_id);
        if (step !== undefined) step.at = event.at;
        break;
      }
      case 'worker.started':
        break;
    }
  }
  return steps;
}

function partsOf(
  block: ContentBlock,
  kept: boolean,
  cut: (text: string) => Excerpt,
  budget: Budget,
): Extract<ReportStep, { type: 'reply' }>['parts'] {
  if (isText(block))
    return block.text.trim() === '' ? [] : [{ type: 'text', text: excerpt(block.text, budget.answer) }];
  if (isToolUse(block)) {
    return kept ? [] : [{ type: 'other', text: cut(`${block.name}, never run: ${inputText(block.input)}`) }];
  }
  if (block.type !== 'thinking') return [{ type: 'other', text: cut(block.type.replaceAll('_', ' ')) }];
  const thought = 'thinking' in block && typeof block['thinking'] === 'string' ? block['thinking'] : '';
  return [{ type: 'thinking', text: cut(thought === '' ? 'The API sent no text of this thought.' : thought) }];
}

function worktreeText({ problem, diffstat, apply_command }: EventOf<'worktree.settled'>): string {
  if (problem !== undefined) return `its changes were not collected: ${problem}`;
  return apply_command === null ? 'no changes' : `${diffstat}; apply with: ${apply_command}`;
}
