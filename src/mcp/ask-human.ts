// Owns: one permission request as a question to the client's human (MCP elicitation, form mode).
// Promises: accept and decline are answers; cancel, a timeout and any failure are not: the request then goes to wait.
// Never: answers for anybody.
import { errorText } from '../contract/errors.ts';
import type { PermissionRequest } from '../contract/permission.ts';
import { clip } from '../contract/text.ts';
import type { Server } from './sdk.ts';

export type HumanAnswer =
  | { readonly type: 'answered'; readonly allow: boolean; readonly scope: 'once' | 'worker' | 'all' }
  | { readonly type: 'unanswered'; readonly why: string };

export function canAskHuman(server: Server): boolean {
  return server.getClientCapabilities()?.elicitation?.form !== undefined;
}

export async function askHuman(
  server: Server,
  request: PermissionRequest,
  timeout: number,
  signal: AbortSignal,
): Promise<HumanAnswer> {
  try {
    const { action, content } = await server.elicitInput(
      { mode: 'form', message: question(request), requestedSchema: form(request) },
      { timeout, signal },
    );
    if (action === 'cancel') return { type: 'unanswered', why: 'the host cancelled the question' };
    const scope = content?.['scope'];
    const remembered = scope === 'worker' || scope === 'all' ? scope : 'once';
    return { type: 'answered', allow: action === 'accept', scope: action === 'accept' ? remembered : 'once' };
  } catch (error) {
    return { type: 'unanswered', why: errorText(error) };
  }
}

function question(request: PermissionRequest): string {
  const what = request.preview ?? JSON.stringify(request.input, undefined, 1);
  return [
    `Worker "${clip(request.description, 80)}" wants to use ${request.tool}.`,
    clip(request.reason, 300),
    clip(what, 2_000),
  ].join('\n\n');
}

/** A remembered rule is offered only where there is one to remember. */
function form({ suggested_rule }: PermissionRequest) {
  if (suggested_rule === undefined) return { type: 'object' as const, properties: {} };
  const rule = clip(suggested_rule, 200);
  const scope = {
    type: 'string' as const,
    title: 'How long',
    oneOf: [
      { const: 'once', title: 'This time' },
      { const: 'worker', title: `For this worker: ${rule}` },
      { const: 'all', title: `For all workers of this server: ${rule}` },
    ],
    default: 'once',
  };
  return { type: 'object' as const, properties: { scope } };
}
