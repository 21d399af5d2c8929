// Owns: the tools of one worker.
// Promises: opening is cheap (a few closures; schemas, specs and engines are shared by the process, heavy modules load at
// first use); close ends every process that the worker started, and leaves nothing behind.
// Never: decides whether a call may run.
import type { Delegate } from '../contract/delegate.ts';
import { AworkersError } from '../contract/errors.ts';
import type { OfferedTool, PathResolver, ServerTool, Tool, Toolset, ToolSpec } from '../contract/ports.ts';
import { bashDefinition, type BashTool, bashTool } from './bash.ts';
import type { ToolContext } from './context.ts';
import { toSpec, type ToolDefinition } from './define-tool.ts';
import { editDefinition, editTool } from './edit.ts';
import { toolEnvironment } from './environment.ts';
import { FileMemory } from './file-memory.ts';
import { globDefinition, globTool } from './glob.ts';
import { grepDefinition, grepTool } from './grep.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { readDefinition, readTool } from './read.ts';
import type { RipgrepChild } from './ripgrep.ts';
import type { Sandbox } from './sandbox.ts';
import { type FindSkills, skillDefinition, skillTool } from './skill.ts';
import { taskDefinition, taskTool } from './task.ts';
import { todoWriteDefinition, todoWriteTool } from './todo-write.ts';
import { type Web, webFetchDefinition, webFetchTool } from './web-fetch.ts';
import { writeDefinition, writeTool } from './write.ts';

export type ToolsetOptions = {
  readonly worker_id: string;
  /** Absolute. */
  readonly cwd: string;
  /** Which tools the worker has; names that are none of ours are left to others. */
  readonly names: readonly string[];
  /** The user's environment; what a tool's process gets of it is decided here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** The one the gate uses. */
  readonly paths: PathResolver;
  /** The command that ends in runRipgrepChild, for machines without rg. */
  readonly ripgrep?: RipgrepChild;
  /** False for a real path: Glob and Grep leave the file out. Default: all may be read. */
  readonly mayRead?: (real: string) => boolean;
  /** Of openSandbox; shared by all workers. */
  readonly sandbox?: Sandbox;
  /** WebFetch needs it. */
  readonly web?: Web;
  /** Task needs it. */
  readonly delegate?: Delegate;
  /** Skill needs it. */
  readonly findSkills?: FindSkills;
  /** Tools that the API runs itself: offered beside ours. */
  readonly serverTools?: readonly ServerTool[];
  readonly limits?: Partial<Limits>;
};

/** What every worker has that may use all tools. */
const core = {
  Bash: bashDefinition,
  Edit: editDefinition,
  Glob: globDefinition,
  Grep: grepDefinition,
  Read: readDefinition,
  Write: writeDefinition,
} as const satisfies Record<string, ToolDefinition>;

const definitions = {
  ...core,
  Skill: skillDefinition,
  Task: taskDefinition,
  TodoWrite: todoWriteDefinition,
  WebFetch: webFetchDefinition,
} as const satisfies Record<string, ToolDefinition>;

type Name = keyof typeof definitions;

/** Sorted: the order is part of the cached prefix. */
export const toolNames = Object.keys(core).toSorted() as readonly Name[];
/** Tools that a worker has only when something asks for them: each costs tokens on every turn. */
export const extraToolNames = Object.keys(definitions)
  .filter((name) => !Object.hasOwn(core, name))
  .toSorted() as readonly Name[];

/** In the order in which they are offered. */
const names = [...toolNames, ...extraToolNames].toSorted();

type Parts = { readonly context: ToolContext; readonly options: ToolsetOptions; readonly bash: BashTool };

const make = {
  Bash: ({ bash }) => bash.tool,
  Edit: ({ context }) => editTool(context),
  Glob: ({ context }) => globTool(context),
  Grep: ({ context, options }) => grepTool(context, options.ripgrep),
  Read: ({ context }) => readTool(context),
  Skill: ({ context, options }) => skillTool(context, needed('Skill', options.findSkills)),
  Task: ({ context, options }) => taskTool(context, needed('Task', options.delegate)),
  TodoWrite: () => todoWriteTool(),
  WebFetch: ({ context, options }) => webFetchTool(context, needed('WebFetch', options.web)),
  Write: ({ context }) => writeTool(context),
} as const satisfies Record<Name, (parts: Parts) => Tool>;

const environments = new WeakMap<object, Readonly<Record<string, string>>>();
const specs = new Map<Name, ToolSpec>();
/** One list for all workers with the same tools: a request serialises a list once. */
const lists = new Map<string, readonly ToolSpec[]>();

/** Made once: an abort without a reason makes an error of its own each time, with its stack. */
const closed = new DOMException('The tools were closed.', 'AbortError');

export function openToolset(options: ToolsetOptions): Toolset {
  const closing = new AbortController();
  const context: ToolContext = {
    worker_id: options.worker_id,
    cwd: options.cwd,
    paths: options.paths,
    memory: new FileMemory(),
    limits: { ...defaultLimits, ...options.limits },
    env: shared(environments, options.env, () => toolEnvironment(options.env)),
    platform: options.platform,
    closing: closing.signal,
    sandbox: options.sandbox,
    mayRead: options.mayRead ?? (() => true),
  };
  const parts = { context, options, bash: bashTool(context) };
  const offered = names.filter((name) => options.names.includes(name));
  const ours = shared(lists, offered.join(), () =>
    offered.map((name) => shared(specs, name, () => toSpec(definitions[name]))),
  );
  const { serverTools = [] } = options;
  const tools = new Map<string, Tool>();
  for (const name of offered) tools.set(name, make[name](parts));
  return {
    tools,
    specs: serverTools.length === 0 ? ours : sorted([...ours, ...serverTools]),
    async close() {
      closing.abort(closed);
      await parts.bash.ended();
    },
  };
}

function sorted(offered: readonly OfferedTool[]): readonly OfferedTool[] {
  return offered.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function needed<T>(name: Name, part: T | undefined): T {
  if (part === undefined) throw new AworkersError('internal', `${name} was offered without what it needs.`, '');
  return part;
}

function shared<K, V>(cache: { get(key: K): V | undefined; set(key: K, value: V): unknown }, key: K, make: () => V): V {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const value = make();
  cache.set(key, value);
  return value;
}
