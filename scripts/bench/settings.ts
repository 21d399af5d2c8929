// Owns: what one bench measures: its flags, with their defaults, and the ideal time that follows from them.
// Promises: an unknown flag is refused by name; the same flags reach the scripted API and the floor.
import { parseArgs } from 'node:util';

export const toolNames = ['Read', 'Bash', 'Glob'] as const;

export type Settings = {
  /** Workers at once, a row each. */
  readonly n: readonly number[];
  readonly rounds: number;
  /** Replies with a tool use; one more ends the worker. */
  readonly turns: number;
  /** Milliseconds to the first token. */
  readonly ttft: number;
  /** Tokens a second. */
  readonly pace: number;
  /** Tokens a reply. */
  readonly tokens: number;
  readonly tool: (typeof toolNames)[number];
  /** What a Bash call runs. */
  readonly command: string;
  /** Characters of the file that a Read or `cat` brings. */
  readonly result: number;
  readonly tls: boolean;
};

export const settingFlags = {
  n: { type: 'string', default: '1,10,200,1000' },
  rounds: { type: 'string', default: '3' },
  turns: { type: 'string', default: '3' },
  ttft: { type: 'string', default: '600' },
  pace: { type: 'string', default: '80' },
  tokens: { type: 'string', default: '40' },
  tool: { type: 'string', default: 'Read' },
  command: { type: 'string', default: 'cat notes.txt' },
  result: { type: 'string', default: '2000' },
  tls: { type: 'boolean', default: false },
} as const;

type Values = { readonly [name in keyof typeof settingFlags]: string | boolean };

export function settingsOf(values: Values): Settings {
  const tool = toolNames.find((name) => name === values.tool);
  if (tool === undefined) throw new Error(`--tool is one of ${toolNames.join(', ')}`);
  const count = (name: keyof Values, least: number): number => {
    const value = Number(values[name]);
    if (!Number.isFinite(value) || value < least) throw new Error(`--${name} is a number of at least ${least}`);
    return value;
  };
  return {
    n: String(values.n).split(',').map(Number),
    rounds: count('rounds', 1),
    turns: count('turns', 0),
    ttft: count('ttft', 0),
    pace: count('pace', 1),
    tokens: count('tokens', 1),
    tool,
    command: String(values.command),
    result: count('result', 1),
    tls: values.tls === true,
  };
}

/** For the processes beside the bench. */
export function toFlags({ n, tls, ...rest }: Settings): string[] {
  const flags = Object.entries(rest).map(([name, value]) => `--${name}=${value}`);
  return [...flags, `--n=${n.join(',')}`, ...(tls ? ['--tls'] : [])];
}

export function readSettings(argv: readonly string[]): Settings {
  return settingsOf(parseArgs({ args: [...argv], options: settingFlags, strict: true }).values);
}

/** All workers side by side, with nothing but the model's own time. */
export function idealMs({ turns, ttft, tokens, pace }: Settings): number {
  return (turns + 1) * (ttft + (tokens / pace) * 1_000);
}
