//! What a plugin says of itself: `plugin.toml`, carried in the component as a custom section and readable without running it.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use serde::Deserialize;

use crate::error::LoadError;
use crate::grant::{Hosts, Writes};
use crate::limits::{CALL_TIME_CEILING, Limits, MANIFEST_BYTES, MEMORY_CEILING};

/// The custom section's name.
pub const SECTION: &str = "plumbline:manifest";

/// An interface a plugin can export.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[serde(rename_all = "lowercase")]
pub enum Export {
    Provider,
    Remediation,
    Checks,
    Framework,
}

impl Export {
    /// The interface's name in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Export::Provider => "provider",
            Export::Remediation => "remediation",
            Export::Checks => "checks",
            Export::Framework => "framework",
        }
    }
}

/// An interface of the host that a plugin can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
    Log,
    Snapshot,
    Files,
    Inventory,
    Http,
    /// Not of the contract but of WASI 0.2, for components that their toolchain cannot build without it.
    Wasi,
}

impl Capability {
    pub const ALL: [Capability; 6] = [
        Capability::Log,
        Capability::Snapshot,
        Capability::Files,
        Capability::Inventory,
        Capability::Http,
        Capability::Wasi,
    ];

    /// The interface's name in the contract; `wasi` stands for all of WASI that may be granted.
    pub fn as_str(self) -> &'static str {
        match self {
            Capability::Log => "log",
            Capability::Snapshot => "snapshot",
            Capability::Files => "files",
            Capability::Inventory => "inventory",
            Capability::Http => "http",
            Capability::Wasi => "wasi",
        }
    }

    /// What it lets a plugin do, for people who decide.
    pub fn meaning(self) -> &'static str {
        match self {
            Capability::Log => "write log lines",
            Capability::Snapshot => "read the resources of the account being scanned",
            Capability::Files => "read the files given as the target",
            Capability::Inventory => "hand over the resources it found",
            Capability::Http => "call cloud APIs through the host",
            Capability::Wasi => {
                "run on its language's own library, which finds no files, no network and no clock but the scan's"
            }
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The form in which a plugin wants documents.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    #[default]
    Msgpack,
    Json,
}

/// What a plugin says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    pub id: String,
    pub version: String,
    pub title: String,
    pub publisher: String,
    pub exports: BTreeSet<Export>,
    pub encoding: Encoding,
    pub capabilities: BTreeSet<Capability>,
    /// Where `http` is to go.
    pub hosts: Hosts,
    /// What the steps of its remediation plans do.
    pub writes: Writes,
    pub limits: Limits,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    version: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    publisher: String,
    exports: BTreeSet<Export>,
    #[serde(default)]
    encoding: Encoding,
    #[serde(default)]
    capabilities: Capabilities,
    #[serde(default)]
    http: Http,
    #[serde(default)]
    limits: Asked,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Http {
    /// `"*.amazonaws.com"`
    hosts: Vec<String>,
    /// `"s3:PutBucketVersioning"`
    writes: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(clippy::struct_excessive_bools, reason = "a TOML table of switches; it becomes a set at once")]
struct Capabilities {
    log: bool,
    snapshot: bool,
    files: bool,
    inventory: bool,
    http: bool,
    wasi: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Asked {
    /// `"128MiB"`.
    memory: Option<String>,
    call_seconds: Option<u64>,
}

impl Manifest {
    /// Reads the custom section's text.
    pub fn parse(text: &[u8]) -> Result<Manifest, LoadError> {
        if text.len() > MANIFEST_BYTES {
            return Err(LoadError::Manifest(format!("it has {} bytes; {MANIFEST_BYTES} is the bound", text.len())));
        }
        let text = std::str::from_utf8(text).map_err(|_| LoadError::Manifest("it is not UTF-8".to_owned()))?;
        let file: File = toml::from_str(text).map_err(|error| LoadError::Manifest(error.to_string()))?;
        check_name("id", &file.id)?;
        check_version(&file.version)?;
        if file.exports.is_empty() {
            return Err(LoadError::Manifest("`exports` names no interface".to_owned()));
        }
        if file.capabilities.http == file.http.hosts.is_empty() {
            let both = "`capabilities.http` and `http.hosts` go together: say whether to call, and whom";
            return Err(LoadError::Manifest(both.to_owned()));
        }
        let hosts =
            Hosts::new(file.http.hosts).map_err(|wrong| LoadError::Manifest(format!("`http.hosts`: {wrong}")))?;
        let writes =
            Writes::new(file.http.writes).map_err(|wrong| LoadError::Manifest(format!("`http.writes`: {wrong}")))?;
        let plans = file.exports.contains(&Export::Remediation);
        if plans == writes.is_empty() {
            let both = "the export `remediation` and `http.writes` go together: say whether to mend, and by what";
            return Err(LoadError::Manifest(both.to_owned()));
        }
        if plans && !(file.exports.contains(&Export::Provider) && file.capabilities.http) {
            let beside = "`remediation` is exported beside `provider`, by a plugin with `capabilities.http`";
            return Err(LoadError::Manifest(beside.to_owned()));
        }
        let asked = [
            (file.capabilities.log, Capability::Log),
            (file.capabilities.snapshot, Capability::Snapshot),
            (file.capabilities.files, Capability::Files),
            (file.capabilities.inventory, Capability::Inventory),
            (file.capabilities.http, Capability::Http),
            (file.capabilities.wasi, Capability::Wasi),
        ];
        Ok(Manifest {
            hosts,
            writes,
            limits: limits(&file.limits)?,
            id: file.id,
            version: file.version,
            title: crate::output::line(&file.title),
            publisher: crate::output::line(&file.publisher),
            exports: file.exports,
            encoding: file.encoding,
            capabilities: asked.into_iter().filter_map(|(asked, capability)| asked.then_some(capability)).collect(),
        })
    }
}

fn check_name(field: &str, name: &str) -> Result<(), LoadError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    let good = !name.is_empty() && name.len() <= 100 && name.chars().all(plain);
    good.then_some(()).ok_or_else(|| {
        LoadError::Manifest(format!("`{field}` must be 1 to 100 of a-z, 0-9, '-', '_' and '.', not {name:?}"))
    })
}

