// Owns: the pairing of tool uses and results, client tools and server tools.
// Promises: every tool_use has exactly one result, at the front of the next user message, and no result is without its use.
// Never: cares in which order the results stand.
import { type Call, type Run, runsOf } from './call.ts';
import { invalid, type Problems } from './problem.ts';

export function* toolPairProblems(call: Call): Problems {
  const runs = runsOf(call.messages.filter((message) => message.role !== 'system'));
  const seen = new Set<string>();
  for (const [at, run] of runs.entries()) {
    if (run.role === 'assistant') {
      yield* uniqueProblems(run, seen);
      const next = runs[at + 1];
      yield* missingProblems(run, next);
      yield* serverToolProblems(runs, at);
    } else yield* resultProblems(run, runs[at - 1]);
  }
}

function* uniqueProblems(run: Run, seen: Set<string>): Problems {
  for (const { block, path } of run.blocks) {
    if (block.type !== 'tool_use' && block.type !== 'server_tool_use') continue;
    const id = String(block['id']);
    if (seen.has(id)) yield invalid(`${path}: \`tool_use\` ids must be unique`);
    seen.add(id);
  }
}

function* missingProblems(run: Run, next: Run | undefined): Problems {
  const answered = new Set(leadingResults(next).map(({ block }) => String(block['tool_use_id'])));
  const missing = idsOf(run).filter((id) => !answered.has(id));
  if (missing.length === 0) return;
  yield invalid(
    `messages.${run.index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. ` +
      'Each `tool_use` block must have a corresponding `tool_result` block in the next message.',
  );
}

function* resultProblems(run: Run, previous: Run | undefined): Problems {
  const asked = new Set(previous?.role === 'assistant' ? idsOf(previous) : []);
  const seen = new Set<string>();
  for (const { block, path } of run.blocks) {
    if (block.type !== 'tool_result') continue;
    const id = String(block['tool_use_id']);
    if (!asked.has(id)) {
      yield invalid(
        `${path}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. ` +
          'Each `tool_result` block must have a corresponding `tool_use` block in the previous message.',
      );
    }
    if (seen.has(id)) {
      yield invalid(
        `${path}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${id}`,
      );
    }
    seen.add(id);
  }
}

function* serverToolProblems(runs: readonly Run[], at: number): Problems {
  const run = runs[at]!;
  const later = runs.slice(at).filter((other) => other.role === 'assistant');
  const answered = new Set(
    later.flatMap((other) =>
      other.blocks
        .filter(({ block }) => block.type !== 'tool_result' && block.type.endsWith('_tool_result'))
        .map(({ block }) => String(block['tool_use_id'])),
    ),
  );
  // The last turn may still be under way: paused, or waiting for a client tool called beside the server's.
  if (later.length === 1 && (at === runs.length - 1 || idsOf(run).length > 0)) return;
  for (const { block } of run.blocks) {
    if (block.type !== 'server_tool_use' || answered.has(String(block['id']))) continue;
    const name = String(block['name']);
    yield invalid(
      `\`${name}\` tool use with id \`${String(block['id'])}\` was found without a corresponding \`${name}_tool_result\` block`,
    );
  }
}

function leadingResults(run: Run | undefined): Run['blocks'] {
  if (run === undefined) return [];
  const end = run.blocks.findIndex(({ block }) => block.type !== 'tool_result');
  return end < 0 ? run.blocks : run.blocks.slice(0, end);
}

function idsOf(run: Run): readonly string[] {
  return run.blocks.filter(({ block }) => block.type === 'tool_use').map(({ block }) => String(block['id']));
}
