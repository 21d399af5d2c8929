// Owns: the proof that nothing is lost: hundreds of workers, faults in a tenth of all answers, several kill -9, an outage.
// Promises: prints its figures and the seed; exits 1 when anything was lost, run twice, hung, or left behind. The same seed draws
// the same faults in the same order of requests; how the requests interleave is the machine's.
// Never: reaches the network: the Messages API is the scripted one, on loopback.
//   bun scripts/soak.ts [--workers=300] [--kills=3] [--faults=0.1] [--outage=30] [--seed=n] [--deadline=300] [--binary=path]
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { soak, type SoakFigures } from '../test/faults/soak.ts';

const known = { workers: 300, kills: 3, faults: 0.1, outage: 30, seed: Date.now() % 1_000_000, deadline: 300 };
const outageWorkers = 40;
let binary = join(import.meta.dirname, '..', 'dist', 'aworkers');
for (const argument of process.argv.slice(2)) {
  const [, name = '', value = ''] = /^--(\w+)=(.+)$/.exec(argument) ?? [];
  if (name === 'binary') binary = resolve(value);
  else if (name in known && Number.isFinite(Number(value))) Object.assign(known, { [name]: Number(value) });
  else {
    console.error(
      `Unknown argument ${argument}. There are: ${Object.keys(known).join(', ')}, binary; as --name=value.`,
    );
    process.exit(2);
  }
}
if (!existsSync(binary)) {
  console.error(`${binary} does not exist. Build it first: npm run build`);
  process.exit(2);
}

console.log(`soak: seed ${known.seed}`);
const say = (line: string) => console.log(`soak: ${line}`);
const plan = { binary, seed: known.seed, deadlineSeconds: known.deadline, say };
const main = { ...plan, workers: known.workers, kills: known.kills, faults: known.faults, outageSeconds: 0 };
const passed = [isFaultless(await soak(main), false)];
if (known.outage > 0) {
  say(`and ${outageWorkers} workers through an outage of ${known.outage} s, which none may notice but by its tries`);
  const outage = { ...plan, workers: outageWorkers, kills: 0, faults: 0, outageSeconds: known.outage };
  passed.push(isFaultless(await soak(outage), true));
}
say(passed.every(Boolean) ? 'passed' : 'FAILED');
process.exit(passed.every(Boolean) ? 0 : 1);

function isFaultless(figures: SoakFigures, atOnce: boolean): boolean {
  for (const [name, value] of Object.entries(figures)) console.log(`${name.replaceAll('_', ' ')}: ${value}`);
  const { lost, run_twice, hung, unreadable, undone, not_as_folded, orphans, refused_by_the_api } = figures;
  const wrong = lost + run_twice + hung + unreadable + undone + not_as_folded + orphans + refused_by_the_api;
  return wrong === 0 && figures.completed === figures.workers && !(atOnce && figures.failed_then_resumed > 0);
}
