// The tables of commands: what hides, what is harmless, and what each rule and mode makes of a command. Where bash is there,
// everything that the gate allows is really run, and nothing may come of it.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import test from 'node:test';
import type { PermissionMode } from '../../src/contract/options.ts';
import type { Decision, PermissionRule } from '../../src/contract/permission.ts';
import { createPolicy } from '../../src/permission/index.ts';
import {
  harmlessByDefault,
  harmlessEdits,
  harmlessUnderRules,
  nearMisses,
  projectRules,
} from './data/harmless-commands.ts';
import { grantedRules, hiddenCommands } from './data/hidden-commands.ts';
import { verdictGroups } from './data/verdicts.ts';
import { tablePaths } from './paths-table.ts';
import { canRun, eachLeavesMarker, makeTemplate } from './sandbox.ts';

type Rules = Partial<Record<Decision, readonly string[]>>;

function judge(mode: PermissionMode, rules: Rules): (command: string) => Decision {
  const list = (['allow', 'ask', 'deny'] as const).flatMap((decision) =>
    (rules[decision] ?? []).map((text): PermissionRule => ({ decision, text, source: 'cli' })),
  );
  const cwd = '/home/ann/work';
  const protectedDirectories = [`${cwd}/logs`, `${cwd}/var/logs`];
  const policy = createPolicy({ rules: list, mode, cwd, paths: tablePaths(), protectedDirectories });
  return (command) =>
    policy.evaluate({ tool_use_id: 't', tool: 'Bash', input: { command }, access: 'execute' }).decision;
}

const allHidden = Object.values(hiddenCommands).flat();

for (const [kind, commands] of Object.entries(hiddenCommands)) {
  test(`hidden commands ask: ${kind}`, () => {
    const byDefault = judge('default', {});
    const granted = judge('default', { allow: grantedRules });
    const planned = judge('plan', { allow: grantedRules });
    const ran = commands.filter((each) => [byDefault, granted, planned].some((decide) => decide(each) === 'allow'));
    assert.deepEqual(ran, []);
  });
}

test('harmless commands of every day do not ask', () => {
  const asks = (decide: (command: string) => Decision, commands: readonly string[]) =>
    commands.filter((command) => decide(command) !== 'allow');
  assert.deepEqual(asks(judge('default', {}), harmlessByDefault), []);
  assert.deepEqual(asks(judge('plan', {}), harmlessByDefault), []);
  assert.deepEqual(asks(judge('dontAsk', {}), harmlessByDefault), []);
  assert.deepEqual(asks(judge('default', { allow: projectRules }), harmlessUnderRules), []);
  assert.deepEqual(asks(judge('acceptEdits', {}), harmlessEdits), []);
  assert.deepEqual(asks(judge('default', {}), nearMisses), []);
});

for (const { intent, mode, commands, ...rules } of verdictGroups) {
  test(intent, () => {
    const decide = judge(mode ?? 'default', rules);
    const got = Object.fromEntries(Object.keys(commands).map((command) => [command, decide(command)]));
    assert.deepEqual(got, commands);
  });
}

test('the tables are as large as they should be', () => {
  const judged = verdictGroups.reduce((sum, { commands }) => sum + Object.keys(commands).length, 0);
  assert.ok(allHidden.length + judged >= 600, `${allHidden.length} hidden, ${judged} judged`);
  assert.ok(harmlessByDefault.length + harmlessUnderRules.length + harmlessEdits.length >= 150);
});

test('a command too long to read asks', () => {
  assert.equal(judge('bypassPermissions', { allow: ['Bash'] })(`echo ${'a'.repeat(10_000)}`), 'ask');
});

test('deep nesting and long chains of wrappers are judged in reasonable work', () => {
  const decide = judge('default', { allow: ['Bash(npm test:*)'], deny: ['Bash(rm:*)'] });
  assert.equal(decide(`${'timeout 1 '.repeat(300)}ls`), 'ask');
  assert.equal(decide(`${'sudo '.repeat(500)}ls`), 'ask');
  assert.equal(decide(`${'$('.repeat(200)}ls${')'.repeat(200)}`), 'ask');
  assert.equal(decide(`${'( '.repeat(100)}ls${' )'.repeat(100)}`), 'allow');
  assert.equal(decide('for a in 1; do '.repeat(100) + 'ls; ' + 'done; '.repeat(100)), 'allow');
  assert.equal(decide(`echo ${'{a,b}'.repeat(300)}`), 'allow');
});

/** Real processes on a busy machine: the limit is only there to end a test that hangs. */
const real = { skip: !canRun, timeout: 120_000 };

async function withTemplate(body: (template: string) => Promise<void>): Promise<void> {
  const template = makeTemplate();
  try {
    await body(template);
  } finally {
    rmSync(template, { recursive: true, force: true });
  }
}

test('really run: each hidden command leaves its marker, so the table hides what it says', real, () =>
  withTemplate(async (template) => {
    const left = await eachLeavesMarker(template, allHidden);
    assert.deepEqual(
      allHidden.filter((_, index) => left[index] === false),
      [],
    );
  }),
);

test('really run: nothing that the gate allows leaves a marker', real, () =>
  withTemplate(async (template) => {
    const decide = judge('default', { allow: grantedRules });
    const all = [...nearMisses, ...harmlessByDefault, ...allHidden];
    const allowed = all.filter((command) => decide(command) === 'allow');
    const left = await eachLeavesMarker(template, allowed);
    assert.deepEqual(
      allowed.filter((_, index) => left[index] === true),
      [],
    );
  }),
);
