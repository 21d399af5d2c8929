// A worker's tools over a temp folder that goes with the test.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPolicy } from '../../src/permission/index.ts';
import { createPathResolver, openToolset, toolNames, type ToolsetOptions } from '../../src/tools/index.ts';

const rgChild = fileURLToPath(new URL('rg-child.ts', import.meta.url));

export const ripgrep: readonly [string, ...string[]] =
  'Deno' in globalThis ? [process.execPath, 'run', '-A', rgChild] : [process.execPath, rgChild];

export type Case = { after(end: () => Promise<void>): void };

export function temp(test: Case): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aworkers-tools-')));
  test.after(async () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The tools as functions: name and input in, text out; a failed call comes back as "error: ...". The gate judged each call, and allowed it. */
export function open(test: Case, options: Partial<ToolsetOptions> = {}) {
  const cwd = options.cwd ?? temp(test);
  const paths = createPathResolver({ home: cwd, platform: process.platform });
  const policy = createPolicy({ rules: [], mode: 'default', cwd, paths: options.paths ?? paths });
  const judged = (tool: string, input: Record<string, unknown>) => {
    const { real_path } = policy.evaluate({ tool_use_id: 't', tool, input, access: 'read' });
    return { tool_use_id: 't', real_path };
  };
  const toolset = openToolset({
    worker_id: 'worker-1',
    cwd,
    names: toolNames,
    env: process.env,
    platform: process.platform,
    paths,
    ripgrep,
    ...options,
  });
  test.after(() => toolset.close());
  const blocks = async (name: string, input: Record<string, unknown>, signal = new AbortController().signal) => {
    const tool = toolset.tools.get(name);
    if (tool === undefined) throw new Error(`no tool ${name}`);
    return tool.run(tool.input.parse(input), signal, judged(name, input));
  };
  const run = async (name: string, input: Record<string, unknown>, signal?: AbortSignal): Promise<string> => {
    const { content, is_error } = await blocks(name, input, signal);
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    return is_error ? `error: ${text}` : text;
  };
  const preview = async (name: string, input: Record<string, unknown>) =>
    toolset.tools.get(name)?.preview?.(input, judged(name, input));
  return { cwd, toolset, run, blocks, preview, path: (name: string) => join(cwd, name) };
}
