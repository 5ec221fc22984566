//! Runs `plumb` in folders of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

/// A place to run `plumb` in: an own ledger, the compiled plugins shared by all tests.
pub(crate) struct Plumb {
    pub(crate) folder: TempDir,
    plugins: Vec<PathBuf>,
}

/// What a run gave.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Run {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.stdout, self.stderr))
    }

    /// The findings of a scan in JSON.
    #[track_caller]
    pub(crate) fn findings(&self) -> Vec<Value> {
        self.json()["findings"].as_array().expect("findings").clone()
    }
}

impl Plumb {
    pub(crate) fn new() -> Plumb {
        Plumb { folder: TempDir::new().expect("a temporary folder"), plugins: Vec::new() }
    }

    /// With these components as a plugin folder.
    pub(crate) fn with_plugins(components: &[(&str, Vec<u8>)]) -> Plumb {
        let mut plumb = Plumb::new();
        let folder = plumb.path("plugins");
        std::fs::create_dir(&folder).unwrap();
        for (name, bytes) in components {
            std::fs::write(folder.join(format!("{name}.wasm")), bytes).unwrap();
        }
        plumb.plugins.push(folder);
        plumb
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file and gives its path.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn command<S: AsRef<std::ffi::OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plumb"));
        command.arg("--data").arg(self.path("data"));
        for plugins in &self.plugins {
            command.arg("--plugins").arg(plugins);
        }
        command.args(arguments).env("XDG_CACHE_HOME", cache()).env("NO_COLOR", "1").stdin(Stdio::null());
        command.current_dir(self.folder.path());
        command
    }

    pub(crate) fn run<S: AsRef<std::ffi::OsStr>>(&self, arguments: &[S]) -> Run {
        finished(self.command(arguments).output().expect("plumb starts"))
    }

    /// `plumb scan terraform PATH… -o json` with further arguments.
    pub(crate) fn scan(&self, path: &Path, further: &[&str]) -> Run {
        let mut arguments = vec!["scan", "terraform", path.to_str().unwrap(), "-o", "json"];
        arguments.extend(further);
        self.run(&arguments)
    }
}

pub(crate) fn finished(output: Output) -> Run {
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("UTF-8 on standard output"),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Compiled plugins, kept between tests and runs: compiling them takes seconds, and that they are found again is tested too.
pub(crate) fn cache() -> &'static Path {
    static CACHE: OnceLock<PathBuf> = OnceLock::new();
    CACHE.get_or_init(|| {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cache");
        std::fs::create_dir_all(&folder).unwrap();
        folder
    })
}

pub(crate) fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// A state with these resources: (type, name, attributes).
pub(crate) fn state(resources: &[(&str, &str, Value)]) -> String {
    let resources: Vec<Value> = resources
        .iter()
        .map(|(kind, name, attributes)| {
            serde_json::json!({
                "mode": "managed", "type": kind, "name": name,
                "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
                "instances": [{"schema_version": 0, "attributes": attributes, "sensitive_attributes": []}],
            })
        })
        .collect();
    serde_json::json!({
        "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "5a1e", "outputs": {}, "resources": resources,
    })
    .to_string()
}

/// A bucket, versioned or not.
pub(crate) fn bucket(name: &str, versioned: bool) -> Value {
    serde_json::json!({
        "id": name, "bucket": name, "arn": format!("arn:aws:s3:::{name}"),
        "versioning": [{"enabled": versioned, "mfa_delete": false}],
    })
}

pub(crate) const VERSIONING: &str = "s3_bucket_object_versioning";
