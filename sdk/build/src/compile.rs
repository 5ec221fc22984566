//! Runs `cargo` for any number of plugin crates.
//!
//! Once for each: a plugin's crate is also a Rust library, which its tests and benchmarks use, and `cargo` optimises across crates
//! only where a module is all that is made.
//!
//! The run may happen inside another: from a build script, under clippy, under a coverage tool. What the outer run put
//! into the environment for its own crates is therefore taken out, and the target folder is always the caller's own,
//! since two runs of `cargo` on one wait for each other.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::error::BuildError;
use crate::toolchain::{TARGET, Toolchain};

/// The profile in the workspace's manifest; a workspace without one gets [`PROFILE_SETTINGS`].
const PROFILE: &str = "plugin";
const PROFILE_SETTINGS: [&str; 6] = [
    "profile.plugin.inherits=\"release\"",
    "profile.plugin.opt-level=3",
    "profile.plugin.lto=true",
    "profile.plugin.codegen-units=1",
    "profile.plugin.panic=\"abort\"",
    "profile.plugin.strip=true",
];

/// Settings of `cargo` that concern the machine and not the crate being built; all others beginning with `CARGO_` are
/// taken out.
const KEPT: [&str; 7] = [
    "CARGO_HOME",
    "CARGO_HTTP_",
    "CARGO_MAKEFLAGS",
    "CARGO_NET_",
    "CARGO_REGISTRIES_",
    "CARGO_REGISTRY_",
    "CARGO_SOURCE_",
];

/// Variables that steer a compiler or describe a build in progress.
const TAKEN_OUT: [&str; 13] = [
    "DEBUG",
    "HOST",
    "NUM_JOBS",
    "OPT_LEVEL",
    "OUT_DIR",
    "PROFILE",
    "RUSTC_LINKER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTDOC",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
    "TARGET",
];

/// Where the compiler's words go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// To standard error as they come.
    Shown,
    /// Into the error, if there is one.
    Kept,
}

/// What to compile, and how.
#[derive(Clone, Debug)]
pub struct Build<'a> {
    /// The folder of the workspace's `Cargo.toml`.
    pub workspace: &'a Path,
    /// The plugins' folders.
    pub folders: &'a [PathBuf],
    /// Never the one of a run of `cargo` that this process is part of.
    pub target_dir: &'a Path,
    /// As `--features` takes them.
    pub features: &'a [&'a str],
    /// Fail rather than change `Cargo.lock`.
    pub locked: bool,
    pub progress: Progress,
}

/// A plugin's core module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    pub folder: PathBuf,
    pub core: PathBuf,
}

impl Build<'_> {
    /// Compiles all folders; the modules come in their order.
    pub fn run(&self, toolchain: &Toolchain) -> Result<Vec<Built>, BuildError> {
        self.folders.iter().map(|folder| self.compile(folder, toolchain)).collect()
    }

    fn compile(&self, folder: &Path, toolchain: &Toolchain) -> Result<Built, BuildError> {
        let mut command = self.command(folder, toolchain)?;
        let start = |source| BuildError::Start { program: toolchain.cargo.clone(), source };
        let child = command.spawn().map_err(start)?;
        let output = child.wait_with_output().map_err(start)?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr);
            let output = if words.is_empty() { String::new() } else { format!(":\n\n{}", words.trim_end()) };
            return Err(BuildError::Compile { package: file_name(folder), output });
        }
        pick(folder, &modules(&output.stdout))
    }

    fn command(&self, folder: &Path, toolchain: &Toolchain) -> Result<Command, BuildError> {
        let mut command = Command::new(&toolchain.cargo);
        for (name, _) in std::env::vars_os() {
            if is_taken_out(&name.to_string_lossy()) {
                command.env_remove(name);
            }
        }
        if toolchain.foreign {
            // It points at the active toolchain's libraries.
            command.env_remove("LD_LIBRARY_PATH");
        }
        command.current_dir(self.workspace).env("RUSTC", &toolchain.rustc);
        command.args(["rustc", "--lib", "--crate-type", "cdylib", "--package", &package_name(folder)?]);
        command.args(["--message-format=json-render-diagnostics", "--target", TARGET, "--profile", PROFILE]);
        command.arg("--target-dir").arg(self.target_dir);
        let manifest = self.workspace.join("Cargo.toml");
        let text = std::fs::read_to_string(&manifest).map_err(BuildError::read(&manifest))?;
        if !text.contains("[profile.plugin]") {
            command.args(PROFILE_SETTINGS.iter().flat_map(|setting| ["--config", setting]));
        }
        if !self.features.is_empty() {
            command.args(["--features", &self.features.join(",")]);
        }
        if self.locked {
            command.arg("--locked");
        }
        if toolchain.builds_library {
            // Building the library is not stabilised; this lets a stable compiler do it.
            command.env("RUSTC_BOOTSTRAP", "1").arg("-Zbuild-std=std,panic_abort");
        }
        if let Some(linker) = &toolchain.linker {
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
        command.env("CARGO_ENCODED_RUSTFLAGS", flags(toolchain));
        let words = if self.progress == Progress::Shown { Stdio::inherit() } else { Stdio::piped() };
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(words);
        Ok(command)
    }
}

