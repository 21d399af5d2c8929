// Rules for tools other than Bash, the suggested rule, remembered rules, malformed rules, and the text of a verdict.
import assert from 'node:assert/strict';
import test from 'node:test';
import { AworkersError } from '../../src/contract/errors.ts';
import type { PermissionMode } from '../../src/contract/options.ts';
import type { Access, Decision, PermissionRule, Verdict } from '../../src/contract/permission.ts';
import { createPolicy, parseRule, removesTool } from '../../src/permission/index.ts';
import { tablePaths } from './paths-table.ts';

type Rules = Partial<Record<Decision, readonly string[]>>;

function ruleList(rules: Rules): readonly PermissionRule[] {
  return (['allow', 'ask', 'deny'] as const).flatMap((decision) =>
    (rules[decision] ?? []).map((text): PermissionRule => ({ decision, text, source: 'user' })),
  );
}

function policyOf(rules: Rules, mode: PermissionMode = 'default') {
  return createPolicy({ rules: ruleList(rules), mode, cwd: '/home/ann/work', paths: tablePaths() });
}

function judge(
  rules: Rules,
  tool: string,
  input: Record<string, unknown>,
  mode?: PermissionMode,
  access: Access = 'execute',
): Verdict {
  return policyOf(rules, mode).evaluate({ tool_use_id: 't', tool, input, access });
}

test('MCP tools by server, by pattern, by name', () => {
  const rules = {
    allow: ['mcp__github', 'mcp__jira__get_*', 'mcp__db__query'],
    deny: ['mcp__github__delete_*', 'mcp__evil'],
  };
  const tools = {
    mcp__github__list: 'allow',
    mcp__github__delete_repo: 'deny',
    mcp__githubx__list: 'ask',
    mcp__jira__get_issue: 'allow',
    mcp__jira__set_issue: 'ask',
    mcp__db__query: 'allow',
    mcp__db__query_all: 'ask',
    mcp__evil__x: 'deny',
    Other: 'ask',
  };
  const got = Object.fromEntries(Object.keys(tools).map((tool) => [tool, judge(rules, tool, {}).decision]));
  assert.deepEqual(got, tools);
  assert.equal(judge({ deny: ['mcp__*'], allow: ['mcp__a__b'] }, 'mcp__a__b', {}).decision, 'deny');
  assert.equal(judge({ ask: ['*'], allow: ['Read'] }, 'Read', { file_path: 'x' }).decision, 'ask');
  assert.equal(judge({ allow: ['mcp__my_server__*'] }, 'mcp__my_server__x', {}).decision, 'allow');
});

test('a name or a path that is made to be slow to match is not', () => {
  const deny = [`mcp__${'*a'.repeat(30)}*b`, 'Read(**/a/**/a/**/b)'];
  assert.equal(judge({ deny }, `mcp__x__${'a'.repeat(5_000)}`, {}).decision, 'ask');
  assert.equal(judge({ deny }, 'Read', { file_path: 'a/'.repeat(1_000) }, 'bypassPermissions').decision, 'ask');
});

test('WebFetch by host, as the URL standard reads it', () => {
  const rules = {
    allow: ['WebFetch(domain:example.com)', 'WebFetch(domain:*.dev.org)'],
    deny: ['WebFetch(domain:bad.dev.org)'],
  };
  const urls = {
    'https://example.com/x': 'allow',
    'http://EXAMPLE.com:8080/x': 'allow',
    'https://example.com./x': 'allow',
    'https://www.example.com/': 'ask',
    'https://example.com.evil.net/': 'ask',
    'https://example.com@evil.net/': 'ask',
    'https://evil.net/#example.com': 'ask',
    'https://evil.net\\@example.com/': 'ask',
    'https://a.dev.org/': 'allow',
    'https://dev.org/': 'ask',
    'https://bad.dev.org/': 'deny',
    'https://BAD.dev.org./': 'deny',
    'file://example.com/etc/passwd': 'ask',
    'not a url': 'ask',
  };
  const got = Object.fromEntries(Object.keys(urls).map((url) => [url, judge(rules, 'WebFetch', { url }).decision]));
  assert.deepEqual(got, urls);
});

