// Owns: what spawn_worker and resume_worker return.
// Promises: within the 10 kB of a result, however long the notices are.
// Never: drops a notice's option or reason.
import { z } from 'zod';
import type { Spawned } from '../../contract/manager.ts';
import { once } from '../../contract/once.ts';
import { noticeSchema } from '../../contract/options.ts';
import { workerStates } from '../../contract/worker.ts';
import { cutText, cutValue } from '../json-size.ts';

export const spawnedSchema = once(() =>
  z.object({
    worker_id: z.string(),
    session_id: z.string().describe('Also accepted by resume_worker.'),
    status: z.enum(workerStates),
    model: z.string(),
    conversation_history_file_path: z.string(),
    notices: z.array(noticeSchema()).describe('Options that will not be sent as asked, and why.'),
  }),
);

export function boundSpawned(spawned: Spawned): Spawned {
  const share = Math.floor(8_000 / Math.max(spawned.notices.length, 8));
  return {
    ...spawned,
    model: cutText(spawned.model, 200),
    notices: spawned.notices.map((notice) => ({
      option: cutText(notice.option, 80),
      requested: cutValue(notice.requested, Math.floor(share / 4)),
      sent: cutValue(notice.sent, Math.floor(share / 4)),
      reason: cutText(notice.reason, Math.floor(share / 2)),
    })),
  };
}
