//! A channel as clients write and see it.

use plumb_engine::notify::email::is_address;
use plumb_model::notification::{Channel, ChannelKind, Destination, EventKind, Rule, UrlSource};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::Access;
use crate::problem::{Detail, Problem};
use crate::state::AppState;
use crate::time::now;
use crate::views::{SeverityWord, uuid};

/// Characters of a name.
const NAME_CHARS: usize = 200;

/// Addresses of one channel; for more there are mailing lists.
const ADDRESSES: usize = 20;

/// Bytes of a URL. Receivers' own bounds lie between 2,000 and 8,000.
const URL_BYTES: usize = 2_000;

/// Each is held against each event.
const RULES: usize = 20;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewChannel {
    /// Unique within the tenant, and none of the words for kinds
    #[schema(max_length = 200, example = "security team")]
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: ChannelWord,
    /// Of `email` alone: 1 to 20 addresses
    #[serde(default)]
    pub(crate) to: Vec<String>,
    /// Of `webhook` alone: an https URL that is no secret, so without a query
    #[schema(example = "https://hooks.example.com/plumb")]
    pub(crate) url: Option<String>,
    /// Of `slack` and `webhook`: the name of a secret that the operator keeps, in which the URL is
    pub(crate) url_secret: Option<String>,
    /// What is told over it; any of them is enough. Without rules it tells of scans that name it.
    #[serde(default)]
    pub(crate) rules: Vec<RuleBody>,
    #[serde(default = "enabled")]
    pub(crate) enabled: bool,
}

fn enabled() -> bool {
    true
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChannelAnswer {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: ChannelWord,
    to: Vec<String>,
    url: Option<String>,
    url_secret: Option<String>,
    rules: Vec<RuleBody>,
    enabled: bool,
    created_at: String,
    updated_at: String,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChannelWord {
    #[default]
    Email,
    Slack,
    Webhook,
}

/// All conditions of a rule have to hold; what is left out always does.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleBody {
    /// All, if none is given
    #[serde(default)]
    pub(crate) events: Vec<EventWord>,
    /// Violations or drifts at least as bad are there; new ones, if only those count
    #[serde(default)]
    pub(crate) min_severity: Option<SeverityWord>,
    /// There are violations that the scan before did not have
    #[serde(default)]
    pub(crate) new_violations_only: bool,
    /// The score is lower than that of the scan before, by so many points at least
    #[serde(default)]
    pub(crate) score_fall: Option<f64>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) enum EventWord {
    #[serde(rename = "scan.completed")]
    ScanCompleted,
    #[serde(rename = "scan.failed")]
    ScanFailed,
    #[serde(rename = "scan.cancelled")]
    ScanCancelled,
    #[serde(rename = "drift.detected")]
    DriftDetected,
}

impl NewChannel {
    /// The channel it describes.
    pub(super) fn channel(self, state: &AppState, access: &Access, id: [u8; 16]) -> Result<Channel, Problem> {
        let mut problems: Vec<Detail> = Vec::new();
        let mut wrong = |field: &str, message: String| problems.push(Detail { field: field.to_owned(), message });
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > NAME_CHARS || name.chars().any(char::is_control) {
            wrong("name", format!("A name has 1 to {NAME_CHARS} characters, and no control characters"));
        }
        if ChannelKind::ALL.iter().any(|kind| kind.as_str() == name) {
            wrong("name", format!("'{name}' stands for all channels of that kind; choose another"));
        }
        if self.rules.len() > RULES {
            wrong("rules", format!("Give at most {RULES}"));
        }
        for (place, rule) in self.rules.iter().take(RULES).enumerate() {
            if rule.score_fall.is_some_and(|fall| !(fall > 0.0 && fall <= 100.0)) {
                wrong(&format!("rules[{place}].score_fall"), "Say points above 0, up to 100".to_owned());
            }
        }
        let destination = match self.destination(state, access) {
            Ok(destination) => Some(destination),
            Err((field, message)) => {
                wrong(field, message);
                None
            }
        };
        let Some(destination) = destination.filter(|_| problems.is_empty()) else {
            return Err(Problem::invalid_fields(problems));
        };
        let at = now();
        Ok(Channel {
            id,
            tenant: access.tenant,
            name: name.to_owned(),
            destination,
            rules: self.rules.into_iter().map(Into::into).collect(),
            enabled: self.enabled,
            secret_version: 0,
            created_at: at.clone(),
            updated_at: at,
        })
    }

    fn destination(&self, state: &AppState, access: &Access) -> Result<Destination, (&'static str, String)> {
        let notifier = state.scheduler().notifier();
        if !matches!(self.kind, ChannelWord::Email) && !self.to.is_empty() {
            return Err(("to", "Only a channel of type email has addresses".to_owned()));
        }
        let secret = |name: &String| {
            if notifier.secrets().contains(&access.tenant, name) {
                return Ok(UrlSource::Secret(name.clone()));
            }
            Err(("url_secret", "The operator keeps no secret of that name for you".to_owned()))
        };
        match (self.kind, &self.url, &self.url_secret) {
            (ChannelWord::Email, None, None) => {
                if !(1..=ADDRESSES).contains(&self.to.len()) {
                    return Err(("to", format!("Give 1 to {ADDRESSES} addresses")));
                }
                if let Some(text) = self.to.iter().find(|text| !is_address(text)) {
                    return Err(("to", format!("'{text}' is no address such as security@example.com")));
                }
                Ok(Destination::Email(self.to.clone()))
            }
            (ChannelWord::Email, ..) => Err(("url", "A channel of type email has no URL".to_owned())),
            (ChannelWord::Slack, None, Some(name)) => secret(name).map(Destination::Slack),
            (ChannelWord::Slack, Some(_), _) => {
                Err(("url", "A Slack URL is a secret: have the operator keep it, and name it in url_secret".to_owned()))
            }
            (ChannelWord::Slack, None, None) => {
                Err(("url_secret", "Name the secret in which the operator keeps the Slack URL".to_owned()))
            }
            (ChannelWord::Webhook, Some(url), None) => {
                plain(url).and_then(|()| notifier.check_url(url)).map_err(|problem| ("url", problem))?;
                Ok(Destination::Webhook(UrlSource::Plain(url.clone())))
            }
            (ChannelWord::Webhook, None, Some(name)) => secret(name).map(Destination::Webhook),
            (ChannelWord::Webhook, ..) => Err(("url", "Give either url or url_secret".to_owned())),
        }
    }
}

/// Whether a URL can be shown to everybody who may see channels.
fn plain(url: &str) -> Result<(), String> {
    if url.len() > URL_BYTES || !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!("A URL has up to {URL_BYTES} visible ASCII characters"));
    }
    if url.contains(['?', '#', '@']) {
        return Err("A URL with a query, a fragment or a user holds what others must not see, most often: have the \
                    operator keep it, and name it in url_secret"
            .to_owned());
    }
    Ok(())
}

