#!/usr/bin/env bash
# Builds the guests in Python and C to target/guests. What it needs comes from PyPI, pinned, into a folder of its own.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cd "$root"
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
out=$target/guests
venv=$target/guests-venv
tools="componentize-py==0.25.1 ziglang==0.17.0"
mkdir -p "$out/c"

if [ "$(cat "$venv/tools" 2>/dev/null)" != "$tools" ]; then
  echo "guests: installing $tools"
  python3 -m venv --clear "$venv"
  # Unquoted: one word for each tool.
  "$venv/bin/pip" install --quiet --disable-pip-version-check $tools
  echo "$tools" >"$venv/tools"
fi

# A twin is built again where anything it is made of is younger.
is_fresh() {
  local component=$1
  shift
  [ -f "$component" ] && [ -z "$(find -L "$@" "$root/wit" "$root/sdk/build/src" "$here/build.sh" -newer "$component" -print -quit)" ]
}

attach() {
  cargo run --quiet --package plumbline-build --example attach -- "$@"
}

if ! is_fresh "$out/python.wasm" "$here/python"; then
  echo "guests: Python"
  # -s leaves no WASI imports.
  "$venv/bin/componentize-py" --quiet -d wit/v0.1 -w checks-plugin componentize -s -p "$here/python" -o "$out/python.raw.wasm" plugin
  attach "$out/python.raw.wasm" "$here/python/plugin.toml" "$out/python.wasm"
fi

if ! is_fresh "$out/wasi.wasm" "$here/wasi"; then
  echo "guests: Python with WASI"
  "$venv/bin/componentize-py" --quiet -d wit/v0.1 -w checks-plugin componentize -p "$here/wasi" -o "$out/wasi.raw.wasm" plugin
  attach "$out/wasi.raw.wasm" "$here/wasi/plugin.toml" "$out/wasi.wasm"
fi

if ! is_fresh "$out/c.wasm" "$here/c"; then
  echo "guests: C"
  cargo run --quiet --package plumbline-build --example c_bindings -- checks-plugin "$out/c"
  # Zig gives 16 MiB of stack unless told otherwise; its cache stays in the target folder.
  ZIG_GLOBAL_CACHE_DIR="$target/zig-cache" ZIG_LOCAL_CACHE_DIR="$target/zig-cache" \
    "$venv/bin/python" -m ziglang cc --target=wasm32-wasi -mexec-model=reactor -std=c11 -Wall -Wextra -Wno-unused-parameter \
    -Oz -s -Wl,-z,stack-size=262144 -I "$out/c" "$here/c/plugin.c" "$out/c/checks_plugin.c" "$out/c/checks_plugin_component_type.o" \
    -o "$out/c/core.wasm"
  attach "$out/c/core.wasm" "$here/c/plugin.toml" "$out/c.wasm"
fi
echo "guests: in $out"
