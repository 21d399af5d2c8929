// Owns: the requests that wait for an answer, and what answers with a scope taught this server.
// Promises: one place decides a race: the first answer wins, is journaled (commit) before either side learns of it,
// and a later one is told how it was answered. A request waits for ever, also after a restart (restore).
// Never: answers by itself, but for a request that a rule given with another answer now allows.
import { AworkersError } from '../contract/errors.ts';
import type { PermissionRequest, Resolution } from '../contract/permission.ts';
import type { Approver, Policy } from '../contract/ports.ts';

type Commit = (resolution: Resolution) => Promise<void>;

type GateAnswer = {
  readonly request_id: string;
  readonly allow: boolean;
  readonly reason?: string | null | undefined;
  readonly scope?: Resolution['scope'] | undefined;
};

export type Answered = { readonly request: PermissionRequest; readonly resolution: Resolution };

export interface Gate extends Approver {
  /** Resolves when the answer is journaled. Throws 'conflict' for a second answer, 'not_found' for an unknown id. */
  resolve(answer: GateAnswer, decidedBy: 'host' | 'cli'): Promise<Answered>;
  /** Oldest first. A request whose answer is being journaled is no longer listed. */
  pending(): readonly PermissionRequest[];
  /** Makes a request that a journal holds answerable (or, with its resolution, known as answered) before any loop asks. */
  restore(request: PermissionRequest, commit: Commit, resolution?: Resolution): void;
  /** Binds the live policy of a worker: scope "worker" and "all" reach it, earlier such answers at once. Returns unbind. */
  bind(workerId: string, policy: Policy): () => void;
}

type Waiter = { readonly done: (resolution: Resolution) => void; readonly withdrawIfAborted: () => void };

type Entry = {
  readonly request: PermissionRequest;
  commit: Commit;
  readonly waiters: Set<Waiter>;
  /** Set while and after it is answered. */
  resolution?: Resolution;
  /** True once the answer is journaled. */
  settled: boolean;
};

export function createGate(): Gate {
  const entries = new Map<string, Entry>();
  const policies = new Map<string, Policy>();
  /** worker undefined: for all. */
  const rules: { readonly worker: string | undefined; readonly rule: string }[] = [];

  function open(request: PermissionRequest, commit: Commit): Entry {
    const known = entries.get(request.request_id);
    if (known !== undefined) {
      known.commit = commit;
      return known;
    }
    const entry: Entry = { request, commit, waiters: new Set(), settled: false };
    entries.set(request.request_id, entry);
    return entry;
  }

  async function settle(entry: Entry, resolution: Resolution): Promise<void> {
    entry.resolution = resolution;
    try {
      await entry.commit(resolution);
    } catch (error) {
      delete entry.resolution; // nobody learned of it: the request waits on
      for (const waiter of entry.waiters) waiter.withdrawIfAborted();
      throw error;
    }
    entry.settled = true;
    for (const waiter of entry.waiters) waiter.done(resolution);
    entry.waiters.clear();
  }

  function learn(worker: string | undefined, rule: string): void {
    rules.push({ worker, rule });
    for (const [id, policy] of policies) if (worker === undefined || worker === id) policy.remember(rule);
  }

  /** Other requests that the new rule allows are answered by it. One that cannot be journaled stays pending. */
  async function settleAllowed(rule: string): Promise<void> {
    for (const entry of entries.values()) {
      const policy = policies.get(entry.request.worker_id);
      if (entry.resolution !== undefined || policy === undefined) continue;
      const { tool_use_id, tool, input } = entry.request;
      // "execute" never runs by default: only a rule can allow here.
      if (policy.evaluate({ tool_use_id, tool, input, access: 'execute' }).decision !== 'allow') continue;
      const reason = `Allowed by ${rule}, which was given with another answer.`;
      await settle(entry, { allow: true, reason, scope: 'once', decided_by: 'policy' }).catch(() => undefined);
    }
  }

  return {
    ask(request, commit, signal) {
      if (signal.aborted) return Promise.reject(signal.reason as Error);
      const entry = open(request, commit);
      if (entry.settled && entry.resolution !== undefined) return Promise.resolve(entry.resolution);
      return new Promise((resolve, reject) => {
        const withdraw = () => {
          if (!signal.aborted || entry.resolution !== undefined) return; // an answer that is being journaled wins over the abort
          entry.waiters.delete(waiter);
          if (entry.waiters.size === 0) entries.delete(request.request_id);
          reject(signal.reason as Error);
        };
        const waiter: Waiter = {
          withdrawIfAborted: withdraw,
          done: (resolution) => {
            signal.removeEventListener('abort', withdraw);
            resolve(resolution);
          },
        };
        entry.waiters.add(waiter);
        signal.addEventListener('abort', withdraw, { once: true });
      });
    },

    async resolve(answer, decidedBy) {
      const entry = entries.get(answer.request_id);
      if (entry === undefined) {
        throw new AworkersError(
          'not_found',
          `No permission request ${answer.request_id} is waiting.`,
          'Its worker may have been stopped; call wait for the requests that are pending.',
        );
      }
      if (entry.resolution !== undefined) throw alreadyAnswered(entry.request, entry.resolution);
      const resolution = resolutionOf(entry.request, answer, decidedBy);
      await settle(entry, resolution);
      if (resolution.remembered_rule !== undefined) {
        learn(resolution.scope === 'all' ? undefined : entry.request.worker_id, resolution.remembered_rule);
        await settleAllowed(resolution.remembered_rule);
      }
      return { request: entry.request, resolution };
    },

    pending() {
      return [...entries.values()].filter((entry) => entry.resolution === undefined).map((entry) => entry.request);
    },

    restore(request, commit, resolution) {
      const entry = open(request, commit);
      if (resolution === undefined || entry.resolution !== undefined) return;
      entry.resolution = resolution;
      entry.settled = true;
    },

    bind(workerId, policy) {
      policies.set(workerId, policy);
      for (const { worker, rule } of rules) if (worker === undefined || worker === workerId) policy.remember(rule);
      return () => {
        if (policies.get(workerId) === policy) policies.delete(workerId);
      };
    },
  };
}

/** Only an allow is remembered, and only as the rule that the person saw. */
function resolutionOf(request: PermissionRequest, answer: GateAnswer, decidedBy: 'host' | 'cli'): Resolution {
  const scope = answer.scope ?? 'once';
  const remembers = answer.allow && scope !== 'once' && request.suggested_rule !== undefined;
  return {
    allow: answer.allow,
    ...(answer.reason ? { reason: answer.reason } : {}),
    scope: remembers ? scope : 'once',
    ...(remembers ? { remembered_rule: request.suggested_rule } : {}),
    decided_by: decidedBy,
  };
}

function alreadyAnswered(request: PermissionRequest, resolution: Resolution): AworkersError {
  const how = resolution.allow ? 'approved' : 'denied';
  const why = resolution.reason === undefined ? '' : ` (${resolution.reason})`;
  return new AworkersError(
    'conflict',
    `Permission request ${request.request_id} for ${request.tool} was already ${how} by ${resolution.decided_by}${why}.`,
    'The first answer stands; call wait for the requests that are still pending.',
  );
}
