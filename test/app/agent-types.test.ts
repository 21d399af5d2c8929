// agent_type: built-ins, names, paths, free text; what an untrusted file may do; errors with file and line.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { after, before } from 'node:test';
import { findAgents } from '../../src/agent-folders.ts';
import { resolveAgentType } from '../../src/agent-types.ts';
import { explorePrompt, generalPurposePrompt, rolePrompt } from '../../src/prompts.ts';

let base = '';
let repo = '';
let world = { cwd: '', home: '', trustProject: false };

before(async () => {
  base = await mkdtemp(join(tmpdir(), 'agents-'));
  repo = join(base, 'repo');
  await mkdir(join(repo, '.git'), { recursive: true });
  await mkdir(join(repo, 'packages/app'), { recursive: true });
  await mkdir(join(base, 'home'), { recursive: true });
  world = { cwd: join(repo, 'packages/app'), home: join(base, 'home'), trustProject: false };
});

after(() => rm(base, { recursive: true, force: true }));

async function file(path: string, text: string): Promise<string> {
  const full = join(base, path);
  await mkdir(dirname(full), { recursive: true });
  await writeFile(full, text);
  return full;
}

test('built-ins, in any case, and the default', async () => {
  const general = {
    label: 'general-purpose',
    system: generalPurposePrompt,
    tools: 'all',
    disallowed: [],
    options: {},
    source: null,
    scope: 'builtin',
    notices: [],
  };
  assert.deepEqual(await resolveAgentType(undefined, world), general);
  assert.deepEqual(await resolveAgentType('general-purpose', world), general);
  assert.deepEqual(await resolveAgentType('explore', world), {
    ...general,
    label: 'Explore',
    system: explorePrompt,
    tools: ['Glob', 'Grep', 'Read'],
  });
});

test('any text of several words is a role, with the working rules after it', async () => {
  const role = 'You are a security auditor. Focus only on vulnerabilities; write them to AUDIT.md';
  const type = await resolveAgentType(role, world);
  assert.deepEqual([type.label, type.scope, type.tools, type.system], ['custom', 'text', 'all', rolePrompt(role)]);
  assert.ok(type.system.startsWith(role));
});

test('a file of the home directory: every field counts', async () => {
  const path = await file(
    'home/.claude/agents/deep/auditor.md',
    `\uFEFF---\r
name: auditor\r
description: Use it when: something smells # really\r
tools: Read, Grep, Bash(git log:*), Agent(a, b)\r
disallowedTools: [Grep, "Bash(rm:*)"]\r
model: opus\r
permissionMode: acceptEdits\r
maxTurns: 7\r
effort: high\r
temperature: 0.2\r
thinking: {budget_tokens: 2048}\r
mcpServers: [github]\r
hooks: {}\r
colour: red\r
---\r
You audit.\r
Every line.\r
`,
  );
  const type = await resolveAgentType('auditor', world);
  assert.deepEqual(type, {
    label: 'auditor',
    system: rolePrompt('You audit.\nEvery line.'),
    tools: ['Read', 'Bash'],
    disallowed: ['Grep', 'Bash(rm:*)'],
    options: { model: 'opus', temperature: 0.2, thinking: { budget_tokens: 2048 }, effort: 'high', max_turns: 7 },
    permission_mode: 'acceptEdits',
    mcp_servers: ['github'],
    source: path,
    scope: 'user',
    notices: [
      { option: 'agent_type.hooks', requested: {}, sent: null, reason: 'Workers have no hooks.' },
      {
        option: 'agent_type.colour',
        requested: 'red',
        sent: null,
        reason: 'Not a key of agent files, did you mean "color"?',
      },
      {
        option: 'agent_type.tools',
        requested: ['Agent'],
        sent: ['Read', 'Grep', 'Bash'],
        reason: 'Workers have no such tools; they have Bash, Edit, Glob, Grep, Read, WebFetch, Write.',
      },
      {
        option: 'agent_type.tools',
        requested: ['Bash(git log:*)'],
        sent: ['Read', 'Grep', 'Bash'],
        reason: 'Each is offered whole: limits on its calls are set by permission rules.',
      },
    ],
  });
  assert.ok(
    findAgents(world.cwd, world.home).some(
      (agent) =>
        'file' in agent &&
        agent.file.name === 'auditor' &&
        agent.file.description === 'Use it when: something smells # really',
    ),
  );
});

test('the nearest folder wins, up to the repository root and no further', async () => {
  await file('.claude/agents/scout.md', '---\nname: scout\n---\nOutside the repository.');
  await file('home/.claude/agents/scout.md', '---\nname: scout\n---\nHome.');
  assert.match((await resolveAgentType('scout', world)).system, /^Home\./);
  await file('repo/.claude/agents/scout.md', '---\nname: scout\n---\nRoot.');
  assert.match((await resolveAgentType('scout', world)).system, /^Root\./);
  await file('repo/packages/app/.claude/agents/team/scout.md', '---\nname: scout\n---\nHere.');
  const type = await resolveAgentType('scout', world);
  assert.match(type.system, /^Here\./);
  assert.equal(type.scope, 'project');
  await file('repo/packages/app/.claude/agents/team/scout.md', '---\nname: scout\n---\nHave.');
  assert.match((await resolveAgentType('scout', world)).system, /^Have\./, 'a change that keeps the size counts');
});

