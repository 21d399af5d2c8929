// Every fault the API or the network can show, and what becomes of it.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { errorTypes } from '../../src/contract/worker.ts';
import type { Fault } from '../../src/model/fault.ts';
import { judge } from '../../src/model/failure.ts';
import { hintOf, messageOf } from '../../src/model/hint.ts';
import { backoffMs, retryAfterMs, spreadMs } from '../../src/model/retry.ts';

const response = (status: number, type?: string, code?: string, message = 'm'): Fault => ({
  kind: 'response',
  status,
  message,
  ...(type === undefined ? {} : { type }),
  ...(code === undefined ? {} : { code }),
});
const event = (type: string): Fault => ({ kind: 'event', type, message: 'm' });

const verdicts: readonly (readonly [fault: Fault, disposition: string, errorType: string, load: string])[] = [
  [response(400, 'invalid_request_error'), 'final', 'invalid_request_error', 'none'],
  [
    response(400, 'invalid_request_error', undefined, 'prompt is too long: 2 tokens > 1 maximum'),
    'final',
    'context_window',
    'none',
  ],
  [
    response(400, 'invalid_request_error', undefined, 'You have reached your specified API usage limits.'),
    'fleet',
    'billing_error',
    'none',
  ],
  [
    response(400, 'invalid_request_error', undefined, 'Your credit balance is too low to access'),
    'fleet',
    'billing_error',
    'none',
  ],
  [response(401, 'authentication_error'), 'fleet', 'authentication_error', 'none'],
  [response(402, 'billing_error'), 'fleet', 'billing_error', 'none'],
  [response(403, 'permission_error'), 'final', 'permission_error', 'none'],
  [response(403, 'permission_error', 'organization_on_hold'), 'fleet', 'permission_error', 'none'],
  [response(404, 'not_found_error'), 'final', 'not_found_error', 'none'],
  [response(408), 'retry', 'timeout_error', 'none'],
  [response(409, 'conflict_error'), 'retry', 'api_error', 'none'],
  [response(413), 'final', 'request_too_large', 'none'],
  [response(422), 'final', 'invalid_request_error', 'none'],
  [response(429, 'rate_limit_error'), 'retry', 'rate_limit_error', 'rate'],
  [response(429, 'rate_limit_error', 'enforced_spend_limit_reached'), 'fleet', 'billing_error', 'none'],
  [response(429, 'rate_limit_error', 'contract_spend_limit_reached'), 'fleet', 'billing_error', 'none'],
  [response(429, 'rate_limit_error', 'linked_organization_spend_limit_reached'), 'fleet', 'billing_error', 'none'],
  [response(429, 'rate_limit_error', 'ramp_limit_exceeded'), 'retry', 'rate_limit_error', 'rate'],
  [response(429, 'rate_limit_error', 'a_code_of_next_year'), 'retry', 'rate_limit_error', 'rate'],
  [response(500, 'api_error'), 'retry', 'api_error', 'overload'],
  [response(502), 'retry', 'api_error', 'overload'],
  [response(503, 'api_error', 'cmek_key_unreachable'), 'retry', 'api_error', 'none'],
  [response(504, 'timeout_error'), 'retry', 'timeout_error', 'overload'],
  [response(529, 'overloaded_error'), 'retry', 'overloaded_error', 'overload'],
  [event('overloaded_error'), 'retry', 'overloaded_error', 'overload'],
  [event('rate_limit_error'), 'retry', 'rate_limit_error', 'rate'],
  [event('api_error'), 'retry', 'api_error', 'overload'],
  [event('timeout_error'), 'retry', 'timeout_error', 'overload'],
  [event('invalid_request_error'), 'final', 'invalid_request_error', 'none'],
  [event('authentication_error'), 'fleet', 'authentication_error', 'none'],
  [event('billing_error'), 'fleet', 'billing_error', 'none'],
  [event('error_of_next_year'), 'retry', 'api_error', 'overload'],
  [{ kind: 'cut', message: 'm' }, 'retry', 'stream_error', 'none'],
  [{ kind: 'malformed', message: 'm' }, 'retry', 'stream_error', 'none'],
  [{ kind: 'connection', message: 'm' }, 'retry', 'connection_error', 'none'],
  [{ kind: 'connection', code: 'ECONNREFUSED', message: 'm' }, 'retry', 'connection_error', 'none'],
  [{ kind: 'connection', code: 'CERT_HAS_EXPIRED', message: 'm' }, 'final', 'connection_error', 'none'],
  [{ kind: 'stalled', message: 'm' }, 'retry', 'timeout_error', 'none'],
  [{ kind: 'redirected', status: 307, message: 'm' }, 'final', 'api_error', 'none'],
  [{ kind: 'credentials', message: 'm' }, 'fleet', 'authentication_error', 'none'],
  [{ ...response(529), shouldRetry: false }, 'final', 'overloaded_error', 'overload'],
  [{ ...response(403), shouldRetry: true }, 'retry', 'permission_error', 'none'],
  [{ ...response(401), shouldRetry: true }, 'fleet', 'authentication_error', 'none'],
];

