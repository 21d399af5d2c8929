#!/bin/sh
# Owns: putting the executable of a release into a folder of the user.
# Promises: nothing is installed unless its hash is the one that SHA256SUMS of the release names (and the one given with
#   --sha256, if any); what was installed before stays as it is when anything fails.
# Never: needs root, changes a profile, or talks to any host but the one it is told.
#
#   sh install.sh --repository OWNER/NAME [--version 1.2.3]     from the releases of a GitHub repository
#   sh install.sh --base-url https://example.com/aworkers       from a folder that holds the files of a release
#
#   --bin-dir DIR    where to put it (default: ~/.local/bin)
#   --target NAME    instead of this machine's, for example linux-arm64-musl
#   --sha256 HASH    the hash of the package that you know from elsewhere
# The same by environment: AWORKERS_REPOSITORY, AWORKERS_VERSION, AWORKERS_BASE_URL, AWORKERS_BIN_DIR.
set -eu

repository=${AWORKERS_REPOSITORY:-}
version=${AWORKERS_VERSION:-latest}
base_url=${AWORKERS_BASE_URL:-}
bin_dir=${AWORKERS_BIN_DIR:-${HOME:-}/.local/bin}
target=
known_hash=

main() {
  while [ $# -gt 0 ]; do
    case $1 in
      -h | --help)
        sed -n '2,/^set /s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    esac
    [ $# -ge 2 ] || fail "$1 needs a value, or is unknown. See --help."
    case $1 in
      --repository) repository=$2 ;;
      --version) version=$2 ;;
      --base-url) base_url=$2 ;;
      --bin-dir) bin_dir=$2 ;;
      --target) target=$2 ;;
      --sha256) known_hash=$2 ;;
      *) fail "Unknown option $1. See --help." ;;
    esac
    shift 2
  done
  [ -n "$target" ] || target=$(this_machine)
  [ -n "$base_url" ] || base_url=$(release_url)

  temp=$(mktemp -d)
  trap 'rm -rf "$temp"' EXIT
  trap 'exit 1' HUP INT TERM

  download SHA256SUMS
  line=$(grep -E "^[0-9a-f]{64}  aworkers-$target-[0-9][0-9A-Za-z.+-]*\.tgz$" "$temp/SHA256SUMS") || true
  [ -n "$line" ] || fail "$base_url/SHA256SUMS names no package for $target. See --target."
  [ "$(echo "$line" | wc -l)" -eq 1 ] || fail "$base_url/SHA256SUMS names more than one package for $target."
  wanted=${line%% *}
  package=${line##* }

  download "$package"
  found=$(sha256 "$temp/$package")
  [ "$found" = "$wanted" ] || fail "$package has the hash $found, SHA256SUMS says $wanted. Nothing was installed."
  if [ -n "$known_hash" ] && [ "$found" != "$known_hash" ]; then
    fail "$package has the hash $found, you gave $known_hash. Nothing was installed."
  fi

  tar -xzf "$temp/$package" -C "$temp" package/aworkers
  mkdir -p "$bin_dir"
  # Renamed into place: a running aworkers keeps the file it was started from.
  cp "$temp/package/aworkers" "$bin_dir/.aworkers.$$"
  chmod 755 "$bin_dir/.aworkers.$$"
  mv -f "$bin_dir/.aworkers.$$" "$bin_dir/aworkers"
  echo "Installed $bin_dir/aworkers ($package, sha256 $found)"
  case ":$PATH:" in
    *":$bin_dir:"*) ;;
    *) echo "$bin_dir is not on your PATH. Add it, or call $bin_dir/aworkers." ;;
  esac
}

this_machine() {
  case $(uname -s) in
    Linux) os=linux ;;
    Darwin) os=darwin ;;
    *) fail "There is no package for $(uname -s) that this script can install. On Windows unpack aworkers-windows-x64-*.tgz." ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) cpu=x64 ;;
    aarch64 | arm64) cpu=arm64 ;;
    *) fail "There is no package for a $(uname -m) processor." ;;
  esac
  libc=
  if [ "$os" = linux ] && ldd --version 2>&1 | grep -qi musl; then libc=-musl; fi
  echo "$os-$cpu$libc"
}

release_url() {
  [ -n "$repository" ] || fail "Say where from: --repository OWNER/NAME, or --base-url URL."
  releases=https://github.com/$repository/releases
  if [ "$version" = latest ]; then echo "$releases/latest/download"; else echo "$releases/download/v${version#v}"; fi
}

download() {
  if command -v curl >/dev/null 2>&1; then
    curl --fail --silent --show-error --location --output "$temp/$1" "$base_url/$1" || fail "Could not get $base_url/$1."
  elif command -v wget >/dev/null 2>&1; then
    wget -q -O "$temp/$1" "$base_url/$1" || fail "Could not get $base_url/$1."
  else
    fail "Neither curl nor wget is here."
  fi
}

sha256() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum "$1" | cut -d ' ' -f 1; else shasum -a 256 "$1" | cut -d ' ' -f 1; fi
}

fail() {
  echo "aworkers install: $1" >&2
  exit 1
}

main "$@"
