// The page of a report: what is in it, what can never be in it, and what it costs. No browser: scripts/report-shots.ts has one.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { parseHTML } from 'linkedom';
import { printable } from '../../src/contract/printable.ts';
import {
  budgetFor,
  htmlReport,
  type ReportInput,
  reportWorker,
  withTaskResults,
} from '../../src/report/html-report.ts';
import { createFold } from '../../src/journal/store.ts';
import { manyWorkers, resultOf, sweepOfSix, tenWorkers } from './sample-reports.ts';
import { eventsOf, workerIdOf, workerOf } from './sample-run.ts';

async function pageOf(input: ReportInput): Promise<{ readonly html: string; readonly document: any }> {
  const html = await htmlReport(input);
  return { html, document: parseHTML(html).document };
}

const said = (node: any): string => node.textContent.replaceAll(/\s+/g, ' ').trim();
const texts = (nodes: Iterable<any>): string[] => [...nodes].map(said);

test('a worker becomes steps in order: prompt, turns, tool uses with what was decided of them, retries, end', () => {
  const events = eventsOf({
    number: 1,
    description: 'Review',
    model: 'm',
    start: 0,
    turns: 3,
    asks: true,
    answer: 'Done.',
  });
  const fold = createFold();
  for (const event of events) fold.apply(event);
  const worker = reportWorker(fold.snapshot(), events, '/logs/worker-1.json', budgetFor(1));
  const shape = worker.steps.map((step) => {
    switch (step.type) {
      case 'reply':
        return [step.type, step.turn, step.parts.map(({ type }) => type), step.stop_reason];
      case 'tool':
        return [step.type, step.tool, step.permission?.allowed, step.permission?.reason, step.is_error];
      case 'prompt':
      case 'ended':
        return [step.type, step.text.text];
      case 'retry':
      case 'resumed':
      case 'left_out':
        return [step.type];
    }
  });
  assert.deepEqual(shape, [
    ['prompt', 'Review. Name the evidence, file and line.'],
    ['reply', 1, ['thinking', 'text'], 'tool_use'],
    ['tool', 'Bash', undefined, undefined, true],
    ['reply', 2, ['text'], 'tool_use'],
    ['tool', 'Edit', false, 'Use the staging database.', true],
    ['reply', 3, ['text'], 'end_turn'],
    ['ended', 'completed'],
  ]);
  assert.deepEqual(
    worker.spans.map(({ kind }) => kind),
    ['queued', 'model', 'tool', 'model', 'permission', 'model'],
  );
  assert.ok(worker.spans.every(({ from, to }) => to >= from));
  assert.deepEqual(
    [worker.num_turns, worker.denials, worker.retries, worker.result, worker.log_path],
    [3, 1, 0, { text: 'Done.', more: 0 }, '/logs/worker-1.json'],
  );
});

test('the overview counts, the failures stand with their hints, every worker has a row and its whole story', async () => {
  const input = tenWorkers();
  const { document } = await pageOf(input);
  assert.deepEqual(texts(document.querySelectorAll('.tile h2')), [
    'Workers',
    'Cost',
    'Tokens',
    'Cache share',
    'Time',
    'Turns',
  ]);
  const cost = input.workers.reduce((sum, worker) => sum + (worker.total_cost_usd ?? 0), 0);
  assert.deepEqual(texts(document.querySelectorAll('.tile .big')).slice(0, 2), ['10', `$${cost.toFixed(2)}`]);
  assert.equal(texts(document.querySelectorAll('.tile .note'))[0], '8 completed, 1 failed, 1 stopped');
  assert.deepEqual(texts(document.querySelectorAll('#failures .hint')), [input.workers[6]?.error_hint]);
  assert.equal(document.querySelector('#failures a').getAttribute('href'), '#w7');
  const rows = [...document.querySelectorAll('#rows > details')];
  assert.deepEqual(
    rows.map((row: any) => [row.id, row.querySelector('b').textContent]),
    input.workers.map((worker, index) => [`w${index + 1}`, worker.description]),
  );
  for (const [index, worker] of input.workers.entries()) {
    const expected = worker.steps.flatMap((step) => (step.type === 'tool' ? [step.tool, step.result?.text ?? ''] : []));
    for (const text of [worker.worker_id, worker.log_path, ...expected]) {
      assert.ok(said(rows[index]).includes(text.replaceAll(/\s+/g, ' ').trim()), text);
    }
  }
  assert.match(said(rows[1]), /Denied by host after \d+\.\d s: Use the staging database\./);
  assert.match(said(rows[4]), /Allowed by host after/);
  assert.match(said(rows[0]), /Retry 1 of 8.*HTTP 529/);
  assert.match(said(rows[0]), /Thinking\s*The totals are computed in two places/);
});

