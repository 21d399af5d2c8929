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
  let line: string[] = [];
  let data: string[] = [];
  let event = '';
  let size = 0;
  let afterCr = false;

  function endLine(tail: string): void {
    const text = line.length === 0 ? tail : line.join('') + tail;
    line = [];
    if (text === '') dispatch();
    else readField(text);
  }

  function readField(text: string): void {
    const colon = text.indexOf(':');
    const name = colon === -1 ? text : text.slice(0, colon);
    const value = colon === -1 ? '' : text.slice(text[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'data') data.push(value);
    else if (name === 'event') event = value;
  }

  function dispatch(): void {
    if (data.length > 0) onEvent({ event, data: data.length === 1 ? data[0]! : data.join('\n') });
    data = [];
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
    line.push(text.slice(start));
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
