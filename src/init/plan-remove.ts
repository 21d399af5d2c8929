// Owns: from the record to what puts the files back.
// Promises: byte for byte where nobody changed a file since; else only our settings go, and that is said; a file that init
// did not write is left alone.
// Never: writes; removes a file or folder that it did not make.
import { AworkersError } from '../contract/errors.ts';
import type { Change, Plan } from './change.ts';
import { hostNames, hosts, type SettingsFile, type Wish } from './hosts.ts';
import { type Place, placeOf, type Roots, textOf } from './place.ts';
import { backupName, type Entry, hashOf, readRecord } from './record.ts';
import type { Request } from './request.ts';
import { type Setting, standsIn } from './setting.ts';
import { skillFiles } from './skill.ts';

/** All that init can ever write: what of it is there is ours to take back. */
const everything: Wish = {
  server: { command: 'aworkers', args: ['mcp'] },
  env: { ANTHROPIC_API_KEY: 'set', ANTHROPIC_AUTH_TOKEN: 'set' },
  humanApproval: true,
  replaceTask: true,
  trustProject: true,
};

type Taken = { readonly change?: Change; readonly note?: string };

export async function planRemove({ roots, hosts: named }: Pick<Request, 'roots' | 'hosts'>): Promise<Plan> {
  const chosen = named ?? hostNames;
  const records = {
    project: (await readRecord(roots, 'project')).record,
    home: (await readRecord(roots, 'home')).record,
  };
  const taken: Taken[] = [];
  for (const file of chosen.flatMap((name) => hosts[name].files)) {
    for (const path of file.paths) {
      const place = await placeOf(roots, file.scope, path);
      taken.push(await settingsBack(place, file, records[file.scope][path], roots));
    }
  }
  for (const { name } of chosen.includes('claude-code') ? skillFiles : []) {
    taken.push(skillBack(await placeOf(roots, 'project', name), records.project[name]));
  }
  return {
    changes: taken.flatMap(({ change }) => (change === undefined ? [] : [change])),
    notes: taken.flatMap(({ note }) => (note === undefined ? [] : [note])),
    next: [],
  };
}

async function settingsBack(place: Place, file: SettingsFile, entry: Entry | undefined, roots: Roots): Promise<Taken> {
  const { bytes, shown } = place;
  if (entry === undefined) {
    if (bytes === undefined) return {};
    const named = standsIn(file.format.values(textOf(bytes, shown).text, shown), file.settings(everything).slice(0, 1));
    const note = `${shown} names aworkers, but init has no record of writing it: left alone.`;
    return named ? { note } : {};
  }
  const back = { place, entry: undefined, folders: foldersOf(place, entry) };
  if (bytes === undefined) return { change: { ...back, after: undefined }, note: `${shown} is gone already.` };
  const base = entry.created ? undefined : await backupOf(place, roots);
  if (base !== undefined && bytes.equals(base)) return { change: { ...back, after: bytes } };
  if (hashOf(bytes) === entry.wrote && !entry.mixed) return { change: { ...back, after: base } };

  const { mark, text } = textOf(bytes, shown);
  const settings: readonly Setting[] = [...file.settings(everything), ...(entry.created ? (file.whenNew ?? []) : [])];
  const left = file.format.takeBack(text, base === undefined ? '' : textOf(base, shown).text, settings, shown);
  const note = `${shown} was changed since init wrote it: only what init had added is taken out.`;
  if (entry.created && file.format.isEmpty(left, shown)) return { change: { ...back, after: undefined } };
  return { change: { ...back, after: Buffer.from(mark + left) }, note };
}

function skillBack(place: Place, entry: Entry | undefined): Taken {
  if (entry === undefined) return {};
  const back = { place, entry: undefined, folders: foldersOf(place, entry) };
  if (place.bytes === undefined) return { change: { ...back, after: undefined } };
  if (hashOf(place.bytes) === entry.wrote) return { change: { ...back, after: undefined } };
  return { change: { ...back, after: place.bytes }, note: `${place.shown} was changed since init wrote it: it stays.` };
}

/** Innermost first; only such as lie on the way to the file, whatever the record says. */
function foldersOf({ name }: Place, { folders }: Entry): readonly string[] {
  return folders.filter((folder) => name.startsWith(`${folder}/`)).toSorted((a, b) => b.length - a.length);
}

async function backupOf(place: Place, roots: Roots): Promise<Buffer> {
  const backup = await placeOf(roots, place.scope, backupName(place.name));
  if (backup.bytes !== undefined) return backup.bytes;
  throw new AworkersError(
    'not_found',
    `${backup.shown}, the copy of ${place.shown} before init, is gone.`,
    'Nothing was changed. Take the entry of async_worker_manager out by hand.',
  );
}
