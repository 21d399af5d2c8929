// Owns: names that no edit passes unasked, in any mode but bypassPermissions: files that run code or steer tools.
// Promises: matches a name however the file system may spell it (case, trailing dots, streams, ignorable characters).
// Never: looks at contents.
import { below } from './path-pattern.ts';

const directories = new Set(
  `.git .claude .vscode .idea .husky .cargo .devcontainer .yarn .mvn .ssh .gnupg .aws .kube .docker .hg .svn .zed .cursor
  .gradle .bundle .direnv .nvim`.split(/\s+/),
);

/** HEAD makes a directory a bare repository, whose configuration git obeys. */
const files = new Set(
  `.bashrc .bash_profile .bash_login .bash_logout .bash_aliases .profile .zshrc .zprofile .zshenv .zlogin .zlogout .kshrc
  .cshrc .tcshrc .login .logout .inputrc .xprofile .xinitrc .gitconfig .gitmodules .npmrc .yarnrc .yarnrc.yml .pnpmfile.cjs
  .pnp.cjs .pnp.loader.mjs bunfig.toml .mcp.json .envrc .ripgreprc .vimrc .exrc .nvimrc .gdbinit .lldbinit .netrc .pypirc
  .wgetrc .curlrc .pythonrc .irbrc .pryrc .rprofile .pre-commit-config.yaml lefthook.yml .lefthook.yml .tool-versions
  mise.toml .mise.toml sitecustomize.py usercustomize.py authorized_keys crontab head git~1 gitmod~1`.split(/\s+/),
);

/** The protected component of an absolute path, as it is spelled there. */
export function protectedPart(path: string, protectedDirectories: readonly string[]): string | undefined {
  const directory = protectedDirectories.find((each) => below(each, path, true) !== undefined);
  if (directory !== undefined) return directory;
  return path.split('/').find((part) => {
    const name = plainName(part);
    return directories.has(name) || files.has(name);
  });
}

function plainName(part: string): string {
  return part
    .normalize('NFKC')
    .replaceAll(/[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g, '')
    .toLowerCase()
    .replace(/:.*$/, '')
    .replace(/[. ]+$/, '');
}
