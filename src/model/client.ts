// Owns: the ModelClient: one reply per call, its tries, and what they share: governor, leader gate, fleet stop.
// Promises: never throws for a request, network or stream failure; an abort rejects with its reason at once; when no worker
// can go on, every call of this client ends with the same failure.
// Never: changes a message, runs a tool, or keeps anything of a conversation after the reply.
import type { Clock, ModelClient, ModelFailure, ModelReply, ModelRequest, ModelRetry } from '../contract/ports.ts';
import type { Usage } from '../contract/usage.ts';
import { attempt, type Attempted } from './attempt.ts';
import { type ContextEdit, refusesContextEdit } from './context.ts';
import { AttemptError, type Fault } from './fault.ts';
import { type Call, createFleet } from './fleet.ts';
import { isPrefixMismatch, judge, type Judgement } from './failure.ts';
import { createGovernor, type Governor, type Outcome, type Slot } from './governor.ts';
import { hintOf, messageOf } from './hint.ts';
import { createLeaderGate, type Entry } from './leader.ts';
import { buildRequest, canDropBlocks, type Recourse, type WireRequest } from './request.ts';
import { backoffMs, defaultMaxAttempts, spreadMs } from './retry.ts';
import { createTransport, type TransportConfig } from './transport.ts';
import { createWatchdog, defaultSilence, type Silence } from './watchdog.ts';

export type ModelClientConfig = TransportConfig & {
  readonly price: (model: string, usage: Usage, at: Date) => number | null;
  /** Shortest prefix, in tokens, that the model caches; none when unknown, and then nothing waits for a leader. */
  readonly cacheMinimum: (model: string) => number | null | undefined;
  /** Models with one class share one rate limit. Default: each model has its own. */
  readonly modelClass?: (model: string) => string;
  /** How the server can be asked to shorten a conversation that nears the window; null: not at all. */
  readonly contextEdit?: (model: string) => ContextEdit | null;
  readonly clock: Clock;
  readonly random: () => number;
  readonly retry?: { readonly maxAttempts: number };
  readonly watchdog?: Silence;
  /** Requests at once per model class. */
  readonly maxConcurrency?: number;
  /** Requests at once before the first answer (src/decisions/governor.md). Default: no limit. */
  readonly initialConcurrency?: number;
  /** Shared prefixes under so many tokens are not worth a wait. */
  readonly leaderMinTokens?: number;
  /** The longest that a request waits for the leader of its prefix. */
  readonly leaderPatienceMs?: number;
  /** Called once per fleet stop, before the first call ends with it. */
  readonly onFleetStop?: (failure: ModelFailure) => void;
};

type Failed = { readonly type: 'fault'; readonly fault: Fault; readonly editsContext: boolean };

const defaultLeaderMinTokens = 2500;
const defaultLeaderPatienceMs = 10_000;

