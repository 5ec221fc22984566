//! The file of accepted findings:
//!
//! ```toml
//! [[mute]]
//! check = "s3_bucket_object_versioning"   # * and ? stand for any characters; left out: all
//! resource = "*.scratch*"
//! account = "123456789012"
//! region = "eu-central-1"
//! reason = "scratch data"                 # required
//! owner = "data-team"                     # required
//! expires = "2027-01-31"                  # the last day it holds
//! ```

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use plumb_model::mute::Mute;
use serde::Deserialize;

use crate::arguments::Common;
use crate::exit::usage;

/// A list of accepted findings larger than this is no list that a person keeps.
const MOST_BYTES: u64 = 4 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    mute: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(default = "any")]
    check: String,
    #[serde(default = "any")]
    resource: String,
    #[serde(default = "any")]
    account: String,
    #[serde(default = "any")]
    region: String,
    reason: String,
    owner: String,
    expires: Option<String>,
}

fn any() -> String {
    "*".to_owned()
}

/// The file that is meant.
pub(crate) fn path(common: &Common, named: Option<&PathBuf>) -> anyhow::Result<PathBuf> {
    match named {
        Some(path) => Ok(path.clone()),
        None => Ok(crate::context::data(common)?.join("mutes.toml")),
    }
}

/// Reads a file. One that is not there is empty, unless the user named it.
pub(crate) fn read(path: &Path, named: bool) -> anyhow::Result<Vec<Mute>> {
    let size = match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !named => return Ok(Vec::new()),
        about => about.map_err(|error| usage(format!("{}: {error}", path.display())))?.len(),
    };
    if size > MOST_BYTES {
        return Err(usage(format!("{}: {size} bytes; {MOST_BYTES} is the bound", path.display())));
    }
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    parse(&text).map_err(|error| usage(format!("{}: {error}", path.display())))
}

fn parse(text: &str) -> Result<Vec<Mute>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    file.mute
        .into_iter()
        .enumerate()
        .map(|(number, entry)| check(entry).map_err(|error| format!("entry {}: {error}", number + 1)))
        .collect()
}

fn check(entry: Entry) -> Result<Mute, String> {
    for (field, text) in [("reason", &entry.reason), ("owner", &entry.owner)] {
        if text.trim().is_empty() {
            return Err(format!("`{field}` is empty; somebody must answer for what is accepted"));
        }
    }
    if let Some(date) = &entry.expires {
        let parsed: Result<jiff::civil::Date, _> = date.parse();
        if parsed.is_err() || date.len() != 10 {
            return Err(format!("`expires` must be a date such as 2027-01-31, not '{date}'"));
        }
    }
    Ok(Mute {
        check: entry.check,
        resource: entry.resource,
        account: entry.account,
        region: entry.region,
        reason: entry.reason,
        owner: entry.owner,
        expires: entry.expires,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_needs_a_reason_an_owner_and_a_real_date() {
        assert_eq!(parse("").unwrap(), []);
        let good = "[[mute]]\nreason = \"r\"\nowner = \"o\"\nexpires = \"2027-01-31\"\n";
        assert_eq!(parse(good).unwrap()[0].check, "*");
        for (bad, named) in [
            ("[[mute]]\nreason = \"r\"\n", "owner"),
            ("[[mute]]\nreason = \" \"\nowner = \"o\"\n", "reason"),
            ("[[mute]]\nreason = \"r\"\nowner = \"o\"\nexpires = \"2027-02-31\"\n", "entry 1: `expires`"),
            ("[[mute]]\nreason = \"r\"\nowner = \"o\"\nchecks = \"x\"\n", "checks"),
        ] {
            let message = parse(bad).unwrap_err();
            assert!(message.contains(named), "{message}");
        }
    }
}
