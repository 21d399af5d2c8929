// What a tool opens is what was judged for its very call: links and directories are swapped between the two, by the one who
// answers, as the call starts, or right after the tool compared; the loop, the gate and the tools are the real ones.
import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { runAgent } from '../../src/agent/loop.ts';
import type { EventBody } from '../../src/contract/event.ts';
import type { PermissionRule, Resolution } from '../../src/contract/permission.ts';
import type { Approver, PathResolver } from '../../src/contract/ports.ts';
import { noUsage } from '../../src/contract/usage.ts';
import { createPolicy } from '../../src/permission/index.ts';
import { createPathResolver, openToolset, toolNames } from '../../src/tools/index.ts';
import { calls, says } from '../fakes/scripted-model.ts';
import { ripgrep } from '../tools/open.ts';
import { outline, worldOf } from './world.ts';

type Use = readonly [id: string, name: string, input: Readonly<Record<string, unknown>>];
type Swap = (work: string, outside: string) => void;

type Case = {
  readonly name: string;
  /** One turn each, with all the calls of the turn. */
  readonly turns: readonly (readonly Use[])[];
  /** Default: whatever reads or edits is asked about. */
  readonly rules?: readonly string[];
  /** While the question about this call is open. */
  readonly asked?: Readonly<Record<string, Swap>>;
  /** When the start of this call is in the journal. */
  readonly started?: Readonly<Record<string, Swap>>;
  /** Right after a path was resolved for the nth time, from 1; of each call the gate does it first, then the tool. */
  readonly resolved?: Readonly<Record<number, Swap>>;
  readonly outline: readonly string[];
  /** What has changed of the files, beside the swap. */
  readonly changed?: Readonly<Record<string, string>>;
};

const moved = (shown: string) =>
  `${shown} does not lead any more to where it led when this call was judged: a link or directory on its way was changed. Nothing was read or changed. Call again: then it is judged anew.`;

const askAll = ['Read', 'Edit'];

/** Replaces what is there by a link. */
const link =
  (name: string, target: string): Swap =>
  (work, outside) => {
    rmSync(join(work, name), { recursive: true, force: true });
    symlinkSync(
      target === 'outside' ? outside : target.startsWith('outside/') ? join(outside, target.slice(8)) : target,
      join(work, name),
    );
  };

/** A directory makes room for a link to the outside. */
const exchange =
  (name: string): Swap =>
  (work, outside) => {
    renameSync(join(work, name), join(work, `${name}-was`));
    symlinkSync(outside, join(work, name));
  };

const asked = (n: number, id: string) => [`asked id${n} ${id}`, `allowed ${id} by host`];
const done = ['replied end_turn', 'completed: done'];
const read = (id: string, file_path: string): Use => [id, 'Read', { file_path }];
const edit = (id: string, file_path: string): Use => [
  id,
  'Edit',
  { file_path, old_string: 'mine', new_string: 'changed' },
];

