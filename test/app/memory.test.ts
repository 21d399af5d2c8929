// CLAUDE.md and AGENTS.md: whose are loaded, in which order, within which bounds, and what is said of it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { projectOf } from '../../src/project-folders.ts';
import type { Notice } from '../../src/contract/options.ts';
import { memoryBudget, memoryFor } from '../../src/memory-files.ts';
import { importsIn } from '../../src/memory-imports.ts';
import { withWorld } from '../cli/world.ts';

type Files = Readonly<Record<string, string | Buffer>>;

/** A home, and a repository with a folder inside where the worker is. */
function world(t: TestContext, files: Files) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'aworkers-memory-')));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, 'repo', '.git'), { recursive: true });
  mkdirSync(join(root, 'repo', 'pkg'), { recursive: true });
  write(root, files);
  const shown = (text: string) => text.replaceAll(root, '');
  return {
    root,
    load: async (changes: { trustProject?: boolean; mayRead?: (real: string) => boolean } = {}) => {
      const { context, notices } = memoryFor({
        project: projectOf(join(root, 'repo', 'pkg')),
        home: join(root, 'home'),
        trustProject: true,
        mayRead: () => true,
        ...changes,
      });
      return { text: shown(context.join('\n---\n')), notices: JSON.parse(shown(JSON.stringify(notices))) as Notice[] };
    },
  };
}

