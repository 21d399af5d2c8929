// Owns: the sentence about a failure that a person or a model reads.
// Promises: at most 300 characters; says what happened, what the server said, what to try; holds no credential.
// Never: judges.
import { clip } from '../contract/text.ts';
import type { Judgement } from './failure.ts';
import type { Fault } from './fault.ts';

const maxHint = 300;

/** One short line: what happened and what the server said. */
export function messageOf(fault: Fault, judgement: Judgement, secrets: Iterable<string>): string {
  return clip(said(fault, judgement.what, secrets), maxHint);
}

/** At most 300 characters: what happened, after how many tries, and what to try. Advice is never cut. */
export function hintOf(fault: Fault, judgement: Judgement, attempts: number, secrets: Iterable<string>): string {
  const tries = attempts > 1 ? ` (after ${attempts} tries)` : '';
  const room = maxHint - judgement.advice.length - tries.length - 2;
  return `${clip(said(fault, judgement.what, secrets), room)}${tries}. ${judgement.advice}`;
}

function said(fault: Fault, what: string, secrets: Iterable<string>): string {
  const status = fault.status === undefined ? '' : ` (${[fault.status, fault.code].filter(Boolean).join(', ')})`;
  const message = redact(fault.message, secrets)
    .replaceAll(/<(script|style)[\s\S]*?<\/\1>|<[^>]*>/gi, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replace(/[.\s]+$/, '');
  return `${what}${status}${message === '' ? '' : `: ${message}`}`;
}

function redact(text: string, secrets: Iterable<string>): string {
  let clean = text;
  for (const secret of secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, '[redacted]');
  return clean
    .replaceAll(/(\b|(?=sk-ant-))sk-[\w-]{6,}/g, '[redacted]')
    .replaceAll(/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 [redacted]');
}
