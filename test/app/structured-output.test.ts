// output_schema: a final text judged against it, and schemas that cannot be checked refused before anything runs.
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  assertOutputSchema,
  checkOutput,
  judgePattern,
  mismatch,
  outputInstruction,
} from '../../src/structured-output.ts';

const schema = {
  type: 'object',
  properties: { n: { type: 'integer', minimum: 1 } },
  required: ['n'],
  additionalProperties: false,
};

const texts: readonly (readonly [intent: string, text: string, result: unknown])[] = [
  ['JSON alone', ' {"n": 2}\n', { ok: true, value: { n: 2 } }],
  ['one fenced block', 'Here it is:\n```json\n{"n": 2}\n```\nDone.', { ok: true, value: { n: 2 } }],
  ['a value below the limit', '{"n": 0}', { ok: false, problems: ['n must be at least 1'] }],
  ['a missing and an extra key', '{"m": 1}', { ok: false, problems: ['n is missing', 'm must not be here'] }],
  ['another type at the top', '[1]', { ok: false, problems: ['the result must be object'] }],
  ['nothing', '', { ok: false, problems: ['the result is not JSON: it is empty'] }],
];

for (const [intent, text, result] of texts) {
  test(`a final text: ${intent}`, async () => assert.deepEqual(await checkOutput(schema, text), result));
}

test('a text that is not JSON says so', async () => {
  const result = await checkOutput(schema, 'n is 2');
  assert.equal(result.ok, false);
  assert.match(result.ok ? '' : (result.problems[0] ?? ''), /^the result is not JSON: /);
});

test('a schema that cannot be checked is refused by path', async () => {
  await assertOutputSchema(schema);
  await assert.rejects(assertOutputSchema({ type: 'object', properties: { a: { unevaluatedItems: false } } }), {
    code: 'usage',
    message: 'output_schema: #/properties/a/unevaluatedItems: the keyword is not supported.',
  });
});

test('what the model reads', () => {
  assert.ok(outputInstruction(schema).includes(JSON.stringify(schema)));
});

test('a pattern of a matches check: lines count, and one that would never end is answered', async () => {
  assert.equal(await judgePattern('^ok$'), undefined);
  assert.match((await judgePattern(String.raw`(a)\1`)) ?? '', /back reference/);
  assert.equal(await mismatch('^ok$', 'not\nok\n'), undefined);
  assert.equal(await mismatch('(a+)+$', `${'a'.repeat(1_000)}!`), 'the result does not match');
});
