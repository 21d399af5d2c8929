// What is left of a plan whose journal proves nothing: limits and denials, nothing that widens.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { WorkerPlan } from '../../src/contract/task.ts';
import { unprovenPlan } from '../../src/unproven-plan.ts';

const plan: WorkerPlan = {
  agent_type: 'deployer',
  agent: { scope: 'user', disallowed: ['Write'], permission_mode: 'bypassPermissions' },
  system: 'You work.',
  context: [],
  tools: ['Bash', 'mcp__files__read_file'],
  settings: { model: 'm', api_version: 'v', betas: [], max_tokens: 1, max_tokens_cap: null, body: {} },
  options: {
    max_turns: 3,
    disallowed_tools: ['Bash(curl:*)'],
    allowed_tools: ['Bash'],
    permission_mode: 'acceptEdits',
    cwd: '/',
    isolation: 'worktree',
  },
  cwd: '/elsewhere/tree',
  server_tools: [{ type: 'web_fetch_20250910', name: 'web_fetch' }],
  mcp: {
    servers: [
      { name: 'files', source: 'user' },
      { name: 'db', source: 'user' },
    ],
    tools: [
      {
        name: 'mcp__files__read_file',
        server: 'files',
        tool: 'read_file',
        description: '',
        input_schema: {},
        claims_read_only: true,
      },
      {
        name: 'mcp__files__list',
        server: 'db',
        tool: 'drop_table',
        description: '',
        input_schema: {},
        claims_read_only: true,
      },
    ],
    search: null,
  },
  worktree: {
    path: '/elsewhere/tree',
    cwd: '/elsewhere/tree',
    branch: 'b',
    base: 'c',
    from: '/home/ann',
    top: '/home/ann',
    common: '/home/ann/.git',
    dirty: false,
  },
  notices: [],
};

test('rules, modes, directory, worktree, tools of the API and misnamed tools go; limits and denials stay', () => {
  const { server_tools: _tools, worktree: _worktree, mcp, ...rest } = plan;
  const left = unprovenPlan(plan, '/project');
  assert.deepEqual(left.plan, {
    ...rest,
    agent: { scope: 'user', disallowed: ['Write'] },
    options: { max_turns: 3, disallowed_tools: ['Bash(curl:*)'] },
    cwd: '/project',
    mcp: { ...mcp, tools: mcp?.tools.slice(0, 1) },
  });
  assert.deepEqual(left.notices[0]?.requested, {
    allowed_tools: ['Bash'],
    permission_mode: 'acceptEdits',
    agent_permission_mode: 'bypassPermissions',
    cwd: '/elsewhere/tree',
    server_tools: ['web_fetch'],
    isolation: '/elsewhere/tree',
  });
});

test('a mode that narrows stays, and the notice is there even when nothing was lost', () => {
  const { server_tools: _tools, worktree: _worktree, mcp: _mcp, ...rest } = plan;
  const narrow: WorkerPlan = {
    ...rest,
    cwd: '/project',
    agent: { scope: 'user', disallowed: [], permission_mode: 'plan' },
    options: { permission_mode: 'dontAsk' },
  };
  const left = unprovenPlan(narrow, '/project');
  assert.deepEqual(left.plan, narrow);
  assert.deepEqual(
    left.notices.map(({ option, requested, sent }) => [option, requested, sent]),
    [['journal', 'its grants', null]],
  );
});