for (const [fault, disposition, errorType, load] of verdicts) {
  const { kind, message, ...rest } = fault;
  test(`judge: ${kind} ${JSON.stringify(rest)} ${message}`, () => {
    const verdict = judge(fault);
    assert.deepEqual([verdict.disposition, verdict.error_type, verdict.load], [disposition, errorType, load]);
  });
}

test('hints: what happened, what the server said, what to try', () => {
  const fault = response(529, 'overloaded_error', undefined, 'Overloaded.');
  assert.equal(
    hintOf(fault, judge(fault), 6, []),
    'The API is overloaded (529): Overloaded (after 6 tries). Resume the worker later.',
  );
  const page = response(
    502,
    undefined,
    undefined,
    '<html><head><style>x{}</style><title>Bad\n Gateway</title></head></html>',
  );
  assert.equal(messageOf(page, judge(page), []), 'The API failed (502): Bad Gateway');
});

test('a key is hidden also where it stands within a word; words that end in "sk-" are not', () => {
  const fault = response(
    400,
    'invalid_request_error',
    undefined,
    'key_sk-ant-api03-secretsecret is no risk-adjusted sk-proj-secret',
  );
  assert.equal(
    messageOf(fault, judge(fault), []).replace(/^.*\): /, ''),
    'key_[redacted] is no risk-adjusted [redacted]',
  );
});

test('hints: at most 300 characters with the advice whole, and no credential, whatever the server says', () => {
  const key = 'sk-ant-api03-verysecretverysecret';
  const noise = fc.array(
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(key, `Bearer ${key}`, 'local-token-77')),
  );
  fc.assert(
    fc.property(
      noise,
      fc.constantFrom(...verdicts.map(([fault]) => fault)),
      fc.nat({ max: 6 }),
      (words, fault, tries) => {
        const spoken = { ...fault, message: words.join(' ').repeat(3) };
        const judgement = judge(spoken);
        const hint = hintOf(spoken, judgement, tries, ['local-token-77']);
        for (const text of [hint, messageOf(spoken, judgement, ['local-token-77'])]) {
          assert.ok(
            text.length <= 300 &&
              !text.includes('verysecret') &&
              !text.includes('local-token-77') &&
              text.isWellFormed(),
          );
        }
        assert.ok(hint.endsWith(judgement.advice) && errorTypes.includes(judgement.error_type));
      },
    ),
  );
});

const now = Date.parse('2026-11-20T10:00:00Z');
const waits: readonly (readonly [headers: Record<string, string>, ms: number | undefined])[] = [
  [{}, undefined],
  [{ 'retry-after': '7' }, 7000],
  [{ 'retry-after': '0.5' }, 500],
  [{ 'retry-after': 'Fri, 20 Nov 2026 10:00:30 GMT' }, 30_000],
  [{ 'retry-after': 'Fri, 20 Nov 2026 09:00:00 GMT' }, 0],
  [{ 'retry-after': 'Fri, 20 Nov 2026 12:00:09 GMT', date: 'Fri, 20 Nov 2026 12:00:00 GMT' }, 9000],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': '-3' }, undefined],
  [{ 'retry-after-ms': '250', 'retry-after': '9' }, 250],
  [{ 'retry-after': '99999999999' }, 2 ** 31 - 1],
];

for (const [headers, ms] of waits) {
  test(`retry-after: ${JSON.stringify(headers)}`, () => assert.equal(retryAfterMs(new Headers(headers), now), ms));
}

test('backoff: each step twice the last, up to a minute; five of them outlast 30 s at the worst', () => {
  const steps = (random: number): number[] => [1, 2, 3, 4, 5, 6, 7].map((attempt) => backoffMs(attempt, () => random));
  assert.deepEqual(steps(0), [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  assert.deepEqual(steps(1), [2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  assert.deepEqual([spreadMs(1000, () => 0), spreadMs(1000, () => 1)], [1000, 1100]);
});
