// Owns: server-sent events as bytes on the wire, in any split: inside a UTF-8 character, inside CRLF, inside a field.
// Promises: work linear in the bytes fed; comments, BOM and unknown fields are skipped; several data lines are joined by LF.
// Never: looks inside the data, keeps an event after it was handed out, or grows past one event.
import { AttemptError } from './fault.ts';

export type SseEvent = { readonly event: string; readonly data: string };

export interface SseParser {
  push(bytes: Uint8Array): void;
  /** The stream ended: what is complete but for its last blank line is handed out. */
  end(): void;
}

/** Far above any reply; a server that never ends a line must not fill the memory. */
const maxEventChars = 64 * 1024 * 1024;

export function createSseParser(onEvent: (event: SseEvent) => void): SseParser {
  const decoder = new TextDecoder();
  /** The start of a line whose end has not come yet. */
  let begun = '';
  let data: string | undefined;
  let event = '';
  let size = 0;
  let afterCr = false;

  function endLine(tail: string): void {
    const line = begun === '' ? tail : begun + tail;
    begun = '';
    if (line === '') dispatch();
    else if (line.startsWith('data:')) addData(valueAfter(line, 5));
    else if (line.startsWith('event:')) event = valueAfter(line, 6);
    else if (line === 'data') addData('');
    else if (line === 'event') event = '';
  }

  function addData(value: string): void {
    data = data === undefined ? value : `${data}\n${value}`;
  }

  function dispatch(): void {
    if (data !== undefined) onEvent({ event, data });
    data = undefined;
    event = '';
    size = 0;
  }

  function scan(text: string): void {
    let start = afterCr && text.startsWith('\n') ? 1 : 0;
    afterCr = text.endsWith('\r');
    let cr = text.indexOf('\r', start);
    let lf = text.indexOf('\n', start);
    while (cr !== -1 || lf !== -1) {
      const end = cr === -1 || (lf !== -1 && lf < cr) ? lf : cr;
      endLine(text.slice(start, end));
      start = end === cr && lf === cr + 1 ? end + 2 : end + 1;
      if (cr !== -1 && cr < start) cr = text.indexOf('\r', start);
      if (lf !== -1 && lf < start) lf = text.indexOf('\n', start);
    }
    if (start >= text.length) return;
    begun += text.slice(start);
    size += text.length - start;
    if (size > maxEventChars)
      throw new AttemptError({ kind: 'malformed', message: 'one event of the stream is endless' });
  }

  return {
    push(bytes) {
      const text = decoder.decode(bytes, { stream: true });
      if (text !== '') scan(text);
    },
    end() {
      scan(decoder.decode());
      endLine('');
      dispatch();
    },
  };
}

function valueAfter(line: string, colon: number): string {
  return line.slice(line[colon] === ' ' ? colon + 1 : colon);
}