const cases: readonly Case[] = [
  {
    name: 'what stays as it was is read, edited, written, searched: links and new directories included',
    turns: [
      [read('t1', 'link'), read('t2', 'linked/a.txt')],
      [edit('t3', 'link')],
      [['t4', 'Write', { file_path: 'linked/new/deep.txt', content: 'new\n' }]],
      [
        ['t5', 'Grep', { pattern: 'new', path: 'linked' }],
        ['t6', 'Glob', { pattern: 'linked/new/*' }],
        ['t7', 'Glob', { pattern: '*.txt', path: 'linked' }],
      ],
    ],
    outline: [
      'replied tool_use',
      'asked id1 t1',
      'allowed t1 by host',
      'asked id2 t2',
      'allowed t2 by host',
      'started t1',
      'started t2',
      'result t1:      1\tmine',
      'result t2:      1\tinner',
      'replied tool_use',
      ...asked(3, 't3'),
      'started t3',
      'result t3: Edited link: 1 replacement, line 1.',
      'replied tool_use',
      ...asked(4, 't4'),
      'started t4',
      'result t4: Created linked/new/deep.txt (4 bytes).',
      'replied tool_use',
      ...asked(5, 't5'),
      ...asked(6, 't6'),
      ...asked(7, 't7'),
      'started t5',
      'started t6',
      'started t7',
      'result t5: dir/new/deep.txt',
      'result t6: linked/new/deep.txt',
      'result t7: dir/a.txt',
      ...done,
    ],
    changed: { 'work/own.txt': 'changed\n', 'work/dir/new/deep.txt': 'new\n' },
  },
  {
    name: 'Read: the link leads elsewhere when the answer comes',
    turns: [[read('t1', 'link')]],
    asked: { t1: link('link', 'outside/a.txt') },
    outline: ['replied tool_use', ...asked(1, 't1'), 'started t1', `error t1: ${moved('link')}`, ...done],
  },
  {
    name: 'Read: a directory above became a link',
    turns: [[read('t1', 'dir/a.txt')]],
    asked: { t1: exchange('dir') },
    outline: ['replied tool_use', ...asked(1, 't1'), 'started t1', `error t1: ${moved('dir/a.txt')}`, ...done],
  },
  {
    name: 'Read that the rules allow: swapped as it starts; called again it is judged anew',
    turns: [[read('t1', 'link')], [read('t2', 'link')]],
    rules: [],
    started: { t1: link('link', 'outside/a.txt') },
    outline: [
      'replied tool_use',
      'started t1',
      `error t1: ${moved('link')}`,
      'replied tool_use',
      ...asked(1, 't2'),
      'started t2',
      'result t2:      1\tsecret',
      ...done,
    ],
  },
  {
    name: 'side by side: the one whose link was swapped fails alone',
    turns: [[read('t1', 'own.txt'), read('t2', 'link'), read('t3', 'linked/a.txt')]],
    rules: [],
    started: { t1: link('link', 'outside/a.txt') },
    outline: [
      'replied tool_use',
      'started t1',
      'started t2',
      'started t3',
      'result t1:      1\tmine',
      `error t2: ${moved('link')}`,
      'result t3:      1\tinner',
      ...done,
    ],
  },
  {
    name: 'Read: the directory is swapped between the look and the opening',
    turns: [[read('t1', 'dir/a.txt')]],
    rules: [],
    resolved: { 2: exchange('dir') },
    outline: ['replied tool_use', 'started t1', `error t1: ${moved('dir/a.txt')}`, ...done],
  },
  {
    name: 'Edit: the link leads to a file that was read, too, but was not asked about',
    turns: [[read('t1', 'own.txt'), read('t2', 'link2')], [edit('t3', 'link')]],
    rules: ['Edit'],
    asked: { t3: link('link', 'other.txt') },
    outline: [
      'replied tool_use',
      'started t1',
      'started t2',
      'result t1:      1\tmine',
      'result t2:      1\tmine, too',
      'replied tool_use',
      ...asked(1, 't3'),
      'started t3',
      `error t3: ${moved('link')}`,
      ...done,
    ],
  },
  {
    name: 'Edit: a directory above became a link',
    turns: [[read('t1', 'sub/mine.txt')], [edit('t2', 'sub/mine.txt')]],
    rules: ['Edit'],
    asked: { t2: exchange('sub') },
    outline: [
      'replied tool_use',
      'started t1',
      'result t1:      1\tmine',
      'replied tool_use',
      ...asked(1, 't2'),
      'started t2',
      `error t2: ${moved('sub/mine.txt')}`,
      ...done,
    ],
  },
  {
    name: 'Write: where there was no file is a link now',
    turns: [[['t1', 'Write', { file_path: 'new.txt', content: 'x' }]]],
    asked: { t1: link('new.txt', 'outside/made.txt') },
    outline: ['replied tool_use', ...asked(1, 't1'), 'started t1', `error t1: ${moved('new.txt')}`, ...done],
  },
  {
    name: 'Write: where there was no directory is a link now',
    turns: [[['t1', 'Write', { file_path: 'made/deep/new.txt', content: 'x' }]]],
    asked: { t1: link('made', 'outside') },
    outline: ['replied tool_use', ...asked(1, 't1'), 'started t1', `error t1: ${moved('made/deep/new.txt')}`, ...done],
  },
  {
    name: 'Write: the directory is swapped between the look and the writing',
    turns: [[['t1', 'Write', { file_path: 'dir/new.txt', content: 'x' }]]],
    resolved: { 2: exchange('dir') },
    outline: ['replied tool_use', ...asked(1, 't1'), 'started t1', `error t1: ${moved('dir/new.txt')}`, ...done],
  },
  {
    name: 'Write: a file that appeared meanwhile at the very place is not replaced unseen',
    turns: [[['t1', 'Write', { file_path: 'new.txt', content: 'x' }]]],
    asked: { t1: (work) => writeFileSync(join(work, 'new.txt'), 'appeared\n') },
    outline: [
      'replied tool_use',
      ...asked(1, 't1'),
      'started t1',
      'error t1: new.txt exists and was not read yet. Read it first.',
      ...done,
    ],
    changed: { 'work/new.txt': 'appeared\n' },
  },
  {
    name: 'Write: directories that appeared meanwhile as they were to be made are fine',
    turns: [[['t1', 'Write', { file_path: 'made/deep/new.txt', content: 'x\n' }]]],
    asked: { t1: (work) => mkdirSync(join(work, 'made/deep'), { recursive: true }) },
    outline: [
      'replied tool_use',
      ...asked(1, 't1'),
      'started t1',
      'result t1: Created made/deep/new.txt (2 bytes).',
      ...done,
    ],
    changed: { 'work/made/deep/new.txt': 'x\n' },
  },
  {
    name: 'Grep and Glob: their roots were swapped',
    turns: [
      [
        ['t1', 'Grep', { pattern: 'secret', path: 'linked', output_mode: 'content' }],
        ['t2', 'Glob', { pattern: '*', path: 'linked' }],
        ['t3', 'Glob', { pattern: 'linked/*' }],
        ['t4', 'Glob', { pattern: 'linked/a.txt' }],
      ],
    ],
    asked: { t4: link('linked', 'outside') },
    outline: [
      'replied tool_use',
      'asked id1 t1',
      'allowed t1 by host',
      'asked id2 t2',
      'allowed t2 by host',
      'asked id3 t3',
      'allowed t3 by host',
      'asked id4 t4',
      'allowed t4 by host',
      'started t1',
      'started t2',
      'started t3',
      'started t4',
      `error t1: ${moved('linked')}`,
      `error t2: ${moved('linked')}`,
      `error t3: ${moved('linked')}`,
      `error t4: ${moved('linked')}`,
      ...done,
    ],
  },
  {
    name: 'an earlier call of the turn swaps the link: the answer was about where it led',
    turns: [
      [read('t1', 'link'), read('t2', 'link2')],
      [['t3', 'Bash', { command: 'ln -sfn other.txt link' }], edit('t4', 'link')],
    ],
    rules: ['Edit'],
    outline: [
      'replied tool_use',
      'started t1',
      'started t2',
      'result t1:      1\tmine',
      'result t2:      1\tmine, too',
      'replied tool_use',
      'asked id1 t3',
      'allowed t3 by host',
      'asked id2 t4',
      'allowed t4 by host',
      'started t3',
      'result t3: (no output)',
      'started t4',
      `error t4: ${moved('link')}`,
      ...done,
    ],
  },
];

