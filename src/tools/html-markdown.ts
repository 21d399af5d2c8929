// Owns: HTML to Markdown in a child of our own executable.
// Promises: few at once; ends with the time limit or the abort; the child has no credential in its environment.
// Never: parses HTML in this process.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parse } from 'node:path';
import { z } from 'zod';
import { grouped } from '../contract/text.ts';
import { ToolFailure } from './define-tool.ts';
import { Slots } from './slots.ts';

/** The command that ends in runHtmlChild (html-child.ts), such as [process.execPath, "__html"]. */
export type HtmlChild = readonly [string, ...string[]];

export type HtmlPage = { readonly url: string; readonly html: string };

const answerSchema = z.object({ title: z.string(), markdown: z.string() });
export type Markdown = Readonly<z.infer<typeof answerSchema>>;

const slots = new Slots(Math.max(2, availableParallelism()));

type Child = {
  readonly command: HtmlChild;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
};

type Ended = { readonly code: number | null; readonly output: string; readonly late: boolean };

export async function toMarkdown(page: HtmlPage, child: Child, signal: AbortSignal): Promise<Markdown> {
  const { code, output, late } = await slots.use(() => run(page, child, signal), signal);
  if (code === 0) return answerSchema.parse(JSON.parse(output));
  const why = late ? `not done within ${child.timeoutMs / 1000} s` : 'the converter failed';
  const size = `${grouped(page.html.length)} characters of HTML`;
  throw new ToolFailure(`${page.url} could not be turned into text: ${why} (${size}).`);
}

function run(page: HtmlPage, { command, env, timeoutMs }: Child, signal: AbortSignal): Promise<Ended> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: parse(process.execPath).root, // nothing of the project is near it
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
    });
    const chunks: Buffer[] = [];
    const end = (): boolean => child.kill('SIGKILL');
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      end();
    }, timeoutMs);
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      act();
    };
    signal.addEventListener('abort', end, { once: true });
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stdin.on('error', () => undefined); // a child that has ended says so by its exit code
    child.stdin.end(JSON.stringify(page));
    child.once('error', (error) => settle(() => reject(error)));
    child.once('close', (code) =>
      settle(() => {
        if (signal.aborted) reject(signal.reason as Error);
        else resolve({ code, output: Buffer.concat(chunks).toString('utf8'), late });
      }),
    );
  });
}
