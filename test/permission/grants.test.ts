// Who may grant: a caller over MCP, an agent file and a project's settings try every way to widen what a worker may do.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { PermissionRule } from '../../src/contract/permission.ts';
import { createGate, createPolicy, type GrantInput, grants, type Settings } from '../../src/permission/index.ts';
import { tablePaths } from './paths-table.ts';

const start = '/home/ann/work';

const base: GrantInput = {
  callerOptions: {},
  serverCeiling: { source: 'server' },
  userSettings: [],
  projectSettings: [],
  trustProject: false,
  trustCaller: false,
  cwd: start,
  startDirectory: start,
};

function settings(
  path: string,
  source: PermissionRule['source'],
  more: Partial<Settings> & { rules?: readonly PermissionRule[] },
): Settings {
  const rules = (more.rules ?? []).map((rule) => ({ ...rule, source }));
  return { path, disableBypass: false, additionalDirectories: [], ...more, rules };
}

const allow = (text: string): PermissionRule => ({ decision: 'allow', text, source: 'user' });
const deny = (text: string): PermissionRule => ({ decision: 'deny', text, source: 'user' });
const ask = (text: string): PermissionRule => ({ decision: 'ask', text, source: 'user' });

/** What the worker may do with the command that the caller wants. */
function outcome(input: Partial<GrantInput>, command = 'curl https://evil.example/x') {
  const granted = grants({ ...base, ...input });
  const policy = createPolicy({
    rules: granted.rules,
    mode: granted.mode,
    cwd: input.cwd ?? start,
    paths: tablePaths(),
    workspace: granted.workspace,
  });
  const verdict = policy.evaluate({ tool_use_id: 't', tool: 'Bash', input: { command }, access: 'execute' });
  return { decision: verdict.decision, mode: granted.mode, notices: granted.notices.map(({ option }) => option) };
}

const hostile = settings('/home/ann/work/.claude/settings.json', 'project', {
  rules: [allow('Bash'), allow('Edit')],
  mode: 'bypassPermissions',
  additionalDirectories: ['/'],
});

test('a caller over MCP cannot grant itself a command', () => {
  const tries: Readonly<Record<string, Partial<GrantInput>>> = {
    'its own allow rule': { callerOptions: { allowed_tools: ['Bash(curl:*)'] } },
    'a rule for everything': { callerOptions: { allowed_tools: ['Bash', 'Edit', 'Read'] } },
    bypassPermissions: { callerOptions: { permission_mode: 'bypassPermissions' } },
    'a wider mode with a rule': { callerOptions: { permission_mode: 'acceptEdits', allowed_tools: ['Bash(*)'] } },
    'an agent file that asks for bypass': {
      agentFile: { name: 'x', trusted: false, permissionMode: 'bypassPermissions' },
    },
    'a mode that does not exist': { agentFile: { name: 'x', trusted: false, permissionMode: 'auto' } },
    'settings of the project': { projectSettings: [hostile] },
    'settings of another directory, in a trusting server': {
      cwd: '/tmp/evil',
      trustProject: true,
      projectSettings: [{ ...hostile, path: '/tmp/evil/.claude/settings.json' }],
    },
    'settings above the start directory': {
      cwd: '/home/ann',
      trustProject: true,
      projectSettings: [{ ...hostile, path: '/home/ann/.claude/settings.local.json' }],
    },
    'a rule just beside the ceiling': {
      serverCeiling: { source: 'server', allow: ['Bash(curl https://good.example/*)'] },
      callerOptions: { allowed_tools: ['Bash(curl:*)'] },
    },
    'dropping the denials of the person': {
      serverCeiling: { source: 'server', allow: ['Bash'], deny: ['Bash(curl:*)'] },
      callerOptions: { disallowed_tools: [], allowed_tools: ['Bash(curl:*)'] },
    },
  };
  const got = Object.fromEntries(Object.entries(tries).map(([name, input]) => [name, outcome(input).decision]));
  const expected = Object.fromEntries(Object.keys(tries).map((name) => [name, 'ask']));
  assert.deepEqual(got, { ...expected, 'dropping the denials of the person': 'deny' });
});

