//! Which document a file holds, told by the keys at its top, and what to do about the ones that cannot be read.

use std::collections::BTreeSet;

use plumbline::provider::Error;
use serde_json::Value as Json;

/// A document this plugin reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A state file of version 4.
    State,
    /// What `terraform show -json` writes of a state.
    Show,
    /// What `terraform show -json` writes of a plan.
    Plan,
}

/// Keys that only Terraform's documents have.
const TELLING: &[&str] =
    &["encrypted_data", "format_version", "lineage", "planned_values", "resource_changes", "terraform_version"];

/// Keys that a state of `terraform show -json` may have where it holds no resources.
const EMPTY_STATE: &[&str] = &["checks", "format_version", "terraform_version"];

const SHOW: &str = "run `terraform show -json FILE > FILE.json` and scan that";

/// The top of a document.
#[derive(Clone, Debug, Default)]
pub struct Header {
    keys: BTreeSet<String>,
    version: Json,
    format_version: Json,
    terraform_version: Json,
    complete: Json,
    errored: Json,
}

impl Header {
    /// False where the key stood there before.
    pub fn note_key(&mut self, key: &str) -> bool {
        self.keys.insert(key.to_owned())
    }

    pub fn note_value(&mut self, key: &str, value: Json) {
        match key {
            "version" => self.version = value,
            "format_version" => self.format_version = value,
            "terraform_version" => self.terraform_version = value,
            "complete" => self.complete = value,
            "errored" => self.errored = value,
            _ => {}
        }
    }

    pub fn has(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    /// Whether a key stands there that only Terraform writes, or `version` beside a list of resources or modules.
    pub fn looks_like_terraform(&self) -> bool {
        TELLING.iter().any(|key| self.has(key))
            || (self.has("version") && (self.has("resources") || self.has("modules")))
            || (self.has("serial") && (self.has("resources") || self.has("modules")))
    }

    /// Why the document does not tell everything, where it says so itself.
    pub fn shortfall(&self) -> Option<&'static str> {
        if self.errored == Json::Bool(true) {
            Some("planning failed half-way, so resources are missing from this plan; mend the error and plan again")
        } else if self.complete == Json::Bool(false) {
            Some(
                "the plan covers only a part of the configuration (-target, or deferred changes); plan without -target",
            )
        } else {
            None
        }
    }

    /// Whether a plan lists the attributes that anything in it refers to: an empty list is left out, and Terraform before 1.2
    /// writes none.
    pub fn tells_relevant_attributes(&self) -> bool {
        let mut numbers = self.terraform_version.as_str().unwrap_or_default().split('.').map(str::parse::<u32>);
        let version = (numbers.next(), numbers.next());
        self.has("relevant_attributes")
            || matches!(version, (Some(Ok(major)), Some(Ok(minor))) if (major, minor) >= (1, 2))
    }

    /// The document, or why it cannot be read.
    pub fn format(&self) -> Result<Format, Error> {
        if self.has("encrypted_data") {
            return refuse(
                "this is an encrypted OpenTofu file: run `tofu show -json > FILE.json` where its key is at \
                           hand, and scan that",
            );
        }
        if self.has("planned_values") {
            self.check_format_version()?;
            return Ok(Format::Plan);
        }
        if self.has("resource_changes") {
            return refuse(&format!(
                "the plan has `resource_changes` but no `planned_values`, so a part was cut out: {SHOW}"
            ));
        }
        if self.has("format_version") || (self.has("values") && !self.has("version")) {
            self.check_format_version()?;
            let is_state = self.has("values") || self.keys.iter().all(|key| EMPTY_STATE.contains(&key.as_str()));
            return if is_state { Ok(Format::Show) } else { refuse(&self.foreign()) };
        }
        if self.looks_like_terraform() { self.check_state_version() } else { refuse(&self.foreign()) }
    }

    fn check_format_version(&self) -> Result<(), Error> {
        let text = match &self.format_version {
            // Hand-made and very old plans have none.
            Json::Null => return Ok(()),
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        match text.split('.').next().and_then(|major| major.parse::<u32>().ok()) {
            Some(0 | 1) => Ok(()),
            Some(_) => refuse(&format!(
                "format_version {text} is newer than this plugin reads (0 and 1); update it, or write the file with an \
                 older Terraform"
            )),
            None => refuse(&format!("format_version '{text}' is no version")),
        }
    }

    fn check_state_version(&self) -> Result<Format, Error> {
        match self.version.as_u64() {
            Some(4) => Ok(Format::State),
            Some(old @ 0..=3) => refuse(&format!(
                "state version {old} is from Terraform 0.11 or older: open it with a Terraform that writes version 4 \
                 (`terraform init`, then `terraform state pull > FILE.tfstate`), or {SHOW}"
            )),
            Some(new) => refuse(&format!(
                "state version {new} is newer than this plugin reads (4): update the plugin, or {SHOW}"
            )),
            None if self.has("version") => refuse(&format!("the state's version is {}, not a number", self.version)),
            None => refuse(&format!("the state has no `version`: it was cut or edited; write it again, or {SHOW}")),
        }
    }

    fn foreign(&self) -> String {
        let keys: Vec<String> = self.keys.iter().take(5).map(|key| format!("`{}`", shorten(key))).collect();
        let found = if keys.is_empty() { "an empty object".to_owned() } else { keys.join(", ") };
        format!(
            "this is no Terraform state and no plan in JSON (found {found}): give a .tfstate file, or what `terraform show \
             -json` writes"
        )
    }
}

fn refuse<T>(reason: &str) -> Result<T, Error> {
    Err(Error::Invalid(reason.to_owned()))
}

fn shorten(key: &str) -> String {
    key.chars().take(40).collect()
}
