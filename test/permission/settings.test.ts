// Settings files on a real disk: which are found, what they say, and how a wrong one is reported.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { projectOf } from '../../src/project-folders.ts';
import { AworkersError } from '../../src/contract/errors.ts';
import { loadSettings } from '../../src/settings.ts';

function withDisk(files: Readonly<Record<string, string>>, body: (root: string) => void): void {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'settings-')));
  try {
    for (const [name, text] of Object.entries(files)) {
      const path = join(root, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    body(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const permissions = (value: unknown) => JSON.stringify({ permissions: value, hooks: { ignored: true } });

test('files are found from the directory up to the repository root, and in the home directory', () => {
  const files = {
    'home/.claude/settings.json': `\uFEFF${permissions({ allow: ['Bash(ls:*)'], defaultMode: 'acceptEdits', additionalDirectories: ['~/data'] })}`,
    'outside/.claude/settings.json': permissions({ allow: ['Bash'] }),
    'outside/repo/.git/HEAD': '',
    'outside/repo/.claude/settings.json': permissions({
      deny: ['Read(/.env)'],
      disableBypassPermissionsMode: 'disable',
    }),
    'outside/repo/.claude/settings.local.json': permissions({ ask: ['Bash(git push:*)'] }),
    'outside/repo/sub/.claude/settings.json': permissions({ additionalDirectories: ['../other'] }),
  };
  withDisk(files, (root) => {
    const repo = join(root, 'outside/repo');
    const home = join(root, 'home');
    assert.deepEqual(loadSettings(projectOf(join(repo, 'sub')), home), {
      user: [
        {
          path: join(home, '.claude/settings.json'),
          rules: [{ decision: 'allow', text: 'Bash(ls:*)', source: 'user', root: join(home, '.claude') }],
          mode: 'acceptEdits',
          disableBypass: false,
          additionalDirectories: [join(home, 'data')],
        },
      ],
      project: [
        {
          path: join(repo, '.claude/settings.json'),
          rules: [{ decision: 'deny', text: 'Read(/.env)', source: 'project', root: repo }],
          disableBypass: true,
          additionalDirectories: [],
        },
        {
          path: join(repo, '.claude/settings.local.json'),
          rules: [{ decision: 'ask', text: 'Bash(git push:*)', source: 'local', root: repo }],
          disableBypass: false,
          additionalDirectories: [],
        },
        {
          path: join(repo, 'sub/.claude/settings.json'),
          rules: [],
          disableBypass: false,
          additionalDirectories: [join(repo, 'other')],
        },
      ],
    });
  });
});

test('without a repository only the directory itself counts, and the home directory is no project', () => {
  withDisk({ 'a/.claude/settings.json': permissions({}), 'a/b/x': '' }, (root) => {
    assert.deepEqual(loadSettings(projectOf(join(root, 'a/b')), join(root, 'h')), { user: [], project: [] });
    assert.deepEqual(loadSettings(projectOf(join(root, 'a')), join(root, 'a')).project, []);
  });
});

test('a file that cannot be understood is an error that names it and the place', () => {
  const wrong: readonly (readonly [text: string, message: RegExp])[] = [
    ['{"permissions": {', /settings\.json cannot be read/],
    ['[]', /settings\.json: /],
    [permissions({ allow: 'Bash' }), /settings\.json: permissions\.allow/],
    [permissions({ allow: ['Bash', 'Bash('] }), /settings\.json, permissions\.allow\[1\]: .*"Bash\(".*malformed/],
    [permissions({ deny: ['read(.env)'] }), /settings\.json, permissions\.deny\[0\]: .*"read\(\.env\)"/],
  ];
  for (const [text, message] of wrong) {
    withDisk({ '.claude/settings.json': text }, (root) => {
      assert.throws(
        () => loadSettings(projectOf(root), join(root, 'h')),
        (error) => error instanceof AworkersError && error.code === 'usage' && message.test(error.message),
        text,
      );
    });
  }
});