fn check_version(version: &str) -> Result<(), LoadError> {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.');
    let good = version.len() <= 100
        && version.chars().all(plain)
        && core.split('.').count() == 3
        && core.split('.').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit()));
    good.then_some(()).ok_or_else(|| {
        LoadError::Manifest(format!("`version` must be a semantic version such as 1.2.3, not {version:?}"))
    })
}

fn limits(asked: &Asked) -> Result<Limits, LoadError> {
    let mut limits = Limits::default();
    if let Some(memory) = &asked.memory {
        let mebibytes = memory.strip_suffix("MiB").and_then(|number| number.trim().parse::<usize>().ok());
        let bytes = mebibytes.and_then(|number| number.checked_mul(1 << 20)).filter(|bytes| *bytes > 0);
        let bytes = bytes.ok_or_else(|| {
            LoadError::Manifest(format!("`limits.memory` must be such as \"128MiB\", not {memory:?}"))
        })?;
        if bytes > MEMORY_CEILING {
            let most = MEMORY_CEILING >> 20;
            return Err(LoadError::Manifest(format!("`limits.memory` asks for {memory}; {most}MiB is the most")));
        }
        limits.memory = bytes;
    }
    if let Some(seconds) = asked.call_seconds {
        let most = CALL_TIME_CEILING.as_secs();
        if seconds == 0 || seconds > most {
            return Err(LoadError::Manifest(format!("`limits.call_seconds` must be 1 to {most}, not {seconds}")));
        }
        limits.call = Duration::from_secs(seconds);
        limits.collect = Duration::from_secs(seconds);
    }
    Ok(limits)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROVIDER: &str = "id = \"a\"\nversion = \"0.1.0\"\nexports = ";
    const HTTP: &str = "[capabilities]\nhttp = true\n[http]\nhosts = [\"*.amazonaws.com\"]\n";
    const GOOD: &str = "id = \"a\"\nversion = \"0.1.0\"\nexports = [\"checks\"]\n";

    #[test]
    fn a_manifest_says_what_it_asks_for() {
        let text = format!(
            "{GOOD}encoding = \"json\"\n[capabilities]\nlog = true\n[limits]\nmemory = \"128 MiB\"\ncall_seconds = 5\n"
        );
        let manifest = Manifest::parse(text.as_bytes()).unwrap();
        assert_eq!(manifest.capabilities, [Capability::Log].into());
        assert_eq!(manifest.encoding, Encoding::Json);
        assert_eq!(manifest.limits.memory, 128 << 20);
        assert_eq!(manifest.limits.call, Duration::from_secs(5));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, named) in [
            ("", "id"),
            ("id = \"A b\"\nversion = \"0.1.0\"\nexports = [\"checks\"]\n", "a-z"),
            ("id = \"a\"\nversion = \"1\"\nexports = [\"checks\"]\n", "semantic version"),
            ("id = \"a\"\nversion = \"0.1.0\"\nexports = []\n", "exports"),
            ("id = \"a\"\nversion = \"0.1.0\"\nexports = [\"cheques\"]\n", "cheques"),
            (&format!("{GOOD}[capabilities]\nroot = true\n"), "root"),
            (&format!("{GOOD}[capabilities]\nhttp = true\n"), "http.hosts"),
            (&format!("{GOOD}[http]\nhosts = [\"a.example.com\"]\n"), "capabilities.http"),
            (&format!("{GOOD}[capabilities]\nhttp = true\n[http]\nhosts = [\"*\"]\n"), "is no host"),
            (&format!("{GOOD}[http]\nwrites = [\"s3:PutBucketVersioning\"]\n"), "go together"),
            (&format!("{PROVIDER}[\"provider\", \"remediation\"]\n{HTTP}"), "go together"),
            (&format!("{PROVIDER}[\"provider\", \"remediation\"]\n{HTTP}writes = [\"s3:*\"]\n"), "s3:*"),
            (
                &format!("{PROVIDER}[\"remediation\"]\n{HTTP}writes = [\"s3:PutBucketVersioning\"]\n"),
                "beside `provider`",
            ),
            (&format!("{GOOD}[limits]\nmemory = \"9000MiB\"\n"), "the most"),
            (&format!("{GOOD}[limits]\nmemory = \"lots\"\n"), "128MiB"),
            (&format!("{GOOD}[limits]\ncall_seconds = 0\n"), "call_seconds"),
        ] {
            let message = Manifest::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(message.contains(named), "{message}");
        }
    }
}
