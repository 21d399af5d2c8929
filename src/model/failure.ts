// Owns: the judgement of a fault: try again, give up, or stop the whole fleet; what happened and what to try, in our words.
// Promises: decided by status, error type and error code; by wording only where the API has nothing else.
// Never: retries or waits.
import type { ErrorType } from '../contract/worker.ts';
import type { Fault } from './fault.ts';

export type Judgement = {
  readonly disposition: 'retry' | 'final' | 'fleet';
  readonly error_type: ErrorType;
  /** What it says about the load: "rate" pauses the class, "overload" lowers how many run at once. */
  readonly load: 'rate' | 'overload' | 'none';
  /** What happened, in our words. */
  readonly what: string;
  readonly advice: string;
};

type Row = {
  readonly when: {
    readonly kind?: Fault['kind'];
    readonly status?: number | readonly [number, number];
    readonly type?: string;
    readonly code?: string | readonly string[];
    readonly text?: RegExp;
  };
  readonly means: Judgement;
};

const resume = 'then resume the worker.';

function fleet(error_type: ErrorType, what: string, advice: string): Judgement {
  return { disposition: 'fleet', error_type, load: 'none', what, advice };
}
function final(error_type: ErrorType, what: string, advice: string): Judgement {
  return { disposition: 'final', error_type, load: 'none', what, advice };
}
function retry(error_type: ErrorType, load: Judgement['load'], what: string, advice: string): Judgement {
  return { disposition: 'retry', error_type, load, what, advice };
}

const noCredit = 'Add credit or raise the limit in the Anthropic console, ' + resume;
const badKey = fleet(
  'authentication_error',
  'The API refused the credentials',
  'Check ANTHROPIC_API_KEY (or ANTHROPIC_AUTH_TOKEN) and ANTHROPIC_BASE_URL, restart, ' + resume,
);
const billing = fleet('billing_error', 'The account cannot be billed', noCredit);
const rate = retry('rate_limit_error', 'rate', 'Rate limit', 'Lower the number of workers at once, or resume later.');
const overloaded = retry('overloaded_error', 'overload', 'The API is overloaded', 'Resume the worker later.');
const broken = retry('api_error', 'overload', 'The API failed', 'Resume the worker later.');
const slow = retry('timeout_error', 'overload', 'The API timed out', 'Resume the worker later.');
const refused = final(
  'invalid_request_error',
  'The API refused the request',
  'Correct the option it names and spawn again.',
);
const missing = final(
  'not_found_error',
  'The API does not know the model or the path',
  'Check the model id (`aworkers models`) and ANTHROPIC_BASE_URL.',
);
const forbidden = final(
  'permission_error',
  'The credentials may not do this',
  'Check that the key may use this model and workspace.',
);
const tooLarge = final(
  'request_too_large',
  'The request is too large',
  'Start a new worker with a shorter history or prompt.',
);