/** Calls that run side by side end in any order. */
function inCallOrder(lines: readonly string[]): string[] {
  const isEnd = (line: string | undefined) => line !== undefined && /^(result|error) /.test(line);
  const idOf = (line: string) => line.split(' ')[1] ?? '';
  const sorted: string[] = [];
  for (let at = 0; at < lines.length;) {
    let end = at + 1;
    if (isEnd(lines[at])) while (isEnd(lines[end])) end += 1;
    sorted.push(...lines.slice(at, end).toSorted((a, b) => (end - at > 1 && idOf(a) < idOf(b) ? -1 : 1)));
    at = end;
  }
  return sorted;
}

type Folders = { readonly root: string; readonly work: string; readonly outside: string };

function folders(after: (end: () => void) => void): Folders {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'aworkers-judged-')));
  after(() => rmSync(root, { recursive: true, force: true }));
  const [work, outside] = [join(root, 'work'), join(root, 'outside')];
  for (const name of ['work/dir', 'work/sub', 'outside/deep']) mkdirSync(join(root, name), { recursive: true });
  const files = {
    'work/own.txt': 'mine\n',
    'work/other.txt': 'mine, too\n',
    'work/dir/a.txt': 'inner\n',
    'work/sub/mine.txt': 'mine\n',
    'outside/a.txt': 'secret\n',
    'outside/mine.txt': 'mine\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  symlinkSync('own.txt', join(work, 'link'));
  symlinkSync('other.txt', join(work, 'link2'));
  symlinkSync('dir', join(work, 'linked'));
  return { root, work, outside };
}

/** Every regular file and its text; no link is followed. */
function contents(root: string, below = ''): Record<string, string> {
  const found = readdirSync(join(root, below), { withFileTypes: true }).map((entry) => {
    const path = join(below, entry.name);
    if (entry.isDirectory()) return contents(root, path);
    return entry.isFile() ? { [path]: readFileSync(join(root, path), 'utf8') } : {};
  });
  return Object.assign({}, ...found);
}

