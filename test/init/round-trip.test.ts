// Existing files of every host in every layout: after init, twice, all hosts have what they need and nothing else changed;
// after --remove every byte is as it was.
import assert from 'node:assert/strict';
import test from 'node:test';
import { parse as parseJsonc } from 'jsonc-parser';
import { parse as parseToml } from 'smol-toml';
import { hostNames } from '../../src/init/index.ts';
import { type Files, withWorld } from './world.ts';

const everything = { hosts: hostNames, humanApproval: true, replaceTask: true, trustProject: true } as const;
const server = 'async_worker_manager';

/** Where each host's entry stands, and what is in the file besides: [file, path to the entry's container]. */
const jsonFiles = [
  ['project/.mcp.json', 'mcpServers'],
  ['project/opencode.json', 'mcp'],
  ['home/.gemini/settings.json', 'mcpServers'],
  ['project/.vscode/mcp.json', 'servers'],
  ['project/.cursor/mcp.json', 'mcpServers'],
] as const;

const layouts: readonly (readonly [name: string, text: (container: string) => string])[] = [
  ['empty', () => ''],
  ['blank', () => '\r\n  \r\n'],
  ['a byte order mark only', () => '\ufeff'],
  ['an empty object', () => '{}'],
  ['an empty object with space', () => '{ }\n'],
  ['a comment only', () => '// nothing yet\n'],
  ['a comment in an empty object', () => '{ /* nothing yet */ }'],
  ['two spaces', (c) => `{\n  "${c}": {\n    "other": {\n      "command": "x"\n    }\n  }\n}\n`],
  ['four spaces, no end of line', (c) => `{\n    "a": 1,\n    "${c}": {}\n}`],
  ['tabs', (c) => `{\n\t"${c}": {\n\t\t"other": { "command": "x" }\n\t},\n\t"z": [1, 2]\n}\n`],
  ['CRLF', (c) => `{\r\n  "a": 1,\r\n  "${c}": {\r\n    "other": {}\r\n  }\r\n}\r\n`],
  ['CRLF, tabs and a byte order mark', (c) => `\ufeff{\r\n\t"${c}": {\r\n\t\t"other": {}\r\n\t}\r\n}\r\n`],
  ['one line', (c) => `{"a":1,"${c}":{"other":{"command":"x"}}}`],
  ['one line with spaces', (c) => `{ "a": 1, "${c}": { "other": { "command": "x" } } }\n`],
  ['trailing commas', (c) => `{\n  "${c}": {\n    "other": { "command": "x", },\n  },\n}\n`],
  [
    'comments everywhere',
    (c) =>
      `// head\n{\n  // before\n  "a": 1, // behind a\n  "${c}": {\n    "other": { "command": "x" } // behind other\n    // last in container\n  } /* behind container */\n  // last\n}\n// foot\n`,
  ],
  [
    'a trailing comma and comments',
    (c) => `{\n  "${c}": {\n    "other": {}, // behind\n    // "old": {}\n  },\n  /* end */\n}\n`,
  ],
  ['a comment that spans lines', (c) => `{\n  "${c}": {\n    "other": {} /* one\n    two */\n  }\n}\n`],
  ['unusual indentation', (c) => `{\n "${c}":\n   {\n       "other" : {}\n   }\n}`],
  ['closing brackets on the last line', (c) => `{\n  "${c}": {\n    "other": {}}}`],
  ['strings that look like syntax', (c) => `{\n  "a": "// {\\"x\\": [,]} \\u00e4",\n  "${c}": {}\n}\n`],
  ['a container of its own for another', (c) => `{\n  "b": {\n    "${c}": { "${server}": 1 }\n  }\n}\n`],
];

const rules: readonly (readonly [name: string, text: string])[] = [
  ['no rules', '{\n  "model": "opus"\n}\n'],
  ['a list on one line', '{\n  "permissions": {\n    "deny": ["WebFetch"],\n    "ask": []\n  }\n}\n'],
  [
    'a list with comments',
    '{\n\t"permissions": {\n\t\t"ask": [\n\t\t\t"Bash(git push *)", // careful\n\t\t],\n\t\t// none\n\t\t"deny": []\n\t}\n}\n',
  ],
  ['one of ours by hand', '{"permissions":{"deny":["Agent"]}}'],
];

const tomls: readonly (readonly [name: string, text: string])[] = [
  ['empty', ''],
  ['a comment', '# my settings'],
  ['a table', 'model = "gpt-5"\n\n[mcp_servers.other]\ncommand = "x" # why\n'],
  ['CRLF, no end of line', 'model = "gpt-5"\r\n\r\n[mcp_servers.other]\r\ncommand = "x"'],
  ['a byte order mark', '\ufeffmodel = "gpt-5"\n'],
  ['dotted keys', 'mcp_servers.other.command = "x"\n'],
  [
    'texts that look like headers',
    'notes = """\n[mcp_servers.async_worker_manager]\n# no\n"""\nlist = [\n  [1], # [x]\n  ["]"],\n]\n[a]\nb = \'\'\'\n[c]\'\'\'\n',
  ],
  ['lists of tables', '[[profiles]]\nname = "a"\n\n[[profiles]]\nname = "b"\n\n  [profiles.inner]\n  x = 1979-05-27\n'],
];

