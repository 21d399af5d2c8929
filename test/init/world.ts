// A project and a home directory in a temporary folder, a request for them, and their whole content as data.
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { carryOut, type HostName, type Plan, planInit, planRemove, type Request } from '../../src/init/index.ts';

export type Files = Readonly<Record<string, string>>;

export type World = {
  readonly root: string;
  readonly project: string;
  readonly home: string;
  readonly request: (more?: Partial<Request>) => Request;
  readonly init: (more?: Partial<Request>) => Promise<Plan>;
  readonly remove: (hosts?: readonly HostName[]) => Promise<Plan>;
  /** Names below the root, `project/…` and `home/…`. */
  readonly put: (files: Files) => void;
  readonly read: (name: string) => string;
  /** Every file with its bytes and mode, every folder, every link. */
  readonly snapshot: () => Files;
};

export async function withWorld(files: Files, body: (world: World) => Promise<void>): Promise<void> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'aworkers-init-')));
  const [project, home] = [join(root, 'project'), join(root, 'home')];
  mkdirSync(project);
  mkdirSync(home);
  const request = (more: Partial<Request> = {}): Request => ({
    roots: { project, home },
    env: { PATH: '', ANTHROPIC_API_KEY: 'sk-secret' },
    platform: process.platform,
    self: ['/opt/aworkers', 'mcp'],
    hosts: undefined,
    skill: undefined,
    humanApproval: false,
    replaceTask: false,
    trustProject: false,
    ...more,
  });
  const world: World = {
    root,
    project,
    home,
    request,
    init: async (more) => {
      const plan = await planInit(request(more));
      await carryOut(plan, { project, home });
      return plan;
    },
    remove: async (hosts) => {
      const plan = await planRemove(request({ hosts }));
      await carryOut(plan, { project, home });
      return plan;
    },
    put: (more) => {
      for (const [name, text] of Object.entries(more)) {
        mkdirSync(dirname(join(root, name)), { recursive: true });
        writeFileSync(join(root, name), text);
      }
    },
    read: (name) => readFileSync(join(root, name), 'utf8'),
    snapshot: () => snapshotOf(root, ''),
  };
  try {
    world.put(files);
    for (const name of Object.keys(files)) chmodSync(join(root, name), 0o640);
    await body(world);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

function snapshotOf(root: string, name: string): Files {
  const path = join(root, name);
  if (!existsSync(path) && !lstatSync(path, { throwIfNoEntry: false })) return {};
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return { [name]: `-> ${readlinkSync(path)}` };
  if (stat.isFile()) return { [name]: `${(stat.mode & 0o777).toString(8)} ${readFileSync(path).toString('latin1')}` };
  const inner = readdirSync(path)
    .toSorted()
    .map((child) => snapshotOf(root, name === '' ? child : `${name}/${child}`));
  return Object.assign({ [`${name}/`]: '' }, ...inner) as Files;
}
