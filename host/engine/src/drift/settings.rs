//! What a target's settings say of drift: where its code is, and what its code is held against.

use std::path::PathBuf;

use serde::Deserialize;

use crate::drift::git::{check_address, check_within};
use crate::error::EngineError;

/// The settings of a target of infrastructure code. Its Terraform state is the baseline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RepositorySettings {
    /// Files and folders; within the repository where there is one, relative to its root. Empty for all of it.
    pub paths: Vec<PathBuf>,
    pub repository: Option<Repository>,
    /// The name of the target that shows what there really is.
    pub reality: Option<String>,
}

/// A git repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repository {
    /// `https://…`; nothing else is fetched.
    pub url: String,
    /// A branch or tag; none for the repository's own choice.
    #[serde(default, rename = "ref")]
    pub reference: Option<String>,
}

impl RepositorySettings {
    /// Reads a target's settings, a JSON object.
    pub fn parse(settings: &str) -> Result<RepositorySettings, EngineError> {
        serde_json::from_str(settings).map_err(|error| EngineError::Target(format!("the target's settings: {error}")))
    }

    /// Whether settings that name a repository can be used: an address that is fetched, and one path within at most. Settings without one
    /// are none of its business.
    pub fn check(settings: &serde_json::Map<String, serde_json::Value>) -> Result<(), EngineError> {
        if !settings.contains_key("repository") {
            return Ok(());
        }
        let wrong = |problem: String| EngineError::Target(problem);
        let read: RepositorySettings =
            serde_json::from_value(settings.clone().into()).map_err(|error| wrong(error.to_string()))?;
        if let Some(repository) = &read.repository {
            check_address(&repository.url)?;
        }
        match read.paths.as_slice() {
            [] => Ok(()),
            [only] => check_within(only),
            _ => Err(wrong("a repository's `paths` has at most one; name the folder that holds them all".to_owned())),
        }
    }

    pub(crate) fn reality_of(settings: &str) -> Option<String> {
        RepositorySettings::parse(settings).ok()?.reality
    }
}
