#!/bin/sh
# Owns: qemu and an arm64 libc from Debian's archive, unpacked into the folder given; nothing is installed.
# Promises: on success the folder holds usr/bin/qemu-aarch64-static and usr/aarch64-linux-gnu; else it says why and fails.
# Never: needs root, or reaches anything but the archives that apt is set up for.
set -eu
mkdir -p "$1"
cd "$1"
command -v apt-get >/dev/null && command -v dpkg >/dev/null || { echo 'no apt here' >&2; exit 1; }
apt-get download -qq qemu-user-static libc6-arm64-cross >&2
for package in *.deb; do
  dpkg -x "$package" .
  rm "$package"
done
test -x usr/bin/qemu-aarch64-static && test -d usr/aarch64-linux-gnu
