#!/usr/bin/env bash
# Makes sure that plugins can be compiled, by the first of these that works: nothing to do, `rustup target add`,
# Debian's own compiler.
set -euo pipefail

target=wasm32-unknown-unknown
debian="rustc-web cargo-web rust-web-src"

has_target() {
  compgen -G "$(rustc --print sysroot)/lib/rustlib/$target/lib/libcore-*" >/dev/null
}

# As plumbline-build looks for it: a compiler with the library's source.
has_debian() {
  [ -x /usr/bin/rustc ] && [ -x /usr/bin/cargo ] &&
    [ -f "$(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust/library/std/Cargo.toml" ]
}

say() {
  echo "tools: $*"
}

if has_target; then
  say "the active Rust toolchain has the target $target"
  exit
fi
if has_debian; then
  say "Debian's $(/usr/bin/rustc --version) is here and will build the plugins"
  exit
fi

if command -v rustup >/dev/null; then
  say "rustup target add $target"
  if rustup target add "$target" && has_target; then
    exit
  fi
  say "rustup cannot get it; trying the distribution's packages"
fi

if command -v apt-get >/dev/null; then
  as_root=$([ "$(id -u)" -eq 0 ] || echo sudo)
  say "$as_root apt-get install $debian"
  # Unquoted: `sudo` may be nothing, and the packages are three words.
  $as_root apt-get update -qq
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends $debian
  if has_debian; then
    exit
  fi
fi

say "no way was found; install Rust's target $target, or a Rust compiler with its library's source at /usr/bin/rustc" >&2
exit 1
