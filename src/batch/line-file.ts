// Owns: a file of JSON lines that one process appends to.
// Promises: whole lines only: a line torn by a crash is cut when the file is opened; what append returned from survives kill -9.
// Never: rewrites a line; takes a file for its own that holds anything else.
import { closeSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import type { z } from 'zod';
import { AworkersError, errorText } from '../contract/errors.ts';
import { tryParse } from '../contract/parse.ts';

export type LineFile<T> = {
  readonly path: string;
  /** As found when it was opened. */
  readonly lines: readonly T[];
  readonly append: (line: T) => void;
  readonly close: () => void;
};

export function openLineFile<T>(path: string, schema: z.ZodType<T>): LineFile<T> {
  const fd = opened(path);
  try {
    const bytes = readFileSync(fd);
    const end = bytes.lastIndexOf(10) + 1;
    const lines = bytes
      .toString('utf8', 0, end)
      .split('\n')
      .flatMap((text, index) => (text === '' ? [] : [parsed(text, path, index + 1, schema)]));
    if (end < bytes.length) {
      if (end === 0 && bytes[0] !== 123) throw foreign(path, 1, 'it does not begin with "{"'); // not a line of ours that was torn
      truncateSync(path, end);
    }
    let size = end;
    return {
      path,
      lines,
      append: (line) => {
        const data = Buffer.from(`${JSON.stringify(line)}\n`);
        try {
          for (let done = 0; done < data.length;) done += writeSync(fd, data, done);
          size += data.length;
        } catch (cause) {
          truncateSync(path, size); // a full disk takes part of a line
          throw new AworkersError(
            'io',
            `${path} cannot be written: ${errorText(cause)}.`,
            'Make room, then run it again.',
            { cause },
          );
        }
      },
      close: () => {
        fsyncSync(fd);
        closeSync(fd);
      },
    };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function opened(path: string): number {
  try {
    return openSync(path, 'a+', 0o600);
  } catch (cause) {
    throw new AworkersError('usage', `${path} cannot be written: ${errorText(cause)}.`, 'Choose another file.', {
      cause,
    });
  }
}

function parsed<T>(text: string, path: string, line: number, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw foreign(path, line, errorText(error));
  }
  const result = tryParse(schema, value);
  if (!result.ok) throw foreign(path, line, result.problems.slice(0, 3).join('; '));
  return result.value;
}

function foreign(path: string, line: number, why: string): AworkersError {
  const hint = 'It is not changed. Choose another file, or move this one away.';
  return new AworkersError('usage', `${path}:${line} is no line of a results file: ${why}.`, hint);
}