export function createModelClient(config: ModelClientConfig): ModelClient {
  const { clock, random } = config;
  const transport = createTransport(config, () => clock.now());
  const leaders = createLeaderGate(clock, config.leaderPatienceMs ?? defaultLeaderPatienceMs);
  const governors = new Map<string, Governor>();
  const maxAttempts = config.retry?.maxAttempts ?? defaultMaxAttempts;
  const watchdog = createWatchdog(clock, config.watchdog ?? defaultSilence);
  const fleet = createFleet(clock, config.onFleetStop);
  /** Workers whose thinking blocks the API may drop: asked once, then remembered. */
  const dropping = new Set<string>();
  /** Models that were found not to know the means against long conversations. */
  const unedited = new Set<string>();

  function governorFor(model: string): Governor {
    const name = config.modelClass?.(model) ?? model;
    let governor = governors.get(name);
    if (governor === undefined) {
      governor = createGovernor({
        clock,
        random,
        maxConcurrency: config.maxConcurrency ?? Infinity,
        initialConcurrency: config.initialConcurrency ?? Infinity,
      });
      governors.set(name, governor);
    }
    return governor;
  }

  async function reply(
    request: ModelRequest,
    onRetry: (retry: ModelRetry) => Promise<void>,
    signal: AbortSignal,
  ): Promise<ModelReply | ModelFailure> {
    if (signal.aborted) throw signal.reason;
    return fleet.join(signal, (call) => tries(request, onRetry, call));
  }

  async function tries(
    request: ModelRequest,
    onRetry: (retry: ModelRetry) => Promise<void>,
    call: Call,
  ): Promise<ModelReply | ModelFailure> {
    const governor = governorFor(request.settings.model);
    let renewed = false;
    for (let number = 1; ; number += 1) {
      const tried = await tryOnce(request, governor, call);
      if (tried.type === 'replied') return tried;

      const { fault, editsContext } = tried;
      let judgement = judge(fault);
      // The renewal itself may have failed on the way: the next 401 deserves another.
      if (judgement.error_type === 'connection_error') renewed = false;
      let delay = delayOf(fault, judgement, number, governor);
      if (fault.status === 401 && transport.renewable() && !renewed) {
        renewed = true;
        judgement = { ...judgement, disposition: 'retry' };
        delay = 0;
      } else if (isPrefixMismatch(fault) && canDropBlocks(request) && !dropping.has(request.worker_id)) {
        dropping.add(request.worker_id);
        judgement = {
          ...judgement,
          disposition: 'retry',
          what: 'Sent again without thinking bound to an earlier prefix',
        };
        delay = 0;
      } else if (editsContext && refusesContextEdit(fault)) {
        unedited.add(request.settings.model);
        judgement = { ...judgement, disposition: 'retry', what: 'Sent again without context editing' };
        delay = 0;
      }

      if (judgement.disposition !== 'retry' || number >= maxAttempts) {
        const failure = failureOf(fault, judgement, number);
        return failure.fleet ? fleet.stop(failure) : failure;
      }
      await onRetry({
        attempt: number,
        max_attempts: maxAttempts,
        delay_ms: delay,
        error_type: judgement.error_type,
        message: messageOf(fault, judgement, transport.secrets),
      });
      if (delay > 0) await clock.sleep(delay, call.signal);
      if (call.signal.aborted) throw call.signal.reason;
    }
  }

  /**
   * Failures of the attempt come back as values, so that only an abort throws here. The request that is sent lives here alone,
   * and no longer than until it is out: while a reply streams, nobody holds its body.
   */
  async function tryOnce(request: ModelRequest, governor: Governor, call: Call): Promise<ModelReply | Failed> {
    const { signal } = call;
    const wire = buildRequest(request, recourseOf(request));
    const { editsContext } = wire;
    const entries: Entry[] = [];
    let slot: Slot | undefined;
    let outcome: Outcome = { type: 'other' };
    try {
      for (const key of gatedPrefixes(wire, request.settings.model)) entries.push(await leaders.enter(key, signal));
      const midConversation = request.messages.some((message) => message.role === 'assistant');
      slot = await governor.acquire({ midConversation, freshTokens: wire.freshTokens }, signal);
      const begun = clock.now();
      const onStart = (headers: Headers): void => {
        for (const entry of entries) entry.started();
        slot?.started(headers);
      };
      const answer = transport.send(wire.body, wire.headers, signal);
      const attempted = await attempt(answer, watchdog, onStart, call);
      const { usage } = attempted;
      outcome = {
        type: 'replied',
        freshTokens: usage.input_tokens + usage.cache_creation_input_tokens,
        outputTokens: usage.output_tokens,
      };
      return replyOf(attempted, request, Math.round(clock.now() - begun));
    } catch (error) {
      if (!(error instanceof AttemptError)) throw error;
      outcome = outcomeOf(error.fault);
      return { type: 'fault', fault: error.fault, editsContext };
    } finally {
      for (const entry of entries) entry.ended();
      slot?.finish(outcome);
    }
  }

  function recourseOf({ worker_id, settings: { model } }: ModelRequest): Recourse {
    return {
      dropUnboundThinking: dropping.has(worker_id),
      contextEdit: unedited.has(model) ? null : (config.contextEdit?.(model) ?? null),
    };
  }

  function gatedPrefixes(wire: WireRequest, model: string): readonly string[] {
    const minimum = config.cacheMinimum(model);
    if (minimum === undefined || minimum === null) return [];
    const enough = Math.max(minimum, config.leaderMinTokens ?? defaultLeaderMinTokens);
    return wire.prefixes.filter(({ tokens }) => tokens >= enough).map(({ key }) => key());
  }

  function replyOf(attempted: Attempted, request: ModelRequest, durationMs: number): ModelReply {
    const { model } = request.settings;
    const at = new Date(clock.now());
    const served = attempted.model === '' ? model : attempted.model;
    return {
      ...attempted,
      type: 'replied',
      model: served,
      cost_usd: config.price(served, attempted.usage, at) ?? config.price(model, attempted.usage, at),
      duration_ms: durationMs,
    };
  }

  function delayOf(fault: Fault, judgement: Judgement, number: number, governor: Governor): number {
    if (judgement.load === 'rate') return Math.max(governor.pauseMs(), fault.retryAfterMs ?? 0);
    return fault.retryAfterMs === undefined ? backoffMs(number, random) : spreadMs(fault.retryAfterMs, random);
  }

  function failureOf(fault: Fault, judgement: Judgement, attempts: number): ModelFailure {
    return {
      type: 'failed',
      error_type: judgement.error_type,
      error_hint: hintOf(fault, judgement, attempts, transport.secrets),
      fleet: judgement.disposition === 'fleet',
    };
  }

  return { reply };
}

function outcomeOf(fault: Fault): Outcome {
  const { load } = judge(fault);
  if (load === 'none') return { type: 'other' };
  if (load === 'overload') return { type: 'overload' };
  return { type: 'rate', ...(fault.retryAfterMs === undefined ? {} : { retryAfterMs: fault.retryAfterMs }) };
}
