// Owns: running git in a directory that is not trusted.
// Promises: git is found by absolute path; no hook, filter, file watcher or network helper that a repository configures runs, no
// prompt is shown, and no GIT_ variable of the user reaches it. Settings of the user and of the machine count.
// Never: decides what to run.
import { execFile } from 'node:child_process';
import { AworkersError } from '../contract/errors.ts';

export type GitWorld = {
  /** The user's environment; git gets only what it needs of it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The absolute path of a program of the user's PATH; never by way of the working directory. */
  readonly findProgram: (name: string) => string | undefined;
};

export type GitPlace = {
  readonly cwd: string;
  /** Names the repository, whatever a .git in cwd says. */
  readonly gitDir?: string;
  readonly workTree?: string;
  /** In place of the repository's own. */
  readonly index?: string;
};

export type Git = (place: GitPlace, args: readonly string[], signal?: AbortSignal) => Promise<GitRun>;

/** `text`: standard output of a run that succeeded, else what git said; line end cut off. */
export type GitRun = { readonly ok: boolean; readonly text: string };

const passed = ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'TMPDIR', 'TEMP', 'TMP', 'USERPROFILE', 'SYSTEMROOT', 'APPDATA'];
const timeoutMs = 120_000;
const outputBytes = 64 * 1024 * 1024;

/** The first version that knows GIT_CONFIG_COUNT and --path-format, on which safety and paths stand. */
const oldest = [2, 31] as const;

const fixed = {
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: '',
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_AUTHOR_NAME: 'aworkers',
  GIT_AUTHOR_EMAIL: 'aworkers@localhost',
  GIT_COMMITTER_NAME: 'aworkers',
  GIT_COMMITTER_EMAIL: 'aworkers@localhost',
} as const;

type Setting = readonly [key: string, value: string];

const always: readonly Setting[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['commit.gpgSign', 'false'],
  ['gc.auto', '0'],
  ['advice.addEmbeddedRepo', 'false'],
];

/** Throws 'usage' when there is no git, or one that is too old. */
export async function openGit(world: GitWorld): Promise<Git> {
  const program = world.findProgram('git');
  if (program === undefined) {
    throw new AworkersError('usage', 'isolation: there is no git on the PATH.', 'Install git, or leave isolation out.');
  }
  const base = { ...Object.fromEntries(passed.map((name) => [name, world.env[name]])), ...fixed };
  const run = (place: GitPlace, args: readonly string[], settings: readonly Setting[], signal?: AbortSignal) =>
    execute(program, args, place.cwd, { ...base, ...placeVariables(place), ...settingVariables(settings) }, signal);

  const { text } = await run({ cwd: '/' }, ['--version'], []);
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(text) ?? []).slice(1).map(Number);
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    throw new AworkersError('usage', `isolation: ${program} is too old (${text}).`, 'Install git 2.31 or newer.');
  }
  return async (place, args, signal) => {
    const listed = await run(place, ['config', '--list', '--show-scope', '-z'], always, signal);
    return run(place, args, listed.ok ? [...always, ...withoutFilters(listed.text)] : always, signal);
  };
}

/** Filters run programs on checkout and add: those that the repository itself configures give way to the user's, or to none. */
function withoutFilters(listing: string): readonly Setting[] {
  const own = new Map<string, string>();
  const foreign = new Set<string>();
  const fields = listing.split('\0');
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [scope, entry = ''] = [fields[index], fields[index + 1]];
    const end = entry.indexOf('\n');
    const key = end === -1 ? entry : entry.slice(0, end);
    if (!/^filter\..*\.(clean|smudge|process|required)$/s.test(key)) continue;
    if (scope === 'system' || scope === 'global') own.set(key, end === -1 ? '' : entry.slice(end + 1));
    else if (scope !== 'command') foreign.add(key);
  }
  return [...foreign].map((key) => [key, own.get(key) ?? (key.endsWith('.required') ? 'false' : '')]);
}

function placeVariables({ gitDir, workTree, index }: GitPlace): Record<string, string> {
  return {
    ...(gitDir === undefined ? {} : { GIT_DIR: gitDir }),
    ...(workTree === undefined ? {} : { GIT_WORK_TREE: workTree }),
    ...(index === undefined ? {} : { GIT_INDEX_FILE: index }),
  };
}

function settingVariables(settings: readonly Setting[]): Record<string, string> {
  const pairs = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(settings.length), ...Object.fromEntries(pairs) };
}

function execute(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<GitRun> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const options = {
      cwd,
      env,
      timeout: timeoutMs,
      maxBuffer: outputBytes,
      ...(signal === undefined ? {} : { signal }),
    };
    const child = execFile(program, [...args], options, (error, stdout, stderr) => {
      if (signal?.aborted === true) reject(signal.reason as Error);
      else if (error === null) resolve({ ok: true, text: stdout.replace(/\r?\n$/, '') });
      else resolve({ ok: false, text: stderr.trim() || error.message });
    });
    child.stdin?.end();
  });
}
