// Enforces src/ARCHITECTURE.md: who may import whom, which packages a room may use, and how long a file may be.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { globSync } from 'tinyglobby';

const src = fileURLToPath(new URL('../src', import.meta.url));

type Room = { readonly rooms: readonly string[]; readonly packages: readonly string[] };

/** An allow-list: a new room is closed until it is entered here. `app` is every file that lies directly in src/ but main.ts. */
const table: Readonly<Record<string, Room>> = {
  contract: { rooms: [], packages: ['zod', 'fastest-levenshtein'] },
  agent: { rooms: ['contract'], packages: [] },
  model: { rooms: ['contract'], packages: ['@anthropic-ai/sdk', 'zod', 'node:'] },
  tools: {
    rooms: ['contract'],
    packages: [
      'zod',
      'node:',
      'diff',
      'ripgrep',
      'picomatch',
      'ignore',
      '@anthropic-ai/sandbox-runtime',
      'defuddle',
      'linkedom',
      'request-filtering-agent',
    ],
  },
  permission: { rooms: ['contract'], packages: ['unbash', 'ignore'] },
  journal: { rooms: ['contract'], packages: ['node:', 'zod'] },
  worktree: { rooms: ['contract'], packages: ['node:'] },
  manager: { rooms: ['contract', 'agent', 'permission', 'journal'], packages: [] },
  mcp: {
    rooms: ['contract'],
    packages: ['@modelcontextprotocol/sdk', 'zod', 'node:console', 'node:process', 'node:fs'],
  },
  'mcp-client': { rooms: ['contract'], packages: ['@modelcontextprotocol/sdk', 'zod', 'node:'] },
  // journal: only sole-writer.ts, the right to write a file
  batch: { rooms: ['contract', 'journal'], packages: ['yaml', 'csv-parse', 'zod', 'node:'] },
  schema: { rooms: ['contract'], packages: ['zod', '@eslint-community/regexpp'] },
  report: { rooms: ['contract'], packages: ['fast-xml-parser', '@observablehq/plot', 'linkedom'] },
  demo: { rooms: ['contract'], packages: ['node:', 'zod'] },
  init: { rooms: ['contract'], packages: ['node:', 'jsonc-parser', 'smol-toml', 'diff', 'zod'] },
  cli: {
    rooms: ['contract', 'batch', 'report', 'mcp', 'demo', 'init', 'app'],
    packages: ['citty', '@clack/prompts', 'cli-table3', 'node:'],
  },
  app: {
    rooms: [
      'contract',
      'model',
      'tools',
      'mcp-client',
      'permission',
      'journal',
      'manager',
      'batch',
      'schema',
      'worktree',
    ],
    packages: ['node:', 'yaml', 'zod'],
  },
};

const files = globSync('**/*.ts', { cwd: src })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path !== 'main.ts' && !path.endsWith('.d.ts'));

function roomOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : 'app';
}

function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map((match) => match[1]!);
}

test('every room imports only what its row allows', () => {
  const wrong = files.flatMap((file) => {
    const room = roomOf(file);
    const row = table[room];
    if (row === undefined) return [`${file}: room "${room}" has no row in the table`];
    return importsOf(readFileSync(join(src, file), 'utf8'))
      .filter((target) => !(target.startsWith('.') ? mayEnter(file, row, target) : mayUse(row, target)))
      .map((target) => `${file} imports ${target}`);
  });
  assert.deepEqual(wrong, []);
});

test('every room and package that a row allows is used', () => {
  const idle = Object.entries(table).flatMap(([room, row]) => {
    const own = files.filter((file) => roomOf(file) === room);
    const targets = own.flatMap((file) =>
      importsOf(readFileSync(join(src, file), 'utf8')).map((target) =>
        target.startsWith('.') ? roomAt(file, target) : target,
      ),
    );
    const rooms = row.rooms.filter((name) => !targets.includes(name));
    const packages = row.packages.filter((name) => !targets.some((target) => covers(name, target)));
    return [...rooms, ...packages].map((name) => `${room}: ${name}`);
  });
  assert.deepEqual(idle, []);
});

function mayEnter(file: string, row: Room, target: string): boolean {
  const path = pathAt(file, target);
  const other = roomOf(path);
  return path === 'version.ts' || other === roomOf(file) || row.rooms.includes(other) || path.startsWith('../');
}

function mayUse(row: Room, target: string): boolean {
  return row.packages.some((name) => covers(name, target));
}

function covers(name: string, target: string): boolean {
  return name.endsWith(':') ? target.startsWith(name) : target === name || target.startsWith(`${name}/`);
}

function roomAt(file: string, target: string): string {
  return roomOf(pathAt(file, target));
}

/** Where an import leads, as a path below src. */
function pathAt(file: string, target: string): string {
  return relative(src, resolve(src, dirname(file), target)).replaceAll('\\', '/');
}

test('src/ARCHITECTURE.md has a row for every room', () => {
  const map = readFileSync(join(src, 'ARCHITECTURE.md'), 'utf8');
  const rooms = [...map.matchAll(/^\| `([a-z-]+)\/`/gm)].map((match) => match[1]!);
  const there = [...new Set(files.map(roomOf))].filter((room) => room !== 'app');
  assert.deepEqual(rooms.toSorted(), there.toSorted());
});

test('sources are runtime-neutral: no Bun or Deno globals', () => {
  const wrong = files.filter((file) => /(?<![\w.'"`/])(Bun|Deno)\.\w/.test(code(file)));
  assert.deepEqual(wrong, []);
});

test('the environment is read in app.ts and cli/ only', () => {
  const wrong = files.filter(
    (file) => !['app', 'cli'].includes(roomOf(file)) && /process\.(env|argv)\b/.test(code(file)),
  );
  assert.deepEqual(wrong, []);
});

test('agent, permission and contract touch no clock', () => {
  const pure = files.filter((file) => ['agent', 'permission', 'contract'].includes(roomOf(file)));
  const wrong = pure.filter((file) => /\b(Date\.now|new Date|setTimeout|setInterval|performance\.)/.test(code(file)));
  assert.deepEqual(wrong, []);
});

test('no source file is longer than 250 lines, and each opens by saying what it owns', () => {
  const long = files.filter((file) => readFileSync(join(src, file), 'utf8').split('\n').length > 251);
  const silent = files.filter((file) => !readFileSync(join(src, file), 'utf8').startsWith('//'));
  assert.deepEqual({ long, silent }, { long: [], silent: [] });
});

function code(file: string): string {
  return readFileSync(join(src, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, '');
}