for (const [index, [name, layout]] of layouts.entries()) {
  const [rulesName, rulesText] = rules[index % rules.length]!;
  const [tomlName, tomlText] = tomls[index % tomls.length]!;
  test(`written twice and taken back: JSON with ${name}; ${rulesName}; TOML with ${tomlName}`, () => {
    const files: Files = {
      ...Object.fromEntries(jsonFiles.map(([file, container]) => [file, layout(container)])),
      'project/.claude/settings.json': rulesText,
      'home/.codex/config.toml': tomlText,
      'project/src/index.ts': 'export {};\n',
    };
    return withWorld(files, async ({ init, remove, snapshot, read }) => {
      const start = snapshot();
      await init(everything);
      const written = snapshot();
      for (const [file, container] of jsonFiles) checkJson(read(file), files[file]!, [container, server]);
      checkJson(read('project/.claude/settings.json'), rulesText, ['permissions']);
      checkToml(read('home/.codex/config.toml'), tomlText);

      const again = await init(everything);
      assert.deepEqual(
        { changes: again.changes, notes: again.notes.filter((note) => note.includes('stays')) },
        { changes: [], notes: [] },
      );
      assert.deepEqual(snapshot(), written);

      await remove();
      assert.deepEqual(snapshot(), start);
      assert.deepEqual((await remove()).changes, []);
    });
  });

  test(`changed after us: only ours goes: JSON with ${name}; ${rulesName}; TOML with ${tomlName}`, () => {
    const files: Files = {
      ...Object.fromEntries(jsonFiles.map(([file, container]) => [file, layout(container)])),
      'project/.claude/settings.json': rulesText,
      'home/.codex/config.toml': tomlText,
    };
    return withWorld(files, async ({ init, remove, put, read }) => {
      await init(everything);
      const edit = (text: string) => `${text}\n// mine\n`;
      const names = [...jsonFiles.map(([file]) => file), 'project/.claude/settings.json'];
      put(Object.fromEntries(names.map((file) => [file, edit(read(file))])));
      put({ 'home/.codex/config.toml': `${read('home/.codex/config.toml')}# mine\n` });
      const { notes } = await remove();
      assert.equal(notes.filter((note) => note.includes('was changed since init wrote it')).length, names.length + 1);
      for (const file of names) {
        assert.deepEqual(valueOf(read(file)), valueOf(files[file]!), file);
        const ordinary = files[file]!.includes('"other"') && !name.includes('last line');
        if (ordinary) assert.equal(read(file), edit(files[file]!), file);
        assert.deepEqual(commentsOf(read(file)), [...commentsOf(files[file]!), '// mine'], file);
      }
      assert.deepEqual(tomlOf(read('home/.codex/config.toml')), tomlOf(tomlText));
      assert.match(read('home/.codex/config.toml'), /# mine\n$/);
    });
  });
}

/** Well-formed, ours in place, all else as before: values, comments, line ends, mark. */
function checkJson(after: string, before: string, ours: readonly [string, ...string[]]): void {
  const [container, entry] = ours;
  const value = valueOf(after) as Record<string, Record<string, unknown>>;
  assert.ok(entry === undefined ? value[container] : value[container]?.[entry], after);
  assert.deepEqual(commentsOf(after), commentsOf(before));
  assert.equal(after.startsWith('\ufeff'), before.startsWith('\ufeff'));
  if (before.includes('\n')) assert.equal(/(?<!\r)\n/.test(after), /(?<!\r)\n/.test(before), JSON.stringify(after));
  if (before.includes('\t')) assert.ok(!/^ +"/m.test(after), after);
  for (const line of before
    .replace('\ufeff', '')
    .split(/\r?\n/)
    .map((text) => text.trim().replace(/[[\]{},\s]+$/, ''))) {
    assert.ok(after.replaceAll(',', '').includes(line.replaceAll(',', '')), `${line} is gone:\n${after}`);
  }
}

function checkToml(after: string, before: string): void {
  const { mcp_servers: servers, ...rest } = tomlOf(after) as { mcp_servers: Record<string, unknown> };
  const { mcp_servers: old = {}, ...others } = tomlOf(before) as { mcp_servers?: Record<string, unknown> };
  const { [server]: ours, ...theirs } = servers;
  assert.ok(ours);
  assert.deepEqual({ rest, theirs }, { rest: others, theirs: old });
  assert.ok(after.startsWith(before), 'what was there stays in front, byte for byte');
  if (before.includes('\r\n')) assert.ok(!/(?<!\r)\n/.test(after));
}

function valueOf(text: string): unknown {
  const errors: [] = [];
  const value: unknown = parseJsonc(text.replace('\ufeff', ''), errors, {
    allowTrailingComma: true,
    allowEmptyContent: true,
  });
  assert.deepEqual(errors, [], text);
  return value ?? {};
}

function tomlOf(text: string): Record<string, unknown> {
  return JSON.parse(JSON.stringify(parseToml(text.replace('\ufeff', '')))) as Record<string, unknown>;
}

function commentsOf(text: string): string[] {
  return [...text.matchAll(/"(?:\\.|[^"\\])*"|(\/\/[^\r\n]*|\/\*[\s\S]*?\*\/)/g)].flatMap(
    ([, comment]) => comment ?? [],
  );
}
