#!/bin/sh
# Installs the validators, and what mail and webhooks are tested with, into target/validators (or the folder given): a Python environment and a node_modules.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
into=${1:-$here/../../target/validators}
mkdir -p "$into"
into=$(CDPATH='' cd -- "$into" && pwd)

python3 -m venv "$into/venv"
"$into/venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
cp "$here/package.json" "$here/package-lock.json" "$into/"
# Lifecycle scripts stay off: the only one among these packages makes a program executable.
npm ci --prefix "$into" --ignore-scripts --no-audit --no-fund --loglevel=error
chmod +x "$into"/node_modules/@microsoft/sarif-multitool-*/Sarif.Multitool

# The browser is the system's. Where there is none, and none can be installed, the test of the dashboard says so.
if [ -z "${PLUMB_CHROMIUM:-}" ] && ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null &&
  ! command -v google-chrome >/dev/null && command -v apt-get >/dev/null; then
  as_root=$([ "$(id -u)" -eq 0 ] || echo sudo)
  echo "validators: $as_root apt-get install chromium"
  # Unquoted: `sudo` may be nothing.
  { $as_root apt-get update -qq && $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq --yes --no-install-recommends chromium >/dev/null; } || echo "validators: there is no browser" >&2
fi
# What another wall clock is given with, where the system has packages. Without it the tests of clock changes say so.
if [ -z "${PLUMB_FAKETIME:-}" ] && ! ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 && command -v apt-get >/dev/null; then
  as_root=$([ "$(id -u)" -eq 0 ] || echo sudo)
  echo "validators: $as_root apt-get install libfaketime"
  { $as_root apt-get update -qq && $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq --yes --no-install-recommends libfaketime >/dev/null; } || echo "validators: there is no libfaketime" >&2
fi
touch "$into/ready"
echo "validators are in $into"
