// Owns: the comparison of a sweep: a line per combination, and the answers of each task side by side.
// Promises: equal answers are shown once and named as equal; every cell leads to its worker; numbers are the batch's own.
// Never: judges an answer.
import { counted, grouped } from '../contract/text.ts';
import { excerpt } from './budget.ts';
import { type ComparedCombination, differenceMeaning } from './compare.ts';
import { money, percent, short, time } from './format.ts';
import type { ReportInput, ReportSweep, ReportWorker } from './input.ts';
import { type Html, html, nothing } from './markup.ts';
import { outcomeOf } from './totals.ts';
import { prose } from './worker-body.ts';

/** "temperature 0.5, model haiku" */
export function combinationName(sweep: ReportSweep, index: number): string {
  return valuesOf(sweep, index)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');
}

function valuesOf({ keys, combinations }: ReportSweep, index: number): readonly (readonly [string, string])[] {
  return keys.map((key) => [key, combinations[index]?.combination[key] ?? '']);
}

export function sweepSection(input: ReportInput, charts: readonly Html[]): Html {
  const { sweep } = input;
  if (sweep === undefined) return nothing;
  return html`<section class="card sweep" id="sweep">
    <h2>Sweep</h2>
    ${comparison(sweep)}${
      charts.length > 0 && html`<div class="charts">${charts}</div>`
    }${answers(sweep, input.workers)}
  </section>`;
}

function comparison(sweep: ReportSweep): Html {
  const { keys, combinations } = sweep;
  const most = (of: (row: ComparedCombination) => number) => Math.max(...combinations.map(of), 0);
  const tokens = (row: ComparedCombination) => row.input_tokens + row.output_tokens;
  const top = {
    cost: most((row) => row.cost_usd ?? 0),
    tokens: most(tokens),
    time: most((row) => row.median_duration_ms),
  };
  const repeated = combinations.some((row) => row.spread !== null);
  const titles = ['Cost', 'Tokens', 'Median time', 'Distinct answers', ...(repeated ? ['Spread'] : []), 'From others'];
  return html`<div class="wide">
      <table class="compare">
        <thead>
          <tr>
            ${keys.map((key) => html`<th scope="col">${key}</th>`)}
            <th scope="col" class="r">Workers</th>
            <th scope="col" class="r">Failed</th>
            ${titles.map((title) => html`<th scope="col">${title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${combinations.map(
            (row, index) =>
              html`<tr>
                ${valuesOf(sweep, index).map(([, value]) => html`<th scope="row" dir="auto">${value}</th>`)}
                <td class="r">${grouped(row.count)}</td>
                <td class="r${row.failed > 0 && ' no'}">${grouped(row.failed)}</td>
                <td>${bar(row.cost_usd ?? 0, top.cost)}${money(row.cost_usd)}</td>
                <td>${bar(tokens(row), top.tokens)}${short(tokens(row))}</td>
                <td>${bar(row.median_duration_ms, top.time)}${time(row.median_duration_ms)}</td>
                <td>${row.distinct} of ${row.count}</td>
                ${repeated && html`<td>${share(row.spread)}</td>`}
                <td>${share(row.from_others)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="note">
      ${differenceMeaning} ${repeated && 'Spread: its mean among the answers of a combination to the same task.'} From
      others: its mean from the answers of the other combinations to the same task.
    </p>`;
}

function share(difference: number | null): Html {
  if (difference === null) return html`<span class="dim">–</span>`;
  return html`${bar(difference, 1)}${percent(difference, 1)}`;
}

function bar(value: number, most: number): Html {
  const width = most === 0 ? 0 : Math.max(0, Math.min(100, (value / most) * 100));
  return html`<svg class="meter" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
    <rect class="track" width="100" height="8" />
    <rect class="fill" width="${width.toFixed(1)}" height="8" />
  </svg>`;
}

const openAtFirst = 3;
const allCharacters = 1_500_000;

function answers(sweep: ReportSweep, workers: readonly ReportWorker[]): Html {
  const tasks = new Map<string, { worker: ReportWorker; index: number }[]>();
  for (const [index, worker] of workers.entries()) {
    if (worker.task?.combination === undefined) continue;
    const members = tasks.get(worker.task.id) ?? [];
    members.push({ worker, index });
    tasks.set(worker.task.id, members);
  }
  const length = Math.min(4_000, Math.max(400, Math.floor(allCharacters / Math.max(1, workers.length))));
  return html`<h3>Answers side by side</h3>
    ${[...tasks].map(
      ([id, members], at) =>
        html`<details class="task" ${at < openAtFirst && html` open`}>
          <summary>
            <b dir="auto">${id}</b>
            <span class="dim">${counted(members.length, 'answer')}, ${distinct(members)} different</span>
          </summary>
          <div class="answers">
            ${sweep.combinations.map((_, combination) => column(sweep, combination, members, length))}
          </div>
        </details>`,
    )}`;
}

type Member = { readonly worker: ReportWorker; readonly index: number };

function distinct(members: readonly Member[]): number {
  return new Set(members.map(({ worker }) => answerOf(worker))).size;
}

function column(sweep: ReportSweep, combination: number, members: readonly Member[], length: number): Html {
  const own = members.filter(({ worker }) => worker.task?.combination === combination);
  return html`<article>
    <h4>${valuesOf(sweep, combination).map(([key, value]) => html`<span><i>${key}</i> ${value}</span>`)}</h4>
    ${
      own.length === 0
        ? html`<p class="dim">No answer.</p>`
        : own.map((member) => answer(member, firstWith(member, members), length))
    }
  </article>`;
}

function firstWith(member: Member, members: readonly Member[]): Member {
  const text = answerOf(member.worker);
  return members.find(({ worker }) => answerOf(worker) === text) ?? member;
}

function answer({ worker, index }: Member, first: Member, length: number): Html {
  const facts = [
    worker.task?.repeat === undefined ? undefined : `run ${worker.task.repeat}`,
    money(worker.total_cost_usd),
    time(worker.duration_ms),
  ].filter((text) => text !== undefined);
  const same = first.index !== index && answerOf(worker) !== '';
  return html`<div class="cell">
    <p class="dim"><a href="#w${index + 1}">worker ${index + 1}</a> · ${facts.join(' · ')}</p>
    ${
      outcomeOf(worker) !== 'completed' &&
      html`<p class="fault" dir="auto"><b>${worker.error_type ?? worker.status}</b> ${worker.error_hint ?? ''}</p>`
    }${
      same
        ? html`<p class="same">Same answer as <a href="#w${first.index + 1}">worker ${first.index + 1}</a>.</p>`
        : html`<div class="scroll">${prose(shorter(worker, length))}</div>`
    }
  </div>`;
}

function answerOf(worker: ReportWorker): string {
  return worker.structured_output?.text ?? worker.result.text;
}

function shorter(worker: ReportWorker, length: number): ReturnType<typeof excerpt> {
  const { text, more } = excerpt(answerOf(worker), length);
  return { text, more: more + (worker.structured_output ?? worker.result).more };
}
