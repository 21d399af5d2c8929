// Made-up workers for reports: journals of a plausible run, the same for the same seed, folded by the real fold.
import type { EventBody, WorkerEvent } from '../../src/contract/event.ts';
import type { Usage } from '../../src/contract/usage.ts';
import { createFold } from '../../src/journal/store.ts';
import { budgetFor, type ReportWorker, reportWorker } from '../../src/report/html-report.ts';

const epoch = Date.parse('2026-03-02T09:00:00.000Z');

export type Sample = {
  readonly number: number;
  readonly description: string;
  readonly model: string;
  readonly start: number;
  readonly prompt?: string;
  readonly answer?: string;
  readonly turns?: number;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly end?: 'completed' | 'failed' | 'stopped' | 'open';
  readonly asks?: boolean;
};

/** A small generator of chance numbers (mulberry32): reports must not differ from run to run. */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function workerIdOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

export function eventsOf(sample: Sample): readonly WorkerEvent[] {
  const random = chance(sample.number + 1);
  const events: WorkerEvent[] = [];
  let at = epoch + sample.start;
  const add = (body: EventBody) => {
    events.push({ v: 1, seq: events.length + 1, at: new Date(at).toISOString(), ...body });
  };
  const { model, end = 'completed', turns = 2 + Math.floor(random() * 5) } = sample;
  const id = workerIdOf(sample.number);
  const settings = {
    model,
    api_version: '2023-06-01',
    betas: [],
    max_tokens: 32_000,
    max_tokens_cap: 64_000,
    body: {},
  };
  const plan = {
    agent_type: sample.number % 5 === 2 ? 'Explore' : 'general-purpose',
    agent: { scope: 'builtin' as const, disallowed: [] },
    system: 'You are a worker.',
    context: ['Working directory: /work/shop'],
    tools: ['Bash', 'Edit', 'Glob', 'Grep', 'Read', 'Write'],
    settings,
    options: { model, ...sample.options },
    cwd: '/work/shop',
    notices: [],
  };
  add({
    type: 'worker.spawned',
    worker_id: id,
    session_id: id.replace('0000-4000', '0001-4000'),
    description: sample.description,
    prompt: sample.prompt ?? `${sample.description}. Name the evidence, file and line.`,
    plan,
    owner: { pid: 1, instance: 'sample' },
  });
  at += sample.start % 7 === 0 ? 40 : 400 + random() * 2600;
  add({ type: 'worker.started' });
  let cached = 0;
  const reply = (content: readonly ({ type: string } & Record<string, unknown>)[], stop: string, took: number) => {
    at += took;
    const fresh = 700 + Math.floor(random() * 1800);
    const usage: Usage = {
      input_tokens: 40 + Math.floor(random() * 60),
      output_tokens: 120 + Math.floor(random() * 600),
      cache_creation_input_tokens: fresh,
      cache_read_input_tokens: cached,
      ephemeral_5m_input_tokens: fresh,
      ephemeral_1h_input_tokens: 0,
      thinking_tokens: content.some((block) => block.type === 'thinking') ? 90 : 0,
      web_search_requests: 0,
    };
    cached += fresh;
    const price = model.includes('opus') ? 5 : model.includes('haiku') ? 1 : 3;
    const dollars = usage.input_tokens + fresh * 1.25 + (cached - fresh) * 0.1 + usage.output_tokens * 5;
    add({
      type: 'model.replied',
      content: [...content],
      kept: true,
      stop_reason: stop,
      model,
      request_id: null,
      usage,
      cost_usd: Math.round(dollars * price) / 1e6,
      duration_ms: Math.round(took),
    });
  };
  for (let turn = 1; turn < turns; turn += 1) {
    if (random() < 0.08) {
      add({
        type: 'model.retried',
        attempt: 1,
        max_attempts: 8,
        delay_ms: 2100,
        error_type: 'overloaded_error',
        message: 'HTTP 529: the API is overloaded.',
      });
      at += 2100;
    }
    const call = calls[Math.floor(random() * calls.length)] ?? calls[0];
    const tool_use_id = `toolu_${sample.number}_${turn}`;
    const thought = turn === 1 ? [{ type: 'thinking', thinking: thoughts, signature: 'c2ln' }] : [];
    const said = { type: 'text', text: call.says };
    const use = { type: 'tool_use', id: tool_use_id, name: call.tool, input: call.input };
    reply([...thought, said, use], 'tool_use', 1500 + random() * 5200);
    if (sample.asks === true && turn === 2) {
      const request = { request_id: `ask-${sample.number}`, worker_id: id, description: sample.description };
      add({
        type: 'permission.requested',
        request: { ...request, tool: call.tool, tool_use_id, input: call.input, reason: 'No rule allows it.' },
      });
      at += 4000 + random() * 9000;
      const allow = sample.number % 2 === 0;
      add({
        type: 'permission.resolved',
        request_id: `ask-${sample.number}`,
        tool_use_id,
        tool: call.tool,
        input: call.input,
        resolution: {
          allow,
          scope: 'once',
          decided_by: 'host',
          ...(allow ? {} : { reason: 'Use the staging database.' }),
        },
      });
      if (!allow) {
        const content = 'Denied: Use the staging database.';
        add({ type: 'tool.finished', tool_use_id, tool: call.tool, content, is_error: true, duration_ms: 0 });
        continue;
      }
    }
    add({ type: 'tool.started', tool_use_id, tool: call.tool });
    const took = Math.round(call.takes * (0.5 + random()));
    at += took;
    add({
      type: 'tool.finished',
      tool_use_id,
      tool: call.tool,
      content: call.gives,
      is_error: call.fails,
      duration_ms: took,
    });
  }
  if (end === 'open') return events;
  if (end === 'failed') {
    const [error_type, error_hint] = faults[sample.number % faults.length] ?? faults[0];
    add({ type: 'worker.failed', error_type, error_hint, result: 'I have looked at src/cart.ts so far.' });
    return events;
  }
  if (end === 'stopped') {
    add({ type: 'worker.stopped', reason: 'on request' });
    return events;
  }
  const answer = sample.answer ?? answerFor(sample);
  reply([{ type: 'text', text: answer }], 'end_turn', 2500 + random() * 6000);
  add({ type: 'worker.completed', result: answer });
  return events;
}

