//! What is to be scanned and how, and who is told: in an order as in a schedule.

use std::time::Duration;

use jiff::SignedDuration;
use plumb_model::notification::{Channel, ChannelKind, ScanNotifications};
use plumb_model::scan::ScanType;
use plumb_model::schedule::{ScanConfig, ScanScope};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Detail;
use crate::views::span;

/// A scan may be given between a second and a day.
const TIMEOUTS: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(24);

/// Characters of a name.
pub(crate) const NAME_CHARS: usize = 200;

/// Globs in one list of a scope, and characters of one. Each is tried on each resource.
const GLOBS: usize = 1_000;
const GLOB_CHARS: usize = 2_048;

/// Channels that one scan names.
const CHANNELS: usize = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ScanTypeWord {
    Full,
    Incremental,
    PolicySpecific,
    ResourceSpecific,
    Drift,
}

impl From<ScanTypeWord> for ScanType {
    fn from(word: ScanTypeWord) -> ScanType {
        match word {
            ScanTypeWord::Full => ScanType::Full,
            ScanTypeWord::Incremental => ScanType::Incremental,
            ScanTypeWord::PolicySpecific => ScanType::PolicySpecific,
            ScanTypeWord::ResourceSpecific => ScanType::ResourceSpecific,
            ScanTypeWord::Drift => ScanType::Drift,
        }
    }
}

impl From<ScanType> for ScanTypeWord {
    fn from(scan_type: ScanType) -> ScanTypeWord {
        match scan_type {
            ScanType::Full => ScanTypeWord::Full,
            ScanType::Incremental => ScanTypeWord::Incremental,
            ScanType::PolicySpecific => ScanTypeWord::PolicySpecific,
            ScanType::ResourceSpecific => ScanTypeWord::ResourceSpecific,
            ScanType::Drift => ScanTypeWord::Drift,
        }
    }
}

/// Globs; what is excluded wins.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NewScope {
    /// Of checks, controls, frameworks, and categories of checks
    include_policies: Vec<String>,
    exclude_policies: Vec<String>,
    include_resources: Vec<String>,
    exclude_resources: Vec<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[allow(clippy::struct_field_names, reason = "the document's names")]
pub(crate) struct Execution {
    /// Always true: what is to run later belongs into a schedule
    immediate: Option<bool>,
    /// Whether tasks run side by side; true by default
    parallel_execution: Option<bool>,
    #[schema(example = "1h")]
    timeout: Option<String>,
}

/// Who is told of a scan. Channels are kinds (`email`, `slack`, `webhook`), which stand for all enabled channels of that kind, or names
/// of channels.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Notifications {
    pub(crate) on_completion: bool,
    /// Of scans that are cancelled as well
    pub(crate) on_failure: bool,
    #[schema(example = json!(["email", "slack"]))]
    pub(crate) channels: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScanConfigBody {
    pub(crate) scan_type: ScanTypeWord,
    /// The label `environment` of the targets to scan
    pub(crate) environment: String,
    /// Clouds, or names of providers
    pub(crate) cloud_providers: Vec<String>,
    /// Ids, or names such as `soc2`; all that fit if none is given
    #[serde(default)]
    pub(crate) frameworks: Vec<String>,
    #[serde(default)]
    pub(crate) scope: Option<NewScope>,
    #[serde(default)]
    pub(crate) execution: Option<Execution>,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub(crate) audit_name: Option<String>,
}

