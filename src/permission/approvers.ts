// Owns: the approver for a run that nobody watches.
// Promises: every request is denied at once, and the reason names the flag that would have allowed it.
// Never: allows anything.
import type { PermissionRequest } from '../contract/permission.ts';
import type { Approver } from '../contract/ports.ts';

export const denyApprover: Approver = {
  async ask(request, commit, signal) {
    signal.throwIfAborted();
    const resolution = { allow: false, reason: nobodyReason(request), scope: 'once', decided_by: 'nobody' } as const;
    await commit(resolution);
    return resolution;
  },
};

function nobodyReason(request: PermissionRequest): string {
  const cause = `${request.reason.replace(/\.$/, '')}, and nobody is here to approve it.`;
  if (request.suggested_rule === undefined) return `${cause} No rule can allow it: run it yourself, or in a terminal.`;
  return `${cause} To allow it: --allow ${shellQuote(request.suggested_rule)}`;
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