test('what is not granted is a notice that says who could grant it', () => {
  const { notices } = grants({
    ...base,
    callerOptions: { allowed_tools: ['Bash(npm test:*)', 'Read'], permission_mode: 'acceptEdits' },
    serverCeiling: { source: 'server', allow: ['Read'] },
  });
  assert.deepEqual(notices, [
    {
      option: 'allowed_tools',
      requested: ['Bash(npm test:*)'],
      sent: null,
      reason:
        "A caller cannot grant permissions: what these rules name asks. The person who starts the server can allow it: mcp --allow 'Bash(npm test:*)', or --trust-caller.",
    },
    {
      option: 'permission_mode',
      requested: 'acceptEdits',
      sent: 'default',
      reason:
        'the caller cannot widen the permission mode; default stays. The person who starts aworkers can: --permission-mode acceptEdits.',
    },
  ]);
});

test('a caller may always narrow', () => {
  const ceiling = { source: 'server', allow: ['Bash'], mode: 'acceptEdits' } as const;
  assert.equal(outcome({ serverCeiling: ceiling }).decision, 'allow');
  assert.equal(
    outcome({ serverCeiling: ceiling, callerOptions: { disallowed_tools: ['Bash(curl:*)'] } }).decision,
    'deny',
  );
  assert.deepEqual(outcome({ serverCeiling: ceiling, callerOptions: { permission_mode: 'plan' } }), {
    decision: 'deny',
    mode: 'plan',
    notices: [],
  });
  for (const mode of ['plan', 'dontAsk', 'default', 'acceptEdits'] as const) {
    assert.equal(outcome({ serverCeiling: ceiling, callerOptions: { permission_mode: mode } }).mode, mode);
  }
});

test('a rule within the ceiling needs no notice', () => {
  const within = (rule: string) =>
    outcome({
      serverCeiling: { source: 'server', allow: ['Bash(npm run:*)', 'Edit'] },
      callerOptions: { allowed_tools: [rule] },
    }).notices;
  assert.deepEqual(within('Bash(npm run test:*)'), []);
  assert.deepEqual(within('Bash(npm run build)'), []);
  assert.deepEqual(within('Edit(src/**)'), []);
  assert.deepEqual(within('Bash(npm:*)'), ['allowed_tools']);
  assert.deepEqual(within('Bash(npm runx)'), ['allowed_tools']);
  assert.deepEqual(within('Write'), ['allowed_tools']);
});

test('the person grants: by flags, by the home directory, by trusting', () => {
  const command = 'curl https://x';
  assert.equal(outcome({ serverCeiling: { source: 'cli', allow: ['Bash(curl:*)'] } }, command).decision, 'allow');
  assert.equal(outcome({ serverCeiling: { source: 'server', mode: 'bypassPermissions' } }, command).decision, 'allow');
  const home = settings('/home/ann/.claude/settings.json', 'user', {
    rules: [allow('Bash(curl:*)')],
    mode: 'acceptEdits',
  });
  assert.deepEqual(outcome({ userSettings: [home] }, command), { decision: 'allow', mode: 'acceptEdits', notices: [] });
  assert.equal(outcome({ projectSettings: [hostile], trustProject: true }, command).decision, 'allow');
  assert.equal(
    outcome({ trustCaller: true, callerOptions: { allowed_tools: ['Bash(curl:*)'] } }, command).decision,
    'allow',
  );
  assert.equal(
    outcome({ trustCaller: true, callerOptions: { permission_mode: 'bypassPermissions' } }, command).decision,
    'allow',
  );
  const agent = { name: 'x', trusted: true, permissionMode: 'bypassPermissions' };
  assert.equal(outcome({ agentFile: agent }, command).decision, 'allow');
  assert.equal(
    outcome({ agentFile: agent, serverCeiling: { source: 'server', mode: 'default' } }, command).decision,
    'ask',
  );
});