test('agents, skills and values of an input', () => {
  const rules = {
    allow: ['Agent(Explore)', 'Skill(pdf:*)'],
    deny: ['Agent(model:opus)', 'Bash(run_in_background:true)'],
    ask: ['Agent(Plan)'],
  };
  assert.equal(judge(rules, 'Agent', { subagent_type: 'Explore' }).decision, 'allow');
  assert.equal(judge(rules, 'Task', { subagent_type: 'Explore' }).decision, 'allow');
  assert.equal(judge(rules, 'Agent', { subagent_type: 'Explore', model: 'opus' }).decision, 'deny');
  assert.equal(judge(rules, 'Agent', { subagent_type: 'Plan' }).decision, 'ask');
  assert.equal(judge(rules, 'Agent', {}).decision, 'ask');
  assert.equal(judge(rules, 'Skill', { skill: 'pdf fill' }).decision, 'allow');
  assert.equal(judge(rules, 'Skill', { skill: 'pdfx' }).decision, 'ask');
  assert.equal(judge(rules, 'Bash', { command: 'ls', run_in_background: true }).decision, 'deny');
  assert.equal(judge(rules, 'Bash', { command: 'ls' }).decision, 'allow');
});

test('a call without its path or command, or out of the sandbox, asks', () => {
  assert.equal(judge({ allow: ['Read', 'Bash'] }, 'Read', {}, 'default', 'read').decision, 'ask');
  assert.equal(judge({ allow: ['Bash'] }, 'Bash', {}).decision, 'ask');
  assert.equal(judge({ allow: ['Bash'] }, 'Bash', { command: 'ls', dangerouslyDisableSandbox: true }).decision, 'ask');
});

test('modes and tools that are neither commands nor paths', () => {
  const decide = (mode: PermissionMode, access: Access) =>
    judge({ allow: ['Known'] }, 'Known', {}, mode, access).decision;
  assert.equal(decide('default', 'execute'), 'allow');
  assert.equal(decide('plan', 'execute'), 'deny');
  assert.equal(decide('plan', 'read'), 'allow');
  assert.equal(judge({}, 'Unknown', {}, 'bypassPermissions').decision, 'allow');
  assert.equal(judge({}, 'Unknown', {}, 'dontAsk').decision, 'deny');
  assert.equal(judge({}, 'Unknown', {}, 'acceptEdits').decision, 'ask');
});

test('a bare denial takes the tool away; a narrower one does not', () => {
  const rules = ruleList({ deny: ['Bash', 'mcp__evil', 'Read(.env)', 'Web*'] });
  const tools = ['Bash', 'mcp__evil__x', 'Read', 'WebFetch', 'Edit'];
  assert.deepEqual(tools.map(removesTool(rules)), [true, true, false, true, false]);
});

