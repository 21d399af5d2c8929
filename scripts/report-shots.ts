// Owns: pictures and measurements of the three sample reports in a real browser: `bun scripts/report-shots.ts [folder] [name]`.
// Promises: fails on a console error, on any request beside the page itself, and on a first paint later than two seconds; says
// aloud when there is no Chromium, and then fails nothing.
// `readme.png` among them is the picture of the README: scripts/assets/report.png.
// Never: part of the test suite: a picture is for eyes.
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { htmlReport } from '../src/report/html-report.ts';
import { manyWorkers, sweepOfSix, tenWorkers } from '../test/report/sample-reports.ts';
import { findChromium, openChromium } from './chromium.ts';

const folder = resolve(process.argv[2] ?? 'dist/report-shots');
const only = process.argv[3];
const program = findChromium();
if (program === undefined) {
  console.log('report-shots: SKIPPED, there is no Chromium here. Install it, or name it with CHROMIUM.');
  process.exit(0);
}

const samples = { ten: tenWorkers, sweep: sweepOfSix, many: () => manyWorkers(1000) };
const open = `document.querySelectorAll('.w')[1].open = true`;
const widths = { wide: { width: 1360, height: 900 }, narrow: { width: 390, height: 844 } };

await mkdir(folder, { recursive: true });
const browser = await openChromium(program);
const problems: string[] = [];
try {
  for (const [name, make] of Object.entries(samples)) {
    if (only !== undefined && only !== name) continue;
    const began = performance.now();
    const page = await htmlReport(make());
    const made = Math.round(performance.now() - began);
    const file = `${folder}/${name}.html`;
    await writeFile(file, page);
    if (name === 'sweep') {
      const seen = await browser.look({ url: pathToFileURL(file).href, width: 1180, height: 1440, scheme: 'light' });
      await writeFile(`${folder}/readme.png`, seen.png);
    }
    for (const [size, window] of Object.entries(widths)) {
      for (const scheme of ['light', 'dark'] as const) {
        const url = pathToFileURL(file).href;
        const seen = await browser.look({ url, ...window, scheme, before: open, full: name === 'many' ? 1800 : 4000 });
        await writeFile(`${folder}/${name}-${size}-${scheme}.png`, seen.png);
        const times = `first paint ${Math.round(seen.firstPaintMs)} ms, loaded ${Math.round(seen.loadedMs)} ms`;
        console.log(`${name} ${size} ${scheme}: ${(page.length / 1e6).toFixed(2)} MB made in ${made} ms, ${times}`);
        problems.push(...seen.complaints.map((text) => `${name}: the console says ${text}`));
        const strange = seen.requests.filter((request) => request !== url && request !== 'data:,');
        problems.push(...strange.map((request) => `${name}: asks for ${request}`));
        if (!(seen.firstPaintMs >= 0 && seen.firstPaintMs < 2000)) problems.push(`${name}: ${times}`);
      }
    }
  }
} finally {
  await browser.close();
}
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? `report-shots: good. Look at them: ${folder}` : 'report-shots: FAILED');
process.exitCode = problems.length === 0 ? 0 : 1;
