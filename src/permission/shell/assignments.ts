// Owns: which variables a command may set.
// Promises: a variable that can make a program run something else, load something else, or that moves what a word
// means to the shell, is never set without a question. Before a command only names known to be harmless pass.
// Never: trusts a name that is not in a list, when a command would see it.

import { type Arg, exactArg, leadOf } from './word.ts';

/** Names the shell itself obeys, evaluates (integers), or that are normally exported and change what later commands do. */
const dangerous =
  /^(PATH|IFS|ENV|HOME|SHELL|SHELLOPTS|BASHOPTS|BASH.*|PS[0-4]|PROMPT_.*|CDPATH|GLOBIGNORE|FIGNORE|EXECIGNORE|FCEDIT|HIST.*|INPUTRC|MAIL.*|OPT(IND|ARG|ERR)|POSIXLY_CORRECT|FUNCNEST|TMPDIR|TMP|TEMP|TEXTDOMAIN.*|LD_.*|DYLD_.*|LIBPATH|SHLIB_PATH|GCONV_PATH|LOCPATH|NLSPATH|MALLOC_.*|GLIBC_.*|GIT_.*|SSH_.*|GPG_.*|.*EDITOR|VISUAL|.*PAGER|BROWSER|LESS.*|MAN.*|NODE_.*|npm_.*|NPM_.*|YARN_.*|PNPM_.*|BUN_.*|DENO_.*|PYTHON.*|PIP_.*|UV_.*|VIRTUAL_ENV|CONDA.*|PERL.*|RUBY.*|GEM_.*|BUNDLE_.*|RUST.*|CARGO.*|GO[A-Z]*|JAVA_.*|_?JAVA_OPTIONS|JDK_.*|CLASSPATH|MAVEN_.*|MVN_.*|GRADLE_.*|LUA_.*|PHP.*|R_.*|CC|CXX|CPP|LD|AR|AS|.*FLAGS|MAKE.*|CMAKE_.*|PKG_CONFIG.*|COMPILER_PATH|LIBRARY_PATH|C_INCLUDE_PATH|CPATH|DOCKER_.*|KUBE.*|HELM_.*|AWS_.*|GOOGLE_.*|AZURE_.*|ANTHROPIC_.*|CLAUDE.*|AWORKERS_.*|.*_PROXY|.*_proxy|CURL_.*|WGETRC|SSL_.*|RIPGREP_.*|GREP_.*|JQ_.*|FZF_.*|LS_COLORS|TERMINFO.*|TERMCAP|XDG_.*|DBUS_.*|DISPLAY|_|SUDO_.*|ASKPASS|.*_ASKPASS|AWKPATH|AWKLIBPATH|TAR_OPTIONS|GZIP|RSYNC_.*|XARGS.*|TIME|COMP_.*|READLINE_.*|COPROC|MAPFILE|REPLY|S?RANDOM|LINENO|EPOCH.*)$/;

/** Names a command may be given: they change language, colour, width, verbosity or test mode. */
const harmless =
  /^(LANG|LANGUAGE|LC_[A-Z]+|TZ|CI|TERM|COLUMNS|LINES|NO_COLOR|FORCE_COLOR|CLICOLOR|CLICOLOR_FORCE|COLORTERM|DEBUG|VERBOSE|LOG_LEVEL|NODE_ENV|RUST_BACKTRACE|RUST_LOG|PYTHONUNBUFFERED|PYTHONDONTWRITEBYTECODE|GOOS|GOARCH|CGO_ENABLED|PORT|HOST|TEST|TESTS|GIT_TERMINAL_PROMPT|GIT_OPTIONAL_LOCKS|DEBIAN_FRONTEND|SOURCE_DATE_EPOCH)$/;

const pagers = /^(PAGER|GIT_PAGER|MANPAGER)$/;

/** `x=1` by itself: the shell's own variable. */
export function isHarmlessForShell(name: string): boolean {
  return !dangerous.test(name) || harmless.test(name);
}

/** Of a language, place or terminal only a name: a path would have a file loaded. `X=1 command`, `env X=1 command`, `export X=1`. */
export function isHarmlessForCommand(name: string, value: string | undefined): boolean {
  if (/^(LANG|LANGUAGE|LC_.*|TZ|TERM)$/.test(name) && (value === undefined || /\.\.|^:?\//.test(value))) return false;
  return harmless.test(name) || (pagers.test(name) && (value === 'cat' || value === ''));
}

/** Operands of read and unset. */
export function namesProblem(operands: readonly Arg[]): string | undefined {
  const fine = operands.every((arg) => {
    const name = exactArg(arg) ?? '';
    return /^[A-Za-z_]\w*$/.test(name) && isHarmlessForShell(name);
  });
  return fine ? undefined : 'it sets or removes a variable that other commands obey';
}

/** Operands of export, local, readonly. */
export function settingsProblem(
  operands: readonly Arg[],
  isHarmless: (name: string, value: string | undefined) => boolean,
): string | undefined {
  const fine = operands.every((arg) => {
    const [, name, value] = /^([A-Za-z_]\w*)(?:=([\s\S]*))?$/.exec(leadOf(arg.values[0] ?? { pieces: [] })) ?? [];
    const known = value === undefined ? undefined : exactArg(arg)?.slice((name?.length ?? 0) + 1);
    return name !== undefined && arg.values.length === 1 && isHarmless(name, known);
  });
  return fine ? undefined : 'it sets a variable that other commands obey';
}