const suggestions: readonly (readonly [tool: string, input: Record<string, unknown>, rule: string | undefined])[] = [
  ['Bash', { command: 'npm test -- -x' }, 'Bash(npm test:*)'],
  ['Bash', { command: 'npm run test:unit' }, 'Bash(npm run test:unit:*)'],
  ['Bash', { command: 'git commit -m "a"' }, 'Bash(git commit:*)'],
  ['Bash', { command: 'git stash pop' }, 'Bash(git stash pop:*)'],
  ['Bash', { command: 'cargo build --release' }, 'Bash(cargo build:*)'],
  ['Bash', { command: 'make lint' }, 'Bash(make lint:*)'],
  ['Bash', { command: 'docker compose up -d' }, 'Bash(docker compose up:*)'],
  ['Bash', { command: 'tsc --noEmit' }, 'Bash(tsc:*)'],
  ['Bash', { command: 'rm -rf build' }, 'Bash(rm -rf build)'],
  ['Bash', { command: 'curl -s https://example.com' }, 'Bash(curl -s https://example.com)'],
  ['Bash', { command: 'npm test 2>&1 | tail -5' }, 'Bash(npm test:*)'],
  ['Bash', { command: 'npm test && npm test -- b' }, 'Bash(npm test:*)'],
  ['Bash', { command: 'cd src && npm test' }, 'Bash(npm test:*)'],
  ['Bash', { command: 'ls > out.txt' }, 'Edit(./out.txt)'],
  ['Bash', { command: 'ls > src/out.txt' }, 'Edit(src/**)'],
  ['Bash', { command: 'npm test && curl x' }, undefined],
  ['Bash', { command: 'npm test > out.txt' }, undefined],
  ['Bash', { command: 'sudo apt install x' }, undefined],
  ['Bash', { command: 'timeout 5 npm test' }, 'Bash(npm test:*)'],
  ['Bash', { command: 'bash -c "npm test"' }, undefined],
  ['Bash', { command: 'sh run.sh' }, undefined],
  ['Bash', { command: 'python3 x.py' }, undefined],
  ['Bash', { command: 'node x.js' }, undefined],
  ['Bash', { command: 'npx some-tool' }, undefined],
  ['Bash', { command: 'npm exec x' }, undefined],
  ['Bash', { command: 'docker run x' }, undefined],
  ['Bash', { command: 'git -c a.b=c status' }, undefined],
  ['Bash', { command: 'find . -delete' }, undefined],
  ['Bash', { command: '$x y' }, undefined],
  ['Bash', { command: 'cat $x' }, undefined],
  ['Bash', { command: 'rm $(ls)' }, undefined],
  ['Bash', { command: 'npm test "$x"' }, undefined],
  ['Bash', { command: 'npm test -- "$x"' }, 'Bash(npm test:*)'],
  ['Bash', { command: 'cmake --build out' }, 'Bash(cmake --build out)'],
  ['Bash', { command: 'cmake -E rm x' }, undefined],
  ['Bash', { command: 'tox -e py3' }, 'Bash(tox -e py3)'],
  ['Bash', { command: 'make lint --eval=x' }, undefined],
  ['Bash', { command: 'eval "$x"' }, undefined],
  ['Bash', { command: 'echo "unclosed' }, undefined],
  ['Bash', { command: 'rm -rf /' }, undefined],
  ['Bash', { command: 'PATH=. ls' }, undefined],
  ['Bash', { command: 'ls > .git/config' }, undefined],
  ['Bash', { command: 'cp x .git/config' }, undefined],
  ['Write', { file_path: 'src/deep/a.ts' }, 'Edit(src/deep/**)'],
  ['Edit', { file_path: '/home/ann/work/README.md' }, 'Edit(./README.md)'],
  ['Edit', { file_path: '/opt/data/x.txt' }, 'Edit(//opt/data/**)'],
  ['Edit', { file_path: '/x.txt' }, 'Edit(//x.txt)'],
  ['Edit', { file_path: '.npmrc' }, undefined],
  ['Read', { file_path: '/opt/data/x.txt' }, 'Read(//opt/data/**)'],
  ['Read', { file_path: '~/.ssh/config' }, 'Read(//home/ann/.ssh/**)'],
  ['Read', { file_path: '~/x.txt' }, 'Read(//home/ann/x.txt)'],
  ['Read', { file_path: '/etc/hosts' }, 'Read(//etc/hosts)'],
  ['Grep', { path: '/opt/data', pattern: 'x' }, 'Read(//opt/data/**)'],
  ['WebFetch', { url: 'https://docs.example.com/a' }, 'WebFetch(domain:docs.example.com)'],
  ['mcp__db__query', {}, 'mcp__db__query'],
];

test('the suggested rule is no wider than needed, and none is offered for what can run anything', () => {
  const got = suggestions.map(([tool, input]) => [tool, input, judge({}, tool, input).suggested_rule]);
  assert.deepEqual(got, suggestions);
});

