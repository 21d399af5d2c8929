// Names of tools: what the API takes, one for each tool, the same for ever; and which patterns mean which.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { concernsServer, covers, coversServer, serverId, toolName } from '../../src/mcp-client/names.ts';
import { inputSchemaFor } from '../../src/mcp-client/input-schema.ts';

test('names as they come out, for ever', () => {
  assert.deepEqual(
    [
      toolName('files', 'read_file'),
      toolName('my server', 'get-env'),
      toolName('a__b', 'c__d'),
      toolName('tiny', 'dotted.name'),
      toolName('日本', 'tool'),
      toolName('x'.repeat(40), 'y'.repeat(80)),
    ],
    [
      'mcp__files__read_file',
      'mcp__my_server__get-env',
      'mcp__a_b__c__d',
      'mcp__tiny__dotted_name_10c733',
      'mcp__cf2abf__tool',
      'mcp__xxxxxxxxxxxxxxxxxxxxxxxxx_bd913f__yyyyyyyyyyyyyyyyyy_e87305',
    ],
  );
});

test('any two tools of a server have different names, all of which the API takes', () => {
  const name = fc.string({ minLength: 1, maxLength: 90 });
  fc.assert(
    fc.property(name, name, name, (server, one, other) => {
      const names = [toolName(server, one), toolName(server, other)];
      assert.equal(new Set(names).size, new Set([one, other]).size);
      for (const each of names) {
        assert.match(each, /^[a-zA-Z0-9_-]{1,64}$/);
        assert.ok(covers(`mcp__${serverId(server)}`, each));
      }
    }),
  );
});

test('a pattern that is made to be slow to match is not', () => {
  assert.equal(covers(`mcp__${'*a'.repeat(25)}*b`, `mcp__x__${'a'.repeat(56)}`), false);
});

test('patterns', () => {
  const table: readonly (readonly [pattern: string, tool: boolean, whole: boolean, concerns: boolean])[] = [
    ['mcp__files', true, true, true],
    ['mcp__files__*', true, true, true],
    ['mcp__*', true, true, true],
    ['mcp__files__read_file', true, false, true],
    ['mcp__files__read_*', true, false, true],
    ['mcp__files__write_*', false, false, true],
    ['mcp__file', false, false, false],
    ['mcp__other__*', false, false, false],
    ['Read', false, false, false],
  ];
  assert.deepEqual(
    table.map(([pattern]) => [
      pattern,
      covers(pattern, 'mcp__files__read_file'),
      coversServer(pattern, 'files'),
      concernsServer(pattern, 'files'),
    ]),
    table,
  );
});

test('input schemas: what the API refuses at the root is merged, what it refuses anywhere else leaves the tool out', () => {
  const text = { type: 'string' };
  assert.deepEqual(
    inputSchemaFor({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: { a: text },
      required: ['a'],
      anyOf: [
        { properties: { b: text, c: text }, required: ['b', 'c'] },
        { properties: { b: text }, required: ['b'] },
      ],
      allOf: [{ properties: { d: text }, required: ['d'] }],
    }),
    { type: 'object', properties: { b: text, c: text, d: text, a: text }, required: ['a', 'd', 'b'] },
  );
  assert.deepEqual(inputSchemaFor({ type: 'object' }), { type: 'object', properties: {} });
  assert.equal(inputSchemaFor({ type: 'object', properties: { 'a b': text } }), undefined);
});
