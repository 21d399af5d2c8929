// The 58 edge cases of the Messages API that were collected before this was built, and where each is shown to be survived.
// A test is named as "folder/file: name". What cannot occur says why; some of that is tested all the same.

export type EdgeCase = { readonly what: string; readonly tests: readonly string[]; readonly cannotOccur?: string };

const options = [
  'model/negotiate: every combination on every model: untouched options arrive unchanged, each change has exactly one notice',
  'model/negotiate-api: the scripted API accepts every combination of options on every model',
  'demo/api-matrix: sampling, thinking, effort and limits: the wording of each refusal, and the nearest thing that passes',
] as const;

const hardTurn =
  'faults/turns: thinking, text, calls, redacted thinking, blocks that nobody knows and citations, interleaved over three turns';

export const edgeCases: Readonly<Record<number, EdgeCase>> = {
  1: { what: 'stream cut before message_stop', tests: ['model/client: tried again: a clean end before message_stop'] },
  2: { what: 'TCP reset in mid-block', tests: ['model/client: tried again: a reset in mid-block'] },
  3: { what: 'error event in mid-stream', tests: ['model/client: tried again: overloaded in mid-stream'] },
  4: {
    what: 'stall with and without pings',
    tests: [
      'model/client: the watchdog ends a silent start and a stalled stream, and both are tried again; pings keep it quiet',
      'faults/load: a stalled stream is visible: in the progress line and by its last activity; then it is given up and asked again',
    ],
  },
  5: {
    what: 'slow first byte',
    tests: [
      'faults/turns: a silent start and a silent stream are given up; a slow first byte and a slow reply are waited for',
    ],
  },
  6: {
    what: 'SSE split anywhere, CRLF, comments, BOM, several data lines',
    tests: [
      'model/sse: sse: any split of any text gives the same events',
      'model/client: wire: CRLF, byte by byte',
      'model/client: wire: a BOM, comments, pings',
      'model/client: wire: many data lines',
    ],
  },
  7: { what: 'data-only SSE', tests: ['model/client: wire: data only'] },
  8: {
    what: 'unknown events, deltas, block types',
    tests: [
      'model/client: wire: unknown events',
      'model/accumulate: accumulate: blocks and deltas that nobody knows',
      hardTurn,
    ],
  },
  9: {
    what: 'empty, missing or whole tool input',
    tests: [
      'model/accumulate: accumulate: tool input of empty deltas',
      'model/accumulate: accumulate: tool input without a delta',
      'model/accumulate: accumulate: tool input whole on start',
    ],
  },
  10: {
    what: 'tool input that is no JSON',
    tests: [
      'model/accumulate: accumulate: tool input cut',
      'faults/hostile: what a model sends as tool input is never run unless it is whole and valid',
    ],
  },
  11: {
    what: 'interleaved thinking, indices kept',
    tests: [hardTurn, 'model/accumulate: accumulate: interleaved, without stops, in the order of their indices'],
  },
  12: {
    what: 'thinking with empty text and a signature',
    tests: ['model/accumulate: accumulate: thinking that is omitted: empty text, only a signature', hardTurn],
  },
  13: { what: 'redacted thinking replayed', tests: [hardTurn] },
  14: {
    what: 'modified or missing thinking is refused',
    tests: [
      'model/request: request: stored messages stay as they are, and what is sent of them stays the same from turn to turn',
      'demo/api-thinking: on every model the blocks themselves must be genuine, complete and in order',
    ],
  },
  15: {
    what: 'thinking bound to another prefix: one recovery',
    tests: [
      'model/client: thinking bound to another prefix: the API is asked once to drop it, and that is remembered',
      'demo/api-thinking: from the bound models on, any edit of what stands before a block is refused',
    ],
  },
  16: {
    what: 'parallel calls: allowed, denied, failing, timed out',
    tests: [
      'faults/turns: four calls in one turn: allowed, denied, failing, timed out: four results in call order, in one message',
    ],
  },
  17: {
    what: 'results first, none missing, extra or twice',
    tests: [
      'agent/loop: results form one user message in call order, beside blocks that are replayed untouched',
      'demo/api-messages: tool uses and results belong together',
    ],
  },
  18: {
    what: 'unknown tool name',
    tests: ['agent/loop: a throwing, an unknown and a malformed call are error results, not the end'],
  },
  19: {
    what: 'oversized tool output is bounded before it enters the history',
    tests: [
      'tools/bash: long output keeps head and tail, in whole characters, and counts what is missing',
      'faults/context: the results of one turn together are bounded: twelve reads of 30 kB in one turn',
    ],
  },
  20: { what: 'empty tool output', tests: ['agent/loop: an empty output is said'] },
  21: {
    what: 'end_turn with empty content',
    tests: ['agent/loop: an empty reply is nudged once', 'agent/loop: an empty reply twice fails'],
  },
  22: {
    what: 'max_tokens inside a tool use',
    tests: ['faults/turns: a call that is cut by max_tokens is never run; asked for again with more room it is'],
  },
  23: {
    what: 'max_tokens inside thinking',
    tests: ['faults/turns: max_tokens inside thinking: no text, a hint, and a resume that the API takes'],
  },
  24: {
    what: 'refusal, before and in mid-stream',
    tests: ['faults/turns: a refusal keeps nothing of its output; a resume goes on from before it'],
  },
  25: {
    what: 'pause_turn chains and their cap',
    tests: ['agent/loop: a paused turn goes on', 'agent/loop: a turn that pauses for ever fails'],
  },
  26: {
    what: 'the context window is full',
    tests: [
      'agent/loop: a full context window fails',
      'faults/context: without such means the worker fails with a hint, and can still be read and resumed',
    ],
  },
  27: {
    what: 'compaction and its replay',
    tests: [
      'agent/loop: compaction goes on',
      'faults/context: claude-sonnet-5-5: the server writes a summary, the worker keeps it and goes on to the end',
    ],
  },
  28: { what: 'stop_sequence', tests: ['agent/loop: a stop sequence ends the worker'] },
  29: {
    what: 'unknown or null stop reason',
    tests: [
      'agent/loop: an unknown stop reason stops and runs nothing',
      'model/client: tried again: a stop reason of null',
    ],
  },
  30: { what: 'sampling where it is refused', tests: options },
  31: { what: 'thinking where it is refused', tests: options },
  32: { what: 'forced tool_choice', tests: [options[2]], cannotOccur: 'no request of ours has a tool_choice' },
  33: { what: 'effort where it is refused', tests: options },
  34: {
    what: 'max_tokens above the cap; not streamed',
    tests: [
      'model/negotiate: negotiation: max_tokens above the cap',
      'model/request: request: everything in its place',
    ],
  },
  35: {
    what: 'prefill, empty blocks, roles out of order',
    tests: [
      'model/client: a request the API refuses fails with its own words',
      'demo/api-messages: roles, empty content and prefill on a model without prefill',
    ],
  },
  36: {
    what: 'unknown, gateway and retired model ids',
    tests: [
      'faults/turns: an unknown model is refused by the API with advice; a gateway that knows only its own id serves it as typed',
      'model/negotiate: negotiation: a retired id goes as typed, said',
      'model/negotiate: negotiation: the skill example: claude-haiku-4 and everything at once',
    ],
  },
  37: {
    what: 'API version and beta header',
    tests: [
      'demo/api-headers: credentials, version and beta header',
      'model/transport: headers: the version and betas of the worker, the key as Bearer or the token as it is',
      'faults/context: a server that turns out not to have them is asked once',
    ],
  },
  38: {
    what: 'credentials: both, none, wrong',
    tests: [
      'faults/load: a wrong key ends all workers at once with one message; their work is kept',
      'model/transport: no credentials at all: a failure that names the variable to set; a login later is found',
      'demo/api-headers: credentials, version and beta header',
    ],
  },
  39: {
    what: '429 with retry-after in every form; a burst',
    tests: [
      'faults/load: forty workers at an API that serves six at once: all complete, under two refusals each (binary)',
      'model/client: retry-after is honoured: seconds',
      'model/client: retry-after is honoured: milliseconds',
      'model/governor: governor: one pause for all after a 429, then as many as the API was serving',
    ],
  },
  40: {
    what: 'spend caps and bills stop the fleet',
    tests: [
      'faults/load: a spend cap ends all workers at once with one message; their work is kept',
      'model/client: not tried again: the own limit under 400',
      'model/client: not tried again: low credit under 400',
      'model/client: not tried again: 402',
    ],
  },
  41: {
    what: 'a storm of 529; x-should-retry false',
    tests: [
      'faults/load: a storm of 529 with HTML pages and cut streams in it, then calm: all complete',
      'model/client: not tried again: x-should-retry: false',
    ],
  },
  42: {
    what: 'HTML, plain text, empty and misplaced error bodies',
    tests: [
      'model/client: tried again: an HTML page under 502',
      'model/client: tried again: an empty 500',
      'model/client: tried again: an empty 200',
      'model/client: tried again: an error body under 200',
      'model/client: not tried again: 413 in plain text',
    ],
  },
  43: {
    what: 'rate-limit headers absent, partial, exhausted, with clock skew',
    tests: [
      'model/governor: governor: rate-limit headers, none',
      'model/governor: governor: rate-limit headers, none left, reset in the past',
      'model/governor: governor: rate-limit headers, none left, a clock far off',
      'model/governor: governor: rate-limit headers, nonsense',
    ],
  },
  44: {
    what: 'the prompt cache: first writer, minimum, breakpoints, lifetimes',
    tests: [
      'model/governor: eight workers with one long role: the prefix is written once and read seven times',
      'demo/api-cache: first writer: until the first response begins, everybody writes',
      'demo/api-messages: cache_control marks',
      'model/accumulate: usage: the split by lifetime',
    ],
  },
  45: {
    what: 'pre-warm with max_tokens 0',
    tests: ['demo/api-cache: warming with max_tokens 0 writes, uses up no reply, and bills no output'],
    cannotOccur: 'the first worker of a prefix warms it (model/leader.ts); no such request is sent',
  },
  46: {
    what: 'usage: cumulative, null, missing, with iterations',
    tests: [
      'faults/turns: usage: cumulative frames, nulls, no cache fields at all: tokens are counted once, and an unknown cost is null',
      'model/accumulate: usage: sub-requests are summed',
    ],
  },
  47: {
    what: 'abort in the stream, in backoff, in a tool; a second Ctrl-C',
    tests: [
      'faults/turns: a stop in the stream, in the backoff and in a tool: at once, every call answered, and each can go on',
      'cli/run: a second interrupt ends the process at once',
    ],
  },
  48: {
    what: 'a crash between a tool and its result',
    tests: [
      'faults/crash: killed inside a tool: its processes are gone, the model learns that it may have run, nothing runs again',
      'agent/loop: a call that was started before a crash is not run again; a recorded answer is not asked for again',
    ],
  },
  49: {
    what: 'a budget reached in mid-turn',
    tests: [
      'faults/turns: a budget that is reached in mid-turn: the turn is finished, then it stops, and a resume goes on',
    ],
  },
  50: {
    what: 'resume with another model or other tools',
    tests: [
      'faults/turns: a resume with another model keeps every block; the API takes the conversation',
      'model/negotiate: a resumed worker keeps its model and API version, and says what that costs',
    ],
  },
  51: {
    what: 'count_tokens and models absent or paged',
    tests: ['demo/api-sdk: a gateway with one model of its own, without counting and listing'],
    cannotOccur: 'a worker needs neither endpoint: the model data is a file, and doctor only reports what it finds',
  },
  52: { what: 'message batches', tests: [], cannotOccur: 'the batches endpoints are not used' },
  53: {
    what: 'server tools beside client tools',
    tests: ['faults/turns: a server tool that pauses, then answers beside a client tool, goes back whole'],
  },
  54: { what: 'citations', tests: ['model/accumulate: accumulate: citations are collected', hardTurn] },
  55: {
    what: 'equal prompts',
    tests: ['faults/turns: two workers with the same prompt have requests, replies and logs of their own'],
  },
  56: {
    what: 'lone surrogates and NUL',
    tests: [
      'faults/hostile: NUL, lone surrogates and escapes in prompts, files and command output: valid JSON everywhere (binary)',
      'tools/toolset: no result holds a NUL or a lone surrogate',
    ],
  },
  57: {
    what: 'compressed answers, redirects',
    tests: ['model/client: wire: gzip', 'model/transport: a redirect is refused before the key goes to another host'],
  },
  58: {
    what: 'keys in logs, errors, files, environments',
    tests: [
      'faults/hostile: the key is in no log, no error, no output and no environment of a tool (binary)',
      'model/transport: no credential shows in a retry or a hint, even when the server repeats it',
    ],
  },
};
