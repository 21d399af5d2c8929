// The table of paths: where a path leads, which rules see it, what is protected.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { PermissionMode } from '../../src/contract/options.ts';
import type { Decision, PermissionRule } from '../../src/contract/permission.ts';
import { createPolicy, deniesReading, type PolicyInput } from '../../src/permission/index.ts';
import { tablePaths } from './paths-table.ts';

const cwd = '/home/ann/work';

/** What is a link, and where it really leads. */
const links = {
  '/home/ann/work/out-link': '/etc',
  '/home/ann/work/in-link': '/home/ann/work/src',
  '/home/ann/work/git-link': '/home/ann/work/.git',
  '/home/ann/work/file-link': '/etc/passwd',
  '/home/ann/work/dangling': '/nowhere/at/all',
  '/home/ann/work/up-link': '/home/ann/other/deep',
  '/home/ann/work/env-link': '/home/ann/work/.env',
  '/elsewhere/back': '/home/ann/work/src',
};

type Case = {
  readonly intent: string;
  readonly mode?: PermissionMode;
  readonly tool: string;
  readonly rules?: Partial<Record<Decision, readonly string[]>>;
  readonly root?: string;
  readonly input?: Partial<PolicyInput>;
  readonly paths: Readonly<Record<string, Decision>>;
};

const keyOf: Readonly<Record<string, string>> = { Grep: 'path', Glob: 'path', NotebookEdit: 'notebook_path' };
const accessOf: Readonly<Record<string, 'read' | 'write'>> = { Read: 'read', Grep: 'read', Glob: 'read' };

