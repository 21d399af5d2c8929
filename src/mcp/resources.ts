// Owns: transcripts as MCP resources: worker://{id}, their list in pages, and the notices that the list changed.
// Promises: what is read is the transcript file's content; many changes at once make one notice; none is sent before the client is ready.
// Never: writes; keeps a copy of a transcript.
import { readFile } from 'node:fs/promises';
import { AworkersError, errorText } from '../contract/errors.ts';
import type { WorkerManager } from '../contract/manager.ts';
import { clip, counted } from '../contract/text.ts';
import { type WorkerSummary } from '../contract/worker.ts';
import {
  ErrorCode,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  type Resource,
  type Server,
} from './sdk.ts';
import { transcriptWindow } from './transcript-window.ts';

const scheme = 'worker://';
const pageSize = 100;
const noticeDelayMs = 250;
const resourceNotFound = -32002;

export function serveResources(server: Server, openManager: () => Promise<WorkerManager>): void {
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: [
      {
        uriTemplate: `${scheme}{id}`,
        name: 'worker',
        title: 'Transcript of a worker',
        description: 'Result, cost, settings and messages of a worker, by worker_id or session_id.',
        mimeType: 'application/json',
      },
    ],
  }));
  server.setRequestHandler(ListResourcesRequestSchema, async ({ params }) =>
    page(await (await openManager()).list(), params?.cursor),
  );
  server.setRequestHandler(ReadResourceRequestSchema, async ({ params }) => ({
    contents: [
      { uri: params.uri, mimeType: 'application/json', text: await readTranscript(await openManager(), params.uri) },
    ],
  }));
}

/** Returns the function that ends the notices. */
export function notifyOfChanges(server: Server, manager: WorkerManager, ready: () => boolean): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const unsubscribe = manager.subscribe((event) => {
    const changes = ['worker.spawned', 'worker.completed', 'worker.failed', 'worker.stopped'].includes(event.type);
    if (!changes || timer !== undefined || !ready()) return;
    timer = setTimeout(() => {
      timer = undefined;
      server.sendResourceListChanged().catch(() => undefined); // a client that is gone is noticed by the transport
    }, noticeDelayMs);
  });
  return () => {
    unsubscribe();
    clearTimeout(timer);
  };
}

/** The cursor is the last id of the page before: it stays right when new workers come in front. */
function page(
  workers: readonly WorkerSummary[],
  cursor: string | undefined,
): { resources: Resource[]; nextCursor?: string } {
  const before = cursor === undefined ? -1 : workers.findIndex((worker) => worker.worker_id === cursor);
  if (cursor !== undefined && before === -1) {
    throw new McpError(ErrorCode.InvalidParams, `Unknown cursor "${clip(cursor, 80)}". List again without one.`);
  }
  const shown = workers.slice(before + 1, before + 1 + pageSize);
  const last = shown.at(-1);
  return {
    resources: shown.map(resourceOf),
    ...(last !== undefined && before + 1 + pageSize < workers.length ? { nextCursor: last.worker_id } : {}),
  };
}

function resourceOf(worker: WorkerSummary): Resource {
  return {
    uri: `${scheme}${worker.worker_id}`,
    name: `worker-${worker.worker_id}.json`,
    title: clip(worker.description, 80),
    description: `${worker.status}, ${counted(worker.num_turns, 'turn')}, last activity ${worker.last_activity_at}`,
    mimeType: 'application/json',
    annotations: { lastModified: worker.last_activity_at },
  };
}

async function readTranscript(manager: WorkerManager, uri: string): Promise<string> {
  try {
    if (!uri.startsWith(scheme))
      throw new AworkersError('not_found', `No resource ${clip(uri, 200)}.`, 'Known: worker://{id}.');
    const { worker_id } = await manager.read(decodeURIComponent(uri.slice(scheme.length)).replace(/\/$/, ''));
    const path = manager.transcriptPath(worker_id);
    return transcriptWindow(await transcript(path, worker_id), path);
  } catch (error) {
    throw new McpError(isMissing(error) ? resourceNotFound : ErrorCode.InternalError, clip(errorText(error), 1_000));
  }
}

async function transcript(path: string, workerId: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new AworkersError(
      'not_found',
      `Worker ${workerId} has no transcript yet.`,
      'It is written with its first turn; read again.',
      { cause },
    );
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof URIError || (error instanceof AworkersError && ['not_found', 'usage'].includes(error.code));
}
