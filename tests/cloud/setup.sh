#!/bin/sh
# Installs the emulators of AWS into target/cloud (or the folder given): a Python environment.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
into=${1:-$here/../../target/cloud}
mkdir -p "$into"
into=$(CDPATH='' cd -- "$into" && pwd)

python3 -m venv "$into/venv"
"$into/venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
touch "$into/ready"
echo "emulators are in $into"