const cases: readonly Case[] = [
  {
    intent: 'reading is free inside the working directory, wherever a link leads',
    tool: 'Read',
    paths: {
      'src/a.ts': 'allow',
      './src/a.ts': 'allow',
      '/home/ann/work/src/a.ts': 'allow',
      '~/work/a': 'allow',
      'not/there/yet': 'allow',
      '.git/config': 'allow',
      'a/../b': 'allow',
      'in-link/a.ts': 'allow',
      '/elsewhere/back/a.ts': 'allow',
      '../x': 'ask',
      'src/../../x': 'ask',
      '/etc/passwd': 'ask',
      '~/.ssh/id_rsa': 'ask',
      '/home/ann/workshop/x': 'ask',
      '/home/ann/WORK/x': 'ask',
      'out-link/passwd': 'ask',
      'file-link': 'ask',
      dangling: 'ask',
      'dangling/x': 'ask',
      'in-link/../a': 'allow',
      'in-link/../../x': 'ask',
      'up-link/../x': 'ask',
      'up-link/../../work/a': 'allow',
      'out-link/../home/ann/work/a': 'allow',
      '': 'ask',
    },
  },
  {
    intent: 'writing asks by default',
    tool: 'Write',
    paths: { 'src/a.ts': 'ask', '/tmp/x': 'ask', '.git/config': 'ask' },
  },
  {
    intent: 'acceptEdits writes inside, but not through links that lead out and not to protected names',
    mode: 'acceptEdits',
    tool: 'Write',
    paths: {
      'src/a.ts': 'allow',
      'new/dir/file': 'allow',
      'in-link/a.ts': 'allow',
      '/tmp/x': 'ask',
      '../x': 'ask',
      'out-link/x': 'ask',
      dangling: 'ask',
      'up-link/../x': 'ask',
      '.git/hooks/pre-commit': 'ask',
      '.GIT/hooks/pre-commit': 'ask',
      'sub/.git/config': 'ask',
      '.git': 'ask',
      '.git./config': 'ask',
      '.git ': 'ask',
      '.git::$INDEX_ALLOCATION/config': 'ask',
      '.g\u200cit/config': 'ask',
      'git~1/config': 'ask',
      'git-link/config': 'ask',
      '.claude/settings.json': 'ask',
      '.Claude/agents/x.md': 'ask',
      '.vscode/tasks.json': 'ask',
      '.idea/x': 'ask',
      '.husky/pre-commit': 'ask',
      '.cargo/config.toml': 'ask',
      '.devcontainer/devcontainer.json': 'ask',
      '.yarn/releases/yarn.cjs': 'ask',
      '.mvn/jvm.config': 'ask',
      '.bashrc': 'ask',
      'sub/.zshrc': 'ask',
      '.profile': 'ask',
      '.npmrc': 'ask',
      'packages/a/.npmrc': 'ask',
      'bunfig.toml': 'ask',
      'BUNFIG.TOML': 'ask',
      '.mcp.json': 'ask',
      '.envrc': 'ask',
      '.gitconfig': 'ask',
      '.gitmodules': 'ask',
      'evil/HEAD': 'ask',
      '.github/workflows/ci.yml': 'allow',
      '.gitignore': 'allow',
      '.env': 'allow',
      'git/config': 'allow',
      'header.ts': 'allow',
    },
  },
  {
    intent: 'the same for Edit, MultiEdit and NotebookEdit',
    mode: 'acceptEdits',
    tool: 'NotebookEdit',
    paths: { 'a.ipynb': 'allow', '.claude/a.ipynb': 'ask', '/x.ipynb': 'ask' },
  },
  {
    intent: 'gitignore patterns of allow rules hold in the working directory',
    tool: 'Edit',
    rules: { allow: ['Edit(src/**)', 'Edit(*.md)', 'Edit(./one.txt)', 'Edit(//opt/data/**)', 'Edit(~/notes/*.txt)'] },
    paths: {
      'src/a.ts': 'allow',
      'src/deep/b.ts': 'allow',
      'lib/src/a.ts': 'ask',
      'SRC/a.ts': 'ask',
      'README.md': 'allow',
      'docs/deep/x.md': 'allow',
      '/home/ann/x.md': 'ask',
      'one.txt': 'allow',
      'sub/one.txt': 'ask',
      '/opt/data/x/y': 'allow',
      '/opt/datax': 'ask',
      '/opt/data/../x': 'ask',
      '~/notes/a.txt': 'allow',
      '~/notes/deep/a.txt': 'ask',
      'src/../.git/x.md': 'ask',
      'src/.git/config': 'ask',
      '/home/ann/work/src/a.ts': 'allow',
      '/elsewhere/back/a.ts': 'ask',
      'out-link/x.md': 'ask',
      'in-link/x.ts': 'ask',
    },
  },
  {
    intent: 'a protected name needs a rule that spells it',
    tool: 'Write',
    rules: { allow: ['Edit', 'Edit(.claude/agents/**)', 'Edit(**/.npmrc)'] },
    paths: {
      'src/a.ts': 'allow',
      '/tmp/x': 'allow',
      '.git/config': 'ask',
      '.claude/agents/x.md': 'allow',
      '.claude/settings.json': 'ask',
      'sub/.npmrc': 'allow',
      '.bashrc': 'ask',
    },
  },
  {
    intent: 'deny and ask rules match either end of a link, any case, any depth',
    mode: 'bypassPermissions',
    tool: 'Read',
    rules: { deny: ['Read(.env)', 'Read(secrets/**)', 'Read(//etc/**)', 'Read(./top.txt)'], ask: ['Read(private/)'] },
    paths: {
      '.env': 'deny',
      'sub/.env': 'deny',
      '.ENV': 'deny',
      '/tmp/.env': 'deny',
      '.env.local': 'allow',
      'env-link': 'deny',
      'secrets/a': 'deny',
      'sub/secrets/a': 'deny',
      'Secrets/a': 'deny',
      '/etc/passwd': 'deny',
      'file-link': 'deny',
      'out-link/hosts': 'deny',
      'out-link/../etc/hosts': 'deny',
      'top.txt': 'deny',
      'sub/top.txt': 'allow',
      'private/x': 'ask',
      'src/a.ts': 'allow',
    },
  },
  {
    intent: 'what may not be read may not be edited',
    mode: 'acceptEdits',
    tool: 'Edit',
    rules: { deny: ['Read(.env)', 'Edit(gen/**)'] },
    paths: { '.env': 'deny', 'gen/a': 'deny', 'a/gen/b': 'deny', 'src/a': 'allow', 'env-link': 'deny' },
  },
  {
    intent: 'a rule for Edit or Write says nothing of reading',
    tool: 'Read',
    rules: { deny: ['Edit(src/**)', 'Write(src/**)'], allow: ['Edit(//etc/**)'] },
    paths: { 'src/a': 'allow', '/etc/passwd': 'ask' },
  },
  {
    intent: '"/" stands for the directory of the settings file',
    tool: 'Write',
    rules: { allow: ['Edit(/src/**)'] },
    root: '/home/ann',
    paths: { 'src/a': 'ask', '~/src/a': 'allow' },
  },
  {
    intent: 'searching is judged with all that lies below',
    tool: 'Grep',
    rules: { deny: ['Read(secrets/**)', 'Read(./only/here/**)'], allow: ['Read(//opt/x/**)'] },
    paths: { secrets: 'deny', 'secrets/a': 'deny', '.': 'ask', src: 'ask', '/opt/x': 'ask', '/opt': 'ask' },
  },
  {
    intent: 'an anchored denial does not touch other directories',
    tool: 'Grep',
    rules: { deny: ['Read(./only/here/**)'], allow: ['Read(//opt/x/**)'] },
    paths: {
      src: 'allow',
      '.': 'ask',
      only: 'ask',
      'only/here': 'deny',
      '/opt/x': 'allow',
      '/opt': 'ask',
      '/etc': 'ask',
    },
  },
  {
    intent: 'tools that leave denied files out may search above them',
    tool: 'Grep',
    rules: { deny: ['Read(secrets/**)', 'Read(.env)'] },
    input: { searchSkipsDenied: true },
    paths: { '.': 'allow', src: 'allow', secrets: 'deny', '/etc': 'ask' },
  },
  {
    intent: 'workspace directories are given, and journals are protected in them',
    mode: 'acceptEdits',
    tool: 'Write',
    input: { workspace: [cwd, '/data'], protectedDirectories: [`${cwd}/logs`] },
    paths: {
      '/data/x': 'allow',
      '/database/x': 'ask',
      'logs/worker-1.jsonl': 'ask',
      'LOGS/x': 'ask',
      'logs2/x': 'allow',
    },
  },
  {
    intent: 'without a workspace nothing is free',
    tool: 'Read',
    input: { workspace: [] },
    paths: { 'src/a': 'ask', '/etc/x': 'ask' },
  },
  {
    intent: 'plan denies edits, whatever is allowed',
    mode: 'plan',
    tool: 'Edit',
    rules: { allow: ['Edit'] },
    paths: { 'src/a': 'deny' },
  },
];

