// Owns: from a request to what would be written where.
// Promises: reads everything before anything is written; a malformed file of any host is an error; what the user wrote
// stays; a second run changes nothing.
// Never: writes.
import { existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { type Change, changesFile, type Plan } from './change.ts';
import { type HostName, hosts, type SettingsFile, type Wish } from './hosts.ts';
import { type Place, placeOf, textOf } from './place.ts';
import { type Entry, hashOf, readRecord, type Record } from './record.ts';
import { hostsInUse, type Request } from './request.ts';
import { serverCommand } from './server.ts';
import { type Edited, isObject, type Json, type Kept, type Setting, standsIn, valueAt } from './setting.ts';
import { skillFiles } from './skill.ts';

export async function planInit(request: Request): Promise<Plan> {
  const { roots } = request;
  const found = request.hosts ?? (await hostsInUse(request));
  const chosen: readonly HostName[] = found.length === 0 ? ['claude-code'] : found;
  const server = await serverCommand(request.self, request.env, request.platform);
  const wish: Wish = { ...request, server };
  const records = {
    project: (await readRecord(roots, 'project')).record,
    home: (await readRecord(roots, 'home')).record,
  };
  const changes: Change[] = [];
  const notes: string[] = found.length === 0 ? ['No host was found; .mcp.json is written as for Claude Code.'] : [];
  const next: string[] = [];
  for (const name of chosen) {
    const { title, files, humanNote } = hosts[name];
    const before = changes.length;
    for (const file of files) await plan(file);
    if (changes.length > before) next.push(`${title}: ${hosts[name].next}.`);
    if (request.humanApproval && humanNote !== undefined) notes.push(humanNote);
  }
  const { project } = roots;
  const writesServer = changes.some(({ place }) => place.name === '.mcp.json');
  if (writesServer && !request.trustProject && existsSync(join(project, '.claude/settings.json'))) {
    notes.push(
      'Allow rules, MCP servers and skills of this project do not count for workers; --trust-project lets them.',
    );
  }
  if (!chosen.includes('claude-code') && request.replaceTask) {
    for (const file of hosts['claude-code'].files.slice(1)) await plan(file);
  }
  if (request.skill ?? chosen.includes('claude-code')) {
    for (const { name, text } of skillFiles) {
      const place = await placeOf(roots, 'project', name);
      const change = skillChange(place, text, records.project[name]);
      if (change === 'changed by hand') notes.push(`${name} is not as init wrote it, so it stays as it is.`);
      else if (change !== undefined) changes.push(change);
    }
  }
  return { changes, notes: [...notes, ...commandNotes(server.command, changes)], next };

  async function plan(file: SettingsFile): Promise<void> {
    const settings = file.settings(wish);
    if (settings.length === 0) return;
    const place = await firstPlace(request, file);
    const { change, kept } = await settingsChange(place, file, settings, records[file.scope]);
    if (change !== undefined) changes.push(change);
    notes.push(...kept.map((one) => keptNote(place, one)));
  }
}

async function firstPlace({ roots }: Request, { scope, paths }: SettingsFile): Promise<Place> {
  const places = await Promise.all(paths.map((path) => placeOf(roots, scope, path)));
  return places.find(({ bytes }) => bytes !== undefined) ?? (places[0] as Place);
}

async function settingsChange(
  place: Place,
  file: SettingsFile,
  settings: readonly Setting[],
  record: Record,
): Promise<{ readonly change: Change | undefined; readonly kept: readonly Kept[] }> {
  const { shown, bytes } = place;
  const { mark, text } = textOf(bytes ?? Buffer.alloc(0), shown);
  const values = file.format.values(text, shown);
  const wanted = [
    ...(bytes === undefined ? (file.whenNew ?? []) : []),
    ...settings,
    ...(await deadCommand(values, settings)),
  ];
  const edited: Edited = file.format.write(text, wanted, shown);
  const after = Buffer.from(mark + edited.text);
  const dead = new Set(wanted.flatMap(({ kind, path }) => (kind === 'set' ? [path.join('.')] : [])));
  const kept = edited.kept.filter(({ path }) => !dead.has(path.join('.')));
  if (bytes?.equals(after) === true) return { change: undefined, kept };
  const { entry, isBase } = remember(place, after, record[place.name], standsIn(values, settings));
  const change: Change = {
    place,
    after,
    entry,
    folders: [],
    ...(isBase && bytes !== undefined ? { backup: bytes } : {}),
  };
  return { change, kept };
}

/** What the record says of a file after this run, and whether what is there now is what there was before us. */
function remember(
  { bytes, missing }: Place,
  after: Buffer,
  old: Entry | undefined,
  oursStands: boolean,
): { readonly entry: Entry; readonly isBase: boolean } {
  const wrote = hashOf(after);
  if (bytes === undefined) {
    const folders = [...(old?.created === true ? old.folders : []), ...missing.filter((folder) => folder !== '')];
    return { entry: { wrote, created: true, folders: [...new Set(folders)], mixed: false }, isBase: false };
  }
  if (old !== undefined && hashOf(bytes) === old.wrote) return { entry: { ...old, wrote }, isBase: false };
  if (old !== undefined && oursStands) return { entry: { ...old, wrote, mixed: true }, isBase: false };
  return { entry: { wrote, created: false, folders: [], mixed: false }, isBase: true };
}

/** An entry whose program is gone would never start: it gets the one that runs now. */
async function deadCommand(values: Json, settings: readonly Setting[]): Promise<readonly Setting[]> {
  const found = await Promise.all(
    settings.map(async ({ kind, path, value }): Promise<readonly Setting[]> => {
      const ours = isObject(value) ? value['command'] : undefined;
      const there = valueAt(values, [...path, 'command']);
      const [program, ...rest] = Array.isArray(there) ? (there as readonly Json[]) : [there];
      if (kind !== 'fill' || ours === undefined || typeof program !== 'string' || !isAbsolute(program)) return [];
      const alive = await access(program).then(
        () => true,
        () => false,
      );
      const again: Json = Array.isArray(ours) ? [ours[0] as Json, ...(rest as readonly Json[])] : ours;
      return alive || program.includes('$') ? [] : [{ kind: 'set', path: [...path, 'command'], value: again }];
    }),
  );
  return found.flat();
}

function skillChange(place: Place, text: string, old: Entry | undefined): Change | 'changed by hand' | undefined {
  const after = Buffer.from(text);
  if (place.bytes?.equals(after) === true) return undefined;
  if (place.bytes !== undefined && hashOf(place.bytes) !== old?.wrote) return 'changed by hand';
  return { place, after, folders: [], ...remember(place, after, old, true) };
}

function keptNote({ shown }: Place, { path, value, ours }: Kept): string {
  return `${shown}: ${path.slice(1).join('.')} stays ${JSON.stringify(value)}, as you have it (init would write ${JSON.stringify(ours)}).`;
}

function commandNotes(command: string, changes: readonly Change[]): readonly string[] {
  const shared = changes.filter((change) => change.place.scope === 'project' && changesFile(change));
  if (command === 'aworkers' || shared.length === 0) return [];
  return [
    `\`aworkers\` is not this program in PATH, so its absolute path is written: ${command}. It holds on this machine only.`,
  ];
}
