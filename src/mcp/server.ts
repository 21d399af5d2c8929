// Owns: the MCP server over a manager: tools, resources, instructions.
// Promises: whatever goes wrong inside a call is that call's result (isError) or a JSON-RPC error; the server lives on. It
// answers before `initialize` too, as clients probe it.
// Never: touches a stream or the process.
import { AworkersError, errorText } from '../contract/errors.ts';
import type { WorkerManager } from '../contract/manager.ts';
import { once } from '../contract/once.ts';
import { didYouMean } from '../contract/parse.ts';
import { clip } from '../contract/text.ts';
import { askHuman, canAskHuman } from './ask-human.ts';
import { HumanDesk } from './human-desk.ts';
import { instructions } from './instructions.ts';
import { jsonSchemaOf } from './json-schema.ts';
import { cutText } from './json-size.ts';
import { notifyOfChanges, serveResources } from './resources.ts';
import {
  AjvJsonSchemaValidator,
  type CallToolResult,
  ErrorCode,
  type ListedTool,
  ListToolsRequestSchema,
  type ProgressToken,
  Server,
} from './sdk.ts';
import { errorResult, type Tool, type ToolContext } from './tool.ts';
import { tools } from './tools/index.ts';

const serverName = 'async_worker_manager';
const validator = once(() => new AjvJsonSchemaValidator());

export type ServerInfo = { readonly version: string };

export type ServerOptions = {
  /** AWORKERS_WAIT_SECONDS: the longest a wait may block. Default: no limit. */
  readonly waitSeconds?: number;
  /** 'client': put permissions to the host's human (elicitation) when the host can; default 'model': wait returns them. */
  readonly approve?: 'model' | 'client';
  readonly heartbeatMs?: number;
  /** How long a human has to answer before the request goes to wait. Default 10 minutes. */
  readonly humanTimeoutMs?: number;
  /** Diagnostics, a line at a time; never on stdout. */
  readonly log?: (line: string) => void;
  /** Aborted when the server ends: open waits are answered with an error. */
  readonly signal?: AbortSignal;
};

/** A manager in use, and what listens to it. */
type Serving = Pick<ToolContext, 'manager' | 'human'> & { readonly stopNotices: () => void };

/** Every call asks `openManager`, which gives the same manager each time; nothing before the first call needs one. */
export function createServer(
  openManager: () => Promise<WorkerManager>,
  info: ServerInfo,
  options: ServerOptions = {},
): Server {
  const log = options.log ?? (() => undefined);
  const server = new Server(
    { name: serverName, title: 'aworkers', version: info.version },
    {
      capabilities: { tools: {}, resources: { listChanged: true } },
      instructions,
      // The SDK's own, but made when a human has answered: no start waits for it.
      jsonSchemaValidator: { getValidator: (schema) => validator().getValidator(schema) },
    },
  );
  let ready = false;
  let serving: Serving | undefined;
  const stopNotices = () => serving?.stopNotices();
  const open = async (): Promise<Serving> => {
    const manager = await openManager();
    return (serving ??= serve(server, manager, { ...options, log }, () => ready));
  };
  options.signal?.addEventListener('abort', stopNotices, { once: true });
  Object.assign(server, {
    oninitialized: () => (ready = true),
    onerror: (error: Error) => log(clip(error.message, 500)),
    onclose: () => {
      stopNotices();
      serving?.human?.close();
    },
  } satisfies Partial<Server>);

  serveResources(server, async () => (await open()).manager);
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: tools.map(listed) }));
  // The one method that is left to the fallback: around its handler the SDK checks a call twice and the answer once, and we do too.
  server.fallbackRequestHandler = async ({ method, params = {} }, { signal, sendNotification }) => {
    if (method !== 'tools/call') throw failure(ErrorCode.MethodNotFound, 'Method not found');
    const { name, arguments: input } = params;
    if (typeof name !== 'string') throw failure(ErrorCode.InvalidParams, 'tools/call: "name" must name a tool.');
    const context: CallContext = {
      log,
      heartbeatMs: options.heartbeatMs ?? 10_000,
      signal: options.signal === undefined ? signal : AbortSignal.any([signal, options.signal]),
      ...(options.waitSeconds === undefined ? {} : { waitSeconds: options.waitSeconds }),
      ...progressOf(params['_meta']?.progressToken, sendNotification),
    };
    return call(name, input, open, context);
  };
  return server;
}

/** Reaches the client in these words. */
function failure(code: ErrorCode, message: string): Error {
  return Object.assign(new Error(message), { code });
}

type CallContext = Omit<ToolContext, 'manager' | 'human'>;
type Serve = ServerOptions & Pick<ToolContext, 'log'>;

function serve(server: Server, manager: WorkerManager, options: Serve, ready: () => boolean): Serving {
  const stopNotices = notifyOfChanges(server, manager, ready);
  if (options.approve !== 'client') return { manager, stopNotices };
  const timeoutMs = options.humanTimeoutMs ?? 10 * 60_000;
  const human = new HumanDesk(manager, {
    available: () => canAskHuman(server),
    ask: (request, signal) => askHuman(server, request, timeoutMs, signal),
    log: options.log,
  });
  return { manager, human, stopNotices };
}

function listed(tool: Tool): ListedTool {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: jsonSchemaOf(tool.input()),
    outputSchema: jsonSchemaOf(tool.output()),
    annotations: { title: tool.title, ...tool.annotations },
    _meta: { 'anthropic/alwaysLoad': true },
  };
}

async function call(
  name: string,
  input: unknown,
  open: () => Promise<Serving>,
  context: CallContext,
): Promise<CallToolResult> {
  const tool = tools.find((candidate) => candidate.name === name);
  try {
    if (tool === undefined) throw unknownTool(name);
    return await tool.call(input, { ...(await open()), ...context });
  } catch (error) {
    const expected = error instanceof AworkersError && error.code !== 'internal';
    if (!expected && !context.signal.aborted) context.log(`${clip(name, 40)}: ${stackOf(error)}`);
    return errorResult(cutText(expected ? error.text : `${clip(name, 40)} failed: ${errorText(error)}`, 2_000));
  }
}

function unknownTool(name: string): AworkersError {
  const known = tools.map((tool) => tool.name);
  const suggestion = name.length > 100 ? '' : didYouMean(name, known);
  return new AworkersError(
    'usage',
    `Unknown tool "${clip(name, 100)}"${suggestion || '.'}`,
    `Known: ${known.join(', ')}.`,
  );
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

type Notify = (notification: {
  method: 'notifications/progress';
  params: { progressToken: ProgressToken; progress: number; message: string };
}) => Promise<void>;

function progressOf(progressToken: ProgressToken | undefined, notify: Notify): Pick<ToolContext, 'progress'> {
  if (progressToken === undefined) return {};
  let progress = 0;
  return {
    progress: (message) => {
      progress += 1;
      // A client that is gone is noticed by the transport; a heartbeat has nobody to tell.
      notify({ method: 'notifications/progress', params: { progressToken, progress, message } }).catch(() => undefined);
    },
  };
}
