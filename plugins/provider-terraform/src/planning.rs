//! Which files of the target are to be read: one task each.

use plumbline::log;
use plumbline::provider::{Error, Target, Task, read_document, write_document};
use serde_json::Value as Json;

use crate::sniff::{Guess, HEAD_BYTES, guess};
use crate::source::Source;

/// The target's settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Whether resource ids begin with the name of their file, because the target may hold several.
    pub qualify: bool,
    /// Entries that the user named himself; the others were found in a folder.
    pub explicit: Vec<String>,
}

/// JSON Schema of the settings.
pub const SETTINGS_SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "qualify": {
      "type": "boolean",
      "default": true,
      "description": "false where the target is one single file: a resource's id is then its Terraform address, else it begins with the name of its file and a #"
    },
    "explicit": {
      "type": "array",
      "items": {"type": "string"},
      "default": [],
      "description": "the files that were named one by one, not found in a folder: they are read whatever they look like"
    }
  },
  "additionalProperties": false
}"#;

impl Settings {
    pub fn of(target: &Target) -> Result<Settings, Error> {
        let document = read_document(&target.settings)?;
        let wrong = |what: &str| Err(Error::Invalid(format!("target '{}': {what}", target.name)));
        let mut settings = Settings { qualify: true, explicit: Vec::new() };
        let map = match &document {
            Json::Null => return Ok(settings),
            Json::Object(map) => map,
            _ => return wrong("the settings are no map"),
        };
        for (key, value) in map {
            match (key.as_str(), value) {
                ("qualify", Json::Bool(qualify)) => settings.qualify = *qualify,
                ("qualify", _) => return wrong("`qualify` must be true or false"),
                ("explicit", Json::Array(names)) if names.iter().all(Json::is_string) => {
                    settings.explicit = names.iter().filter_map(Json::as_str).map(str::to_owned).collect();
                }
                ("explicit", _) => return wrong("`explicit` must be a list of file names"),
                _ => return wrong(&format!("there is no setting `{key}`; known are `qualify` and `explicit`")),
            }
        }
        Ok(settings)
    }

    /// The id of a resource.
    pub fn id(&self, file: &str, address: &str) -> String {
        if self.qualify { format!("{file}#{address}") } else { address.to_owned() }
    }
}

/// The tasks of a target, in the order of the files' names.
pub fn plan(source: &dyn Source, target: &Target) -> Result<Vec<Task>, Error> {
    let settings = Settings::of(target)?;
    let mut entries = source.entries()?;
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    if let Some(missing) = settings.explicit.iter().find(|name| !entries.iter().any(|entry| entry.name == **name)) {
        return Err(Error::Invalid(format!("there is no file '{missing}' in target '{}'", target.name)));
    }
    let mut tasks = Vec::new();
    for entry in &entries {
        let is_named = !settings.qualify || settings.explicit.contains(&entry.name);
        if is_named || is_worth_reading(source, &entry.name)? {
            tasks.push(task(&entry.name));
        }
    }
    if tasks.is_empty() {
        return Err(Error::Invalid(format!(
            "none of the {} files of target '{}' is a Terraform state or a plan in JSON",
            entries.len(),
            target.name
        )));
    }
    Ok(tasks)
}

fn task(name: &str) -> Task {
    Task {
        id: name.to_owned(),
        service: "terraform".to_owned(),
        account: String::new(),
        region: String::new(),
        kinds: Vec::new(),
        payload: write_document(&Json::Null),
    }
}

/// Whether a file found in a folder is a state or plan, or was meant to be one.
fn is_worth_reading(source: &dyn Source, name: &str) -> Result<bool, Error> {
    if let Some(why) = is_leftover(name) {
        log::info(&format!("{name}: passed over, {why}"));
        return Ok(false);
    }
    let head = source.read(name, 0, HEAD_BYTES)?;
    let is_state_by_name = name.to_ascii_lowercase().ends_with(".tfstate");
    let worth = match guess(&head) {
        Guess::Terraform => true,
        Guess::Other => false,
        Guess::Unclear => is_state_by_name,
    };
    if !worth {
        log::info(&format!("{name}: passed over, it is no Terraform state and no plan in JSON"));
    }
    Ok(worth)
}

/// Files that Terraform keeps beside a state and that are no state of anything now.
fn is_leftover(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    if name.split('/').any(|folder| folder == ".terraform") {
        Some("Terraform's working folder holds no state of its own")
    } else if name.ends_with(".backup") || name.ends_with(".tfstate.lock.info") {
        Some("it is an earlier version or a lock of a state")
    } else {
        None
    }
}
