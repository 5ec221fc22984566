//! Who is told of what, over which channel, and what became of it.

use std::time::Duration;

use crate::check::Severity;
use crate::scan::ScanId;
use crate::tenant::TenantId;

/// UUIDv7.
pub type ChannelId = [u8; 16];

/// UUIDv7; the same through all attempts, so that a receiver knows a message that comes twice.
pub type DeliveryId = [u8; 16];

/// How long is waited before each further attempt. Together they take a day; what has not arrived by then is dead.
pub const RETRY_DELAYS: [Duration; 7] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(8),
    Duration::from_hours(8),
];

/// What somebody who orders a scan wants to be told of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanNotifications {
    pub on_completion: bool,
    /// Cancelled is failed.
    pub on_failure: bool,
    /// Kinds of channels, which stand for all of that kind, or names of channels.
    pub channels: Vec<String>,
}

impl ScanNotifications {
    /// Whether an event is to be told, apart from rules.
    pub fn want(&self, kind: EventKind) -> bool {
        match kind {
            EventKind::ScanCompleted => self.on_completion,
            EventKind::ScanFailed | EventKind::ScanCancelled => self.on_failure,
            EventKind::DriftDetected => false,
        }
    }
}

macro_rules! words {
    ($($name:ident { $($variant:ident = $word:literal),* $(,)? })*) => {
        $(impl $name {
            pub const ALL: [$name; [$($word),*].len()] = [$($name::$variant),*];

            /// The word that every format uses.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $word),*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        })*
    };
}

/// What people are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    ScanCompleted,
    ScanFailed,
    ScanCancelled,
    DriftDetected,
}

/// How it gets there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChannelKind {
    Email,
    Slack,
    Webhook,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryStatus {
    Pending,
    Delivered,
    /// Given up. It can be sent anew.
    Dead,
}

words! {
    EventKind {
        ScanCompleted = "scan.completed",
        ScanFailed = "scan.failed",
        ScanCancelled = "scan.cancelled",
        DriftDetected = "drift.detected",
    }
    ChannelKind { Email = "email", Slack = "slack", Webhook = "webhook" }
    DeliveryStatus { Pending = "pending", Delivered = "delivered", Dead = "dead" }
}

/// Somewhere that people are told.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    pub id: ChannelId,
    pub tenant: TenantId,
    /// Unique within the tenant.
    pub name: String,
    pub destination: Destination,
    /// Any of them is enough. Without rules only scans that name the channel are told.
    pub rules: Vec<Rule>,
    pub enabled: bool,
    /// How often the secret of its signatures was replaced.
    pub secret_version: u32,
    /// RFC 3339, UTC, milliseconds.
    pub created_at: String,
    pub updated_at: String,
}

/// Where a channel leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Addresses.
    Email(Vec<String>),
    /// An incoming webhook. Who knows its URL can write there, so it is a secret.
    Slack(UrlSource),
    Webhook(UrlSource),
}

impl Destination {
    pub fn kind(&self) -> ChannelKind {
        match self {
            Destination::Email(_) => ChannelKind::Email,
            Destination::Slack(_) => ChannelKind::Slack,
            Destination::Webhook(_) => ChannelKind::Webhook,
        }
    }
}

/// How a URL is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UrlSource {
    /// It is no secret.
    Plain(String),
    /// The name under which the operator keeps it.
    Secret(String),
}

/// What a channel is told of. All conditions have to hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rule {
    /// None means all.
    pub events: Vec<EventKind>,
    /// Something at least as bad is there, or new if only that counts.
    pub min_severity: Option<Severity>,
    /// Something is there that was not there before.
    pub new_violations_only: bool,
    /// The score is lower than before, by so many points at least.
    pub score_fall: Option<f64>,
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Facts {
    /// Violations or drifts, in the order of [`Severity::WORST_FIRST`].
    pub by_severity: [u64; 5],
    /// Likewise, of those that were not there before.
    pub new_by_severity: [u64; 5],
    pub score: Option<f64>,
    pub previous_score: Option<f64>,
}

impl Facts {
    /// How far the score fell; none if it did not, or if one of the two is not known.
    pub fn score_fall(&self) -> Option<f64> {
        let fall = self.previous_score? - self.score?;
        // Scores have one decimal; what is left below that is the arithmetic of floats.
        let fall = (fall * 10.0).round() / 10.0;
        (fall > 0.0).then_some(fall)
    }
}

impl Rule {
    /// Whether the channel is told.
    pub fn applies(&self, kind: EventKind, facts: &Facts) -> bool {
        let counts = if self.new_violations_only { facts.new_by_severity } else { facts.by_severity };
        let at_least = |least: Severity| {
            let bad = Severity::WORST_FIRST.into_iter().zip(counts).filter(|(severity, _)| *severity >= least);
            bad.map(|(_, count)| count).sum::<u64>() > 0
        };
        (self.events.is_empty() || self.events.contains(&kind))
            && self.min_severity.is_none_or(at_least)
            && (!self.new_violations_only || counts.iter().sum::<u64>() > 0)
            && self.score_fall.is_none_or(|least| facts.score_fall().is_some_and(|fall| fall >= least))
    }
}

/// One message on its way over one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub id: DeliveryId,
    pub tenant: TenantId,
    /// None if the scan asked for a channel that there is not.
    pub channel: Option<ChannelId>,
    /// The channel's name, or what was asked for.
    pub channel_name: String,
    pub event: EventKind,
    pub scan: ScanId,
    /// What is told, a JSON object.
    pub data: String,
    pub status: DeliveryStatus,
    pub attempts: u32,
    /// RFC 3339, UTC, milliseconds; so are the other times.
    pub created_at: String,
    pub next_attempt_at: Option<String>,
    pub ended_at: Option<String>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            by_severity: [0, 2, 3, 0, 0],
            new_by_severity: [0, 0, 1, 0, 0],
            score: Some(90.0),
            previous_score: Some(94.9),
        }
    }

    #[test]
    fn a_rule_without_conditions_tells_everything() {
        for kind in EventKind::ALL {
            assert!(Rule::default().applies(kind, &Facts::default()));
        }
    }

    #[test]
    fn severity_counts_what_is_new_where_only_that_is_wanted() {
        let rule = |least, new| Rule { min_severity: Some(least), new_violations_only: new, ..Rule::default() };
        let tells = |rule: Rule| rule.applies(EventKind::ScanCompleted, &facts());
        assert!(tells(rule(Severity::High, false)) && !tells(rule(Severity::Critical, false)));
        assert!(tells(rule(Severity::Medium, true)) && !tells(rule(Severity::High, true)));
    }

    #[test]
    fn a_score_has_to_fall_by_that_much_and_to_be_known() {
        let rule = |least| Rule { score_fall: Some(least), ..Rule::default() };
        let tells = |rule: Rule, facts: &Facts| rule.applies(EventKind::ScanCompleted, facts);
        assert!(tells(rule(4.9), &facts()) && !tells(rule(5.0), &facts()));
        assert!(!tells(rule(0.0), &Facts { previous_score: None, ..facts() }));
        assert!(!tells(rule(0.0), &Facts { score: Some(95.0), ..facts() }));
    }

    #[test]
    fn attempts_go_on_for_a_day() {
        let hours = RETRY_DELAYS.iter().sum::<Duration>().as_secs() / 3600;
        assert_eq!(hours, 23);
    }
}
