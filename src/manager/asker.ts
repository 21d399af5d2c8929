// Owns: finding and answering a permission request whose process is gone.
import { AworkersError } from '../contract/errors.ts';
import type { EventBody } from '../contract/event.ts';
import type { PermissionAnswered } from '../contract/manager.ts';
import type { PermissionRequest, Resolution } from '../contract/permission.ts';
import type { Store } from '../journal/store.ts';
import type { Answered, Gate } from '../permission/gate.ts';

/** The open request with this id in the journals of the logs directory. */
export async function findAsker(store: Store, requestId: string): Promise<PermissionRequest | undefined> {
  const { workers } = await store.list();
  for (const { worker_id } of workers.filter((summary) => summary.status === 'awaiting_permission')) {
    const { pending } = await store.read(worker_id);
    const request = pending.find((candidate) => candidate.request_id === requestId);
    if (request !== undefined) return request;
  }
  return undefined;
}

/** Makes every request of a worker that was taken answerable: the loop will ask them again under the same ids. */
export function restorePending(
  gate: Gate,
  pending: readonly PermissionRequest[],
  record: (event: EventBody) => Promise<void>,
): void {
  for (const request of pending) gate.restore(request, (resolution) => record(resolvedEvent(request, resolution)));
}

export function isNotFound(error: unknown): boolean {
  return error instanceof AworkersError && error.code === 'not_found';
}

function resolvedEvent(request: PermissionRequest, resolution: Resolution): EventBody {
  const { request_id, tool_use_id, tool, input } = request;
  return { type: 'permission.resolved', request_id, tool_use_id, tool, input, resolution };
}

export function hasCompleted(workerId: string): AworkersError {
  const hint = 'Read its result, or resume it with a prompt.';
  return new AworkersError('conflict', `Worker ${workerId} has completed.`, hint);
}

export function answeredOf({ request, resolution }: Answered): PermissionAnswered {
  const { request_id, worker_id, tool } = request;
  return { status: resolution.allow ? 'approved' : 'denied', request_id, worker_id, tool };
}
