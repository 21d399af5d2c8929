// Owns: what the model reads when a call did not run. Product text: golden-tested.
import type { ToolCall } from '../contract/permission.ts';
import { inOneSentence } from '../contract/text.ts';

export function unknownToolText(name: string, known: readonly string[]): string {
  return `There is no tool named "${name}". Available: ${known.join(', ') || 'none'}.`;
}

export function invalidInputText(name: string, problems: readonly string[]): string {
  return `Invalid input for ${name}: ${inOneSentence(problems)} Correct it and call again.`;
}

export function invalidJsonText(name: string): string {
  return `The input of this ${name} call is not valid JSON. It was not run. Send the call again with valid JSON.`;
}

export function deniedText(call: ToolCall, reason = ''): string {
  const why = reason === '' ? '' : ` Reason: ${reason}`;
  return `Permission to use ${call.tool} was denied.${why}\nDo not repeat this call. Find another way within what is allowed, or report what you could not do.`;
}

/** For a call that was open when its worker ended or its process died. `why` is a clause: "The worker was stopped". */
export function interruptedText(started: boolean, why: string, child?: string): string {
  if (child !== undefined) {
    return `${why} during this call. Its worker ${child} keeps what it has done: to go on with it, call Task with resume "${child}" and a prompt.`;
  }
  return started
    ? `${why} during this call. It may have run, in part or whole: check before you repeat it.`
    : `${why} before this call was run.`;
}

export function repairText(problems: readonly string[]): string {
  const list = problems.map((problem) => `- ${problem}`).join('\n');
  return `Your last message does not satisfy the required JSON Schema:\n${list}\nReply with the corrected JSON value alone, complete, without prose or code fence.`;
}