/// The root of the workspace that a crate's folder belongs to.
pub fn workspace_of(toolchain: &Toolchain, folder: &Path) -> Result<PathBuf, BuildError> {
    let manifest = folder.join("Cargo.toml");
    let mut command = Command::new(&toolchain.cargo);
    command.args(["locate-project", "--workspace", "--message-format", "plain", "--manifest-path"]).arg(&manifest);
    let start = |source| BuildError::Start { program: toolchain.cargo.clone(), source };
    let output = command.output().map_err(start)?;
    let path = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    match path.parent() {
        Some(root) if output.status.success() => Ok(root.to_owned()),
        _ => Err(BuildError::manifest(&manifest, String::from_utf8_lossy(&output.stderr).trim())),
    }
}

/// For build scripts: a target folder beside the one in which `out_dir` lies, shared by all that build plugins in this
/// workspace.
#[must_use]
pub fn own_target_dir(out_dir: &Path) -> PathBuf {
    // `TARGET/debug/build/PACKAGE-HASH/out`, or `TARGET/TRIPLE/debug/…` where the outer run names a triple.
    let build = out_dir.ancestors().skip(1).find(|folder| folder.file_name().is_some_and(|name| name == "build"));
    let mut target = build.and_then(|build| build.parent()?.parent()).unwrap_or(out_dir);
    let triple = std::env::var_os("TARGET");
    if let (Some(name), Some(parent)) = (target.file_name(), target.parent())
        && Some(name) == triple.as_deref()
    {
        target = parent;
    }
    target.join("plugins")
}

fn is_taken_out(name: &str) -> bool {
    if name.starts_with("CARGO") {
        return !KEPT.iter().any(|kept| name.starts_with(kept));
    }
    TAKEN_OUT.contains(&name) || name.starts_with("DEP_") || name == "RUSTC"
}

/// How much larger than it is by itself a function may get by what it takes in, in the optimiser's own measure; its default is 225.
/// In the sandbox each function begins with a look at the clock and at the stack, so a call costs more than elsewhere: all checks of
/// AWS take a tenth less time so, and have 2.6 times the code, which takes twice as long to compile when it is first loaded.
const INLINING: &str = "-Cllvm-args=-inline-threshold=800";

/// Vector instructions, which every host of ours has; and no paths of this machine, so that the same source gives the
/// same bytes everywhere.
fn flags(toolchain: &Toolchain) -> OsString {
    // The unit separator is what the variable asks for between flags.
    let mut flags = OsString::from("-Ctarget-feature=+simd128\x1f");
    flags.push(INLINING);
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let source = toolchain.sysroot.join("lib/rustlib/src/rust");
    for (path, name) in [(home, "cargo"), (Some(source), "rust")] {
        if let Some(path) = path {
            flags.push("\x1f--remap-path-prefix=");
            flags.push(path);
            flags.push("=");
            flags.push(name);
        }
    }
    flags
}

fn file_name(folder: &Path) -> String {
    folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned()
}

