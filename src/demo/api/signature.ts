// Owns: thinking signatures: minted for what is sent, checked on what comes back.
// Promises: a signature proves its block (nothing of it changed) and names the prefix it was made under.
// Never: a secret worth keeping; it only has to be unguessable by accident.
import { digest } from './prefix-chain.ts';
import type { WireBlock } from './request-shape.ts';

type Seal = { readonly model: string; readonly prefix: string; readonly own: string };

export type SealCheck =
  | { readonly state: 'unreadable' }
  | { readonly state: 'modified' }
  | { readonly state: 'genuine'; readonly model: string; readonly prefix: string };

const secret = 'scripted-api';

export function signThinking(thinking: string, model: string, prefix: string): string {
  return encode({ model, prefix, own: digest(secret, 'thinking', thinking, model, prefix) });
}

/** The data of a redacted_thinking block: opaque to the client, readable here. */
export function sealRedacted(nonce: string, model: string, prefix: string): string {
  return `${nonce}.${encode({ model, prefix, own: digest(secret, 'redacted', nonce, model, prefix) })}`;
}

export function checkSeal(block: WireBlock): SealCheck {
  const redacted = block.type === 'redacted_thinking';
  const [nonce, coded] = redacted ? splitData(String(block['data'])) : ['', String(block['signature'])];
  const seal = decode(coded);
  if (seal === undefined) return { state: 'unreadable' };
  const own = redacted
    ? digest(secret, 'redacted', nonce, seal.model, seal.prefix)
    : digest(secret, 'thinking', String(block['thinking']), seal.model, seal.prefix);
  return own === seal.own ? { state: 'genuine', model: seal.model, prefix: seal.prefix } : { state: 'modified' };
}

function splitData(data: string): readonly [string, string] {
  const dot = data.indexOf('.');
  return dot < 0 ? ['', ''] : [data.slice(0, dot), data.slice(dot + 1)];
}

function encode(seal: Seal): string {
  return Buffer.from(JSON.stringify([seal.model, seal.prefix, seal.own])).toString('base64');
}

function decode(coded: string): Seal | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(coded, 'base64').toString('utf8'));
  } catch {
    return undefined; // not one of ours: the caller refuses it
  }
  if (!Array.isArray(parsed) || parsed.length !== 3 || !parsed.every((part) => typeof part === 'string'))
    return undefined;
  const [model, prefix, own] = parsed as [string, string, string];
  return { model, prefix, own };
}