impl ScanConfigBody {
    /// What it says; what is wrong with it goes to `problems`, under names that begin with `prefix`.
    pub(crate) fn read(self, prefix: &str, problems: &mut Vec<Detail>) -> ScanConfig {
        let mut wrong = |field: &str, message: String| {
            problems.push(Detail { field: format!("{prefix}{field}"), message });
        };
        let (scope, execution) = (self.scope.unwrap_or_default(), self.execution.unwrap_or_default());
        if self.environment.trim().is_empty() || self.environment.chars().count() > NAME_CHARS {
            wrong("environment", "An environment must be specified".to_owned());
        }
        if self.cloud_providers.is_empty() {
            wrong("cloud_providers", "At least one cloud provider must be specified".to_owned());
        }
        if execution.immediate == Some(false) {
            wrong("execution.immediate", "A triggered scan begins as soon as there is a place for it".to_owned());
        }
        let timeout = execution.timeout.as_deref().map(timeout);
        if let Some(Err(message)) = &timeout {
            wrong("execution.timeout", message.clone());
        }
        if self.audit_name.as_ref().is_some_and(|name| name.chars().count() > NAME_CHARS) {
            wrong("audit_name", format!("A name has up to {NAME_CHARS} characters"));
        }
        let lists = [
            ("scope.include_policies", &scope.include_policies),
            ("scope.exclude_policies", &scope.exclude_policies),
            ("scope.include_resources", &scope.include_resources),
            ("scope.exclude_resources", &scope.exclude_resources),
            ("cloud_providers", &self.cloud_providers),
            ("frameworks", &self.frameworks),
        ];
        for (field, globs) in lists {
            if globs.len() > GLOBS || globs.iter().any(|glob| glob.len() > GLOB_CHARS) {
                wrong(field, format!("Give at most {GLOBS}, each of at most {GLOB_CHARS} bytes"));
            }
        }
        ScanConfig {
            scan_type: self.scan_type.into(),
            environment: self.environment,
            cloud_providers: self.cloud_providers,
            frameworks: self.frameworks,
            scope: scope.into(),
            audit_name: self.audit_name,
            timeout: timeout.and_then(Result::ok),
            serial: execution.parallel_execution == Some(false),
        }
    }
}

impl From<ScanConfig> for ScanConfigBody {
    fn from(config: ScanConfig) -> ScanConfigBody {
        let ScanScope { include_policies, exclude_policies, include_resources, exclude_resources } = config.scope;
        ScanConfigBody {
            scan_type: config.scan_type.into(),
            environment: config.environment,
            cloud_providers: config.cloud_providers,
            frameworks: config.frameworks,
            scope: Some(NewScope { include_policies, exclude_policies, include_resources, exclude_resources }),
            execution: Some(Execution {
                immediate: Some(true),
                parallel_execution: Some(!config.serial),
                timeout: config.timeout.map(span),
            }),
            audit_name: config.audit_name,
        }
    }
}

impl From<NewScope> for ScanScope {
    fn from(scope: NewScope) -> ScanScope {
        let NewScope { include_policies, exclude_policies, include_resources, exclude_resources } = scope;
        ScanScope { include_policies, exclude_policies, include_resources, exclude_resources }
    }
}

impl Notifications {
    /// What it says; a channel that is neither a kind nor one of these is wrong.
    pub(crate) fn read(self, known: &[Channel], problems: &mut Vec<Detail>) -> ScanNotifications {
        let Notifications { on_completion, on_failure, channels } = self;
        let mut wrong = |message: String| {
            problems.push(Detail { field: "notifications.channels".to_owned(), message });
        };
        if channels.len() > CHANNELS {
            wrong(format!("Give at most {CHANNELS}"));
        }
        let is_kind = |name: &str| ChannelKind::ALL.iter().any(|kind| kind.as_str() == name);
        let is_known = |name: &str| is_kind(name) || known.iter().any(|known| known.name == name);
        for name in channels.iter().filter(|name| !is_known(name)) {
            let kinds = ChannelKind::ALL.map(ChannelKind::as_str).join(", ");
            wrong(format!("'{name}' is no channel; use {kinds}, or the name of one of your channels"));
        }
        ScanNotifications { on_completion, on_failure, channels }
    }
}

impl From<ScanNotifications> for Notifications {
    fn from(wanted: ScanNotifications) -> Notifications {
        let ScanNotifications { on_completion, on_failure, channels } = wanted;
        Notifications { on_completion, on_failure, channels }
    }
}

/// `1h`, `90m`, `45m30s`.
fn timeout(text: &str) -> Result<Duration, String> {
    let wrong = || "Write a time from 1s to 24h such as 1h, 90m or 45m30s".to_owned();
    let parsed: SignedDuration = text.parse().map_err(|_| wrong())?;
    let parsed = Duration::try_from(parsed).map_err(|_| wrong())?;
    if TIMEOUTS.contains(&parsed) { Ok(parsed) } else { Err(wrong()) }
}