export function workerOf(sample: Sample, among: number): ReportWorker {
  const events = eventsOf(sample);
  const fold = createFold();
  for (const event of events) fold.apply(event);
  return reportWorker(
    fold.snapshot(),
    events,
    `/work/shop/logs/worker-${workerIdOf(sample.number)}.json`,
    budgetFor(among),
  );
}

const thoughts = 'The totals are computed in two places. I should find both before I say which of them is wrong.';

const calls = [
  {
    tool: 'Grep',
    input: { pattern: 'applyDiscount', path: 'src' },
    says: 'I will look for the callers first.',
    gives:
      'src/cart.ts:41:  return applyDiscount(sum, code);\nsrc/checkout.ts:17:const due = applyDiscount(total, order.code);',
    takes: 120,
    fails: false,
  },
  {
    tool: 'Bash',
    input: { command: 'npm test -- --grep cart', description: 'Run the cart tests' },
    says: 'Now the tests of the cart.',
    gives:
      '> shop@1.4.0 test\n> node --test\n\n✔ adds an item (1.2ms)\n✔ removes an item (0.4ms)\n✖ applies a discount once (2.1ms)\n  AssertionError: 81 !== 90\n\n3 tests, 2 passed, 1 failed',
    takes: 5200,
    fails: true,
  },
  {
    tool: 'Read',
    input: { file_path: '/work/shop/src/cart.ts', offset: 30, limit: 20 },
    says: 'The function itself.',
    gives:
      '30\texport function total(cart: Cart): number {\n31\t  const sum = cart.items.reduce((all, item) => all + item.price * item.count, 0);\n32\t  return applyDiscount(sum, cart.code);\n33\t}',
    takes: 15,
    fails: false,
  },
  {
    tool: 'Edit',
    input: {
      file_path: '/work/shop/src/checkout.ts',
      old_string: 'const due = applyDiscount(total, order.code);',
      new_string: 'const due = total;\n// the cart has applied the code already',
    },
    says: 'The discount is applied twice; one of the two has to go.',
    gives: 'Edited /work/shop/src/checkout.ts: 1 replacement.',
    takes: 30,
    fails: false,
  },
] as const;

const faults = [
  ['max_turns', 'It made 6 turns, the limit, and was not done. Resume it with a higher max_turns; its work is kept.'],
  ['overloaded_error', 'The API was overloaded on 8 tries (HTTP 529). Its conversation is kept: resume it later.'],
  ['timeout', 'It ran for 60 s, its timeout. Resume it with a longer timeout_seconds; its work is kept.'],
] as const;

function answerFor({ description, number }: Sample): string {
  const where = `src/${['cart', 'checkout', 'login', 'search'][number % 4] ?? 'cart'}.ts`;
  return `**${description}**: the discount is applied twice, in \`${where}:32\` and in \`src/checkout.ts:17\`.\n\nI removed the second call and ran the tests:\n\n\`\`\`\n$ npm test\n3 tests, 3 passed\n\`\`\`\n\nNothing is left open. Worth a look later: \`search.ts\` reads the same code without a check.`;
}