test("a project's deny and ask rules and narrower modes always count; its allow rules are a notice", () => {
  const project = settings('/home/ann/work/.claude/settings.json', 'project', {
    rules: [deny('Bash(curl:*)'), ask('Bash(npm publish)'), allow('Bash(npm test:*)')],
    mode: 'plan',
  });
  const open = { serverCeiling: { source: 'server', allow: ['Bash'] }, projectSettings: [project] } as const;
  const rules = grants({ ...base, ...open }).rules.map(({ decision, text }) => `${decision} ${text}`);
  assert.deepEqual(rules, ['deny Bash(curl:*)', 'ask Bash(npm publish)', 'allow Bash']);
  assert.deepEqual(outcome(open), { decision: 'deny', mode: 'plan', notices: ['permissions.allow'] });
});

test('disableBypassPermissionsMode holds, whoever asks for bypass and whoever set it', () => {
  const lock = settings('/home/ann/work/.claude/settings.json', 'project', { disableBypass: true });
  const flag = { source: 'cli', mode: 'bypassPermissions' } as const;
  const got = outcome({ serverCeiling: flag, projectSettings: [lock] });
  assert.deepEqual(got, { decision: 'ask', mode: 'default', notices: ['permission_mode'] });
});

test('a directory that the caller chose outside of the start directory is no workspace', () => {
  const input = { ...base, cwd: '/etc', serverCeiling: { source: 'server', mode: 'acceptEdits' } } as const;
  const { workspace, notices } = grants(input);
  assert.deepEqual([workspace, notices.map(({ option }) => option)], [[], ['cwd']]);
  assert.equal(outcome(input, 'cat passwd').decision, 'ask');
  assert.equal(outcome(input, 'touch x').decision, 'ask');
  assert.deepEqual(grants({ ...input, cwd: '/home/ann/work/sub' }).workspace, ['/home/ann/work/sub']);
  assert.deepEqual(grants({ ...input, trustCaller: true }).workspace, ['/etc']);
});

test('resuming with other options grants no more than spawning with them', () => {
  const spawned = { callerOptions: { permission_mode: 'plan' } } as const;
  const resumed = { callerOptions: { permission_mode: 'bypassPermissions', allowed_tools: ['Bash'] } } as const;
  assert.equal(outcome(spawned).mode, 'plan');
  assert.deepEqual(outcome(resumed), {
    decision: 'ask',
    mode: 'default',
    notices: ['allowed_tools', 'permission_mode'],
  });
});

test('an answer with a scope remembers the suggested rule and nothing a caller could slip in', async () => {
  const gate = createGate();
  const policy = createPolicy({ rules: [], mode: 'default', cwd: start, paths: tablePaths() });
  gate.bind('w1', policy);
  const call = { tool_use_id: 't', tool: 'Bash', input: { command: 'sh -c "npm test"' }, access: 'execute' } as const;
  const verdict = policy.evaluate(call);
  const request = {
    request_id: 'r',
    worker_id: 'w1',
    description: 'd',
    tool: call.tool,
    tool_use_id: call.tool_use_id,
    input: call.input,
    reason: verdict.reason,
    ...(verdict.suggested_rule === undefined ? {} : { suggested_rule: verdict.suggested_rule }),
  };
  void gate.ask(request, () => Promise.resolve(), new AbortController().signal);
  const { resolution } = await gate.resolve({ request_id: 'r', allow: true, scope: 'all', reason: 'Bash' }, 'host');
  assert.equal(resolution.remembered_rule, undefined);
  assert.equal(policy.evaluate(call).decision, 'ask');
});

test('a malformed rule of anybody is an error', () => {
  assert.throws(() => grants({ ...base, callerOptions: { allowed_tools: ['Bash('] } }), /options.*malformed/);
  assert.throws(() => grants({ ...base, callerOptions: { disallowed_tools: ['bash'] } }), /options.*malformed/);
  assert.throws(() => grants({ ...base, serverCeiling: { source: 'cli', allow: ['Bash()'] } }), /cli.*malformed/);
});
