// Owns: answering one accepted call of POST /v1/messages: limit, chaos, script, cache, delivery.
// Promises: a request that is turned away or struck by chaos uses up no scripted reply.
// Never: checks the request (check-request.ts) or knows a route (server.ts).
import { type Injected, createChaos } from './chaos.ts';
import type { Call } from './call.ts';
import { summaryFor } from './context-edit.ts';
import { deliverFault, deliverReply, type Line } from './deliver.ts';
import { rateLimited } from './fault.ts';
import type { Issued } from './issued.ts';
import { buildMessage } from './message.ts';
import type { ScriptedApiOptions } from './options.ts';
import { createPromptCache } from './prompt-cache.ts';
import { reply, toSendable } from './reply.ts';
import { firstUserText, type ScriptBook } from './script-book.ts';
import type { Fault, Reply } from './sendable.ts';

type Answered =
  | { readonly outcome: 'sent' | 'broken' | 'aborted' | 'fault'; readonly status: number }
  | { readonly unscripted: string };

export type Answerer = {
  readonly load: { inFlight: number; peak: number; turnedAway: number };
  conversationOf(call: Call): string;
  answer(line: Line, call: Call, number: number): Promise<Answered>;
};

const warmed: Reply = reply([], { stopReason: 'max_tokens', usage: { output_tokens: 0 } });

export function createAnswerer(options: ScriptedApiOptions, book: ScriptBook, issued: Issued): Answerer {
  const { conversationOf = firstUserText, now = Date.now } = options;
  const cache = createPromptCache();
  const draw = options.chaos === undefined ? (): Injected | undefined => undefined : createChaos(options.chaos);
  const load = { inFlight: 0, peak: 0, turnedAway: 0 };

  const fail = (line: Line, fault: Fault): Answered => {
    deliverFault(line, fault);
    return { outcome: 'fault', status: fault.status };
  };

  const send = async (line: Line, call: Call, number: number): Promise<Answered> => {
    const injected = draw();
    if (injected !== undefined && 'instead' in injected) return fail(line, injected.instead);
    const peek = injected !== undefined;
    const next = call.body.max_tokens === 0 ? { step: warmed } : await book.next(call, conversationOf(call), peek);
    if ('missing' in next) return { unscripted: next.missing };
    const scripted = toSendable(next.step);
    if (scripted.kind === 'fault') return fail(line, scripted);
    const summary = summaryFor(call);
    const whole = summary === undefined ? scripted : { ...scripted, content: [summary, ...scripted.content] };
    const sendable = injected === undefined ? whole : injected.during(whole);
    const visit = cache.visit(call, now());
    const message = buildMessage(call, sendable, visit.usage, number);
    issued.remember(
      message.blocks.map(({ block }) => block),
      message.stop.stop_reason,
      message.chainAfter,
    );
    const outcome = await deliverReply(line, sendable, message, call.body.stream === true, () => visit.publish());
    return { outcome, status: 200 };
  };

  return {
    load,
    conversationOf,
    answer: async (line, call, number) => {
      if (options.concurrency !== undefined && load.inFlight >= options.concurrency) {
        load.turnedAway += 1;
        return fail(line, rateLimited(options.concurrencyRetryAfter));
      }
      load.inFlight += 1;
      load.peak = Math.max(load.peak, load.inFlight);
      try {
        return await send(line, call, number);
      } finally {
        load.inFlight -= 1;
      }
    },
  };
}
