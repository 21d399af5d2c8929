// JSON Schema: each keyword with a value that satisfies it and one that does not; schemas that are refused.
import assert from 'node:assert/strict';
import test from 'node:test';
import { schemaProblems } from '../../src/schema/judge.ts';
import { valueProblems } from '../../src/schema/validate.ts';

type Row = readonly [
  schema: Record<string, unknown>,
  good: readonly unknown[],
  bad: readonly (readonly [unknown, string])[],
];

const list = { type: 'object', properties: { next: { $ref: '#' }, v: { type: 'number' } }, required: ['v'] };

/** As JSON: an object with a key "then" upsets the linter. */
const conditional: Record<string, unknown> = JSON.parse(
  '{"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"type": "number"}}',
);

const rows: readonly Row[] = [
  [
    { type: 'integer' },
    [1, -2, 1e20],
    [
      [1.5, 'the result must be integer'],
      ['1', 'the result must be integer'],
    ],
  ],
  [{ type: ['string', 'null'] }, ['a', null], [[1, 'the result must be string or null']]],
  [{ enum: ['a', { b: [1] }] }, ['a', { b: [1] }], [['b', 'the result must be one of "a", {"b":[1]}']]],
  [{ const: { a: 1, b: 2 } }, [{ b: 2, a: 1 }], [[{ a: 1 }, 'the result must be {"a":1,"b":2}']]],
  [
    { minLength: 2, maxLength: 3 },
    ['ab', '😀😀', 7],
    [
      ['a', 'the result is shorter than 2'],
      ['abcd', 'the result is longer than 3'],
    ],
  ],
  [{ pattern: '^\\p{Lu}' }, ['É', 1], [['é', 'the result must match ^\\p{Lu}']]],
  [
    { format: 'date-time' },
    ['2026-11-20T12:00:00Z', '2026-11-20T12:00:00+01:00'],
    [['2026-11-20', 'the result must be in format date-time']],
  ],
  [{ format: 'something-of-ours' }, ['x'], []],
  [
    { minimum: 1, exclusiveMaximum: 3 },
    [1, 2.9, '9'],
    [
      [0, 'the result must be at least 1'],
      [3, 'the result must be below 3'],
    ],
  ],
  [{ multipleOf: 0.1 }, [0.3, 7], [[0.25, 'the result must be a multiple of 0.1']]],
  [
    { minItems: 1, maxItems: 2 },
    [[1], [1, 2], {}],
    [
      [[], 'the result has fewer items than 1'],
      [[1, 2, 3], 'the result has more items than 2'],
    ],
  ],
  [
    { uniqueItems: true },
    [[1, '1', { a: 1 }]],
    [
      [
        [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
        'the result must not repeat an item',
      ],
    ],
  ],
  [{ items: { type: 'string' } }, [['a'], []], [[['a', 1], '[1] must be string']]],
  [
    { prefixItems: [{ type: 'string' }], items: false },
    [['a'], []],
    [
      [['a', 1], '[1] must not be here'],
      [[1], '[0] must be string'],
    ],
  ],
  [
    { items: [{ type: 'string' }], additionalItems: { type: 'number' } },
    [['a', 1]],
    [[['a', 'b'], '[1] must be number']],
  ],
  [
    { contains: { type: 'number' }, maxContains: 1 },
    [['a', 1]],
    [
      [['a'], 'the result has 0 items of the kind that "contains" asks for'],
      [[], 'the result has 0 items of the kind that "contains" asks for'],
      [[1, 2], 'the result has 2 items of the kind that "contains" asks for'],
    ],
  ],
  [{ required: ['a'] }, [{ a: undefined }, { a: 1 }, 'text'], [[{}, 'a is missing']]],
  [{ required: ['toString'] }, [{ toString: 1 }], [[{}, 'toString is missing']]],
  [
    { properties: { a: { properties: { b: { type: 'string' } } } } },
    [{}, { a: { b: 'x' } }],
    [[{ a: { b: 1 } }, 'a.b must be string']],
  ],
  [
    { properties: { a: true }, patternProperties: { '^x': { type: 'number' } }, additionalProperties: false },
    [{ a: 'any', x1: 1 }],
    [
      [{ b: 1 }, 'b must not be here'],
      [{ x1: 'n' }, 'x1 must be number'],
    ],
  ],
  [{ additionalProperties: { type: 'number' } }, [{ a: 1 }], [[{ a: 'x' }, 'a must be number']]],
  [
    { propertyNames: { pattern: '^a' }, minProperties: 1, maxProperties: 1 },
    [{ a: 1 }],
    [
      [{ b: 1 }, 'b (the key) must match ^a'],
      [{}, 'the result has fewer keys than 1'],
    ],
  ],
  [{ dependentRequired: { a: ['b'] } }, [{ b: 1 }, { a: 1, b: 1 }], [[{ a: 1 }, 'b is missing beside a']]],
  [{ dependentSchemas: { a: { required: ['c'] } } }, [{}, { a: 1, c: 1 }], [[{ a: 1 }, 'c is missing']]],
  [
    { $ref: '#/$defs/a~1b', minimum: 2, $defs: { 'a/b': { type: 'number' } } },
    [2],
    [
      ['x', 'the result must be number'],
      [1, 'the result must be at least 2'],
    ],
  ],
  [{ $ref: '#/definitions/a', definitions: { a: { type: 'number' } } }, [2], [['x', 'the result must be number']]],
  [list, [{ v: 1, next: { v: 2 } }], [[{ v: 1, next: { v: 'x' } }, 'next.v must be number']]],
  [{ allOf: [{ minimum: 1 }, { maximum: 2 }] }, [1], [[3, 'the result must be at most 2']]],
  [{ anyOf: [{ type: 'string' }, { type: 'number' }] }, ['a', 1], [[null, 'the result fits none of the alternatives']]],
  [
    { oneOf: [{ type: 'number' }, { minimum: 5 }] },
    [1],
    [[7, 'the result fits 2 of the alternatives, not exactly one']],
  ],
  [{ not: { type: 'string' } }, [1], [['a', 'the result is what "not" excludes']]],
  [
    conditional,
    ['ab', 1],
    [
      ['a', 'the result is shorter than 2'],
      [null, 'the result must be number'],
    ],
  ],
];

for (const [schema, good, bad] of rows) {
  test(`schema ${JSON.stringify(schema)}`, () => {
    assert.deepEqual(schemaProblems(schema), []);
    for (const value of good) assert.deepEqual(valueProblems(schema, value), [], JSON.stringify(value));
    for (const [value, problem] of bad) assert.equal(valueProblems(schema, value)[0], problem);
  });
}

const refused: readonly (readonly [schema: Record<string, unknown>, problem: string])[] = [
  [{ type: 'text' }, '#/type: "text" is not a type (string, number, integer, boolean, null, object, array)'],
  [{ unevaluatedProperties: false }, '#/unevaluatedProperties: the keyword is not supported'],
  [{ properties: { a: { requried: [] } } }, '#/properties/a/requried: the keyword is not supported'],
  [
    { pattern: '(' },
    '#/pattern: "(" is not a regular expression (Invalid regular expression: /(/u: Unterminated group)',
  ],
  [{ pattern: '(a)\\1' }, '#/pattern: "(a)\\\\1" has a back reference (\\1), which no bounded work can match'],
  [{ pattern: 1 }, '#/pattern: must be a regular expression'],
  [
    { patternProperties: { '(': {} } },
    '#/patternProperties: "(" is not a regular expression (Invalid regular expression: /(/u: Unterminated group)',
  ],
  [{ required: 'a' }, '#/required: must be a list of names'],
  [{ minItems: -1 }, '#/minItems: must be a whole number'],
  [{ items: 3 }, '#/items: must be a schema'],
  [{ anyOf: [] }, '#/anyOf: must be a list of schemas'],
  [{ $ref: '#/$defs/x' }, '#/$ref: "#/$defs/x" leads nowhere; only references within the schema are followed'],
  [
    { $ref: 'https://example.com/s' },
    '#/$ref: "https://example.com/s" leads nowhere; only references within the schema are followed',
  ],
  [{ $ref: '#' }, '#: a $ref leads back to itself without end'],
  [
    { properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: { anyOf: [{ $ref: '#/$defs/a' }] } } },
    '#: a $ref leads back to itself without end',
  ],
];

for (const [schema, problem] of refused) {
  test(`refused: ${JSON.stringify(schema)}`, () => assert.deepEqual(schemaProblems(schema), [problem]));
}

test('parts that each refer twice to the next are given up; a large result is not', () => {
  const twice = (name: string) => ({ allOf: [{ $ref: `#/$defs/${name}` }, { $ref: `#/$defs/${name}` }] });
  const parts = Array.from({ length: 60 }, (_, n) => [`a${n + 1}`, twice(`a${n}`)] as const);
  const bomb = { ...twice('a60'), $defs: { a0: { type: 'string' }, ...Object.fromEntries(parts) } };
  assert.deepEqual(schemaProblems(bomb), []);
  for (const value of ['x', 1]) {
    assert.deepEqual(valueProblems(bomb, value), ['the result takes too much work to check against this schema']);
  }
  const row = { type: 'object', required: ['a'], properties: { a: { type: 'string' }, b: { enum: [1, 2] } } };
  const rows = Array.from({ length: 50_000 }, () => ({ a: 'x', b: 1 }));
  assert.deepEqual(valueProblems({ type: 'array', items: row }, rows), []);
});
