//! Events, channels and messages.

use plumb_model::check::Severity;
use plumb_model::notification::{
    Channel, ChannelId, Delivery, DeliveryId, DeliveryStatus, Destination, EventKind, Rule, UrlSource,
};
use plumb_model::tenant::TenantId;
use serde::{Deserialize, Serialize};

use crate::events::{Event, Happened};
use crate::record::NamedRecord;
use crate::records::bytes::Fixed;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct EventRecord {
    at: String,
    happened: HappenedRecord,
}

#[derive(Debug, Serialize, Deserialize)]
enum HappenedRecord {
    ScanEnded { scan: Fixed<16>, kind: EventKindRecord },
    DriftDetected { scan: Fixed<16>, target: Fixed<16>, new: [u64; 5] },
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum EventKindRecord {
    ScanCompleted,
    ScanFailed,
    ScanCancelled,
    DriftDetected,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ChannelRecord {
    pub(crate) name: String,
    destination: DestinationRecord,
    rules: Vec<RuleRecord>,
    enabled: bool,
    pub(crate) secret_version: u32,
    pub(crate) created_at: String,
    updated_at: String,
}

#[derive(Debug, Serialize, Deserialize)]
enum DestinationRecord {
    Email(Vec<String>),
    Slack(UrlRecord),
    Webhook(UrlRecord),
}

#[derive(Debug, Serialize, Deserialize)]
enum UrlRecord {
    Plain(String),
    Secret(String),
}

#[derive(Debug, Serialize, Deserialize)]
struct RuleRecord {
    events: Vec<EventKindRecord>,
    min_severity: Option<SeverityRecord>,
    new_violations_only: bool,
    score_fall: Option<f64>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum SeverityRecord {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DeliveryRecord {
    channel: Option<Fixed<16>>,
    channel_name: String,
    event: EventKindRecord,
    scan: Fixed<16>,
    data: String,
    status: DeliveryStatusRecord,
    attempts: u32,
    created_at: String,
    next_attempt_at: Option<String>,
    pub(crate) ended_at: Option<String>,
    last_error: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum DeliveryStatusRecord {
    Pending,
    Delivered,
    Dead,
}

impl NamedRecord for EventRecord {
    const VERSION: u8 = 1;
}

impl NamedRecord for ChannelRecord {
    const VERSION: u8 = 1;
}

impl NamedRecord for DeliveryRecord {
    const VERSION: u8 = 1;
}

/// A stored enum with the variants of one of the model.
macro_rules! mirror {
    ($($model:ident = $record:ident { $($variant:ident),* })*) => {
        $(impl From<$model> for $record {
            fn from(value: $model) -> $record {
                match value {
                    $($model::$variant => $record::$variant),*
                }
            }
        }

        impl From<$record> for $model {
            fn from(value: $record) -> $model {
                match value {
                    $($record::$variant => $model::$variant),*
                }
            }
        })*
    };
}

mirror! {
    EventKind = EventKindRecord { ScanCompleted, ScanFailed, ScanCancelled, DriftDetected }
    Severity = SeverityRecord { Informational, Low, Medium, High, Critical }
    DeliveryStatus = DeliveryStatusRecord { Pending, Delivered, Dead }
}

impl EventRecord {
    pub(crate) fn new(at: &str, happened: Happened) -> EventRecord {
        let happened = match happened {
            Happened::ScanEnded { scan, kind } => HappenedRecord::ScanEnded { scan: Fixed(scan), kind: kind.into() },
            Happened::DriftDetected { scan, target, new } => {
                HappenedRecord::DriftDetected { scan: Fixed(scan), target: Fixed(target), new }
            }
        };
        EventRecord { at: at.to_owned(), happened }
    }

    pub(crate) fn event(self, tenant: &TenantId, sequence: u64) -> Event {
        let happened = match self.happened {
            HappenedRecord::ScanEnded { scan, kind } => Happened::ScanEnded { scan: scan.0, kind: kind.into() },
            HappenedRecord::DriftDetected { scan, target, new } => {
                Happened::DriftDetected { scan: scan.0, target: target.0, new }
            }
        };
        Event { tenant: *tenant, sequence, at: self.at, happened }
    }
}

impl From<&Channel> for ChannelRecord {
    fn from(channel: &Channel) -> ChannelRecord {
        let Channel { name, destination, rules, enabled, secret_version, created_at, updated_at, .. } = channel.clone();
        ChannelRecord {
            name,
            destination: match destination {
                Destination::Email(to) => DestinationRecord::Email(to),
                Destination::Slack(url) => DestinationRecord::Slack(url.into()),
                Destination::Webhook(url) => DestinationRecord::Webhook(url.into()),
            },
            rules: rules.into_iter().map(Into::into).collect(),
            enabled,
            secret_version,
            created_at,
            updated_at,
        }
    }
}

impl ChannelRecord {
    pub(crate) fn channel(self, tenant: &TenantId, id: &ChannelId) -> Channel {
        Channel {
            id: *id,
            tenant: *tenant,
            name: self.name,
            destination: match self.destination {
                DestinationRecord::Email(to) => Destination::Email(to),
                DestinationRecord::Slack(url) => Destination::Slack(url.into()),
                DestinationRecord::Webhook(url) => Destination::Webhook(url.into()),
            },
            rules: self.rules.into_iter().map(Into::into).collect(),
            enabled: self.enabled,
            secret_version: self.secret_version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

impl From<UrlSource> for UrlRecord {
    fn from(source: UrlSource) -> UrlRecord {
        match source {
            UrlSource::Plain(url) => UrlRecord::Plain(url),
            UrlSource::Secret(name) => UrlRecord::Secret(name),
        }
    }
}

impl From<UrlRecord> for UrlSource {
    fn from(record: UrlRecord) -> UrlSource {
        match record {
            UrlRecord::Plain(url) => UrlSource::Plain(url),
            UrlRecord::Secret(name) => UrlSource::Secret(name),
        }
    }
}

impl From<Rule> for RuleRecord {
    fn from(rule: Rule) -> RuleRecord {
        let Rule { events, min_severity, new_violations_only, score_fall } = rule;
        let events = events.into_iter().map(Into::into).collect();
        RuleRecord { events, min_severity: min_severity.map(Into::into), new_violations_only, score_fall }
    }
}

impl From<RuleRecord> for Rule {
    fn from(record: RuleRecord) -> Rule {
        let RuleRecord { events, min_severity, new_violations_only, score_fall } = record;
        let events = events.into_iter().map(Into::into).collect();
        Rule { events, min_severity: min_severity.map(Into::into), new_violations_only, score_fall }
    }
}

impl From<&Delivery> for DeliveryRecord {
    fn from(delivery: &Delivery) -> DeliveryRecord {
        DeliveryRecord {
            channel: delivery.channel.map(Fixed),
            channel_name: delivery.channel_name.clone(),
            event: delivery.event.into(),
            scan: Fixed(delivery.scan),
            data: delivery.data.clone(),
            status: delivery.status.into(),
            attempts: delivery.attempts,
            created_at: delivery.created_at.clone(),
            next_attempt_at: delivery.next_attempt_at.clone(),
            ended_at: delivery.ended_at.clone(),
            last_error: delivery.last_error.clone(),
        }
    }
}

impl DeliveryRecord {
    pub(crate) fn status(&self) -> DeliveryStatus {
        self.status.into()
    }

    pub(crate) fn delivery(self, tenant: &TenantId, id: &DeliveryId) -> Delivery {
        Delivery {
            id: *id,
            tenant: *tenant,
            channel: self.channel.map(|id| id.0),
            channel_name: self.channel_name,
            event: self.event.into(),
            scan: self.scan.0,
            data: self.data,
            status: self.status.into(),
            attempts: self.attempts,
            created_at: self.created_at,
            next_attempt_at: self.next_attempt_at,
            ended_at: self.ended_at,
            last_error: self.last_error,
        }
    }
}