/** A directory that made room keeps its files. */
function withoutSwaps(files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path.replace('-was/', '/'), text]));
}

/** `past`: what a crash left in the journal. */
async function play(each: Omit<Case, 'name' | 'outline'>, { work, outside }: Folders, past: readonly EventBody[] = []) {
  const inner = createPathResolver({ home: work, platform: process.platform });
  let resolutions = -1; // of the working directory, as the policy is made
  const paths: PathResolver = {
    resolve(path, cwd) {
      const answer = inner.resolve(path, cwd);
      resolutions += 1;
      each.resolved?.[resolutions]?.(work, outside);
      return answer;
    },
  };
  const approver: Approver = {
    async ask({ tool_use_id }, commit) {
      each.asked?.[tool_use_id]?.(work, outside);
      const resolution: Resolution = { allow: true, scope: 'once', decided_by: 'host' };
      await commit(resolution);
      return resolution;
    },
  };
  const rules = (each.rules ?? askAll).map((text): PermissionRule => ({ decision: 'ask', text, source: 'user' }));
  const policy = createPolicy({ rules, mode: 'default', cwd: work, paths, searchSkipsDenied: true });
  const toolset = openToolset({
    worker_id: 'w1',
    cwd: work,
    names: toolNames,
    env: process.env,
    platform: process.platform,
    paths,
    ripgrep,
  });
  try {
    const replies = [...each.turns.map((turn) => calls(...turn)), says('done')];
    const plain = await worldOf({ replies, approver });
    const record = async (event: EventBody) => {
      await plain.record(event);
      if (event.type === 'tool.started') each.started?.[event.tool_use_id]?.(work, outside);
    };
    for (const event of past) await plain.record(event);
    await runAgent({ ...plain, record, toolset, policy }, new AbortController().signal);
    return { outline: inCallOrder(outline(plain.events)), events: plain.events };
  } finally {
    await toolset.close();
  }
}

for (const each of cases) {
  test(each.name, async (t) => {
    const place = folders((end) => t.after(end));
    const before = contents(place.root);
    assert.deepEqual((await play(each, place)).outline, each.outline);
    assert.deepEqual(withoutSwaps(contents(place.root)), { ...before, ...each.changed });
    assert.deepEqual(readdirSync(join(place.outside, 'deep')), []);
  });
}

test('an answer from before a crash is good for where the path led when it was judged again', async (t) => {
  const place = folders((end) => t.after(end));
  const use = edit('t2', 'link');
  const request = {
    request_id: 'r1',
    worker_id: 'w1',
    description: 'test',
    tool: 'Edit',
    tool_use_id: 't2',
    input: use[2],
    reason: 'Matches the ask rule Edit.',
  };
  const resolution: Resolution = { allow: true, scope: 'once', decided_by: 'host' };
  const { tool, input } = request;
  const reply = { ...calls(use), stop_reason: 'tool_use', kept: true, model: 'scripted', request_id: null };
  const past: readonly EventBody[] = [
    {
      type: 'model.replied',
      ...reply,
      content: [...(reply.content ?? [])],
      usage: noUsage,
      cost_usd: 0,
      duration_ms: 0,
    },
    { type: 'permission.requested', request },
    { type: 'permission.resolved', request_id: 'r1', tool_use_id: 't2', tool, input, resolution },
  ];
  const given = { turns: [], rules: ['Edit'], started: { t2: link('link', 'other.txt') } };
  const { outline: seen } = await play(given, place, past);
  assert.deepEqual(seen, [
    'replied tool_use',
    'asked r1 t2',
    'allowed t2 by host',
    'started t2',
    `error t2: ${moved('link')}`,
    ...done,
  ]);
});

test('a preview shows what was judged, or nothing', async (t) => {
  const turns = [[edit('t1', 'link')]];
  const previews = async (resolved: Readonly<Record<number, Swap>>) => {
    const { events } = await play(
      { turns, resolved },
      folders((end) => t.after(end)),
    );
    return events.flatMap((event) => (event.type === 'permission.requested' ? [event.request.preview] : []));
  };
  const [shown] = await previews({});
  assert.match(shown ?? '', /^-mine\n\+changed$/m);
  assert.deepEqual(await previews({ 1: link('link', 'outside/mine.txt') }), [undefined]);
});