test('a suggested rule allows the very call that asked', () => {
  for (const [tool, input, rule] of suggestions) {
    if (rule === undefined) continue;
    const policy = policyOf({});
    policy.remember(rule);
    assert.equal(policy.evaluate({ tool_use_id: 't', tool, input, access: 'execute' }).decision, 'allow', rule);
  }
});

test('no rule is suggested against an ask rule, and dontAsk still says what would have allowed it', () => {
  assert.equal(judge({ ask: ['Bash(npm test:*)'] }, 'Bash', { command: 'npm test' }).suggested_rule, undefined);
  const verdict = judge({}, 'Bash', { command: 'npm test' }, 'dontAsk');
  assert.equal(verdict.decision, 'deny');
  assert.equal(verdict.suggested_rule, 'Bash(npm test:*)');
});

test('an exact rule with the whole text of a command allows it, but not past a denial or a critical removal', () => {
  const whole = 'npm run a && npm run b > out.txt';
  assert.equal(judge({ allow: [`Bash(${whole})`] }, 'Bash', { command: whole }).decision, 'allow');
  assert.equal(judge({ allow: [`Bash(${whole})`] }, 'Bash', { command: `${whole}; npm run c` }).decision, 'ask');
  assert.equal(
    judge({ allow: [`Bash(${whole})`], deny: ['Bash(npm run b)'] }, 'Bash', { command: whole }).decision,
    'deny',
  );
  assert.equal(judge({ allow: ['Bash(ls; rm -rf ~)'] }, 'Bash', { command: 'ls; rm -rf ~' }).decision, 'ask');
});

const malformed: readonly (readonly [decision: Decision, text: string, problem: RegExp])[] = [
  ['allow', 'Bash(', /expected Tool/],
  ['allow', 'Bash(npm test', /expected Tool/],
  ['allow', 'Bash()', /empty/],
  ['allow', '', /expected Tool/],
  ['allow', 'bash(ls)', /not a tool name/],
  ['allow', 'Bash ls', /expected Tool/],
  ['allow', '*', /only after mcp__server__/],
  ['allow', 'mcp__*', /only after mcp__server__/],
  ['allow', 'Bash(npm:*test)', /only at the end/],
  ['allow', 'Agent(model:opus)', /only deny and ask/],
  ['deny', 'mcp__a__b(x)', /takes no parentheses/],
  ['allow', 'WebFetch(example.com)', /domain:host/],
  ['deny', 'WebFetch(domain:)', /domain:host/],
  ['deny', 'Read(**/a/**/a/**/a/**/b)', /three times at most/],
];

test('a malformed rule is an error that names it, its source and what is wrong', () => {
  for (const [decision, text, problem] of malformed) {
    assert.throws(
      () => parseRule({ decision, text, source: 'user' }),
      (error) =>
        error instanceof AworkersError &&
        error.code === 'usage' &&
        error.message.includes(`"${text}"`) &&
        error.message.includes('from user') &&
        problem.test(error.message),
      text,
    );
  }
});

test('verdicts carry their parts, each with what decided it', () => {
  const verdict = judge({ allow: ['Bash(npm test:*)'], deny: ['Bash(curl:*)'] }, 'Bash', {
    command: 'npm test | tail -5 && curl https://x',
  });
  assert.deepEqual(verdict, {
    decision: 'deny',
    reason: '`curl https://x` matches the deny rule Bash(curl:*).',
    rule: 'Bash(curl:*)',
    parts: [
      { part: 'npm test', decision: 'allow', reason: 'allowed by Bash(npm test:*)', rule: 'Bash(npm test:*)' },
      { part: 'tail -5', decision: 'allow', reason: 'only reads' },
      {
        part: 'curl https://x',
        decision: 'deny',
        reason: '`curl https://x` matches the deny rule Bash(curl:*)',
        rule: 'Bash(curl:*)',
      },
    ],
  });
});
