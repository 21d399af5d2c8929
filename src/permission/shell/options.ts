// Owns: reading a command's words as options and operands.
// Promises: an option that is not listed, or a word that could become one, is a reason not to trust the command.
// Never: knows a command; the tables do.
import { type Arg, exactArg, leadOf } from './word.ts';

/** Letters and names that a command may be given. "*" in place of a list: no option of it writes or runs anything. */
export type Options = {
  /** Letters without a value. */
  readonly short?: string;
  /** Letters with a value, attached or next. */
  readonly valued?: string;
  /** Names; "name=" takes a value, attached or next; "name?" an attached one or none. */
  readonly long?: string;
  /** A word that turns out to be an option of it does no harm. */
  readonly harmless?: true;
  /** "-20" is an option. */
  readonly number?: boolean;
  /** Letters do not cluster: of "-ps" only the first counts. */
  readonly single?: true;
};

export type Parsed = {
  readonly flags: readonly { readonly name: string; readonly value?: Arg }[];
  readonly operands: readonly Arg[];
};

/** A string result says why the words cannot be trusted. */
export function parseOptions(args: readonly Arg[], options: Options): Parsed | string {
  const flags: Parsed['flags'][number][] = [];
  const operands: Arg[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index];
    if (arg === undefined) break;
    const text = exactArg(arg);
    if (text === '--') {
      operands.push(...args.slice(index + 1));
      break;
    }
    const named = text === undefined ? valueOf(arg) : undefined;
    if (named !== undefined) {
      const read = readLong(`--${named.name}=`, options);
      if (typeof read === 'string') return read;
      flags.push(named);
      continue;
    }
    if (text === undefined || !text.startsWith('-') || text === '-') {
      if (text === undefined && options.short !== '*' && options.harmless !== true && mayBeOption(arg))
        return `${arg.raw} could be an option`;
      operands.push(arg);
      continue;
    }
    if (options.number === true && /^-\d+$/.test(text)) continue;
    const read = text.startsWith('--') ? readLong(text, options) : readShort(text, options);
    if (typeof read === 'string') return read;
    flags.push(
      ...read.flags.map(({ name, value }) => (value === undefined ? { name } : { name, value: literal(value) })),
    );
    if (read.needs === undefined) continue;
    index += 1;
    const value = args[index];
    if (value === undefined) return `${text} lacks its value`;
    flags.push({ name: read.needs, value });
  }
  return { flags, operands };
}

type Read = { readonly flags: readonly { readonly name: string; readonly value?: string }[]; readonly needs?: string };

function readLong(text: string, options: Options): Read | string {
  const [, name = '', value] = /^--([^=]+)(?:=([\s\S]*))?$/.exec(text) ?? [];
  const attached = value === undefined ? {} : { value };
  if (options.long === '*') return { flags: [{ name, ...attached }] };
  const known = (options.long ?? '').split(/\s+/);
  if (known.includes(name)) return value === undefined ? { flags: [{ name }] } : unlisted(text);
  if (known.includes(`${name}?`)) return { flags: [{ name, ...attached }] };
  if (!known.includes(`${name}=`)) return unlisted(`--${name}`);
  return value === undefined ? { flags: [], needs: name } : { flags: [{ name, value }] };
}

function readShort(text: string, options: Options): Read | string {
  const flags: { name: string; value?: string }[] = [];
  for (let at = 1; at < text.length; at += 1) {
    const name = text.charAt(at);
    const rest = text.slice(at + 1);
    if (options.valued?.includes(name) === true) {
      return rest === '' ? { flags, needs: name } : { flags: [...flags, { name, value: rest }] };
    }
    if (options.short === '*') flags.push(rest === '' ? { name } : { name, value: rest });
    else if (options.short?.includes(name) === true) flags.push({ name });
    else return unlisted(`-${name}`);
    if (options.single === true) break;
  }
  return { flags };
}

function unlisted(flag: string): string {
  return `${flag} is not among the options known to only read`;
}

/** `--name="$x"`: the name is certain, the value is not. */
function valueOf(arg: Arg): { readonly name: string; readonly value: Arg } | undefined {
  const [value] = arg.values;
  const [, head, name] = /^(--([a-z-]+)=)/.exec(value === undefined ? '' : leadOf(value)) ?? [];
  if (value === undefined || head === undefined || name === undefined || arg.values.length > 1) return undefined;
  if (value.pieces.some((piece) => piece.type === 'loose' || piece.type === 'glob')) return undefined;
  const rest = { type: 'text', text: leadOf(value).slice(head.length) } as const;
  const pieces = [rest, ...value.pieces.slice(value.pieces.findIndex((piece) => piece.type !== 'text'))];
  return { name, value: { raw: arg.raw, values: [{ pieces }] } };
}

export function mayBeOption(arg: Arg): boolean {
  return arg.values.some((value) => {
    const lead = leadOf(value);
    return lead === '' || lead.startsWith('-');
  });
}

function literal(text: string): Arg {
  return { raw: text, values: [{ pieces: [{ type: 'text', text }] }] };
}
