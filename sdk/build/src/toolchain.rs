//! Finds a Rust compiler that can produce WebAssembly, in this order:
//!
//! 1. the active toolchain, then Debian's, where the target's standard library is installed;
//! 2. the active toolchain, then Debian's, where the library's source is installed: `cargo` then builds it along.
//!
//! The second way exists because `rustup` cannot fetch a target everywhere, while Debian's `rustc-web`, `cargo-web`
//! and `rust-web-src` come from the distribution's own archive. Debian's compiler has no linker for WebAssembly; the
//! active toolchain's fits it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::BuildError;

/// What plugins are compiled for: no system at all, so nothing but the contract can be imported.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The first release that knows the plugins' edition, 2024.
const OLDEST_MINOR: u32 = 85;

/// Where Debian puts its compiler, whatever `PATH` says.
const DEBIAN: (&str, &str) = ("/usr/bin/rustc", "/usr/bin/cargo");

/// A compiler that can produce WebAssembly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toolchain {
    pub(crate) rustc: PathBuf,
    pub(crate) cargo: PathBuf,
    pub(crate) sysroot: PathBuf,
    /// The standard library for WebAssembly has to be built along.
    pub(crate) builds_library: bool,
    /// Where the compiler brings no linker of its own.
    pub(crate) linker: Option<PathBuf>,
    /// It is not the toolchain that the environment was set up for.
    pub(crate) foreign: bool,
}

impl Toolchain {
    /// Looks around; installs nothing.
    pub fn find() -> Result<Toolchain, BuildError> {
        let named = |variable: &str, default: &str| std::env::var_os(variable).unwrap_or_else(|| default.into());
        let candidates = [
            Candidate::look(&named("RUSTC", "rustc"), &named("CARGO", "cargo"), false),
            Candidate::look(DEBIAN.0.as_ref(), DEBIAN.1.as_ref(), true),
        ];
        choose(&candidates)
    }

    /// For people: which compiler, and how it comes by the standard library.
    #[must_use]
    pub fn describe(&self) -> String {
        let library = if self.builds_library { "builds the standard library from source" } else { "target installed" };
        format!("{} ({TARGET}: {library})", self.rustc.display())
    }
}

/// A compiler, and what it has for WebAssembly.
#[derive(Clone, Debug)]
struct Candidate {
    rustc: PathBuf,
    cargo: PathBuf,
    foreign: bool,
    found: Result<Sysroot, String>,
}

#[derive(Clone, Debug)]
struct Sysroot {
    path: PathBuf,
    has_library: bool,
    has_source: bool,
    linker: Option<PathBuf>,
}

impl Candidate {
    fn look(rustc: &OsStr, cargo: &OsStr, foreign: bool) -> Candidate {
        let found = Sysroot::of(rustc).and_then(|sysroot| {
            answer(cargo, &["--version"], foreign)?;
            Ok(sysroot)
        });
        Candidate { rustc: rustc.into(), cargo: cargo.into(), foreign, found }
    }

    fn why_not(&self) -> String {
        let reason = match &self.found {
            Err(reason) => reason.clone(),
            Ok(_) => format!("has neither the target {TARGET} nor the library's source"),
        };
        format!("{} {reason}", self.rustc.display())
    }
}

impl Sysroot {
    fn of(rustc: &OsStr) -> Result<Sysroot, String> {
        let foreign = rustc == DEBIAN.0;
        let version = answer(rustc, &["--version"], foreign)?;
        if minor(&version).is_none_or(|minor| minor < OLDEST_MINOR) {
            return Err(format!("is too old ({version}; 1.{OLDEST_MINOR} is needed)"));
        }
        let path = PathBuf::from(answer(rustc, &["--print", "sysroot"], foreign)?);
        let libraries = path.join("lib/rustlib");
        Ok(Sysroot {
            has_library: has_rlib(&libraries.join(TARGET).join("lib")),
            has_source: libraries.join("src/rust/library/std/Cargo.toml").is_file(),
            linker: rust_lld(&libraries),
            path,
        })
    }
}

