// Workers in git worktrees: the base, what is collected, what is removed, what is refused, and what a repository cannot make git do.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import test from 'node:test';
import { AworkersError } from '../../src/contract/errors.ts';
import type { WorkerOptions } from '../../src/contract/options.ts';
import { type Script, toolUse } from '../fakes/messages-api.ts';
import { repositoryWorld } from './world.ts';

/** Runs what the newest prompt has between "$ " and " #", then says "Done." */
const shell: Script = ({ prompt }) => {
  const command = /\$ (.*?) #/.exec(prompt)?.[1];
  return command === undefined ? 'Done.' : toolUse('Bash', { command });
};

function apply(command: string | null | undefined): void {
  execFileSync('sh', ['-c', command ?? 'false'], { stdio: 'pipe' });
}

test('two workers change the same file side by side; both diffs apply to the base; the caller sees nothing of it before', async (t) => {
  const world = await repositoryWorld(t, shell);
  const { git, repo } = world;
  const app = await world.app();
  const before = [
    git('rev-parse', 'HEAD'),
    git('status', '--porcelain'),
    await readFile(join(repo, 'list.txt'), 'utf8'),
  ];
  const [first, second] = await Promise.all([
    world.run(app, '$ sed -i s/one/ONE/ list.txt && echo new > made.txt #'),
    world.run(app, '$ sed -i s/six/SIX/ list.txt #'),
  ]);
  assert.deepEqual(
    [git('rev-parse', 'HEAD'), git('status', '--porcelain'), await readFile(join(repo, 'list.txt'), 'utf8')],
    before,
  );
  assert.deepEqual(
    [first, second].map(({ worktree }) => [worktree?.changed, worktree?.kept, worktree?.base, worktree?.diffstat]),
    [
      [true, true, before[0], '2 files changed, 2 insertions(+), 1 deletion(-)'],
      [true, true, before[0], '1 file changed, 1 insertion(+), 1 deletion(-)'],
    ],
  );
  assert.equal(git('branch', '--list', 'aworkers/*').split('\n').length, 2);
  for (const { worktree } of [first, second]) {
    apply(worktree?.apply_command);
    git('reset', '-q', '--hard');
    git('clean', '-fdq');
  }
  apply(first.worktree?.apply_command);
  apply(second.worktree?.apply_command);
  assert.equal(await readFile(join(repo, 'list.txt'), 'utf8'), 'ONE\ntwo\nthree\nfour\nfive\nSIX\n');
  assert.equal(await readFile(join(repo, 'made.txt'), 'utf8'), 'new\n');
  const log = JSON.parse(await readFile(first.conversation_history_file_path, 'utf8')) as { worktree: unknown };
  assert.deepEqual(log.worktree, first.worktree);
});

/** A git that notes in a file every call to `git worktree` that begins while another runs, and fails the first `failing` adds. */
async function watchedGit(folder: string, failing: number): Promise<{ path: string; overlaps: () => boolean }> {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  const script = `#!/bin/sh
here=\${0%/*}
[ "$1" = worktree ] || exec ${real} "$@"
mkdir "$here/busy" 2> /dev/null || touch "$here/overlap"
if [ "$2" = add ] && [ "$(ls "$here" | grep -c '^failed')" -lt ${failing} ]; then
  touch "$here/failed-$$"
  echo 'fatal: failed to read .git/worktrees/other/commondir: Success' >&2
  code=128
else
  ${real} "$@"
  code=$?
fi
rmdir "$here/busy" 2> /dev/null
exit $code
`;
  await writeFile(join(bin, 'git'), script, { mode: 0o755 });
  return { path: `${bin}:${process.env['PATH'] ?? ''}`, overlaps: () => existsSync(join(bin, 'overlap')) };
}

test('worktrees of a repository are made and removed one after the other: git fails over half-made neighbours', async (t) => {
  const world = await repositoryWorld(t, shell);
  const git = await watchedGit(world.home, 0);
  const app = await world.app({ env: { PATH: git.path, HOME: world.home } });
  const entries = await Promise.all(Array.from({ length: 6 }, (_, n) => world.run(app, `$ cat list.txt # ${n}`)));
  assert.deepEqual(
    entries.map(({ worktree }) => worktree?.changed),
    Array(6).fill(false),
  );
  assert.equal(git.overlaps(), false);
});

test('a worktree that git could not make beside one of another process is tried again', async (t) => {
  const world = await repositoryWorld(t, shell);
  const git = await watchedGit(world.home, 2);
  const entry = await world.run(
    await world.app({ env: { PATH: git.path, HOME: world.home } }),
    '$ echo new > made.txt #',
  );
  assert.deepEqual([entry.worktree?.changed, entry.worktree?.diffstat], [true, '1 file changed, 1 insertion(+)']);
});

