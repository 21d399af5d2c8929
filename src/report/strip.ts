// Owns: a worker's time as a strip of colour: waiting for the model, running tools, waiting for a person, for a retry, for a slot.
// Promises: bounded: a strip has 160 cells however long the worker ran; the kind that took most of a cell colours it.
// Never: text.
import type { ReportSpan } from './input.ts';
import { type Html, html, trusted } from './markup.ts';

export const spanKinds = [
  { kind: 'model', label: 'model' },
  { kind: 'tool', label: 'tools' },
  { kind: 'permission', label: 'waiting for a permission' },
  { kind: 'retry', label: 'waiting to retry' },
  { kind: 'queued', label: 'queued' },
] as const satisfies readonly { readonly kind: ReportSpan['kind']; readonly label: string }[];

const cells = 160;
const height = 10;

export type Window = { readonly from: number; readonly to: number };

export function strip(spans: readonly ReportSpan[], window: Window): Html {
  const length = Math.max(1, window.to - window.from);
  const kinds = cellKinds(spans, window, length);
  const runs = runsOf(kinds);
  const paths = spanKinds.flatMap(({ kind }) => {
    const own = runs.filter((run) => run.kind === kind);
    if (own.length === 0) return [];
    const path = own.map(({ from, to }) => `M${from} 0h${to - from}v${height}h${from - to}z`).join('');
    return [html`<path class="s-${kind}" d="${trusted(path)}" />`];
  });
  return html`<svg class="strip" viewBox="0 0 ${cells} ${height}" preserveAspectRatio="none" aria-hidden="true">
    ${paths}
  </svg>`;
}

function cellKinds(spans: readonly ReportSpan[], window: Window, length: number): readonly (string | undefined)[] {
  const weights = Array.from({ length: cells }, () => new Map<string, number>());
  for (const span of spans) {
    const from = ((span.from - window.from) / length) * cells;
    const to = Math.max(((span.to - window.from) / length) * cells, from + 0.05);
    for (let cell = Math.max(0, Math.floor(from)); cell < Math.min(cells, to); cell += 1) {
      const share = Math.min(to, cell + 1) - Math.max(from, cell);
      const weight = weights[cell];
      weight?.set(span.kind, (weight.get(span.kind) ?? 0) + share);
    }
  }
  return weights.map((weight) => [...weight].toSorted((a, b) => b[1] - a[1])[0]?.[0]);
}

function runsOf(kinds: readonly (string | undefined)[]): { kind: string; from: number; to: number }[] {
  const runs: { kind: string; from: number; to: number }[] = [];
  for (const [cell, kind] of kinds.entries()) {
    const last = runs.at(-1);
    if (last !== undefined && last.kind === kind && last.to === cell) last.to = cell + 1;
    else if (kind !== undefined) runs.push({ kind, from: cell, to: cell + 1 });
  }
  return runs;
}
