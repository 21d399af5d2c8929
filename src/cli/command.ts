// Owns: what a command is: its arguments as citty definitions, its help, and the function that runs it.
// Promises: values are typed as they can really be (citty's own types leave `undefined` out, and lose repeated flags).
// Never: parses or runs one.
import type { CliIo } from './io.ts';
import type { Output } from './render.ts';

type Common = { readonly description: string };

/** An argument, as citty defines one; `multiple`: the flag may be repeated, and every value counts. */
export type Flag =
  | (Common & { readonly type: 'positional'; readonly required: boolean })
  | (Common & { readonly type: 'boolean'; readonly alias?: string })
  | (Common & {
      readonly type: 'string';
      readonly valueHint: string;
      readonly alias?: string;
      readonly multiple?: true;
    })
  | (Common & { readonly type: 'enum'; readonly options: readonly string[]; readonly default?: string });
export type Flags = Readonly<Record<string, Flag>>;

type ValueOf<F extends Flag> = F extends { readonly multiple: true }
  ? readonly string[]
  : F extends { readonly type: 'boolean' }
    ? boolean
    : (F extends { readonly options: readonly (infer O)[] } ? O : string) | Absent<F>;

type Absent<F extends Flag> = F extends { readonly required: true } | { readonly default: string } ? never : undefined;

export type Values<T extends Flags> = { readonly [K in keyof T]: ValueOf<T[K]> };

type CommandContext<T extends Flags = Flags> = {
  readonly args: Values<T>;
  readonly io: CliIo;
  readonly out: Output;
};

type Example = readonly [line: string, meaning: string];

export type Command<T extends Flags = Flags> = {
  /** Synopsis lines, without the leading "aworkers". */
  readonly usage: readonly string[];
  /** Paragraphs below the synopsis. */
  readonly details?: readonly string[];
  readonly args: T;
  readonly examples?: readonly Example[];
  /** Further sections of its help: a title and its lines. */
  readonly notes?: readonly { readonly title: string; readonly lines: readonly string[] }[];
  /** Resolves with the exit code; throws AworkersErrors for what it cannot do. */
  readonly run: (context: CommandContext<T>) => Promise<number>;
};

/** Fixes the type of the arguments to their literal definitions. */
export function command<const T extends Flags>(definition: Command<T>): Command<T> {
  return definition;
}

/** The one-letter form of a flag. */
export function aliasOf(flag: Flag): string | undefined {
  return 'alias' in flag ? flag.alias : undefined;
}
