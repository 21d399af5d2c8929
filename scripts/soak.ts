// Owns: the proof that nothing is lost: hundreds of workers, faults in a tenth of all answers, several kill -9, an outage.
// Promises: prints its figures and the seed; exits 1 when anything was lost, run twice, hung, or left behind. The same seed draws
// the same faults in the same order of requests; how the requests interleave is the machine's.
// Never: reaches the network: the Messages API is the scripted one, on loopback.
//   bun scripts/soak.ts [--workers=300] [--kills=3] [--faults=0.1] [--outage=30] [--seed=n] [--deadline=300] [--binary=path]
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { soak } from '../test/faults/soak.ts';

const known = { workers: 300, kills: 3, faults: 0.1, outage: 30, seed: Date.now() % 1_000_000, deadline: 300 };
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
const figures = await soak({
  binary,
  workers: known.workers,
  kills: known.kills,
  faults: known.faults,
  seed: known.seed,
  outageSeconds: known.outage,
  deadlineSeconds: known.deadline,
  say: (line) => console.log(`soak: ${line}`),
});
for (const [name, value] of Object.entries(figures)) console.log(`${name.replaceAll('_', ' ')}: ${value}`);
const { lost, run_twice, hung, unreadable, undone, not_as_folded, orphans, refused_by_the_api } = figures;
const wrong = lost + run_twice + hung + unreadable + undone + not_as_folded + orphans + refused_by_the_api;
console.log(wrong === 0 && figures.completed === figures.workers ? 'soak: passed' : 'soak: FAILED');
process.exit(wrong === 0 && figures.completed === figures.workers ? 0 : 1);