function policyOf({ mode, rules, root, input }: Case) {
  const list = (['allow', 'ask', 'deny'] as const).flatMap((decision) =>
    (rules?.[decision] ?? []).map((text): PermissionRule => ({
      decision,
      text,
      source: 'user',
      ...(root === undefined ? {} : { root }),
    })),
  );
  return createPolicy({ rules: list, mode: mode ?? 'default', cwd, paths: tablePaths(links), ...input });
}

for (const each of cases) {
  test(each.intent, () => {
    const policy = policyOf(each);
    const { tool } = each;
    const decide = (path: string): Decision =>
      policy.evaluate({
        tool_use_id: 't',
        tool,
        input: { [keyOf[tool] ?? 'file_path']: path, pattern: 'x' },
        access: accessOf[tool] ?? 'write',
      }).decision;
    const got = Object.fromEntries(Object.keys(each.paths).map((path) => [path, decide(path)]));
    assert.deepEqual(got, each.paths);
  });
}

test('the table is as large as it should be', () => {
  const count = cases.reduce((sum, { paths }) => sum + Object.keys(paths).length, 0);
  assert.ok(count >= 150, `${count} paths`);
});

test('a workspace inside a protected directory is an ordinary workspace', () => {
  const policy = createPolicy({ rules: [], mode: 'acceptEdits', cwd: '/r/.claude/worktrees/a', paths: tablePaths() });
  const write = (path: string) =>
    policy.evaluate({ tool_use_id: 't', tool: 'Write', input: { file_path: path }, access: 'write' }).decision;
  assert.deepEqual(['src/a.ts', '.git/config', '../b/x', '/r/.claude/settings.json'].map(write), [
    'allow',
    'ask',
    'ask',
    'ask',
  ]);
});

test('where a protected directory leads is asked as an edit is judged, not as the worker starts', () => {
  const moved: Record<string, string> = {};
  const policy = createPolicy({
    rules: [],
    mode: 'acceptEdits',
    cwd,
    paths: tablePaths(moved),
    protectedDirectories: [`${cwd}/logs`],
  });
  const write = (path: string) =>
    policy.evaluate({ tool_use_id: 't', tool: 'Write', input: { file_path: path }, access: 'write' }).decision;
  const both = () => [write('logs/x'), write('kept/x')];
  assert.deepEqual(both(), ['ask', 'allow']);
  moved[`${cwd}/logs`] = `${cwd}/kept`;
  assert.deepEqual(both(), ['ask', 'ask']);
});

test('the pattern of a Glob may start elsewhere', () => {
  const policy = createPolicy({ rules: [], mode: 'default', cwd, paths: tablePaths(links) });
  const glob = (pattern: string, path?: string) =>
    policy.evaluate({
      tool_use_id: 't',
      tool: 'Glob',
      input: { pattern, ...(path === undefined ? {} : { path }) },
      access: 'read',
    }).decision;
  const patterns = ['**/*.ts', 'src/*', '/etc/*', '../*', 'src/../../*', '~/x/*', '{src,../..}/*', 'out-link/*'];
  assert.deepEqual(
    patterns.map((pattern) => glob(pattern)),
    ['allow', 'allow', 'ask', 'ask', 'ask', 'ask', 'ask', 'ask'],
  );
  assert.equal(glob('*', '/etc'), 'ask');
});

test('search tools can ask which files to leave out', () => {
  const rules: readonly PermissionRule[] = [
    { decision: 'deny', text: 'Read(.env)', source: 'user' },
    { decision: 'ask', text: 'Read(private/**)', source: 'user' },
  ];
  const denies = deniesReading({ rules, cwd, paths: tablePaths(links) });
  const paths = ['.env', 'a/.env', 'env-link', 'private/x', 'src/a', '/etc/passwd'];
  assert.deepEqual(paths.map(denies), [true, true, true, true, false, false]);
  const deep = `/${'d/'.repeat(130)}x`;
  const withoutRules = deniesReading({ rules: [], cwd, paths: tablePaths(links) });
  assert.deepEqual(
    [denies(deep), withoutRules(deep), ...paths.map(withoutRules)],
    [true, true, ...paths.map(() => false)],
  );
});
