// Owns: what the demo's workers are asked, and what the scripted model says.
// Promises: the model's words follow from what the tools really returned; a denied or failing tool is admitted, not glossed over.
// Never: claims a result it was not shown.
import { join } from 'node:path';
import type { Task } from '../contract/task.ts';
import { reply, text, thinking, toolUse } from './api/reply.ts';
import type { Script, Turn } from './api/script-book.ts';
import type { Reply, ScriptedBlock } from './api/sendable.ts';
import { cartFile, testCommand } from './sample-project.ts';

const explorePrompt = 'Find where the cart decides whether shipping is free, and compare it with the README.';
const fixPrompt = 'Orders of exactly 50.00 are charged for shipping. Fix it in the cart.';
const testPrompt = 'Run the tests of this project and tell me how many pass and which fail.';

export const demoTasks = {
  explore: { description: 'find the shipping rule', prompt: explorePrompt, agent_type: 'Explore' },
  fix: { description: 'fix the shipping rule', prompt: fixPrompt },
  test: { description: 'run the tests', prompt: testPrompt },
} as const satisfies Readonly<Record<string, Task>>;

export const resumePrompt = 'The shipping rule was changed meanwhile. Run the tests again and compare with before.';

/** By conversation, for a project in `directory`. */
export function demoScripts(directory: string): Readonly<Record<string, Script>> {
  return {
    [explorePrompt]: (turn) => explore(turn, directory),
    [fixPrompt]: (turn) => fix(turn, directory),
    [testPrompt]: runTests,
  };
}

const comparison = /if \[ "\$1" -g[et] \d+ \]/;

function explore(turn: Turn, directory: string): Reply {
  const [found, readme] = turn.toolResults;
  if (found === undefined) {
    return say(
      thinking('The rule compares the sum with a limit, so I look for the comparison and read what is promised.'),
      toolUse('Grep', { pattern: 'if .* -g[et] [0-9]+', path: directory, output_mode: 'content' }),
      toolUse('Read', { file_path: join(directory, 'README.md') }),
    );
  }
  const rule = comparison.exec(found.text)?.[0];
  const promise = /shipping: .*/.exec(readme?.text ?? '')?.[0];
  if (rule === undefined || promise === undefined)
    return say(text(`I could not find the rule. ${turn.toolResults.map((result) => result.text).join('\n')}`));
  const strict = rule.includes('-gt');
  const judgement = strict ? 'At exactly 50.00 they disagree: -gt leaves the limit itself out.' : 'They agree.';
  return say(text(`The code says \`${rule}\`; the README says "${promise}". ${judgement}`));
}

function fix(turn: Turn, directory: string): Reply {
  const file_path = join(directory, cartFile);
  const last = turn.toolResults[0];
  if (last === undefined) return say(thinking('I read the cart before I change it.'), toolUse('Read', { file_path }));
  if (last.tool === 'Edit') {
    return say(
      text(
        last.isError ? `The change was not made: ${last.text}` : 'The limit itself now counts as free: -gt became -ge.',
      ),
    );
  }
  const rule = comparison.exec(last.text)?.[0];
  if (rule === undefined) return say(text(`I could not find the rule in what I read: ${last.text}`));
  if (rule.includes('-ge')) return say(text('The rule is right already; I changed nothing.'));
  return say(
    thinking('From 50.00 on means the limit is included.'),
    text('The comparison leaves out the limit itself.'),
    toolUse('Edit', { file_path, old_string: rule, new_string: rule.replace('-gt', '-ge') }),
  );
}

function runTests(turn: Turn): Reply {
  const last = turn.toolResults.at(-1);
  // A new prompt after the last answer (a resume) starts over: the history holds the earlier run.
  if (last === undefined) return say(toolUse('Bash', { command: testCommand }));
  const passed = last.text.match(/^ok .*$/gm) ?? [];
  const failed = last.text.match(/^FAIL .*$/gm) ?? [];
  if (passed.length + failed.length === 0) return say(text(`The tests did not run: ${last.text}`));
  const list =
    failed.length === 0 ? 'None fails.' : `Failing: ${failed.map((line) => line.replace(/^FAIL +/, '')).join('; ')}.`;
  return say(text(`${passed.length} of ${passed.length + failed.length} checks pass. ${list}`));
}

/** A little slower than instant, so that it shows that the workers run side by side. */
function say(...content: readonly ScriptedBlock[]): Reply {
  return reply(content, { firstByteMs: 120 });
}
