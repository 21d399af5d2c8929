// Owns: commands that run another command given in their words.
// Promises: a wrapper never hides what it runs. A transparent one is judged as the command inside; of any other, nothing
// narrower than its whole text, or a rule that names the inner command too, can allow it.
// Never: allows anything.
import { gitWords } from './git-words.ts';
import { hidingWords } from './hiding.ts';
import { afterFlags, baseName, type Inner, inside, nameOf, textAt } from './inner.ts';
import type { Simple } from './simple.ts';
import { type Arg, exactArg } from './word.ts';
import { innerOfXargs } from './xargs.ts';

type Unwrap = (args: readonly Arg[], command: Simple) => number | undefined;

const never = /^(?!)/;

/** Wrappers within wrappers beyond this are not followed. */
export const maxDepth = 8;

const transparent: Readonly<Record<string, Unwrap>> = {
  timeout: (args) => {
    const at = afterFlags(
      args,
      /^(--foreground|--preserve-status|-v|--verbose|-[ks]\S+|--(signal|kill-after)=\S+)$/,
      /^(-[ks])$/,
    );
    return at === undefined || !/^[\d.]+[smhd]?$/.test(textAt(args, at) ?? '') ? undefined : at + 1;
  },
  nice: (args) => afterFlags(args, /^(-\d+|-n-?\d+|--adjustment=-?\d+)$/, /^-n$/),
  nohup: (args) => afterFlags(args, never, never),
  stdbuf: (args) => afterFlags(args, /^(-[ioe][\dLKMG]+|--(input|output|error)=[\dLKMG]+)$/, /^-[ioe]$/),
  time: (args) => afterFlags(args, /^-[pv]$/, never),
  command: (args) => afterFlags(args, /^-p$/, never),
  builtin: (args) => afterFlags(args, never, never),
  exec: (args) => (args.length === 0 ? undefined : afterFlags(args, never, never)),
};

/** Their words are commands, scripts or programs that are run elsewhere, later, as somebody else, or in ways not modelled. */
const opaque = new Set(
  `sudo doas su runuser pkexec sh bash dash ash ksh mksh zsh fish csh tcsh rbash eval source . trap alias ssh scp sftp rsync watch
  parallel setsid strace ltrace gdb script scriptreplay busybox toybox nsenter chroot unshare flock xvfb-run dbus-run-session
  systemd-run at batch crontab expect screen tmux unbuffer env xargs mapfile readarray enable bind complete
  compgen hash coproc setarch linux32 linux64 taskset chrt numactl firejail bwrap proot fakeroot catchsegv valgrind perf ionice
  entr inotifywait run-parts start-stop-daemon daemonize dtach noglob nocorrect start open xdg-open osascript cmd powershell pwsh
  wsl winpty rlwrap socat nc ncat netcat telnet make-run gnome-terminal xterm konsole`.split(/\s+/),
);

/** What follows such a word of theirs is run; a rule may still cover them by their own name. */
const carriers: Readonly<Record<string, RegExp>> = {
  npx: /^npx$/,
  bunx: /^bunx$/,
  pnpx: /^pnpx$/,
  uvx: /^uvx$/,
  npm: /^(exec|x|explore)$/,
  pnpm: /^(exec|dlx)$/,
  yarn: /^(exec|dlx)$/,
  bun: /^x$/,
  uv: /^run$/,
  poetry: /^run$/,
  pipenv: /^run$/,
  bundle: /^exec$/,
  docker: /^(exec|run)$/,
  podman: /^(exec|run)$/,
  kubectl: /^exec$/,
  git: /^(run|foreach|--exec|-x|--extcmd|-c)$/,
  find: /^-(exec|ok)(dir)?$/,
  fd: /^(-[xX]|--exec(-batch)?)$/,
};

const interpreters =
  /^(python[\d.]*|node|nodejs|ruby|perl|php|lua|Rscript|R|julia|java|osascript|tclsh|guile|deno|npx|bunx|pnpx|uvx|make-run|ts-node|tsx|psql|mysql|sqlite3|awk|gawk|mawk|sed|vim|vi|emacs|ed|ex)$/;