test('a worker that changed nothing leaves nothing: no worktree, no branch, no folder', async (t) => {
  const world = await repositoryWorld(t, shell);
  const entry = await world.run(await world.app(), '$ cat list.txt #');
  const { changed, kept, apply_command, path } = entry.worktree!;
  assert.deepEqual([changed, kept, apply_command, existsSync(path)], [false, false, null, false]);
  assert.equal(world.git('branch', '--list', 'aworkers/*'), '');
  assert.equal(world.git('worktree', 'list', '--porcelain').match(/^worktree /gm)?.length, 1);
  assert.deepEqual(await readdir(join(world.home, '.aworkers', 'worktrees')), []);
});

test("dirty: the worktree begins with what is not committed, and the diff is the worker's alone", async (t) => {
  const world = await repositoryWorld(t, shell, { 'list.txt': 'one\ntwo\n', '.gitignore': 'secret\n', 'sub/x': 'x\n' });
  const { git, repo, write } = world;
  await write('list.txt', 'one\ntwo\nmine\n');
  await write('untracked.txt', 'mine too\n');
  await write('secret', 'ignored\n');
  git('rm', '-q', '--cached', 'sub/x');
  const status = git('status', '--porcelain');
  const app = await world.app();
  const dirty: WorkerOptions = { isolation: { type: 'worktree', dirty: true } };
  const entry = await world.run(
    app,
    '$ cat list.txt untracked.txt > both; ls secret; sed -i s/one/ONE/ list.txt #',
    dirty,
  );
  assert.equal(git('status', '--porcelain'), status);
  apply(entry.worktree?.apply_command);
  assert.equal(await readFile(join(repo, 'both'), 'utf8'), 'one\ntwo\nmine\nmine too\n');
  assert.equal(await readFile(join(repo, 'list.txt'), 'utf8'), 'ONE\ntwo\nmine\n');
  const clean = await world.run(app, '$ ls untracked.txt && touch x #');
  assert.equal(clean.worktree?.changed, false);
});

test('nothing is lost when a worker fails or is stopped, and a resume goes on in the same worktree', async (t) => {
  const world = await repositoryWorld(t, shell, { 'list.txt': 'one\n', '.gitignore': 'build\n' });
  const app = await world.app();
  const failed = await world.run(app, '$ echo two >> list.txt; echo b > build #', { max_turns: 1 });
  assert.deepEqual(['error_type' in failed && failed.error_type, failed.worktree?.changed], ['max_turns', true]);
  const { path } = failed.worktree!;
  await app.close('restart');
  const later = await world.app();
  const { worker_id } = failed;
  await later.manager.resume({
    worker_id,
    prompt: '$ cat build && echo three >> list.txt #',
    options: { max_turns: 5 },
  });
  const { completed } = await later.manager.wait({ worker_ids: [worker_id] });
  assert.deepEqual([completed[0]?.worktree?.path, completed[0]?.worktree?.kept], [path, true]);
  assert.equal(world.git('show', `${completed[0]?.worktree?.branch}:list.txt`), 'one\ntwo\nthree');
  const ignored = await world.run(later, '$ echo b > build #', { max_turns: 1 });
  assert.deepEqual([ignored.worktree?.changed, ignored.worktree?.kept], [false, true]);
  assert.equal(await readFile(join(ignored.worktree!.path, 'build'), 'utf8'), 'b\n');
});

test('a worktree that was removed is made again on resume; options that would move the worker are refused', async (t) => {
  const world = await repositoryWorld(t, shell, { 'a/b/x': 'x\n' });
  const app = await world.app();
  const { worker_id, worktree } = await world.run(app, '$ pwd #', { cwd: 'a/b' });
  assert.equal(existsSync(worktree!.path), false);
  await app.manager.resume({ worker_id, prompt: '$ pwd > where #' });
  await app.manager.wait({ worker_ids: [worker_id] });
  assert.equal(await readFile(join(worktree!.path, 'a/b/where'), 'utf8'), `${join(worktree!.path, 'a/b')}\n`);
  await assert.rejects(app.manager.resume({ worker_id, prompt: 'go', options: { cwd: world.repo } }), /stays there/);
  const plain = await app.manager.spawn({ description: 'd', prompt: 'go' });
  await app.manager.wait({ worker_ids: [plain.worker_id] });
  const isolate = { worker_id: plain.worker_id, prompt: 'go', options: { isolation: 'worktree' as const } };
  await assert.rejects(app.manager.resume(isolate), /cannot add it/);
});

test('wherever the worker went: its own commits, another branch, a detached head, a broken .git, a lock left behind', async (t) => {
  const world = await repositoryWorld(t, shell);
  const app = await world.app();
  const commit = 'git -c user.name=w -c user.email=w@w commit -qam mine';
  const cases = [
    [`echo x >> list.txt && ${commit}`, undefined],
    [`git switch -qc other && echo x >> list.txt && ${commit} && echo y >> list.txt`, 'other'],
    ['git checkout -q --detach && echo z >> list.txt', 'detached'],
    ['echo x >> list.txt && rm .git', undefined],
    ['echo x >> list.txt && touch $(git rev-parse --git-dir)/index.lock', undefined],
  ] as const;
  for (const [command, branch] of cases) {
    const { worktree } = await world.run(app, `$ ${command} #`);
    assert.equal(worktree?.problem, undefined, command);
    assert.equal(worktree?.changed, true, command);
    if (branch !== undefined) assert.ok(worktree.branch.endsWith(branch), worktree.branch);
    assert.notEqual(world.git('show', `${worktree.branch}:list.txt`), world.git('show', 'main:list.txt'), command);
  }
  assert.equal(world.git('status', '--porcelain'), '');
});

