// Owns: reading what ripgrep prints with --null, and bounding it.
// Promises: a file name may hold anything, a newline too; entries and bytes are bounded; denied files are dropped and
// counted.
// Never: holds more than the bound and one record.
import { join } from 'node:path';
import { grouped } from '../contract/text.ts';
import { shownPath } from './paths.ts';
import { cleanTerminal, visible } from './sanitize.ts';

export type GrepOutputOptions = {
  /** Real directory that the printed paths are relative to. */
  readonly folder: string;
  readonly cwd: string;
  readonly mode: 'content' | 'files_with_matches' | 'count';
  readonly entries: number;
  readonly bytes: number;
  readonly mayRead: (real: string) => boolean;
};

/** A record without an end is dropped: rg cuts long lines, so it is a name or a line that was made to hurt. */
const maxRecord = 256 * 1024;
const gap = '--\n';

export class GrepOutput {
  readonly #options: GrepOutputOptions;
  readonly #lines: string[] = [];
  readonly #denied = new Set<string>();
  readonly #decoder = new TextDecoder();
  readonly #readable = new Map<string, boolean>();
  #rest = '';
  #bytes = 0;
  #entries = 0;
  #full = false;

  constructor(options: GrepOutputOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0 && this.#denied.size === 0;
  }

  /** False: enough. */
  push(chunk: Uint8Array): boolean {
    this.#rest += this.#decoder.decode(chunk, { stream: true });
    let at = 0;
    for (let next = this.#record(at); next !== undefined && !this.#full; next = this.#record(at)) at = next;
    this.#rest = this.#rest.slice(at);
    if (this.#rest.length > maxRecord) this.#rest = '';
    return !this.#full;
  }

  text(note?: string): string {
    const denied = this.#denied.size;
    const notes = [
      this.#full ? `${this.#firstShown()}, there is more: narrow the search or raise head_limit.` : '',
      denied === 1 ? '1 matching file may not be read and is left out.' : '',
      denied > 1 ? `${grouped(denied)} matching files may not be read and are left out.` : '',
      note ?? '',
    ].filter((text) => text !== '');
    const lines = this.#lines.at(-1) === '--' ? this.#lines.slice(0, -1) : this.#lines;
    const body = lines.length === 0 ? ['No matches.'] : lines;
    return [...body, ...notes.map((text) => `[${text}]`)].join('\n');
  }

  #firstShown(): string {
    const noun = this.#options.mode === 'content' ? 'line' : 'file';
    return this.#entries === 1
      ? `The first ${noun} is shown`
      : `The first ${grouped(this.#entries)} ${noun}s are shown`;
  }

  /** Reads the record at `at`; returns where the next begins, or undefined when it is not complete yet. */
  #record(at: number): number | undefined {
    if (this.#rest.startsWith(gap, at)) {
      if (this.#lines.length > 0 && this.#lines.at(-1) !== '--') this.#lines.push('--');
      return at + gap.length;
    }
    const separator = this.#rest.indexOf('\0', at);
    if (separator < 0) return undefined;
    const path = this.#rest.slice(at, separator).replace(/^\.[\\/]/, '');
    if (this.#options.mode === 'files_with_matches') {
      this.#add(path, undefined);
      return separator + 1;
    }
    const end = this.#rest.indexOf('\n', separator);
    if (end < 0) return undefined;
    this.#add(path, this.#rest.slice(separator + 1, end));
    return end + 1;
  }

  #add(path: string, text: string | undefined): void {
    const real = join(this.#options.folder, path);
    if (!this.#mayRead(real)) {
      this.#denied.add(real);
      return;
    }
    const name = visible(shownPath(real, this.#options.cwd)).replaceAll('\n', '\u240a');
    const mark = text === undefined ? '' : /^\d+-/.test(text) ? '-' : ':';
    const line = text === undefined ? name : `${name}${mark}${cleanTerminal(text)}`;
    this.#bytes += Buffer.byteLength(line) + 1;
    if (this.#entries >= this.#options.entries || this.#bytes > this.#options.bytes) {
      this.#full = true;
      return;
    }
    this.#entries += 1;
    this.#lines.push(line);
  }

  #mayRead(real: string): boolean {
    const known = this.#readable.get(real);
    if (known !== undefined) return known;
    const verdict = this.#options.mayRead(real);
    this.#readable.set(real, verdict);
    return verdict;
  }
}
