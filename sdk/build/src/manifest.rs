//! As much of `plugin.toml` as building a plugin needs. The host reads the rest, and is stricter.

use std::path::Path;

use serde::Deserialize;

use crate::error::BuildError;

/// The file's name in a plugin's folder.
pub const FILE: &str = "plugin.toml";

/// The interfaces a plugin can export.
pub const EXPORTS: [&str; 4] = ["provider", "remediation", "checks", "framework"];

/// A manifest's text, and what was found in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    pub id: String,
    pub version: String,
    /// In alphabetical order.
    pub exports: Vec<String>,
    /// Whether it asks for WASI, which its users have to grant.
    pub wasi: bool,
    /// As it was read: this is what the component carries.
    pub text: String,
}

#[derive(Deserialize)]
struct Fields {
    id: Option<String>,
    version: Option<String>,
    #[serde(default)]
    exports: Vec<String>,
    #[serde(default)]
    capabilities: Capabilities,
}

#[derive(Default, Deserialize)]
struct Capabilities {
    #[serde(default)]
    wasi: bool,
}

impl Manifest {
    /// Reads `plugin.toml` in this folder.
    pub fn read(folder: &Path) -> Result<Manifest, BuildError> {
        let path = folder.join(FILE);
        let text = std::fs::read_to_string(&path).map_err(BuildError::read(&path))?;
        Manifest::parse(&path, text)
    }

    /// Checks the text of the file at `path`, which is only named in errors.
    pub fn parse(path: &Path, text: impl Into<String>) -> Result<Manifest, BuildError> {
        let text = text.into();
        let fields: Fields = toml::from_str(&text).map_err(|error| BuildError::manifest(path, &error))?;
        let id = required(path, "id", "\"acme-checks\"", fields.id)?;
        let version = required(path, "version", "\"0.1.0\"", fields.version)?;
        let mut exports = fields.exports;
        exports.sort();
        exports.dedup();
        if exports.is_empty() {
            let reason =
                "it does not say what the plugin exports; add `exports = [\"checks\"]` (or provider, framework)";
            return Err(BuildError::manifest(path, &reason));
        }
        if let Some(unknown) = exports.iter().find(|export| !EXPORTS.contains(&export.as_str())) {
            let reason =
                format!("`exports` names '{unknown}'; a plugin exports provider, remediation, checks or framework");
            return Err(BuildError::manifest(path, &reason));
        }
        Ok(Manifest { id, version, exports, wasi: fields.capabilities.wasi, text })
    }
}

fn required(path: &Path, key: &str, example: &str, value: Option<String>) -> Result<String, BuildError> {
    let missing = || BuildError::manifest(path, &format!("`{key}` is missing; add `{key} = {example}`"));
    value.filter(|value| !value.trim().is_empty()).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Manifest, String> {
        Manifest::parse(Path::new("acme/plugin.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_manifest_keeps_its_text() {
        let text =
            "id = \"a\"\nversion = \"1.0.0\"\nexports = [\"framework\", \"checks\"]\n[capabilities]\nlog = true\n";
        let manifest = parse(text).unwrap();
        assert_eq!(manifest.exports, ["checks", "framework"]);
        assert_eq!(manifest.text, text);
    }

    #[test]
    fn what_is_missing_is_named_with_the_file_and_an_example() {
        for (text, expected) in [
            (
                "version = \"1.0.0\"\nexports = [\"checks\"]",
                "acme/plugin.toml: `id` is missing; add `id = \"acme-checks\"`",
            ),
            ("id = \"a\"\nexports = [\"checks\"]", "acme/plugin.toml: `version` is missing; add `version = \"0.1.0\"`"),
            ("id = \"\"\nversion = \"1\"", "`id` is missing"),
            ("id = \"a\"\nversion = \"1\"", "does not say what the plugin exports"),
            ("id = \"a\"\nversion = \"1\"\nexports = [\"chekcs\"]", "'chekcs'"),
            ("id = ", "acme/plugin.toml: TOML parse error at line 1"),
        ] {
            let message = parse(text).unwrap_err();
            assert!(message.contains(expected), "{message}");
        }
    }
}
