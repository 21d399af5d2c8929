// Owns: lines out of a file that is too large to be held.
// Promises: memory is bounded by the result, also for a file that is one endless line; stops as soon as it has enough.
// Never: reads from the start again.
import type { Limits } from './limits.ts';
import type { OpenFile } from './open-file.ts';

export type LinePart = {
  readonly lines: readonly string[];
  /** Lines in the file; undefined when its end was not reached. */
  readonly total: number | undefined;
};

export async function linesOfLargeFile(
  file: OpenFile,
  range: { readonly first: number; readonly count: number },
  limits: Limits,
  signal: AbortSignal,
): Promise<LinePart> {
  const lines: string[] = [];
  const chunk = Buffer.alloc(256 * 1024);
  const budget = limits.outputBytes * 2;
  // A character has at most four bytes; what is beyond is counted by the caller's cut as far as it is kept.
  const keep = limits.lineChars * 4 + 4;
  let number = 1;
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let used = 0;
  for (;;) {
    signal.throwIfAborted();
    const bytesRead = await file.read(chunk);
    if (bytesRead === 0) break;
    for (let start = 0; start < bytesRead;) {
      const found = chunk.subarray(start, bytesRead).indexOf(0x0a);
      const end = found < 0 ? bytesRead : start + found;
      if (number >= range.first) take(chunk.subarray(start, end));
      start = end + 1;
      if (found < 0) continue;
      endLine();
      if (lines.length >= range.count || used > budget) return { lines, total: undefined };
    }
  }
  if (keptBytes > 0) endLine();
  return { lines, total: number - 1 };

  function take(part: Buffer): void {
    if (keptBytes < keep) kept.push(Buffer.from(part.subarray(0, keep - keptBytes)));
    keptBytes += part.length;
  }

  function endLine(): void {
    if (number >= range.first) {
      const text = Buffer.concat(kept).toString('utf8').replace(/\r$/, '');
      lines.push(text);
      used += Math.min(keptBytes, keep);
    }
    kept = [];
    keptBytes = 0;
    number += 1;
  }
}
