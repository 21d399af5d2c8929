// Owns: one call's way through the gate: policy first, then whoever may answer.
// Promises: what is asked and what is answered is recorded before anyone acts on it; an answer that was recorded
// before a crash is not asked for again, unless policy now denies. A judgement says where the path of the call led: an
// answer is good for where it led when the question was put (after a crash: when it was judged again).
// Never: allows when in doubt: a policy that throws denies.
import { errorText } from '../contract/errors.ts';
import type { OpenToolUse } from '../contract/history.ts';
import type { JudgedCall, PermissionRequest, Resolution, ToolCall, Verdict } from '../contract/permission.ts';
import type { Tool } from '../contract/ports.ts';
import type { AgentWorld } from './world.ts';

/** Settled by policy, or asked: then `answer` may take days. */
export type Judgement = { readonly answer: Resolution | Promise<Resolution>; readonly call: JudgedCall };

/**
 * Resolves once the question is out, so that all questions of a turn can be asked before the first is answered.
 * `before`: the judgement of the same call that something may have overtaken.
 */
export async function judge(
  world: AgentWorld,
  call: ToolCall,
  open: OpenToolUse,
  tool: Tool,
  signal: AbortSignal,
  before?: Judgement,
): Promise<Judgement> {
  const verdict = evaluate(world, call);
  const judged: JudgedCall = { tool_use_id: call.tool_use_id, real_path: verdict.real_path };
  if (verdict.decision === 'deny') return { answer: await recordDenial(world, call, verdict), call: judged };
  if (open.resolution !== undefined) {
    return { answer: open.resolution, call: verdict.decision === 'allow' ? judged : (before?.call ?? judged) };
  }
  if (verdict.decision === 'allow') {
    return { answer: { allow: true, scope: 'once', decided_by: 'policy' }, call: judged };
  }
  const request = open.request ?? (await recordRequest(world, call, tool, verdict, judged));
  const commit = (resolution: Resolution) => recordResolution(world, call, request.request_id, resolution);
  const answer = world.approver.ask(request, commit, signal);
  answer.catch(() => undefined); // an abort rejects every open question; the first that is awaited reports it
  return { answer, call: judged };
}

function evaluate(world: AgentWorld, call: ToolCall): Verdict {
  try {
    return world.policy.evaluate(call);
  } catch (error) {
    return { decision: 'deny', reason: `The permission check failed: ${errorText(error)}`, parts: [] };
  }
}

async function recordDenial(world: AgentWorld, call: ToolCall, verdict: Verdict): Promise<Resolution> {
  const resolution: Resolution = { allow: false, reason: verdict.reason, scope: 'once', decided_by: 'policy' };
  await recordResolution(world, call, null, resolution);
  return resolution;
}

async function recordRequest(
  world: AgentWorld,
  call: ToolCall,
  tool: Tool,
  verdict: Verdict,
  judged: JudgedCall,
): Promise<PermissionRequest> {
  const preview = await previewOf(tool, call, judged);
  const request: PermissionRequest = {
    request_id: world.newId(),
    worker_id: world.worker_id,
    description: world.description,
    tool: call.tool,
    tool_use_id: call.tool_use_id,
    input: call.input,
    reason: verdict.reason,
    ...(verdict.rule === undefined ? {} : { rule: verdict.rule }),
    ...(verdict.suggested_rule === undefined ? {} : { suggested_rule: verdict.suggested_rule }),
    ...(preview === undefined ? {} : { preview }),
  };
  await world.record({ type: 'permission.requested', request });
  return request;
}

/** A preview helps a person; without one the question is still asked. */
async function previewOf(tool: Tool, call: ToolCall, judged: JudgedCall): Promise<string | undefined> {
  try {
    return await tool.preview?.(call.input, judged);
  } catch {
    return undefined; // such as a file that does not exist: running the call will say so
  }
}

function recordResolution(
  world: AgentWorld,
  call: ToolCall,
  request_id: string | null,
  resolution: Resolution,
): Promise<void> {
  return world.record({
    type: 'permission.resolved',
    request_id,
    tool_use_id: call.tool_use_id,
    tool: call.tool,
    input: call.input,
    resolution,
  });
}
