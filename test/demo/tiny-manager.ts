// Owns: the smallest WorkerManager that can live through the demo: a loop over bare HTTP and four real tools.
// Promises: the history it sends is complete and append-only, so the strict API judges the demo's scripts and nothing else.
// Never: a model of the real manager: no journal, no limits, no retries.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkerEvent } from '../../src/contract/event.ts';
import type { Spawned, WorkerListener, WorkerManager } from '../../src/contract/manager.ts';
import type { CompletedEntry, PendingEntry } from '../../src/contract/worker.ts';
import type { DemoManagerOptions } from '../../src/demo/run-demo.ts';

type Input = Record<string, string>;
type Worker = { id: string; description: string; messages: any[]; turns: number; result?: string; done: Promise<void> };
type Question = { entry: PendingEntry; answer: (allow: boolean) => void };

/** `deny`: what the gate is told whatever the demo answers. */
export async function openTinyManager(options: DemoManagerOptions, deny = false): Promise<WorkerManager> {
  const workers = new Map<string, Worker>();
  const questions: Question[] = [];
  const listeners = new Set<WorkerListener>();
  const remembered = new Set<string>();
  let wake: (() => void)[] = [];
  const changed = (): void => {
    const woken = wake;
    wake = [];
    for (const resume of woken) resume();
  };
  const emit = (worker: Worker, event: object): void => {
    for (const listener of listeners) listener(event as WorkerEvent, worker.id);
  };

  const permitted = (worker: Worker, tool: string, input: Input): Promise<boolean> => {
    const rule = `${tool}(${input['command']})`;
    if (tool === 'Read' || tool === 'Grep' || remembered.has(worker.id + rule)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const request_id = `request-${questions.length}`;
      const entry = {
        request_id,
        worker_id: worker.id,
        description: worker.description,
        tool,
        input,
        reason: 'changes things',
        suggested_rule: rule,
      };
      questions.push({ entry, answer: resolve });
      changed();
    });
  };

  const run = async (worker: Worker): Promise<void> => {
    for (;;) {
      const headers = {
        'x-api-key': options.apiKey,
        'anthropic-version': '2023-06-01',
        'content-type': 'application/json',
      };
      const tools = ['Bash', 'Edit', 'Grep', 'Read'].map((name) => ({ name, input_schema: { type: 'object' } }));
      const body = { model: 'claude-sonnet-5-5', max_tokens: 999, system: 'Work.', tools, messages: worker.messages };
      const response = await fetch(`${options.baseUrl}/v1/messages`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      const message: any = await response.json();
      if (response.status !== 200) throw new Error(JSON.stringify(message));
      worker.turns += 1;
      worker.messages.push({ role: 'assistant', content: message.content });
      emit(worker, { type: 'model.replied', content: message.content });
      const uses = message.content.filter((block: any) => block.type === 'tool_use');
      if (uses.length === 0) {
        worker.result = message.content.map((block: any) => block.text ?? '').join('');
        return changed();
      }
      const results = [];
      for (const use of uses) {
        const allowed =
          (await permitted(worker, use.name, use.input)) && !(deny && use.name !== 'Read' && use.name !== 'Grep');
        if (allowed) emit(worker, { type: 'tool.started', tool_use_id: use.id, tool: use.name });
        const { content, is_error } = allowed
          ? runTool(use.name, use.input, options.cwd)
          : { content: 'Denied.', is_error: true };
        results.push({ type: 'tool_result', tool_use_id: use.id, content, is_error });
      }
      worker.messages.push({ role: 'user', content: results });
    }
  };

  const spawned = (worker: Worker): Spawned => ({
    worker_id: worker.id,
    session_id: worker.id,
    status: 'running',
    model: 'claude-sonnet-5-5',
    conversation_history_file_path: join(options.logsDir, `worker-${worker.id}.json`),
    notices: [],
  });
  const entryOf = (worker: Worker): CompletedEntry => {
    const { status: _, notices: __, ...rest } = spawned(worker);
    const more = {
      result_preview: (worker.result ?? '').slice(0, 200),
      num_turns: worker.turns,
      total_cost_usd: 0,
      duration_ms: 0,
    };
    return { ...rest, ...more, description: worker.description, permission_denials: 0 };
  };

  const manager: Partial<WorkerManager> = {
    logsDir: options.logsDir,
    spawn: async (task) => {
      const id = `worker-${workers.size}`;
      const messages = [{ role: 'user', content: [{ type: 'text', text: task.prompt }] }];
      const worker: Worker = { id, description: task.description, messages, turns: 0, done: Promise.resolve() };
      workers.set(id, worker);
      emit(worker, { type: 'worker.spawned', description: task.description });
      worker.done = run(worker);
      return spawned(worker);
    },
    resume: async ({ worker_id, prompt }) => {
      const worker = workers.get(worker_id)!;
      worker.messages.push({ role: 'user', content: [{ type: 'text', text: prompt }] });
      delete worker.result;
      worker.done = run(worker);
      return spawned(worker);
    },
    wait: async ({ worker_ids = [...workers.keys()] }) => {
      for (;;) {
        const wanted = worker_ids.map((id) => workers.get(id)!);
        const pending_permissions = questions
          .map(({ entry }) => entry)
          .filter((entry) => worker_ids.includes(entry.worker_id));
        const completed = wanted.filter((worker) => worker.result !== undefined).map(entryOf);
        if (pending_permissions.length > 0 || completed.length === wanted.length) {
          return { completed, failed: [], pending_permissions, running: [] };
        }
        await Promise.race([
          new Promise<void>((resolve) => wake.push(resolve)),
          ...wanted.filter((worker) => worker.result === undefined).map((worker) => worker.done),
        ]);
      }
    },
    approve: async ({ request_id, allow, scope }) => {
      const at = questions.findIndex(({ entry }) => entry.request_id === request_id);
      const [question] = questions.splice(at, 1);
      const { worker_id, tool, suggested_rule } = question!.entry;
      if (scope === 'worker') remembered.add(`${worker_id}${suggested_rule}`);
      question!.answer(allow);
      return { status: allow ? 'approved' : 'denied', request_id, worker_id, tool };
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: async () => {},
  };
  return manager as WorkerManager;
}

function runTool(name: string, input: Input, cwd: string): { content: string; is_error: boolean } {
  if (name === 'Bash') {
    const ended = spawnSync('/bin/sh', ['-c', input['command']!], { cwd, encoding: 'utf8', env: {} });
    return { content: `${ended.stdout}${ended.stderr}`, is_error: ended.status !== 0 };
  }
  if (name === 'Grep') {
    const files = readdirSync(input['path']!, { recursive: true, encoding: 'utf8' }).map((file) =>
      join(input['path']!, file),
    );
    const lines = files
      .filter((file) => statSync(file).isFile())
      .flatMap((file) =>
        readFileSync(file, 'utf8')
          .split('\n')
          .flatMap((line, at) => (new RegExp(input['pattern']!).test(line) ? [`${file}:${at + 1}:${line}`] : [])),
      );
    return { content: lines.join('\n'), is_error: false };
  }
  const file = input['file_path']!;
  const before = readFileSync(file, 'utf8');
  if (name === 'Read') {
    return {
      content: before
        .split('\n')
        .map((line, at) => `${String(at + 1).padStart(6)}\t${line}`)
        .join('\n'),
      is_error: false,
    };
  }
  writeFileSync(file, before.replace(input['old_string']!, input['new_string']!));
  return { content: 'The file was changed.', is_error: false };
}
