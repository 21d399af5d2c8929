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
      '@anthropic-ai/sdk/tools/agent-toolset/node',
      'diff',
      'ripgrep',
      'tinyglobby',
      'picomatch',
      'ignore',
      '@anthropic-ai/sandbox-runtime',
      'defuddle',
      'linkedom',
      'request-filtering-agent',
    ],
  },
  permission: { rooms: ['contract'], packages: ['unbash', 'ignore', 'picomatch'] },
  journal: { rooms: ['contract'], packages: ['node:', 'zod'] },
  worktree: { rooms: ['contract'], packages: ['node:'] },
  manager: { rooms: ['contract', 'agent', 'permission', 'journal'], packages: [] },
  mcp: {
    rooms: ['contract', 'manager'],
    packages: ['@modelcontextprotocol/sdk', 'zod', 'node:console', 'node:process', 'node:fs'],
  },
  'mcp-client': { rooms: ['contract'], packages: ['@modelcontextprotocol/sdk', 'zod', 'node:'] },
  // journal: only sole-writer.ts, the right to write a file
  batch: { rooms: ['contract', 'manager', 'journal'], packages: ['yaml', 'csv-parse', 'zod', 'node:'] },
  schema: { rooms: ['contract'], packages: ['zod'] },
  report: { rooms: ['contract'], packages: ['fast-xml-parser', '@observablehq/plot', 'linkedom'] },
  demo: { rooms: ['contract'], packages: ['node:', 'zod'] },
  init: { rooms: ['contract'], packages: ['node:', 'jsonc-parser', 'smol-toml', 'diff', 'zod'] },
  cli: {
    rooms: ['contract', 'manager', 'batch', 'report', 'mcp', 'demo', 'init', 'app'],
    packages: ['citty', '@clack/prompts', 'cli-table3', 'zod', 'node:'],
  },
  app: {
    rooms: [
      'contract',
      'agent',
      'model',
      'tools',
      'mcp-client',
      'permission',
      'journal',
      'manager',
      'batch',
      'report',
      'schema',
      'worktree',
      'demo',
      'app',
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

function mayEnter(file: string, row: Room, target: string): boolean {
  const path = relative(src, resolve(src, dirname(file), target)).replaceAll('\\', '/');
  const other = roomOf(path);
  return path === 'version.ts' || other === roomOf(file) || row.rooms.includes(other) || path.startsWith('../');
}

function mayUse(row: Room, target: string): boolean {
  return row.packages.some((name) =>
    name.endsWith(':') ? target.startsWith(name) : target === name || target.startsWith(`${name}/`),
  );
}

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