impl From<Channel> for ChannelAnswer {
    fn from(channel: Channel) -> ChannelAnswer {
        let (kind, to, source) = match channel.destination {
            Destination::Email(to) => (ChannelWord::Email, to, None),
            Destination::Slack(source) => (ChannelWord::Slack, Vec::new(), Some(source)),
            Destination::Webhook(source) => (ChannelWord::Webhook, Vec::new(), Some(source)),
        };
        let (url, url_secret) = match source {
            None => (None, None),
            Some(UrlSource::Plain(url)) => (Some(url), None),
            Some(UrlSource::Secret(name)) => (None, Some(name)),
        };
        ChannelAnswer {
            id: uuid(channel.id),
            name: channel.name,
            kind,
            to,
            url,
            url_secret,
            rules: channel.rules.into_iter().map(Into::into).collect(),
            enabled: channel.enabled,
            created_at: channel.created_at,
            updated_at: channel.updated_at,
        }
    }
}

impl From<RuleBody> for Rule {
    fn from(body: RuleBody) -> Rule {
        let RuleBody { events, min_severity, new_violations_only, score_fall } = body;
        let events = events.into_iter().map(Into::into).collect();
        Rule { events, min_severity: min_severity.map(Into::into), new_violations_only, score_fall }
    }
}

impl From<Rule> for RuleBody {
    fn from(rule: Rule) -> RuleBody {
        let Rule { events, min_severity, new_violations_only, score_fall } = rule;
        let events = events.into_iter().map(Into::into).collect();
        RuleBody { events, min_severity: min_severity.map(Into::into), new_violations_only, score_fall }
    }
}

impl From<EventWord> for EventKind {
    fn from(word: EventWord) -> EventKind {
        match word {
            EventWord::ScanCompleted => EventKind::ScanCompleted,
            EventWord::ScanFailed => EventKind::ScanFailed,
            EventWord::ScanCancelled => EventKind::ScanCancelled,
            EventWord::DriftDetected => EventKind::DriftDetected,
        }
    }
}

impl From<EventKind> for EventWord {
    fn from(kind: EventKind) -> EventWord {
        match kind {
            EventKind::ScanCompleted => EventWord::ScanCompleted,
            EventKind::ScanFailed => EventWord::ScanFailed,
            EventKind::ScanCancelled => EventWord::ScanCancelled,
            EventKind::DriftDetected => EventWord::DriftDetected,
        }
    }
}