test('a project file narrows, and widens only when the project is trusted', async () => {
  await file(
    'repo/.claude/agents/wide.md',
    '---\nname: wide\npermissionMode: bypassPermissions\nmcpServers: [db]\n---\nGo.',
  );
  await file('repo/.claude/agents/narrow.md', '---\nname: narrow\npermissionMode: plan\ntools: Read\n---\nLook.');
  const wide = await resolveAgentType('wide', world);
  assert.equal('permission_mode' in wide || 'mcp_servers' in wide, false);
  assert.deepEqual(
    wide.notices.map(({ option, requested }) => [option, requested]),
    [
      ['agent_type.permissionMode', 'bypassPermissions'],
      ['agent_type.mcpServers', ['db']],
    ],
  );
  const trusted = await resolveAgentType('wide', { ...world, trustProject: true });
  assert.deepEqual([trusted.permission_mode, trusted.mcp_servers, trusted.notices], ['bypassPermissions', ['db'], []]);
  const narrow = await resolveAgentType('narrow', world);
  assert.deepEqual([narrow.permission_mode, narrow.tools, narrow.notices], ['plan', ['Read'], []]);
});

test('a path: relative, absolute and of home; a file outside project and home is trusted only with the caller', async () => {
  await file('repo/packages/app/roles/my role.md', 'You review.\n');
  const plain = await resolveAgentType('roles/my role.md', world);
  assert.deepEqual([plain.label, plain.scope, plain.system], ['my role', 'path', rolePrompt('You review.')]);
  await file('home/x.md', 'Mine.');
  assert.match((await resolveAgentType('~/x.md', world)).system, /^Mine\./);
  const out = await file('elsewhere/x.md', '---\nname: x\npermissionMode: bypassPermissions\n---\nOut.');
  assert.equal((await resolveAgentType(out, { ...world, trustProject: true })).permission_mode, undefined);
  assert.equal((await resolveAgentType(out, { ...world, trustCaller: true })).permission_mode, 'bypassPermissions');
});

test('a project file that leads out of the project by a symlink is not read', async () => {
  const secret = await file('secret.md', '---\nname: leak\n---\nSecret.');
  await symlink(secret, join(repo, '.claude/agents/leak.md'));
  await assert.rejects(resolveAgentType('leak', world), { message: /agent_type "leak" is neither/ });
});

const faults: readonly (readonly [intent: string, name: string, text: string, message: RegExp])[] = [
  ['no name', 'nameless', '---\ndescription: x\n---\nBody.', /nameless\.md:1: the front matter has no name\.$/],
  ['an unclosed front matter', 'open', '---\nname: open\nBody.', /open\.md:1: the front matter is not closed/],
  [
    'bad YAML',
    'yaml',
    '---\nname: yaml\ntools: [Read\n---\nBody.',
    /yaml\.md:[34]: the front matter is not valid YAML/,
  ],
  ['a wrong type', 'typed', '---\nname: typed\nmodel: opus\nmaxTurns: many\n---\nBody.', /typed\.md:4: maxTurns: /],
  [
    'a value out of range',
    'hot',
    '\uFEFF---\r\nname: hot\r\ntemperature: 2\r\n---\r\nBody.',
    /hot\.md:3: temperature: /,
  ],
  ['an unknown mode', 'mode', '---\nname: mode\n\n\npermissionMode: yolo\n---\nBody.', /mode\.md:5: permissionMode: /],
  [
    'a list as front matter',
    'list',
    '---\n- name\n---\nBody.',
    /list\.md:2: the front matter must be "key: value" lines/,
  ],
  ['no text', 'empty', '---\nname: empty\n---\n\n', /empty\.md:5: there is no text after the front matter/],
  [
    'only unknown tools',
    'tool',
    '---\nname: tool\ntools: Task, TodoWrite\n---\nBody.',
    /tool\.md:3: none of its tools exists: Task, TodoWrite/,
  ],
];

for (const [intent, name, text, message] of faults) {
  test(`an agent file with ${intent} is an error with file and line, by name and by path`, async () => {
    const path = await file(`repo/.claude/agents/${name}.md`, text);
    await assert.rejects(resolveAgentType(name, world), { code: 'usage', message });
    await assert.rejects(resolveAgentType(path, world), { code: 'usage', message });
    await rm(path);
  });
}

test('a name or path that leads nowhere lists what there is, with the nearest', async () => {
  await assert.rejects(resolveAgentType('auditer', world), {
    code: 'usage',
    message: 'agent_type "auditer" is neither a known agent nor an .md file, did you mean "auditor"?',
    hint: /^There are: general-purpose, Explore, .*scout/,
  });
  await assert.rejects(resolveAgentType('missing.md', world), { message: /there is no readable file .*missing\.md/ });
  await assert.rejects(resolveAgentType('./my agents/missing.md', world), { message: /there is no readable file/ });
});

test('a way around does not make a file of the project one of the person; a link to another kind of file is not read', async () => {
  await file('repo/evil.md', '---\nname: evil\npermissionMode: bypassPermissions\n---\nrole');
  await symlink(repo, join(base, 'around'));
  const around = await resolveAgentType(join(base, 'around/evil.md'), { ...world, trustCaller: true });
  assert.equal(around.permission_mode, undefined);
  await file('secret.txt', 'secret');
  await symlink(join(base, 'secret.txt'), join(repo, 'link.md'));
  await assert.rejects(resolveAgentType(join(repo, 'link.md'), world), /there is no readable file/);
});
