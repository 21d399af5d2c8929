// Owns: the demo's lines about tool calls: what runs, and how a call reads in one line.
// Promises: told from the events of the journal alone; paths inside the project are shown without it.
// Never: prints results (run-demo.ts does).
import type { WorkerEvent } from '../contract/event.ts';
import type { WorkerManager } from '../contract/manager.ts';
import { isToolUse } from '../contract/message.ts';

/** Prints a line for each tool that really runs. Returns the function that ends it. */
export function narrate(manager: WorkerManager, project: string, print: (line: string) => void): () => void {
  const names = new Map<string, string>();
  const inputs = new Map<string, unknown>();
  return manager.subscribe((event: WorkerEvent, workerId: string) => {
    if (event.type === 'worker.spawned') names.set(workerId, event.description);
    if (event.type === 'model.replied') {
      for (const block of event.content) if (isToolUse(block)) inputs.set(block.id, block.input);
    }
    if (event.type === 'tool.started') {
      print(
        `   ${names.get(workerId) ?? workerId} runs: ${callText(event.tool, inputs.get(event.tool_use_id), project)}`,
      );
    }
  });
}

/** A call as a person reads it, such as "Read lib/cart.sh". */
export function callText(tool: string, input: unknown, project: string): string {
  const fields: Readonly<Record<string, unknown>> = typeof input === 'object' && input !== null ? { ...input } : {};
  const first = fields['command'] ?? fields['pattern'] ?? fields['file_path'];
  const subject = typeof first === 'string' ? first.replace(`${project}/`, '') : JSON.stringify(input);
  const { old_string: before, new_string: after } = fields;
  const change =
    typeof before === 'string' && typeof after === 'string' ? `\n       - ${before}\n       + ${after}` : '';
  return `${tool} ${subject}${change}`;
}
