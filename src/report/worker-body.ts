// Owns: what opens below a row: the answer, the facts, the timeline step by step.
// Promises: every text of a model or a tool stands in an element of its own, its direction its own; every cut is stated with the
// path of the whole log.
// Never: a link out, an image, anything that loads.
import { counted, grouped } from '../contract/text.ts';
import { promptTokens } from '../contract/usage.ts';
import { money, moment, percent, short, time } from './format.ts';
import type { Excerpt, ReportStep, ReportWorker } from './input.ts';
import { type Html, html, nothing } from './markup.ts';
import { queuedMs } from './totals.ts';

export function workerBody(worker: ReportWorker): Html {
  return html`<div class="body">
    <div class="answer">
      <h3>${worker.status === 'completed' ? 'Answer' : 'What there is of an answer'}</h3>
      ${worker.result.text === '' ? html`<p class="dim">No text.</p>` : prose(worker.result)}${
        worker.structured_output !== undefined &&
        html`<h3>Structured output</h3>
          ${code(worker.structured_output)}`
      }${
        worker.error_hint !== undefined &&
        html`<p class="fault" dir="auto"><b>${worker.error_type ?? worker.status}</b> ${worker.error_hint}</p>`
      }${checks(worker)}${notices(worker)}
    </div>
    ${facts(worker)}${timeline(worker)}${path(worker)}
  </div>`;
}

