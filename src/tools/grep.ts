// Owns: the Grep tool: its input to ripgrep's arguments, ripgrep's output to a bounded result.
// Promises: paths relative to the working directory, in path order; a pattern is only ever a pattern; each bound that was
// reached is said; files that may not be read are left out. A search whose root was exchanged meanwhile shows nothing.
// Never: searches in this process.
import { stat } from 'node:fs/promises';
import { dirname, relative, sep } from 'node:path';
import { z } from 'zod';
import type { Tool } from '../contract/ports.ts';
import type { ToolContext } from './context.ts';
import { bindTool, ToolFailure } from './define-tool.ts';
import { GrepOutput } from './grep-output.ts';
import { judgedPath } from './judged-path.ts';
import { fileFailure } from './open-file.ts';
import { shownPath } from './paths.ts';
import { type RipgrepChild, runRipgrep } from './ripgrep.ts';

const context = z.int().min(0).max(1_000).optional();

export const grepDefinition = {
  name: 'Grep',
  description:
    'Search file contents with a ripgrep regular expression. Lists the files that match, or their lines (content) or counts. Skips .git and what .gitignore names.',
  input: z.strictObject({
    pattern: z.string().min(1),
    path: z.string().min(1).optional().describe('File or directory, default: the working directory'),
    glob: z.string().min(1).optional().describe('Only such files, e.g. *.{ts,tsx}'),
    type: z.string().min(1).optional().describe('File type of ripgrep, e.g. py'),
    output_mode: z.enum(['content', 'files_with_matches', 'count']).optional().describe('Default files_with_matches'),
    '-i': z.boolean().optional().describe('Ignore case'),
    '-n': z.boolean().optional().describe('Line numbers, default true'),
    '-A': context.describe('Lines after each match'),
    '-B': context.describe('Lines before'),
    '-C': context.describe('Lines around'),
    multiline: z.boolean().optional().describe('. and the pattern may span lines'),
    head_limit: z.int().min(1).optional().describe('Most lines or entries, default 250'),
  }),
  access: 'read',
} as const;

type Input = z.infer<typeof grepDefinition.input>;

export function grepTool(tools: ToolContext, child: RipgrepChild | undefined): Tool {
  const { cwd, limits, paths, platform, env } = tools;
  return bindTool(grepDefinition, {
    async run(input, signal, call) {
      const shown = input.path ?? '.';
      const real = judgedPath(tools, shown, call);
      await requireSearchable(real, shown);
      const home = paths.resolve('.', cwd).real;
      // Started above the place that is searched, ripgrep sees the .gitignore files on the way.
      const folder = shownPath(real, home) === real ? dirname(real) : home;
      const target = relative(folder, real).replaceAll(sep, '/');
      const output = new GrepOutput({
        folder,
        cwd: home,
        mode: input.output_mode ?? 'files_with_matches',
        entries: input.head_limit ?? limits.grepResults,
        bytes: limits.outputBytes,
        mayRead: tools.mayRead,
      });
      const args = [...argumentsOf(input, target), `./${target}`];
      const search = { args, cwd: folder, env, child, timeoutMs: limits.searchTimeoutMs, platform };
      const end = await runRipgrep(search, (chunk) => output.push(chunk), AbortSignal.any([signal, tools.closing]));
      judgedPath(tools, shown, call); // ripgrep opened it by its path
      if (end.timedOut) return output.text(`Stopped after ${limits.searchTimeoutMs / 1000} s; narrow the path.`);
      if (end.code !== 0 && end.code !== 1 && output.isEmpty) throw failed(end.errors);
      return output.text(end.code === 2 ? 'Some files could not be read.' : undefined);
    },
  });
}

/** Every value is glued to its option: none can be taken for an option or a path. */
function argumentsOf(input: Input, target: string): string[] {
  const mode = input.output_mode ?? 'files_with_matches';
  const lines = (name: string, count: number | undefined): string[] =>
    count === undefined ? [] : [`--${name}=${count}`];
  return [
    '--no-config',
    '--no-require-git',
    '--hidden',
    '--null',
    '--no-heading',
    '--with-filename',
    '--color=never',
    '--sort=path',
    ...(mode === 'files_with_matches' ? ['--files-with-matches'] : []),
    ...(mode === 'count' ? ['--count'] : []),
    ...(mode === 'content'
      ? [
          input['-n'] === false ? '--no-line-number' : '--line-number',
          '--max-columns=500',
          '--max-columns-preview',
          ...lines('after-context', input['-A']),
          ...lines('before-context', input['-B']),
          ...lines('context', input['-C']),
        ]
      : []),
    ...(input['-i'] === true ? ['--ignore-case'] : []),
    ...(input.multiline === true ? ['--multiline', '--multiline-dotall'] : []),
    ...(input.type === undefined ? [] : [`--type=${input.type}`]),
    ...(input.glob === undefined ? [] : [`--glob=${input.glob}`]),
    // Who asks for such a directory by name wants to see into it.
    ...['.git', 'node_modules'].filter((name) => !target.split('/').includes(name)).map((name) => `--glob=!${name}`),
    `--regexp=${input.pattern}`,
  ];
}

async function requireSearchable(real: string, shown: string): Promise<void> {
  const info = await stat(real).catch((error: unknown) => {
    throw fileFailure(error, shown);
  });
  if (!info.isDirectory() && !info.isFile()) throw new ToolFailure(`${shown} is neither a file nor a directory.`);
}

function failed(errors: string): ToolFailure {
  const text = errors.replaceAll(/^(rg: )/gm, '').trim();
  return new ToolFailure(`The search failed: ${text === '' ? 'ripgrep ended without a reason.' : text}`);
}
