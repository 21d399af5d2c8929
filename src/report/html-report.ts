// Owns: the report as one HTML file, and its content security policy.
// Promises: self-contained: no request leaves the page, no script but this room's own runs (both by hash); all text is there
// without scripts; linear in the size of the input.
// Never: reads a file or a clock.
import { chartsOf } from './charts.ts';
import type { ReportInput } from './input.ts';
import { escape, type Html, html, nothing } from './markup.ts';
import { header, problems, tiles } from './overview.ts';
import script from './page.js' with { type: 'text' };
import style from './style.css' with { type: 'text' };
import { sweepCharts } from './sweep-charts.ts';
import { sweepSection } from './sweep.ts';
import { totalsOf } from './totals.ts';
import { workerList } from './worker-list.ts';

export { budgetFor } from './budget.ts';
export type * from './input.ts';
export { withTaskResults } from './task-results.ts';
export { reportWorker } from './worker.ts';

export async function htmlReport(input: ReportInput): Promise<string> {
  const totals = totalsOf(input.workers);
  const charts = await chartsOf(input.workers, totals);
  const sections = [
    header(input),
    tiles(input.workers, totals),
    problems(input),
    sweepSection(input, await sweepCharts(input)),
    charts.length === 0 ? nothing : html`<section class="charts" aria-label="Charts">${charts}</section>`,
    workerList(input, totals),
    footer(input),
  ];
  const policy = `default-src 'none'; style-src '${await hash(style)}'; script-src '${await hash(script)}'; img-src data:; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escape(input.title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${sections.map(({ markup }) => markup).join('\n')}
</main>
<script>${script}</script>
</body>
</html>
`;
}

function footer(input: ReportInput): Html {
  return html`<footer>aworkers ${input.version} · this page is complete in itself and loads nothing.</footer>`;
}

async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return `sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}
