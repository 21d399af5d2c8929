// Owns: taking a request body off the wire.
// Promises: reads to its end whatever its size, so that the client can hear the answer; keeps no more than the limit.
// Never: parses.
import type { IncomingMessage } from 'node:http';

export async function readBody(
  request: IncomingMessage,
  limit: number,
): Promise<{ readonly text: string; readonly bytes: number }> {
  const kept: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part = chunk as Buffer;
    bytes += part.length;
    if (bytes <= limit) kept.push(part);
  }
  return { text: bytes > limit ? '' : Buffer.concat(kept).toString('utf8'), bytes };
}
