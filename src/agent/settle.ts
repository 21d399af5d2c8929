// Owns: giving every open tool use its one result.
// Promises: calls are judged and asked about in order, all questions of a turn at once; they run in order, neighbouring
// read-only ones side by side; a call is judged again if something ran since that could have changed the answer; a tool
// is told where the path of its call led when it was judged.
// Never: lets a failing, denied or unknown tool end the worker; runs a call that was started before a crash.
import type { OpenToolUse } from '../contract/history.ts';
import { didYouMean, tryParse } from '../contract/parse.ts';
import type { JudgedCall, ToolCall } from '../contract/permission.ts';
import type { Tool, ToolOutput } from '../contract/ports.ts';
import { errorText } from '../contract/errors.ts';
import { type Judgement, judge } from './judge.ts';
import { deniedText, interruptedText, invalidInputText, invalidJsonText, unknownToolText } from './texts.ts';
import { createTurnRoom, type TurnRoom } from './turn-room.ts';
import type { AgentWorld } from './world.ts';

type Prepared =
  | { readonly ready: true; readonly open: OpenToolUse; readonly tool: Tool; readonly call: ToolCall }
  | { readonly ready: false; readonly open: OpenToolUse; readonly text: string };

type Ready = Extract<Prepared, { ready: true }>;

export async function settle(world: AgentWorld, signal: AbortSignal): Promise<void> {
  const prepared = world.history.open.filter((open) => open.result === undefined).map((open) => prepare(world, open));
  if (prepared.length === 0) return;
  const judgements = new Map<string, Judgement>();
  const fit = createTurnRoom(world.history.open);
  for (const item of prepared) {
    if (item.ready) judgements.set(item.call.tool_use_id, await judge(world, item.call, item.open, item.tool, signal));
  }
  let changed = false;
  for (const group of runGroups(prepared)) {
    await Promise.all(group.map((item) => finishOne(world, item, judgements, changed, fit, signal)));
    changed ||= group.some((item) => item.ready && item.tool.access !== 'read');
  }
}

/** Results for calls that will not run any more because the worker ended: the history must stay one that the API accepts. */
export async function settleUnfinished(world: Pick<AgentWorld, 'history' | 'record'>, why: string): Promise<void> {
  for (const open of world.history.open.filter((candidate) => candidate.result === undefined)) {
    await world.record({
      type: 'tool.finished',
      tool_use_id: open.use.id,
      tool: open.use.name,
      content: interruptedText(open.started, why, open.child),
      is_error: true,
      duration_ms: 0,
    });
  }
}

function prepare(world: AgentWorld, open: OpenToolUse): Prepared {
  const { name, input, id } = open.use;
  const { tools } = world.toolset;
  if (open.started)
    return { ready: false, open, text: interruptedText(true, 'The worker was interrupted', open.child) };
  const tool = tools.get(name);
  if (tool === undefined) {
    const names = [...tools.keys()].toSorted();
    return { ready: false, open, text: unknownToolText(name, names) + didYouMean(name, names).replace(/^, d/, ' D') };
  }
  if (typeof input === 'object' && input !== null && '__invalid_json' in input) {
    return { ready: false, open, text: invalidJsonText(name) };
  }
  const parsed = tryParse(tool.input, input);
  if (!parsed.ok) return { ready: false, open, text: invalidInputText(name, parsed.problems) };
  const target = tool.forward?.(parsed.value) ?? { tool, input: parsed.value };
  if (typeof target === 'string') return { ready: false, open, text: target };
  const call = { tool_use_id: id, tool: target.tool.name, input: target.input, access: target.tool.access };
  return { ready: true, open, tool: target.tool, call };
}

/** Neighbouring read-only calls form one group; any other call stands alone. */
function runGroups(prepared: readonly Prepared[]): Prepared[][] {
  const groups: Prepared[][] = [];
  let readOnly = false;
  for (const item of prepared) {
    const reads = !item.ready || item.tool.access === 'read' || item.tool.sideBySide === true;
    const last = groups.at(-1);
    if (last !== undefined && reads && readOnly) last.push(item);
    else groups.push([item]);
    readOnly = reads;
  }
  return groups;
}

async function finishOne(
  world: AgentWorld,
  item: Prepared,
  judgements: ReadonlyMap<string, Judgement>,
  changed: boolean,
  fit: TurnRoom,
  signal: AbortSignal,
): Promise<void> {
  if (!item.ready) return finishWith(world, item.open, { content: item.text, is_error: true }, 0);
  const { call, open, tool } = item;
  const first = judgements.get(call.tool_use_id);
  const overtaken = changed && (await first?.answer)?.allow === true;
  const judgement = overtaken ? await judge(world, call, open, tool, signal, first) : first;
  const resolution = await judgement?.answer;
  if (judgement !== undefined && resolution?.allow === true) return run(world, item, judgement.call, fit, signal);
  const text = deniedText(call, resolution?.reason);
  return finishWith(world, open, { content: text, is_error: true }, 0);
}

async function run(
  world: AgentWorld,
  { open, tool, call }: Ready,
  judged: JudgedCall,
  fit: TurnRoom,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  await world.record({ type: 'tool.started', tool_use_id: call.tool_use_id, tool: call.tool });
  const start = world.now();
  const output = await runTool(tool, call, judged, signal);
  await finishWith(world, open, { ...output, content: fit(output.content) }, world.now() - start);
}

async function runTool(tool: Tool, call: ToolCall, judged: JudgedCall, signal: AbortSignal): Promise<ToolOutput> {
  try {
    const output = await tool.run(call.input, signal, judged);
    signal.throwIfAborted();
    return output;
  } catch (error) {
    signal.throwIfAborted();
    return { content: `${tool.name} failed: ${errorText(error)}`, is_error: true };
  }
}

async function finishWith(
  world: AgentWorld,
  open: OpenToolUse,
  output: ToolOutput,
  duration_ms: number,
): Promise<void> {
  const content = output.content.length === 0 ? '(no output)' : output.content;
  await world.record({
    type: 'tool.finished',
    tool_use_id: open.use.id,
    tool: open.use.name,
    content: typeof content === 'string' ? content : [...content],
    is_error: output.is_error,
    duration_ms,
  });
}
