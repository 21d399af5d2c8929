// Owns: where a prompt comes from: the argument, a file (@path), or stdin.
// Promises: an empty, missing or unreadable prompt is an error that names its place; text is UTF-8, a BOM is dropped.
// Never: reads stdin when it is a terminal, or when the prompt came otherwise.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AworkersError, errorText } from '../contract/errors.ts';
import type { CliIo } from './io.ts';

export async function readPrompt(argument: string | undefined, io: CliIo): Promise<string> {
  const { text, place } = await source(argument, io);
  if (text.trim() === '') throw new AworkersError('usage', `The prompt ${place} is empty.`, usageHint);
  return text;
}

const usageHint = 'Give it as an argument, as @path, or on stdin.';

async function source(argument: string | undefined, io: CliIo): Promise<{ text: string; place: string }> {
  if (argument !== undefined && argument !== '-') {
    if (argument.startsWith('@@')) return { text: argument.slice(1), place: 'argument' };
    if (argument.startsWith('@')) return await fromFile(resolve(io.cwd, argument.slice(1)));
    return { text: argument, place: 'argument' };
  }
  if (io.stdin.isTTY === true && argument === undefined) {
    throw new AworkersError('usage', 'There is no prompt.', usageHint);
  }
  return { text: decode(await readAll(io), 'stdin'), place: 'on stdin' };
}

async function fromFile(path: string): Promise<{ text: string; place: string }> {
  try {
    return { text: decode(await readFile(path), path), place: `in ${path}` };
  } catch (error) {
    if (error instanceof AworkersError) throw error;
    const hint = 'A prompt that itself starts with @ is written with two: @@.';
    throw new AworkersError('usage', `The prompt file ${path} cannot be read: ${errorText(error)}.`, hint, {
      cause: error,
    });
  }
}

async function readAll(io: CliIo): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of io.stdin) chunks.push(Buffer.from(chunk as Uint8Array | string));
  return Buffer.concat(chunks);
}

function decode(bytes: Uint8Array, place: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AworkersError('usage', `The prompt from ${place} is not UTF-8 text.`, 'Convert it and try again.', {
      cause,
    });
  }
}
