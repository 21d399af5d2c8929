// Owns: the offline demo: three real workers on a sample project, a permission asked and answered, a resume.
// Promises: says that the model is scripted; everything else (tools, gate, journal) is the real thing, and what it reports
// was checked on disk. Ends with 0 only if all of it went as told.
// Never: leaves the machine, needs a key, or touches anything outside its own temp folder.
import { mkdir, mkdtemp, readFile, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { WorkerManager } from '../contract/manager.ts';
import { counted } from '../contract/text.ts';
import type { CompletedEntry, PendingEntry, WaitResult } from '../contract/worker.ts';
import { startScriptedApi } from './api/server.ts';
import { callText, narrate } from './narrate.ts';
import { cartFile, sampleProject } from './sample-project.ts';
import { demoScripts, demoTasks, resumePrompt } from './script.ts';

export type DemoManagerOptions = {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Absolute; does not exist yet. */
  readonly logsDir: string;
  /** Working directory of every worker. */
  readonly cwd: string;
};

export type DemoSetup = {
  readonly openManager: (options: DemoManagerOptions) => Promise<WorkerManager>;
  readonly print: (line: string) => void;
  /** A new folder is made in here and left for the reader. */
  readonly tempDir: string;
};

/** Resolves to the exit code. */
export async function runDemo({ openManager, print, tempDir }: DemoSetup): Promise<number> {
  const folder = await realpath(await mkdtemp(join(tempDir, 'aworkers-demo-')));
  const project = join(folder, 'project');
  const logsDir = join(folder, 'logs');
  await copySample(project);
  const api = await startScriptedApi({ conversations: demoScripts(project) });
  const manager = await openManager({ baseUrl: api.url, apiKey: 'demo', logsDir, cwd: project });
  const stopNarrating = narrate(manager, project, print);
  try {
    print(`The model of this demo is scripted: a Messages API on ${api.url} inside this process.`);
    print('Nothing leaves this machine, no key is used, nothing is billed.');
    print('Tools, permissions, history and logs are the real ones.');
    print(`Sample project: ${project}`);
    const ended = await tell(manager, project, print);
    const fixed = await readFile(join(project, cartFile), 'utf8');
    const wrong = [
      ...ended.failed.map((entry) => `"${entry.description}" failed: ${entry.error_hint}`),
      ...(fixed.includes('-ge 5000') ? [] : [`${cartFile} was not fixed.`]),
      ...(ended.completed.some((entry) => entry.result_preview.startsWith('6 of 6 ')) ? [] : ['The tests still fail.']),
      ...api.problems(),
    ];
    print('');
    for (const problem of wrong) print(`Went wrong: ${problem}`);
    print(`Logs: ${logsDir}`);
    for (const entry of ended.completed) print(`  tail -20 ${entry.conversation_history_file_path}`);
    return wrong.length === 0 ? 0 : 1;
  } finally {
    stopNarrating();
    await manager.close('the demo has ended');
    await api.close();
  }
}

async function tell(manager: WorkerManager, project: string, print: (line: string) => void): Promise<WaitResult> {
  print('\n1. Three workers start at once.');
  const [explorer, fixer, tester] = await Promise.all([
    manager.spawn(demoTasks.explore),
    manager.spawn(demoTasks.fix),
    manager.spawn(demoTasks.test),
  ]);
  for (const { worker_id } of [explorer, fixer, tester]) print(`   ${worker_id}`);
  print('\n2. The tests run first: a command asks for permission.');
  await settle(manager, [tester.worker_id], project, print);
  print('\n3. The change to a file asks too; the reader of the code asks for nothing.');
  await settle(manager, [explorer.worker_id, fixer.worker_id], project, print);
  print('\n4. The worker that ran the tests is resumed: same id, whole history.');
  await manager.resume({ worker_id: tester.worker_id, prompt: resumePrompt });
  await settle(manager, [tester.worker_id], project, print);
  return manager.wait({ worker_ids: [explorer.worker_id, fixer.worker_id, tester.worker_id] });
}

/** Waits for the workers, answers what they ask, and prints their results. */
async function settle(
  manager: WorkerManager,
  ids: readonly string[],
  project: string,
  print: (line: string) => void,
): Promise<void> {
  for (;;) {
    const result = await manager.wait({ worker_ids: [...ids] });
    if (result.pending_permissions.length === 0) {
      for (const entry of result.completed)
        print(`   ${entry.description}: ${entry.result_preview} (${factsOf(entry)})`);
      for (const entry of result.failed) print(`   ${entry.description} failed: ${entry.error_hint}`);
      return;
    }
    for (const pending of result.pending_permissions) await answer(manager, pending, project, print);
  }
}

async function answer(
  manager: WorkerManager,
  pending: PendingEntry,
  project: string,
  print: (line: string) => void,
): Promise<void> {
  print(`   ${pending.description} asks: ${callText(pending.tool, pending.input, project)}`);
  print(`     why it asks: ${pending.reason}`);
  const rule = pending.tool === 'Bash' ? pending.suggested_rule : null;
  const scope = rule === null ? 'once' : 'worker';
  print(
    `     the demo answers in your place: allowed, ${rule === null ? 'once' : `and ${rule} from now on for this worker`}`,
  );
  await manager.approve({ request_id: pending.request_id, allow: true, scope });
}

function factsOf(entry: CompletedEntry): string {
  const cost = entry.total_cost_usd === null ? 'cost unknown' : `$${entry.total_cost_usd.toFixed(4)} had it been real`;
  return `${counted(entry.num_turns, 'turn')}, ${cost}`;
}

async function copySample(project: string): Promise<void> {
  for (const [path, content] of Object.entries(sampleProject)) {
    const file = join(project, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}