function facts(worker: ReportWorker): Html {
  const { usage } = worker;
  const tokens = promptTokens(usage);
  const rows: readonly (readonly [string, string])[] = [
    ['model', worker.model],
    ['agent', worker.agent_type],
    ...Object.entries(worker.options).filter(([name]) => name !== 'model'),
    ['started', moment(worker.started_at)],
    ['ended', worker.ended_at === null ? 'not yet' : moment(worker.ended_at)],
    ['prompt', `${grouped(tokens)} tokens, ${percent(usage.cache_read_input_tokens, tokens)} from the cache`],
    [
      'replies',
      `${grouped(usage.output_tokens)} tokens${usage.thinking_tokens > 0 ? `, ${grouped(usage.thinking_tokens)} of thought` : ''}`,
    ],
    ['cost', money(worker.total_cost_usd)],
    ['time', timeOf(worker)],
    ...(worker.todo === undefined ? [] : [['steps', worker.todo] as const]),
    ...(worker.worktree === undefined
      ? []
      : ([
          ['changes', `${worker.worktree.diffstat}, branch ${worker.worktree.branch}`],
          ['apply with', worker.worktree.apply_command],
        ] as const)),
    ...(worker.parent_id === undefined ? [] : [['parent', worker.parent_id] as const]),
    ['worker', worker.worker_id],
    ['session', worker.session_id],
  ];
  return html`<dl class="facts">
    ${rows.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd dir="auto" class="${idNames.has(name) ? 'id' : 'fact'}">${value}</dd>`,
    )}
  </dl>`;
}

function timeOf(worker: ReportWorker): string {
  const worked = worker.duration_ms;
  const queued = queuedMs(worker);
  return queued < 1000 ? time(worked) : `${time(worked)}, and ${time(queued)} queued before`;
}

const idNames: ReadonlySet<string> = new Set(['worker', 'session']);

function checks({ checks: all = [] }: ReportWorker): Html {
  if (all.length === 0) return nothing;
  return html`<h3>Checks</h3>
    <ul class="checks">
      ${all.map(
        ({ name, passed, detail }) =>
          html`<li class="${passed ? 'yes' : 'no'}">
            <b>${passed ? 'passed' : 'failed'}</b>
            <span dir="auto">${name}</span>${detail !== '' && html` <span class="dim" dir="auto">${detail}</span>`}
          </li>`,
      )}
    </ul>`;
}

function notices(worker: ReportWorker): Html {
  if (worker.notices.length === 0) return nothing;
  return html`<h3>Notices</h3>
    <ul class="notices">
      ${worker.notices.map(
        ({ option, requested, sent, reason }) =>
          html`<li dir="auto">
            <code>${option}</code> ${JSON.stringify(requested) ?? ''} →
            ${sent === null ? 'left out' : (JSON.stringify(sent) ?? '')}. ${reason}
          </li>`,
      )}
    </ul>`;
}

function timeline(worker: ReportWorker): Html {
  if (worker.steps.length === 0) return nothing;
  const start = Date.parse(worker.started_at);
  return html`<div class="timeline">
    <h3>Timeline</h3>
    <ol class="steps">
      ${worker.steps.map((step) => stepView(step, start, worker))}
    </ol>
  </div>`;
}

function stepView(step: ReportStep, start: number, worker: ReportWorker): Html {
  if (step.type === 'left_out') {
    return html`<li class="t-gap">
      ${counted(step.steps, 'step')} left out here to keep this page small. All of them:
      <code>${worker.log_path}</code>
    </li>`;
  }
  const at = html`<time>+${time(Math.max(0, Date.parse(step.at) - start))}</time>`;
  switch (step.type) {
    case 'prompt':
      return html`<li class="t-prompt">
        ${at}
        <p class="h"><b>Prompt</b></p>
        ${prose(step.text)}
      </li>`;
    case 'reply': {
      const tokens = promptTokens(step.usage);
      const facts = `${time(step.duration_ms)} · ${short(tokens)} in (${percent(step.usage.cache_read_input_tokens, tokens)} cached) · ${short(step.usage.output_tokens)} out · ${money(step.cost_usd)} · ${step.stop_reason ?? 'no stop reason'}`;
      return html`<li class="t-reply">
        ${at}
        <p class="h">
          <b>Turn ${step.turn}</b> <span class="dim">${facts}${step.dropped && ' · not part of the conversation'}</span>
        </p>
        ${step.parts.map((part) => replyPart(part, worker))}
      </li>`;
    }
    case 'tool':
      return toolView(step, at);
    case 'retry':
      return html`<li class="t-retry">
        ${at}
        <p class="h">
          <b>Retry ${step.attempt} of ${step.max_attempts}</b>
          <span class="dim" dir="auto">${step.error_type} · waits ${time(step.delay_ms)}</span>
        </p>
        ${prose(step.message)}
      </li>`;
    case 'resumed':
      return html`<li class="t-resumed">
        ${at}
        <p class="h"><b>Resumed</b> <span class="dim">${moment(step.at)}</span></p>
      </li>`;
    case 'ended':
      return html`<li class="t-ended">
        ${at}
        <p class="h" dir="auto"><b>Ended</b> ${step.text.text}${more(step.text)}</p>
      </li>`;
  }
}

function replyPart(
  { type, text }: Extract<ReportStep, { type: 'reply' }>['parts'][number],
  worker: ReportWorker,
): Html {
  if (type === 'thinking')
    return html`<div class="think">
      <p class="h">Thinking</p>
      ${prose(text)}
    </div>`;
  if (type === 'other') return html`<p class="dim" dir="auto">[${text.text}]${more(text)}</p>`;
  return text.text !== '' && text.text === worker.result.text
    ? html`<p class="dim">The answer above.</p>`
    : prose(text);
}

function toolView(step: Extract<ReportStep, { type: 'tool' }>, at: Html): Html {
  const { permission, result } = step;
  const denied = permission?.allowed === false;
  const state = denied ? 'denied' : result === null ? 'no result' : step.is_error ? 'error' : 'ok';
  const took = denied || step.duration_ms === null ? '' : ` · ${time(step.duration_ms)}`;
  return html`<li class="t-tool${step.is_error && ' bad'}">
    ${at}
    <p class="h"><b>${step.tool}</b> <span class="dim">${state}${took}</span></p>
    ${step.input.text !== '' && html`<div class="in">${code(step.input)}</div>`}${
      permission !== undefined &&
      html`<p class="perm ${permission.allowed === true ? 'yes' : 'no'}" dir="auto">
        <b>${permissionWord(permission.allowed)}</b
        >${permission.decided_by !== undefined && ` by ${permission.decided_by}`}${permission.waited_ms > 0 && ` after ${time(permission.waited_ms)}`}${permission.reason !== '' && `: ${permission.reason}`}
      </p>`
    }${result !== null && result.text !== '' && html`<div class="out">${code(result)}</div>`}
  </li>`;
}

function permissionWord(allowed: boolean | null): string {
  if (allowed === null) return 'Asked, not answered';
  return allowed ? 'Allowed' : 'Denied';
}

/** Where the whole of it is: shown always, for a report must lead to its source. */
function path(worker: ReportWorker): Html {
  const where = worker.unread === true ? 'The log was not there to be read; it was at' : 'Whole conversation:';
  return html`<p class="path">
    ${where} <code>${worker.log_path}</code> · go on with <code>aworkers resume ${worker.worker_id} "…"</code>
  </p>`;
}

/** Text for people: keeps its line breaks; what stands between ``` fences keeps its columns too. */
export function prose(text: Excerpt): Html {
  const parts = text.text.split(/^```[^\n]*\n?/m);
  return html`<div class="text" dir="auto">
    ${parts.map((part, index) =>
      index % 2 === 1 ? html`<pre>${part.replace(/\n$/, '')}</pre>` : html`<p>${marked(part.trim())}</p>`,
    )}${more(text)}
  </div>`;
}

/** The few marks of Markdown that would disturb the reading: headings, bold, code. A link stays the text it is. */
function marked(text: string): readonly Html[] {
  return text.split(/(^#{1,6} .*$|`[^`\n]+`|\*\*[^*\n]+\*\*)/m).map((part, index) => {
    if (index % 2 === 0) return html`${part}`;
    if (part.startsWith('`')) return html`<code>${part.slice(1, -1)}</code>`;
    return html`<b>${part.startsWith('#') ? part.replace(/^#+ /, '') : part.slice(2, -2)}</b>`;
  });
}

function code(text: Excerpt): Html {
  return html`<pre dir="auto">${text.text.replace(/\n$/, '')}</pre>
    ${more(text)}`;
}

function more({ more: left }: Excerpt): Html {
  return left === 0 ? nothing : html`<p class="cut">… cut here: ${counted(left, 'more character')} in the log</p>`;
}
