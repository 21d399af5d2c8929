// Owns: the servers of this process: one connection each, shared by all workers.
// Promises: nothing is started before a worker needs it; a server that does not start is an error for whoever needs it, with all
// that failed at once; close ends every one.
// Never: reads a file: entries are handed in.
import { AworkersError } from '../contract/errors.ts';
import type { Notice } from '../contract/options.ts';
import type { McpPlan } from '../contract/task.ts';
import type { ServerConfig } from './config.ts';
import { Connection } from './connection.ts';
import type { Host } from './host.ts';
import { neededServers, offered, type Wish } from './offer.ts';
import { type McpTools, openMcpTools, type Rules } from './tools.ts';

export class McpServers {
  readonly #host: Host;
  readonly #connections = new Map<string, Connection>();
  /** Connections whose entry has changed since; workers may still use them. */
  readonly #replaced: Connection[] = [];

  constructor(host: Host) {
    this.#host = host;
  }

  /** What a new worker is offered of `configured`; `plan` undefined: nothing. Starts what it needs. */
  async offer(
    wish: Wish,
    configured: readonly ServerConfig[],
    signal: AbortSignal,
  ): Promise<{ readonly plan?: McpPlan; readonly notices: readonly Notice[] }> {
    const others = configured.filter(({ launch }) => launch.type !== 'self');
    const needed = neededServers(wish, others);
    const skipped = wish.tools === 'all' ? configured.filter((config) => !others.includes(config)).map(selfNotice) : [];
    if (needed.length === 0) return { notices: skipped };
    const connections = await this.#ready(needed, signal);
    const listed = connections.map(({ config, catalog }) => ({ config, tools: catalog }));
    const { plan, notices } = offered(wish, listed);
    return { plan, notices: [...skipped, ...notices] };
  }

  /** Starts the servers of an earlier plan. `configured`: those that there are now. */
  async restore(plan: McpPlan, configured: readonly ServerConfig[], signal: AbortSignal): Promise<void> {
    const needed = plan.servers.map(({ name, source }) => {
      const named = configured.filter((config) => config.name === name);
      const config = named.find((each) => each.source === source) ?? named[0];
      if (config !== undefined) return config;
      const hint = 'Pass its file with --mcp-config (or --trust-project when it is the project’s).';
      const what = `The worker uses the MCP server "${name}" of ${source}, which is not configured here.`;
      throw new AworkersError('usage', what, hint);
    });
    await this.#ready(needed, signal);
  }

  /** The tools of a plan that `offer` or `restore` made ready. */
  open(plan: McpPlan, rules: Rules): McpTools {
    const connections = plan.servers.flatMap(({ name, source }) => {
      const connection = this.#connections.get(keyOf(name, source)) ?? this.#named(name);
      return connection === undefined ? [] : [[name, connection] as const];
    });
    return openMcpTools(plan, new Map(connections), rules, this.#host.bound);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#connections.values(), ...this.#replaced].map((connection) => connection.close()));
  }

  async #ready(needed: readonly ServerConfig[], signal: AbortSignal): Promise<readonly Connection[]> {
    const connections = needed.map((config) => this.#connection(config));
    const states = await Promise.allSettled(connections.map((connection) => connection.ready(signal)));
    signal.throwIfAborted();
    const failed = connections.filter((_, at) => states[at]?.status === 'rejected');
    if (failed.length === 0) return connections;
    const problems = states.flatMap((state) => (state.status === 'rejected' ? [messageOf(state.reason)] : []));
    const rules = failed.map(({ config }) => `"mcp__${config.id}"`).join(', ');
    const hint = `Mend the entry, or what it needs. A worker can do without by disallowed_tools [${rules}].`;
    throw new AworkersError('io', problems.join(' '), hint);
  }

  #connection(config: ServerConfig): Connection {
    const key = keyOf(config.name, config.source);
    const known = this.#connections.get(key);
    if (known !== undefined && JSON.stringify(known.config) === JSON.stringify(config)) return known;
    if (known !== undefined) this.#replaced.push(known);
    const connection = new Connection(config, this.#host);
    this.#connections.set(key, connection);
    return connection;
  }

  #named(name: string): Connection | undefined {
    return [...this.#connections.values()].find(({ config }) => config.name === name);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function keyOf(name: string, source: string): string {
  return `${name}\0${source}`;
}

function selfNotice({ name, source }: ServerConfig): Notice {
  const reason = `It is aworkers itself (${source}); a worker is not given its own manager.`;
  return { option: 'mcp_servers', requested: name, sent: null, reason };
}