const shells = /^(eval|source|\.|sh|bash|dash|ash|ksh|mksh|zsh|fish|xargs|su|ssh)$/;

/** What it runs cannot be read in its words. */
export function isHidden(command: Simple): boolean {
  const name = nameOf(command);
  return name === undefined || (shells.test(baseName(name)) && command.argv.some((arg) => exactArg(arg) === undefined));
}

/** Runs other commands or programs, so that no rule is offered for it. */
export function isRunner(name: string): boolean {
  const base = baseName(name);
  return opaque.has(base) || Object.hasOwn(transparent, base) || interpreters.test(base);
}

/** The command that a transparent wrapper runs, and nothing else does. */
export function innerOf(command: Simple): Inner | undefined {
  const name = nameOf(command);
  const args = command.argv.slice(1);
  if (name === 'env') return innerOfEnv(command, args);
  if (name === 'xargs') return innerOfXargs(command, args);
  const unwrap = name !== undefined && Object.hasOwn(transparent, name) ? transparent[name] : undefined;
  const at = unwrap?.(args, command);
  return at === undefined ? undefined : inside(command, at, []);
}

function innerOfEnv(command: Simple, args: readonly Arg[]): Inner | undefined {
  let at = afterFlags(args, /^(-i|--ignore-environment|-u\w+|--unset=\w+)$/, /^(-u|--unset)$/);
  if (at === undefined) return undefined;
  const added: Simple['assignments'][number][] = [];
  for (; ; at += 1) {
    const text = textAt(args, at);
    const [, name, value] = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(text ?? '') ?? [];
    if (name === undefined) break;
    added.push({ name, text: text ?? '', value });
  }
  return inside(command, at, added);
}

/**
 * How many leading words a rule must spell out before it can cover this command. 1: its name is enough; more than it has:
 * only a rule with its whole text will do.
 */
export function wordsToName(command: Simple, depth = 0): number {
  const name = nameOf(command);
  const all = command.argv.length + 1;
  if (name === undefined || depth > maxDepth) return all;
  const base = baseName(name);
  const inner = innerOf(command);
  if (inner !== undefined) return inner.words + wordsToName(inner.command, depth + 1);
  if (base === 'git') return gitWords(command);
  if (!opaque.has(base) && !Object.hasOwn(transparent, base)) return hidingWords(base, command);
  const next = command.argv[1] === undefined ? undefined : exactArg(command.argv[1]);
  if (next === undefined || next.startsWith('-') || next.includes('=') || base === 'eval' || base === 'trap')
    return all;
  const rest = { ...command, argv: command.argv.slice(1), assignments: [] };
  return 1 + wordsToName(rest, depth + 1);
}

/** Everything inside a command that deny, ask and critical checks must also see. */
export function carriedBy(command: Simple): {
  readonly commands: readonly Simple[];
  readonly scripts: readonly string[];
} {
  const name = nameOf(command);
  const base = name === undefined ? '' : baseName(name);
  const verb = Object.hasOwn(carriers, base) ? carriers[base] : undefined;
  const all = opaque.has(base) || Object.hasOwn(transparent, base);
  if (verb === undefined && !all) return { commands: [], scripts: [] };
  const texts = command.argv.map((arg, index) => (index === 0 ? base : (exactArg(arg) ?? '')));
  const from = verb === undefined ? 0 : texts.findIndex((text) => verb.test(text));
  if (from === -1) return { commands: [], scripts: [] };
  const args = command.argv.slice(from + 1);
  const commands = args.map((_, index) => ({ ...command, raw: '', argv: args.slice(index), assignments: [] }));
  const scripts = texts.slice(from + 1).filter((text) => /[\s;&|]/.test(text));
  if (base === 'eval') scripts.push(args.map((arg) => exactArg(arg) ?? arg.raw).join(' '));
  return { commands, scripts };
}