test('directories that can have no worktree are refused at spawn, each with its reason', async (t) => {
  const world = await repositoryWorld(t, shell, null);
  const { repo, git } = world;
  const app = await world.app();
  const refused = async (pattern: RegExp, options: WorkerOptions = {}) => {
    const isolated = { description: 'd', prompt: 'p', options: { isolation: 'worktree', ...options } } as const;
    await assert.rejects(app.manager.spawn(isolated), (error: unknown) => {
      assert.ok(error instanceof AworkersError && error.code === 'usage' && error.hint !== '');
      assert.match(error.message, pattern);
      return true;
    });
  };
  await refused(/not in a git repository/);
  git('init', '-q', '-b', 'main');
  await refused(/no commit yet/);
  await refused(/inside a \.git directory/, { cwd: join(repo, '.git') });
  git('init', '-q', '--bare', 'bare');
  await refused(/bare repository/, { cwd: join(repo, 'bare') });
  git('-c', 'protocol.file.allow=always', 'commit', '-q', '--allow-empty', '-m', 'x');
  await writeFile(join(repo, '.gitmodules'), '[submodule "m"]\n\tpath = m\n\turl = ./m\n');
  git('add', '.gitmodules');
  git('commit', '-q', '-m', 'modules');
  await refused(/has submodules/);
  assert.deepEqual(await app.manager.list(), []);
});

test('a detached head, as in CI, is a base like any other', async (t) => {
  const world = await repositoryWorld(t, shell);
  world.git('checkout', '-q', '--detach');
  const { worktree } = await world.run(await world.app(), '$ echo x > x #');
  assert.deepEqual([worktree?.changed, worktree?.base], [true, world.git('rev-parse', 'HEAD')]);
});

test('no program that the repository configures runs: hooks, filters, file watchers', async (t) => {
  const world = await repositoryWorld(t, shell, { 'a.txt': 'a\n', '.gitattributes': '*.txt filter=evil\n' });
  const { git, repo, home } = world;
  const trap = join(home, 'trap.sh');
  await writeFile(trap, `#!/bin/sh\ntouch '${join(home, 'sprung')}'\ncat\n`);
  await chmod(trap, 0o755);
  for (const name of ['clean', 'smudge', 'process']) git('config', `filter.evil.${name}`, trap);
  git('config', 'filter.evil.required', 'true');
  git('config', 'core.fsmonitor', trap);
  await mkdir(join(repo, '.git/hooks'), { recursive: true });
  for (const hook of ['post-checkout', 'reference-transaction', 'pre-commit', 'post-index-change']) {
    await writeFile(join(repo, '.git/hooks', hook), `#!/bin/sh\nexec '${trap}'\n`, { mode: 0o755 });
  }
  await rm(join(home, 'sprung'), { force: true });
  await world.write('a.txt', 'changed\n');
  const app = await world.app();
  const { worktree } = await world.run(app, '$ echo b > b.txt #', { isolation: { type: 'worktree', dirty: true } });
  assert.deepEqual([worktree?.changed, worktree?.problem, existsSync(join(home, 'sprung'))], [true, undefined, false]);
});

test('permissions hold in the copy: rules of the tree, none of its edits, and no way back into it', async (t) => {
  const settings = { permissions: { deny: ['Read(/secret/**)'], allow: ['Bash'] } };
  const world = await repositoryWorld(
    t,
    ({ replies, conversation }) => {
      const copy = /Working directory: (.*)/.exec(conversation)?.[1] ?? '';
      const calls = [
        toolUse('Read', { file_path: join(copy, 'open.txt') }),
        toolUse('Read', { file_path: join(copy, 'secret/key') }),
        toolUse('Write', { file_path: join(world.repo, 'open.txt'), content: 'overwritten' }),
        toolUse('Write', { file_path: join(copy, 'open.txt'), content: 'mine' }),
      ];
      return calls[replies] ?? 'Done.';
    },
    { 'open.txt': 'open\n', 'secret/key': 'key\n' },
  );
  await world.write('.claude/settings.local.json', JSON.stringify(settings));
  const app = await world.app({
    grants: { allow: [], deny: [], trustProject: false, trustCaller: false, permissionMode: 'acceptEdits' },
    approver: 'nobody',
  });
  const entry = await world.run(app, 'go');
  const { permission_denials } = await app.manager.read(entry.worker_id);
  assert.deepEqual(
    permission_denials.map(({ tool_name, reason }) => [tool_name, /deny rule (\w+)/.exec(reason)?.[1]]),
    [
      ['Read', 'Read'],
      ['Write', 'Edit'],
    ],
  );
  assert.equal(await readFile(join(world.repo, 'open.txt'), 'utf8'), 'open\n');
  assert.equal(world.git('show', `${entry.worktree?.branch}:open.txt`), 'mine');
});