/** In order; the first row that fits decides. */
const table: readonly Row[] = [
  {
    when: { kind: 'credentials' },
    means: fleet(
      'authentication_error',
      'No usable credentials',
      'Set ANTHROPIC_API_KEY (or log in to a profile), restart, ' + resume,
    ),
  },
  {
    when: { kind: 'redirected' },
    means: final(
      'api_error',
      'The server redirected the request, which could hand the key to another host',
      'Set ANTHROPIC_BASE_URL to the final address.',
    ),
  },
  {
    when: {
      kind: 'connection',
      code: [
        'DEPTH_ZERO_SELF_SIGNED_CERT',
        'SELF_SIGNED_CERT_IN_CHAIN',
        'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
        'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
        'CERT_HAS_EXPIRED',
        'ERR_TLS_CERT_ALTNAME_INVALID',
      ],
    },
    means: final(
      'connection_error',
      'The certificate of the API is not trusted',
      'Check ANTHROPIC_BASE_URL, or name your authority in NODE_EXTRA_CA_CERTS.',
    ),
  },
  {
    when: { kind: 'connection' },
    means: retry(
      'connection_error',
      'none',
      'No connection to the API',
      'Check the network and ANTHROPIC_BASE_URL, ' + resume,
    ),
  },
  {
    when: { kind: 'stalled' },
    means: retry('timeout_error', 'none', 'The API went silent', 'Resume the worker later.'),
  },
  { when: { kind: 'cut' }, means: retry('stream_error', 'none', 'The reply broke off', 'Resume the worker.') },
  {
    when: { kind: 'malformed' },
    means: retry(
      'stream_error',
      'none',
      'The answer is no Messages API stream',
      'Check ANTHROPIC_BASE_URL and any proxy on the way.',
    ),
  },
  {
    when: {
      code: [
        'enforced_spend_limit_reached',
        'contract_spend_limit_reached',
        'linked_organization_spend_limit_reached',
        'linked_organization_billing_unavailable',
      ],
    },
    means: fleet('billing_error', 'A spend limit is reached', noCredit),
  },
  {
    when: { code: ['organization_on_hold', 'claude_code_key_creator_not_member', 'cmek_key_disabled'] },
    means: fleet('permission_error', 'The organization or its key is disabled', 'Ask its administrator, ' + resume),
  },
  { when: { code: 'ramp_limit_exceeded' }, means: { ...rate, what: 'Usage grew too fast' } },
  { when: { code: ['cmek_context_unavailable', 'cmek_key_unreachable'] }, means: { ...broken, load: 'none' } },
  // The API gives these three no type or code of their own.
  {
    when: { status: 400, text: /api usage limits|credit balance is too low/i },
    means: fleet('billing_error', 'The account is out of credit or at its own limit', noCredit),
  },
  {
    when: { status: 400, text: /prompt is too long/i },
    means: final(
      'context_window',
      'The conversation no longer fits the model',
      'Start a new worker with a summary of this one.',
    ),
  },
  { when: { status: 401 }, means: badKey },
  { when: { type: 'authentication_error' }, means: badKey },
  { when: { status: 402 }, means: billing },
  { when: { type: 'billing_error' }, means: billing },
  { when: { status: 403 }, means: forbidden },
  { when: { status: 404 }, means: missing },
  { when: { status: 408 }, means: { ...slow, load: 'none' } },
  { when: { status: 409 }, means: { ...broken, load: 'none', what: 'The API met a conflict' } },
  { when: { status: 413 }, means: tooLarge },
  { when: { status: 429 }, means: rate },
  { when: { status: 504 }, means: slow },
  { when: { status: 529 }, means: overloaded },
  { when: { type: 'overloaded_error' }, means: overloaded },
  { when: { status: [500, 599] }, means: broken },
  { when: { status: [400, 499] }, means: refused },
  // No status: an error inside a stream.
  { when: { type: 'rate_limit_error' }, means: rate },
  { when: { type: 'timeout_error' }, means: slow },
  { when: { type: 'permission_error' }, means: forbidden },
  { when: { type: 'not_found_error' }, means: missing },
  { when: { type: 'request_too_large' }, means: tooLarge },
  { when: { type: 'invalid_request_error' }, means: refused },
  { when: {}, means: broken },
];

export function judge(fault: Fault): Judgement {
  const row = table.find(({ when }) => fits(when, fault)) ?? table.at(-1)!;
  const { means } = row;
  if (fault.shouldRetry === false && means.disposition === 'retry') return { ...means, disposition: 'final' };
  if (fault.shouldRetry === true && means.disposition === 'final') return { ...means, disposition: 'retry' };
  return means;
}

function fits(when: Row['when'], fault: Fault): boolean {
  const { kind, status, type, code, text } = when;
  const [low, high] = typeof status === 'number' ? [status, status] : (status ?? [0, Infinity]);
  return (
    (kind === undefined || kind === fault.kind) &&
    (status === undefined || (fault.status !== undefined && fault.status >= low && fault.status <= high)) &&
    (type === undefined || type === fault.type) &&
    (code === undefined || (fault.code !== undefined && [code].flat().includes(fault.code))) &&
    (text === undefined || text.test(fault.message))
  );
}

/** The 400 of a thinking block that was made under another prefix; the API has no code for it. */
export function isPrefixMismatch(fault: Fault): boolean {
  return fault.status === 400 && /bound to a different conversation/i.test(fault.message);
}