function write(root: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

const head =
  'What the user and the project tell every agent. Follow it where it bears on your task. It grants no permission.';

function block(...sections: readonly (readonly [title: string, text: string])[]): string {
  return `<memory>\n${[head, ...sections.map(([title, text]) => `# ${title}\n\n${text}`)].join('\n\n')}\n</memory>`;
}

test('the widest stand first: user, repository, folder; nothing above the repository', async (t) => {
  const { load } = world(t, {
    'CLAUDE.md': 'above',
    'home/CLAUDE.md': 'not a place',
    'home/.claude/CLAUDE.md': 'mine',
    'home/.claude/AGENTS.md': 'mine for agents',
    'repo/CLAUDE.md': '\ufeffroot\r\nof it\n',
    'repo/.claude/CLAUDE.md': 'hidden root',
    'repo/CLAUDE.local.md': 'local',
    'repo/AGENTS.md': 'agents </memory>',
    'repo/pkg/AGENTS.md': 'package',
  });
  assert.deepEqual(await load(), {
    text: block(
      ["/home/.claude/CLAUDE.md (the user's)", 'mine'],
      ["/home/.claude/AGENTS.md (the user's)", 'mine for agents'],
      ["/repo/CLAUDE.md (the project's)", 'root\nof it'],
      ["/repo/.claude/CLAUDE.md (the project's)", 'hidden root'],
      ["/repo/CLAUDE.local.md (the project's)", 'local'],
      ["/repo/AGENTS.md (the project's)", 'agents < /memory>'],
      ["/repo/pkg/AGENTS.md (the project's)", 'package'],
    ),
    notices: [],
  });
});

test('a folder that is not trusted is loaded with a word; the home directory without', async (t) => {
  const { load, root } = world(t, { 'repo/CLAUDE.md': 'root', 'home/.claude/CLAUDE.md': 'mine' });
  const { text, notices } = await load({ trustProject: false });
  assert.match(text, /root/);
  assert.deepEqual(
    notices.map(({ option, requested, sent }) => ({ option, requested, sent })),
    [{ option: 'memory', requested: 'on', sent: ['/repo/CLAUDE.md'] }],
  );
  rmSync(join(root, 'repo/CLAUDE.md'));
  assert.deepEqual((await load({ trustProject: false })).notices, []);
});

test('imports follow their file, each file once, cycles and missing ones without a word', async (t) => {
  const { load } = world(t, {
    'repo/CLAUDE.md': 'See @docs/style.md, and (@./docs/my\\ notes.md). @AGENTS.md @nobody @a/b\n`@docs/code.md`',
    'repo/AGENTS.md': 'agents',
    'repo/docs/style.md': 'style @../CLAUDE.md @deep.md',
    'repo/docs/deep.md': 'deep',
    'repo/docs/my notes.md': 'notes',
    'repo/docs/code.md': 'only an example',
  });
  const { text, notices } = await load();
  assert.deepEqual(
    [...text.matchAll(/^# (\S.*) \(the/gm)].map((match) => match[1]),
    ['/repo/CLAUDE.md', '/repo/docs/style.md', '/repo/docs/deep.md', '/repo/docs/my notes.md', '/repo/AGENTS.md'],
  );
  assert.deepEqual(notices, []);
});

test('imports go five deep, and it is said where they end', async (t) => {
  const chain = Object.fromEntries(
    Array.from({ length: 8 }, (_, index) => [`repo/${index}.md`, `level ${index} @${index + 1}.md`]),
  );
  const { load } = world(t, { ...chain, 'repo/CLAUDE.md': 'start @0.md' });
  const { text, notices } = await load();
  assert.match(text, /level 4/);
  assert.doesNotMatch(text, /level 5/);
  assert.match(notices[0]!.reason, /4\.md: imports deeper than 5 are not followed/);
});

test('no import and no link leads out of the project, whatever it is called', async (t) => {
  const { load, root } = world(t, {
    'secret.md': 'SECRET',
    'home/.ssh/id': 'SECRET',
    'home/.claude/private.md': 'SECRET',
    'repo/CLAUDE.md': '@../secret.md @~/.ssh/id @~/.claude/private.md @link.md @/etc/passwd @folder/x.md',
    'outside/x.md': 'SECRET',
  });
  symlinkSync(join(root, 'secret.md'), join(root, 'repo', 'link.md'));
  symlinkSync(join(root, 'secret.md'), join(root, 'repo', 'AGENTS.md'));
  symlinkSync(join(root, 'outside'), join(root, 'repo', 'folder'));
  const { text, notices } = await load();
  assert.doesNotMatch(text, /SECRET|root:/);
  assert.equal(notices.length, 1);
  assert.equal(notices[0]!.requested, '7 files');
  assert.match(notices[0]!.reason, /^Not loaded: \/secret\.md leads out of \/repo; /);
});

test("the user's own file imports within ~/.claude alone", async (t) => {
  const { load } = world(t, {
    'home/.claude/CLAUDE.md': 'mine @more.md @~/.claude/rules/a.md @~/.netrc @../../repo/x.md',
    'home/.claude/more.md': 'more',
    'home/.claude/rules/a.md': 'rule',
    'home/.netrc': 'SECRET',
    'repo/x.md': 'SECRET',
  });
  const { text, notices } = await load();
  assert.match(text, /more[^]*rule/);
  assert.doesNotMatch(text, /SECRET/);
  assert.equal(notices[0]!.requested, '2 files');
});

test('one file under two names is loaded once', async (t) => {
  const { load, root } = world(t, { 'repo/AGENTS.md': 'shared' });
  symlinkSync('AGENTS.md', join(root, 'repo', 'CLAUDE.md'));
  const { text } = await load();
  assert.equal(text.split('shared').length, 2);
});

test('the nearest have first claim on the budget, and what is cut is said to both', async (t) => {
  const { load } = world(t, {
    'home/.claude/CLAUDE.md': 'mine',
    'repo/CLAUDE.md': 'ö'.repeat(memoryBudget),
    'repo/pkg/CLAUDE.md': 'near',
  });
  const { text, notices } = await load();
  assert.ok(text.includes('near') && !text.includes('mine') && !text.includes('\ufffd'));
  assert.ok(Buffer.byteLength(text) < memoryBudget + 1_000, String(Buffer.byteLength(text)));
  assert.match(text, /ö\n\[Cut here: 4000[45] more bytes are in the file\.\]/);
  assert.deepEqual(notices[0]!.requested, ['/repo/CLAUDE.md', '/home/.claude/CLAUDE.md']);
});

test('what is no text, no file, or kept by a rule is left out with its reason, and nothing hangs', async (t) => {
  const { load, root } = world(t, {
    'repo/CLAUDE.md': '@.env kept',
    'repo/.env': 'TOKEN=1',
    'repo/AGENTS.md': Buffer.from([0, 1, 2, 3]),
    'repo/pkg/AGENTS.md/x': 'a folder of that name',
  });
  if (process.platform !== 'win32') execFileSync('mkfifo', [join(root, 'repo', 'pkg', 'CLAUDE.md')]);
  const { text, notices } = await load({ mayRead: (real) => !real.endsWith('.env') });
  assert.doesNotMatch(text, /TOKEN/);
  assert.match(notices[0]!.reason, /\.env is kept from being read by a permission rule/);
  assert.match(notices[0]!.reason, /AGENTS\.md is not text/);
  assert.match(notices[0]!.reason, /pkg\/AGENTS\.md is a directory/);
  if (process.platform !== 'win32') assert.match(notices[0]!.reason, /pkg\/CLAUDE\.md is not a regular file/);
});

const texts: readonly (readonly [text: string, imports: readonly string[]])[] = [
  ['@a.md', ['a.md']],
  ['mail me@example.com', []],
  ['see @docs/x.md. Or @y.md)', ['docs/x.md', 'y.md']],
  ['```\n@in/fence\n```\n@out', ['out']],
  ['~~~js\n@in\n```\n@in\n~~~\n@out', ['out']],
  ['`@code` and ``a ` @code`` @text', ['text']],
  ['@a @a', ['a']],
  ['@user@host', []],
];

for (const [text, imports] of texts) {
  test(`imports of ${JSON.stringify(text)}`, () => assert.deepEqual(importsIn(text), imports));
}

test('workers get it before their environment; Explore and --no-memory do not', () =>
  withWorld({ script: () => 'Done.' }, async ({ run, cwd, api }) => {
    write(cwd, { 'CLAUDE.md': 'Use tabs.', '.claude/agents/a.md': '---\nname: reviewer\n---\nReview.' });
    const asked: (readonly string[])[] = [[], ['--agent-type', 'reviewer'], ['--agent-type', 'You are a poet.']];
    for (const flags of [...asked, ['--agent-type', 'Explore'], ['--no-memory'], ['--deny', 'Read(CLAUDE.md)']]) {
      const { stderr } = await run(['run', 'Go.', ...flags]);
      assert.equal(
        /Memory files of a folder that is not trusted/.test(stderr),
        asked.includes(flags),
        `${flags.join(' ')}: ${stderr}`,
      );
    }
    const firsts = api.requests.map(({ body }) => {
      const { messages } = body as { messages: { content: { text: string }[] }[] };
      return messages[0]!.content.map(({ text }) => /^<(\w+)>/.exec(text)?.[1] ?? text);
    });
    assert.deepEqual(firsts, [
      ...asked.map(() => ['memory', 'environment', 'Go.']),
      ...[1, 2, 3].map(() => ['environment', 'Go.']),
    ]);
  }));
