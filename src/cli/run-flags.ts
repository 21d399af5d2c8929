// Owns: the flags of commands that run a worker in the foreground.
// Promises: `run` and `resume` print and end alike.
// Never: reads a value.
import type { Flags } from './command.ts';
import { runFormats } from './worker-run.ts';

export const runFlags = {
  format: {
    type: 'enum',
    options: runFormats,
    default: 'text',
    description: 'What stdout gets: the result, or the objects that `claude -p` prints.',
  },
  'allow-denials': {
    type: 'boolean',
    description: 'Exit with 0 although a tool call was denied because nobody could approve it.',
  },
} as const satisfies Flags;