test('without scripts nothing but the filters is hidden', async () => {
  const { document } = await pageOf(tenWorkers());
  const hidden = [...document.querySelectorAll('[hidden]')].map((node: any) => node.className);
  assert.deepEqual(hidden, ['filters', 'empty']);
  assert.deepEqual([...document.querySelectorAll('template, noscript')], []);
});

const payload = [
  '</style><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '`${alert(1)}` <!-- --> ]]> </details></pre></main>',
  '[click](javascript:alert(1)) <a href="data:text/html,x">y</a>',
  '\u202Egnp.exe\u2066 \u0000\u001b[31m\u0085\u200b\ud800 \u{e0041}',
].join('\n');

/** The same data with the payload in place of every text that comes from outside. */
function poisoned(value: any, key = ''): any {
  const kept = ['type', 'at', 'started_at', 'ended_at', 'generated_at', 'status', 'kind'];
  if (typeof value === 'string') return kept.includes(key) ? value : payload;
  if (Array.isArray(value)) return value.map((item) => poisoned(item, key));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => [name, poisoned(item, name)] as const);
  return Object.fromEntries(key === 'options' ? [...entries, [payload, payload]] : entries);
}

test('no text from outside becomes markup, a link, a script, or hides or turns other text', async () => {
  const sweep = sweepOfSix();
  const workers = sweep.workers.map((worker) => ({
    ...worker,
    structured_output: { text: 'x', more: 1 },
    notices: [{ option: 'top_k', requested: 'x', sent: ['x'], reason: 'x' }],
    checks: [{ name: 'x', passed: false, detail: 'x' }],
  }));
  const input = poisoned({ ...sweep, workers, unreadable: [{ worker_id: 'x', problem: 'x' }] }) as ReportInput;
  const tasks = input.workers.map((worker, index) => ({ ...worker, task: { id: payload, combination: index % 6 } }));
  const { html, document } = await pageOf({ ...input, workers: tasks });
  assert.ok(html.includes('&lt;/style&gt;&lt;script&gt;alert(1)'));
  assert.equal(document.querySelectorAll('script').length, 1);
  assert.equal(document.querySelectorAll('style').length, 1);
  assert.deepEqual(
    [...document.querySelectorAll('img, iframe, object, embed, base, form[action], [src], [srcset]')],
    [],
  );
  const names = new Set<string>();
  for (const element of document.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      names.add(name);
      if (name === 'href') assert.match(value, element.localName === 'link' ? /^data:,$/ : /^#w\d+$/);
    }
  }
  assert.deepEqual(
    [...names].filter(
      (name) => name.startsWith('on') || ['style', 'xlink:href', 'formaction', 'srcdoc'].includes(name),
    ),
    [],
  );
  assert.equal(printable(html), html, 'no control or bidirectional character');
  assert.equal(html.isWellFormed(), true);
  assert.equal(document.querySelectorAll('#rows > details').length, input.workers.length);
  assert.ok(document.querySelector('footer'), 'nothing was closed early');
});