#[derive(Deserialize)]
struct CargoToml {
    package: Option<CargoPackage>,
}

#[derive(Deserialize)]
struct CargoPackage {
    name: String,
}

fn package_name(folder: &Path) -> Result<String, BuildError> {
    let path = folder.join("Cargo.toml");
    let text = std::fs::read_to_string(&path).map_err(BuildError::read(&path))?;
    let parsed: CargoToml = toml::from_str(&text).map_err(|error| BuildError::manifest(&path, &error))?;
    let missing = || BuildError::manifest(&path, "it has no [package] with a name; a plugin's folder holds one crate");
    parsed.package.map(|package| package.name).ok_or_else(missing)
}

/// A line of `cargo`'s report that tells of a finished crate.
#[derive(Deserialize)]
struct Artifact {
    manifest_path: PathBuf,
    filenames: Vec<PathBuf>,
}

/// Core modules by the folder of the crate they were built from.
fn modules(report: &[u8]) -> BTreeMap<PathBuf, PathBuf> {
    let mut modules = BTreeMap::new();
    for line in report.split(|byte| *byte == b'\n') {
        // Other messages lack these fields.
        let Ok(artifact) = serde_json::from_slice::<Artifact>(line) else {
            continue;
        };
        let module = artifact.filenames.into_iter().find(|file| file.extension().is_some_and(|end| end == "wasm"));
        if let (Some(module), Some(folder)) = (module, artifact.manifest_path.parent()) {
            modules.insert(canonical(folder), module);
        }
    }
    modules
}

fn canonical(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

fn pick(folder: &Path, modules: &BTreeMap<PathBuf, PathBuf>) -> Result<Built, BuildError> {
    let core = modules.get(&canonical(folder));
    let core = core.ok_or_else(|| BuildError::NotACdylib { folder: folder.to_owned() })?;
    Ok(Built { folder: folder.to_owned(), core: core.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_outer_run_set_for_its_own_crates_is_taken_out() {
        for name in ["CARGO", "CARGO_PKG_NAME", "CARGO_TARGET_DIR", "CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS", "RUSTC"] {
            assert!(is_taken_out(name), "{name}");
        }
        for name in ["RUSTC_WORKSPACE_WRAPPER", "RUSTC_WRAPPER", "DEP_Z_ROOT", "OUT_DIR", "CARGO_BUILD_RUSTC_WRAPPER"] {
            assert!(is_taken_out(name), "{name}");
        }
        for name in ["CARGO_HOME", "CARGO_NET_OFFLINE", "CARGO_MAKEFLAGS", "CARGO_REGISTRIES_X_INDEX", "PATH", "HOME"] {
            assert!(!is_taken_out(name), "{name}");
        }
    }

    #[test]
    fn build_scripts_get_a_folder_beside_the_outer_one() {
        let own = |out| own_target_dir(Path::new(out));
        assert_eq!(
            own("/home/build/w/target/debug/build/plumb-bundle-1/out"),
            Path::new("/home/build/w/target/plugins")
        );
        assert_eq!(own("/elsewhere/release/build/a-1/out"), Path::new("/elsewhere/plugins"));
    }

    #[test]
    fn modules_are_found_by_the_crate_s_folder() {
        let report = concat!(
            "{\"reason\":\"compiler-artifact\",\"manifest_path\":\"/w/a/Cargo.toml\",\"filenames\":[\"/t/a.wasm\",\"/t/liba.rlib\"]}\n",
            "{\"reason\":\"compiler-artifact\",\"manifest_path\":\"/w/b/Cargo.toml\",\"filenames\":[\"/t/libb.rlib\"]}\n",
            "{\"reason\":\"build-finished\",\"success\":true}\nnot json\n",
        );
        let modules = modules(report.as_bytes());
        assert_eq!(pick(Path::new("/w/a"), &modules).unwrap().core, Path::new("/t/a.wasm"));
        let message = pick(Path::new("/w/b"), &modules).unwrap_err().to_string();
        assert!(message.contains("/w/b") && message.contains("cdylib"), "{message}");
    }
}