/// The first line a program prints; for people, why there is none.
fn answer(program: &OsStr, arguments: &[&str], foreign: bool) -> Result<String, String> {
    let mut command = Command::new(program);
    command.args(arguments);
    if foreign {
        command.env_remove("LD_LIBRARY_PATH");
    }
    let output = command.output().map_err(|error| format!("cannot be started ({error})"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next().unwrap_or_default().trim();
    if output.status.success() && !line.is_empty() { Ok(line.to_owned()) } else { Err("does not work".to_owned()) }
}

/// `95` of `rustc 1.95.0 (…)`.
fn minor(version: &str) -> Option<u32> {
    version.split_whitespace().nth(1)?.split('.').nth(1)?.parse().ok()
}

/// Whether a folder holds the compiled `core`; an empty folder is left behind by some uninstallers.
fn has_rlib(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name()).any(|name| name.to_string_lossy().starts_with("libcore-"))
}

/// The linker a toolchain brings, in the folder of its host.
fn rust_lld(libraries: &Path) -> Option<PathBuf> {
    let hosts = std::fs::read_dir(libraries).ok()?.flatten();
    hosts.map(|host| host.path().join("bin/rust-lld")).find(|linker| linker.is_file())
}

/// Linkers of LLVM that the distribution may have installed.
fn system_linker() -> Option<PathBuf> {
    let path = PathBuf::from("/usr/bin/wasm-ld");
    path.is_file().then_some(path)
}

fn choose(candidates: &[Candidate]) -> Result<Toolchain, BuildError> {
    let usable = |ready: fn(&Sysroot) -> bool| {
        candidates.iter().find_map(|candidate| {
            let sysroot = candidate.found.as_ref().ok().filter(|sysroot| ready(sysroot))?;
            Some((candidate, sysroot))
        })
    };
    let chosen = usable(|sysroot| sysroot.has_library).or_else(|| usable(|sysroot| sysroot.has_source));
    let Some((candidate, sysroot)) = chosen else {
        let tried = candidates.iter().map(Candidate::why_not).collect::<Vec<_>>().join("; ");
        return Err(BuildError::NoToolchain { tried });
    };
    let builds_library = !sysroot.has_library;
    let borrowed = || {
        let mut others = candidates.iter().filter_map(|candidate| candidate.found.as_ref().ok());
        others.find_map(|sysroot| sysroot.linker.clone()).or_else(system_linker)
    };
    let linker = if sysroot.linker.is_some() { None } else { borrowed() };
    if builds_library && sysroot.linker.is_none() && linker.is_none() {
        return Err(BuildError::NoLinker { rustc: candidate.rustc.clone() });
    }
    Ok(Toolchain {
        rustc: candidate.rustc.clone(),
        cargo: candidate.cargo.clone(),
        sysroot: sysroot.path.clone(),
        builds_library,
        linker,
        foreign: candidate.foreign,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(name: &str, has_library: bool, has_source: bool, linker: bool) -> Candidate {
        let sysroot = Sysroot {
            path: name.into(),
            has_library,
            has_source,
            linker: linker.then(|| format!("{name}/rust-lld").into()),
        };
        Candidate { rustc: name.into(), cargo: "cargo".into(), foreign: name == "debian", found: Ok(sysroot) }
    }

    #[test]
    fn an_installed_target_comes_before_a_library_built_along() {
        let both = [candidate("active", false, true, true), candidate("debian", true, true, false)];
        let chosen = choose(&both).unwrap();
        assert_eq!((chosen.rustc.as_path(), chosen.builds_library), (Path::new("debian"), false));
        let chosen = choose(&[candidate("active", true, false, true), candidate("debian", true, true, false)]).unwrap();
        assert_eq!(chosen.rustc, Path::new("active"));
    }

    #[test]
    fn a_compiler_without_a_linker_borrows_the_other_one_s() {
        let chosen =
            choose(&[candidate("active", false, false, true), candidate("debian", false, true, false)]).unwrap();
        assert!(chosen.builds_library && chosen.foreign);
        assert_eq!(chosen.linker.as_deref(), Some(Path::new("active/rust-lld")));
        let chosen = choose(&[candidate("active", false, true, true)]).unwrap();
        assert_eq!(chosen.linker, None);
    }

    #[test]
    fn with_no_compiler_the_error_says_what_was_tried_and_what_to_run() {
        let absent = Candidate {
            found: Err("cannot be started (no such file)".to_owned()),
            ..candidate("debian", false, false, false)
        };
        let message = choose(&[candidate("active", false, false, true), absent]).unwrap_err().to_string();
        for part in
            ["active has neither", "debian cannot be started", "rustup target add", "apt-get install", "make tools"]
        {
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn versions_are_read_from_what_rustc_prints() {
        assert_eq!(minor("rustc 1.95.0 (59807616e 2026-04-14)"), Some(95));
        assert_eq!(minor("rustc"), None);
    }
}