test('the policy allows this style and this script by their hashes and loads nothing', async () => {
  const { html } = await pageOf(tenWorkers());
  const between = (tag: string) => html.slice(html.indexOf(`<${tag}>`) + tag.length + 2, html.indexOf(`</${tag}>`));
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
  assert.equal(
    policy,
    `default-src 'none'; style-src ${hash(between('style'))}; script-src ${hash(between('script'))}; img-src data:; base-uri 'none'; form-action 'none'`,
  );
  assert.doesNotMatch(between('style'), /url\(|@import/);
  assert.doesNotMatch(html, /https?:\/\/(?!www\.w3\.org)/);
  assert.equal(between('style').includes('</'), false);
  assert.equal(between('script').includes('</'), false);
});

test('long conversations are cut, and each cut says how much is missing and where the whole is', async () => {
  const long = `${'word '.repeat(20_000)}the very end`;
  const one = workerOf(
    { number: 3, description: 'Long', model: 'm', start: 0, turns: 60, answer: long, prompt: long },
    1000,
  );
  const gap = one.steps.find((step) => step.type === 'left_out');
  const budget = budgetFor(1000);
  assert.ok(gap !== undefined && one.steps.length <= budget.steps + 1);
  assert.equal(one.result.text.length + one.result.more, long.length);
  assert.deepEqual([one.steps[0]?.type, one.steps.at(-1)?.type], ['prompt', 'ended']);
  const { html, document } = await pageOf({ ...tenWorkers(), workers: [one] });
  const rows = said(document.querySelector('#rows'));
  assert.ok(rows.includes(`${gap.steps} steps left out here`));
  assert.match(rows, /… cut here: [\d,]+ more characters in the log/);
  assert.ok(rows.includes(`Whole conversation: /work/shop/logs/worker-${workerIdOf(3)}.json`));
  assert.ok(html.length < 150_000, `${html.length}`);
});

test('a thousand workers make one page of a size that opens', async () => {
  const { html, document } = await pageOf(manyWorkers(1000));
  assert.equal(document.querySelectorAll('#rows > details').length, 1000);
  assert.ok(html.length < 8_000_000, `${html.length}`);
});

test('a sweep: a row a combination, the answers of a task in columns, equal answers once', async () => {
  const { document } = await pageOf(sweepOfSix());
  assert.deepEqual(texts(document.querySelectorAll('.compare thead th')).slice(0, 5), [
    'temperature',
    'model',
    'Workers',
    'Failed',
    'Cost',
  ]);
  const rows = [...document.querySelectorAll('.compare tbody tr')];
  assert.deepEqual(
    rows.map((row: any) => texts(row.children).slice(0, 4)),
    [
      ['0', 'sonnet', '3', '0'],
      ['0', 'haiku', '3', '0'],
      ['0.5', 'sonnet', '3', '0'],
      ['0.5', 'haiku', '3', '0'],
      ['1', 'sonnet', '3', '1'],
      ['1', 'haiku', '3', '0'],
    ],
  );
  const tasks = [...document.querySelectorAll('.task')] as any[];
  assert.deepEqual(texts(tasks.map((task) => task.querySelector('summary'))), [
    'login-names 6 answers, 5 different',
    'slogan 6 answers, 5 different',
    'regex 6 answers, 2 different',
  ]);
  const cells = [...tasks[2].querySelectorAll('article')] as any[];
  assert.equal(cells[0].querySelector('.scroll p').textContent, '^[a-z0-9-]{3,32}$');
  assert.equal(texts(cells[3].querySelectorAll('.same'))[0], 'Same answer as worker 13.');
  assert.match(cells[4].textContent, /overloaded_error/);
});

test('results bring checks and tasks; a result without its log is there all the same', async () => {
  const worker = workerOf({ number: 1, description: 'Kept', model: 'm', start: 0 }, 2);
  const lost = workerOf({ number: 2, description: 'Lost', model: 'm', start: 0 }, 2);
  const check = { name: 'file_exists out.txt', passed: false, detail: 'There is no out.txt.' };
  const results = [
    resultOf(worker, 'first', {}, { status: 'failed', checks: [check] }),
    resultOf(lost, 'second', {}, { structured_output: { lines: 3 } }),
  ];
  const part = withTaskResults(results, [worker], budgetFor(2));
  assert.equal('sweep' in part, false);
  assert.deepEqual(
    part.workers.map(({ description, task, steps, unread }) => [description, task, steps.length > 0, unread]),
    [
      ['Kept', { id: 'first' }, true, undefined],
      ['Lost', { id: 'second' }, false, true],
    ],
  );
  const { document } = await pageOf({ ...tenWorkers(), ...part });
  assert.equal(texts(document.querySelectorAll('.tile .note'))[0], '1 completed, 1 failed');
  assert.deepEqual(texts(document.querySelectorAll('#failures .hint')), ['file_exists out.txt: There is no out.txt.']);
  assert.deepEqual(texts(document.querySelectorAll('#rows .pill')), ['check failed', 'completed']);
  assert.match(document.querySelector('#w2').textContent, /The log was not there to be read; it was at/);
});

test('an unknown cost is said to be unknown, a worker that goes on is not ended, an empty report is a page', async () => {
  const open = workerOf({ number: 1, description: 'Open', model: 'm', start: 0, end: 'open' }, 1);
  const { document } = await pageOf({ ...tenWorkers(), workers: [{ ...open, total_cost_usd: null }] });
  assert.deepEqual(texts(document.querySelectorAll('.tile .big')).slice(0, 2), ['1', 'unknown']);
  assert.equal(texts(document.querySelectorAll('.tile .note'))[0], '1 not ended');
  assert.deepEqual(texts(document.querySelectorAll('#rows .pill')), ['running']);
  const empty = await pageOf({ ...tenWorkers(), workers: [] });
  assert.equal(texts(empty.document.querySelectorAll('.tile .big'))[0], '0');
});

test('no mark of a chart stands outside of its picture, also when workers begin and end in the same moment', async () => {
  for (const input of [tenWorkers(), sweepOfSix()]) {
    const { document } = await pageOf(input);
    const charts = [...document.querySelectorAll('.plot')] as any[];
    assert.ok(charts.length >= 3);
    for (const chart of charts) {
      const [, , width = 0, height = 0] = chart.getAttribute('viewBox').split(' ').map(Number);
      const paths = [...chart.querySelectorAll('[aria-label="area"] path, [aria-label="line"] path')] as any[];
      const points = paths.flatMap((path) => path.getAttribute('d').match(/-?[\d.]+,-?[\d.]+/g) as string[]);
      const outside = points.filter((point) => {
        const [x = 0, y = 0] = point.split(',').map(Number);
        return x < 0 || x > width || y < 0 || y > height;
      });
      assert.deepEqual(outside, []);
    }
  }
});
