// Owns: the bench: the floor, our CLI, our MCP server and any other program, over the same scripted API on loopback.
// Promises: programs take turns within a round, medians of all rounds, one table; a run that does not count ends the bench.
// Never: judges: a busy machine makes any limit wrong; ratios of one run are what to read.
//   bun scripts/bench/run.ts [--n=1,10,200,1000] [--rounds=3] [--turns=3] [--ttft=600] [--pace=80] [--tokens=40]
//     [--tool=Read|Bash|Glob] [--command='cat notes.txt'] [--result=2000] [--tls] [--binary=path] [--skip=mcp] [--write]
//     [--vs='name=command {n} {tasks}'] [--vs-up-to=10]   (many programs start a process a worker)
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { type Api, startApi } from './api-process.ts';
import { type Measured, measured, medians, type Ran } from './measured.ts';
import { openPlace, type Place } from './place.ts';
import { runMcp } from './run-mcp.ts';
import { runProgram, unlimited } from './run-program.ts';
import { idealMs, settingFlags, settingsOf, toFlags } from './settings.ts';
import { detailTable, type Row, wallTable } from './table.ts';

type Program = { readonly name: string; run(workers: number, place: Place, api: Api): Promise<Ran> };

const { values } = parseArgs({
  args: process.argv.slice(2),
  strict: true,
  options: {
    ...settingFlags,
    binary: { type: 'string', default: join(import.meta.dirname, '..', '..', 'dist', 'aworkers') },
    vs: { type: 'string', multiple: true, default: [] },
    'vs-up-to': { type: 'string', default: '10' },
    skip: { type: 'string', multiple: true, default: [] },
    write: { type: 'boolean', default: false },
  },
});
const settings = settingsOf(values);
const binary = resolve(values.binary);

const floor: Program = {
  name: 'floor',
  async run(workers, place, api) {
    const characters = String(floorCharacters);
    const flags = toFlags({ ...settings, n: [workers] });
    const command = [process.execPath, join(import.meta.dirname, 'floor.ts'), api.address, characters, ...flags];
    return runProgram(command, workers, { ...place, env: { ...place.env, ...unlimited } });
  },
};
const cli: Program = {
  name: 'aworkers run -f',
  run: (workers, place) =>
    runProgram(
      [binary, 'run', '-f', place.tasks, '--concurrency', String(workers), '--allow', settings.tool, '--no-memory'],
      workers,
      place,
    ),
};
const mcp: Program = {
  name: 'aworkers mcp',
  run: (workers, place) => runMcp(binary, workers, place, settings.tool),
};
/** `{n}`, `{tasks}` (a file, a JSON object a line) and `{dir}` are filled in; the shell runs it. */
const others = values.vs.map((word): Program => {
  const [, name = word, command = word] = /^([\w. -]+)=(.+)$/s.exec(word) ?? [];
  return {
    name,
    run(workers, place) {
      const parts: Readonly<Record<string, string>> = { n: String(workers), tasks: place.tasks, dir: place.dir };
      const filled = command.replaceAll(/\{(\w+)\}/g, (whole, part: string) => parts[part] ?? whole);
      return runProgram(['sh', '-c', filled], workers, place);
    },
  };
});
const mostOthers = Number(values['vs-up-to']);
const programs = [floor, cli, mcp, ...others].filter(({ name }) => !values.skip.some((word) => name.includes(word)));

/** The floor sends as many characters as our CLI does, so that it is the same work on the wire. */
let floorCharacters = 6_000;
/** Removed at the end: where files were just deleted by the thousand, ext4 takes its time to create the next. */
const places: Place[] = [];
const api = await startApi(settings);
const rows: Row[] = [];
try {
  floorCharacters = Math.round(4 * (await once(cli, 1)).first_request_tokens);
  for (const workers of settings.n) {
    const runs = new Map<string, Measured[]>(programs.map(({ name }) => [name, []]));
    for (let round = 0; round < settings.rounds; round += 1) {
      for (const program of programs) {
        if (workers > mostOthers && others.includes(program)) continue;
        runs.get(program.name)?.push(await once(program, workers));
      }
    }
    for (const [program, all] of runs) if (all.length > 0) rows.push({ workers, program, measured: medians(all) });
    console.error(`N = ${workers}: done`);
  }
} finally {
  await api.stop();
  for (const place of places) await place.remove();
}

const { turns, ttft, pace, tokens, tool, result, tls, rounds } = settings;
const text = `Ideal ${idealMs(settings).toFixed(0)} ms: ${turns} turns with ${tool} (${result} characters each) and a last reply; \
first token after ${ttft} ms, ${tokens} tokens at ${pace} a second${tls ? ', over TLS' : ''}. Medians of ${rounds} rounds.
${process.platform} ${process.arch}, ${availableParallelism()} cores that other work shares, Bun ${process.versions.bun ?? ''}; API, bench and program on the same machine.

${wallTable(rows)}

${detailTable(rows)}
`;
console.log(text);
if (values.write) {
  const flags = process.argv.slice(2).filter((word) => word !== '--write');
  const told = flags.map((word) => word.replace(/^--vs=([\w. -]+)=.*$/s, "--vs='$1=...'"));
  const command = ['bun scripts/bench/run.ts', ...told].join(' ');
  const results = join(import.meta.dirname, 'RESULTS.md');
  writeFileSync(
    results,
    `# As measured\n\nWritten by \`${command} --write\`. Read the ratios, not the milliseconds; src/decisions/performance.md explains them.\n\n${text}`,
  );
  Bun.spawnSync([process.execPath, 'fmt', results]);
}

async function once(program: Program, workers: number): Promise<Measured> {
  const place = await openPlace(settings, workers, api.address, api.ca);
  places.push(place);
  await api.reset();
  const ran = await program.run(workers, place, api);
  return measured(program.name, workers, settings, ran, await api.stats());
}
