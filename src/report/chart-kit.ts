// Owns: what every chart is drawn with: Plot on a document of linkedom's, as static SVG, and the frame around it.
// Promises: colours are the page's own, so that they follow light and dark; no style or script inside (the page's policy
// forbids both).
// Never: loaded before a report is made: Plot is half a megabyte.
import type * as PlotModule from '@observablehq/plot';
import { printable } from '../contract/printable.ts';
import { clip } from '../contract/text.ts';
import { type Html, html, trusted } from './markup.ts';
import { outcomeNames } from './overview.ts';
import { outcomes } from './totals.ts';

type Draw = (options: PlotModule.PlotOptions) => Html;
export type Kit = { readonly plot: typeof PlotModule; readonly draw: Draw };

export async function openKit(): Promise<Kit> {
  const [plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')]);
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const draw: Draw = (options) => {
    const svg = plot.plot({
      document,
      className: 'plot',
      width: 420,
      height: 240,
      marginLeft: 52,
      marginBottom: 42,
      marginTop: 28,
      marginRight: 16,
      ...options,
    });
    for (const style of svg.querySelectorAll('style')) style.remove();
    for (const styled of svg.querySelectorAll('[style]')) styled.removeAttribute('style');
    svg.removeAttribute('font-family');
    svg.setAttribute('font-size', '11.5');
    return trusted(svg.outerHTML);
  };
  return { plot, draw };
}

export const outcomeColours = {
  type: 'categorical',
  domain: outcomes.map((outcome) => outcomeNames[outcome]),
  range: ['var(--ok)', 'var(--bad)', 'var(--warn)', 'var(--idle)'],
} as const;

export function figure(title: string, note: string, picture: Html): Html {
  return html`<figure class="card chart">
    <figcaption>
      <h2>${title}</h2>
      <p class="note">${note}</p>
    </figcaption>
    ${picture}
  </figure>`;
}

/** Seconds, minutes or hours, whichever reads best. */
export function timeAxis(longestMs: number): { readonly label: string; readonly unit: number } {
  if (longestMs < 180_000) return { label: 'time (seconds)', unit: 1 };
  return longestMs < 7_200_000 ? { label: 'time (minutes)', unit: 60 } : { label: 'time (hours)', unit: 3600 };
}

/** A label that fits beside its axis. */
export function label(source: string, most = 20): string {
  const text = printable(source);
  return clip(text, most);
}
