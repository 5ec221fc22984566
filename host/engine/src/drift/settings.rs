//! What a target's settings say of drift: where its code is, and what its code is held against.

use std::path::PathBuf;

use serde::Deserialize;

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

    pub(crate) fn reality_of(settings: &str) -> Option<String> {
        RepositorySettings::parse(settings).ok()?.reality
    }
}
