// Owns: the connection to one server: its start, its one restart, its end.
// Promises: started once however many ask at once; a death is told to every call it hit and never repeats one; after a death
// the next call starts it again, once, and once more for every call that it answers after that; `call` never throws.
// Never: starts by itself; outlives close.
import { AworkersError, errorText } from '../contract/errors.ts';
import type { ToolOutput } from '../contract/ports.ts';
import { catalogOf, type CatalogTool } from './catalog.ts';
import type { Launch, ServerConfig } from './config.ts';
import type { Host } from './host.ts';
import type { Live } from './open-client.ts';

const defaultCallMs = 300_000;

export class Connection {
  readonly config: ServerConfig;
  readonly #host: Host;
  readonly #closing = new AbortController();
  #live: Live | undefined;
  #starting: Promise<Live> | undefined;
  #catalog: readonly CatalogTool[] = [];
  #mayRestart = true;
  /** Why it is not live, once it was. */
  #lost: string | undefined;

  constructor(config: ServerConfig, host: Host) {
    this.config = config;
    this.#host = host;
  }

  /** As last listed; empty before the first start. */
  get catalog(): readonly CatalogTool[] {
    return this.#catalog;
  }

  /** Resolves when it is live and its tools are known. Throws 'io' when it does not start. An abort leaves it to the others. */
  async ready(signal: AbortSignal): Promise<void> {
    const live = await withSignal(this.#liveOrStart(), signal);
    this.#mayRestart = true;
    if (live.listChanged) await this.#list(live, signal);
  }

  async call(tool: string, input: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<ToolOutput> {
    let live: Live;
    try {
      live = await withSignal(this.#forCall(), signal);
    } catch (error) {
      return failed(errorText(error));
    }
    try {
      const { timeoutMs } = this.config;
      const limit =
        timeoutMs === undefined
          ? { timeout: defaultCallMs, resetTimeoutOnProgress: true }
          : { timeout: timeoutMs, resetTimeoutOnProgress: false };
      const output = await live.call(tool, input, { ...limit, signal });
      this.#mayRestart = true;
      return output;
    } catch (error) {
      if (signal.aborted) return failed('Interrupted; it may have run in part.');
      return failed(await this.#callFailure(error));
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('aworkers is ending.'));
    await this.#starting?.catch(() => undefined); // whoever asked for it is told
    await this.#live?.close();
  }

  /** A server that died is started again here, within its allowance. */
  async #forCall(): Promise<Live> {
    if (this.#live !== undefined || this.#starting !== undefined) return this.#liveOrStart();
    if (this.#lost !== undefined && !this.#mayRestart) {
      const hint = 'Go on without it, or report what you could not do.';
      throw new AworkersError('io', `MCP server "${this.config.name}" is down (${this.#lost}).`, hint);
    }
    if (this.#lost !== undefined) this.#mayRestart = false;
    return this.#liveOrStart();
  }

  #liveOrStart(): Promise<Live> {
    if (this.#live !== undefined) return Promise.resolve(this.#live);
    this.#starting ??= this.#start().finally(() => (this.#starting = undefined));
    return this.#starting;
  }

  async #start(): Promise<Live> {
    const { name, source, launch } = this.config;
    this.#closing.signal.throwIfAborted();
    try {
      if (launch.type === 'fault' || launch.type === 'self') throw new Error(faultOf(launch));
      const { openClient } = await import('./open-client.ts');
      const live = await openClient(launch, this.#host, this.#closing.signal);
      live.onLost((how) => {
        if (this.#live === live) this.#live = undefined;
        this.#lost = how;
      });
      await this.#list(live, this.#closing.signal).catch(async (error: unknown) => {
        await live.close();
        throw error;
      });
      this.#live = live;
      return live;
    } catch (cause) {
      this.#closing.signal.throwIfAborted();
      const why = errorText(cause).replace(/\.$/, '');
      this.#lost = `it did not start: ${why}`;
      const what = `MCP server "${name}" (${source}) did not start: ${why}.`;
      throw new AworkersError('io', what, 'Mend its entry, or what it needs.', { cause });
    }
  }

  async #list(live: Live, signal: AbortSignal): Promise<void> {
    this.#catalog = catalogOf(this.config.name, await live.list(signal), this.#host.bound);
  }

  async #callFailure(error: unknown): Promise<string> {
    const { name } = this.config;
    const { Lost } = await import('./open-client.ts');
    if (!(error instanceof Lost)) return `MCP server "${name}": ${errorText(error)}`;
    const next = this.#mayRestart ? 'The next call starts it again.' : 'It is not started again.';
    return `MCP server "${name}" was lost during this call (${error.message}). The call may have run, in part or whole: check before you repeat it. ${next}`;
  }
}

function faultOf(launch: Extract<Launch, { readonly type: 'fault' | 'self' }>): string {
  return launch.type === 'fault' ? launch.reason : 'it is aworkers itself';
}

function failed(text: string): ToolOutput {
  return { content: text, is_error: true };
}

/** What several wait for goes on when one of them leaves. */
async function withSignal<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const leave = () => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
