//! A catalogue of requirements, written in TOML:
//!
//! ```toml
//! id = "acme_1.0_aws"
//! title = "Acme cloud rules"
//! version = "1.0"
//! publisher = "Acme"
//! families = ["aws"]              # empty or left out: all
//! url = "https://example.com/rules"
//!
//! [[control]]
//! id = "A.1"
//! title = "Buckets are private"
//! section = ["Storage"]           # from the outside in
//! checks = ["s3_bucket_public_access"]
//!
//! [[control]]
//! id = "A.2"
//! title = "Somebody owns each bucket"
//! section = ["Storage"]
//! guidance = "Ask the teams."     # no checks: assessed by hand
//! ```

use serde::Deserialize;

/// One framework, as its TOML file says.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// Lower case letters, digits, `.` and `_`.
    pub id: String,
    pub title: String,
    pub version: String,
    pub publisher: String,
    /// What comes before the first `_` of the kinds it is about; empty means all.
    #[serde(default)]
    pub families: Vec<String>,
    #[serde(default)]
    pub url: String,
    #[serde(default, rename = "control")]
    pub controls: Vec<Control>,
}

/// One requirement.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Control {
    pub id: String,
    pub title: String,
    #[serde(default)]
    pub section: Vec<String>,
    /// Empty means it is assessed by hand.
    #[serde(default)]
    pub checks: Vec<String>,
    #[serde(default)]
    pub guidance: String,
}

impl Framework {
    /// # Panics
    /// Where the text is no such TOML: the text is part of the plugin, and [`Framework::try_parse`] in a test says what is wrong.
    #[must_use]
    #[allow(
        clippy::panic,
        reason = "the text is part of the plugin, so this is a fault of its build and not of its input"
    )]
    pub fn parse(text: &str) -> Framework {
        match Framework::try_parse(text) {
            Ok(framework) => framework,
            Err(message) => panic!("{message}"),
        }
    }

    /// # Errors
    /// What is wrong, and where. Also where two controls share an id, or one has neither checks nor a title.
    pub fn try_parse(text: &str) -> Result<Framework, String> {
        let framework: Framework = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut seen = std::collections::BTreeSet::new();
        for control in &framework.controls {
            if !seen.insert(&control.id) {
                return Err(format!("{}: control {} stands twice", framework.id, control.id));
            }
            if control.title.is_empty() {
                return Err(format!("{}: control {} has no title", framework.id, control.id));
            }
        }
        Ok(framework)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "id = \"a\"\ntitle = \"A\"\nversion = \"1\"\npublisher = \"P\"\n\
                        [[control]]\nid = \"1\"\ntitle = \"One\"\nchecks = [\"c\"]\n";

    #[test]
    fn a_framework_is_what_its_file_says() {
        let framework = Framework::try_parse(TEXT).unwrap();
        assert_eq!((framework.controls.len(), framework.controls[0].checks.len()), (1, 1));
    }

    #[test]
    fn a_control_that_stands_twice_is_refused() {
        let twice = format!("{TEXT}[[control]]\nid = \"1\"\ntitle = \"Again\"\n");
        assert_eq!(Framework::try_parse(&twice).unwrap_err(), "a: control 1 stands twice");
    }

    #[test]
    fn an_unknown_key_is_refused() {
        assert!(Framework::try_parse(&format!("{TEXT}check = []\n")).unwrap_err().contains("check"));
    }
}
