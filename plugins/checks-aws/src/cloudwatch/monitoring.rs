//! Whether somebody is told when an event happens: CloudTrail delivers to a log group, a metric filter there sees the
//! event, and an alarm on its metric does something.
//!
//! Several filters may share the work. A filter counts for the events that its pattern matches, whatever its text.

use plumbline::prelude::*;

use super::filter_pattern::{Event, Pattern};

pub const KINDS: &[&str] = &["aws_cloudtrail", "aws_cloudwatch_log_metric_filter", "aws_cloudwatch_metric_alarm"];
pub const READS: &[&str] = &[
    "cloud_watch_logs_group_arn",
    "is_multi_region_trail",
    "enable_logging",
    "log_group_name",
    "pattern",
    "metric_transformation",
    "metric_name",
    "namespace",
    "alarm_actions",
    "actions_enabled",
];

/// Where a trail delivers its events.
struct LogGroup {
    region: String,
    account: String,
    name: String,
}

/// What an alarm listens to.
struct Alarm {
    region: String,
    metric: Metric,
}

#[derive(PartialEq, Eq)]
struct Metric {
    namespace: String,
    name: String,
}

/// What was found, and what could not be looked at on the way.
#[derive(Default)]
struct Found {
    unread: Option<Unread>,
    /// A filter whose pattern cannot be run here.
    strange: Option<String>,
}

impl Found {
    /// Each resource of a kind, of which those that cannot be read, or a part that cannot be listed, are remembered.
    fn gather<T>(
        &mut self,
        account: &Account<'_>,
        kind: &str,
        read: impl Fn(&Resource<'_>) -> Result<Option<T>, Unread>,
    ) -> Vec<T> {
        let mut gathered = Vec::new();
        let listed = account.each_listed(kind, |resource| {
            match read(resource) {
                Ok(found) => gathered.extend(found),
                Err(unread) => self.unread = self.unread.take().or(Some(unread)),
            }
            Ok(())
        });
        let complete = listed.and_then(|()| account.complete(kind));
        self.unread = self.unread.take().or(complete.err());
        gathered
    }
}

/// The verdict on an account: whether each of these events, with what to call it, is seen by a filter with an alarm.
pub fn somebody_is_told(account: &Account<'_>, context: &Context, events: &[(&str, &Event<'_>)]) -> Outcome {
    let mut found = Found::default();
    let groups = found.gather(account, "aws_cloudtrail", log_group);
    let alarms = found.gather(account, "aws_cloudwatch_metric_alarm", alarm);
    let filters = found.gather(account, "aws_cloudwatch_log_metric_filter", |filter| {
        Ok(delivered_to(filter, &groups)?.then_some((filter.label().to_owned(), metrics(filter)?, pattern(filter)?)))
    });
    let mut missing: Vec<&str> = events.iter().map(|(name, _)| *name).collect();
    let mut silent = None;
    for (label, (region, metrics), text) in &filters {
        let Some(pattern) = Pattern::parse(text) else {
            found.strange = found.strange.or(Some(label.clone()));
            continue;
        };
        let loud = alarms.iter().any(|alarm| alarm.region == *region && metrics.contains(&alarm.metric));
        for (name, event) in events {
            if pattern.matches(event) {
                if loud {
                    missing.retain(|missing| missing != name);
                } else {
                    silent = Some(label);
                }
            }
        }
    }
    if missing.is_empty() {
        return pass();
    }
    if let Some(unread) = found.unread {
        return Err(unread);
    }
    if groups.is_empty() {
        return fail("no trail of all regions delivers to CloudWatch Logs");
    }
    if let Some(elsewhere) = groups.iter().find(|group| !context.account.is_empty() && group.account != context.account)
    {
        return manual(format!(
            "a trail delivers to {} in account {}: look for the filters and alarms there",
            elsewhere.name, elsewhere.account
        ));
    }
    if let Some(label) = found.strange {
        return manual(format!("the pattern of the metric filter {label} cannot be run here: look at what it matches"));
    }
    let why =
        silent.map(|label| format!("; the metric filter {label} has no alarm with an action")).unwrap_or_default();
    fail(format!("nobody is told of {}{why}", missing.join(", ")))
}

/// The log group of a trail that is on and covers all regions.
fn log_group(trail: &Resource<'_>) -> Result<Option<LogGroup>, Unread> {
    let on = trail.bool("enable_logging")?.unwrap_or(true) && trail.flag("is_multi_region_trail")?;
    let arn = trail.text("cloud_watch_logs_group_arn")?.unwrap_or_default();
    // arn:PARTITION:logs:REGION:ACCOUNT:log-group:NAME:*
    let mut parts = arn.split(':').skip(3);
    let (region, account, name) = (parts.next(), parts.next(), parts.nth(1));
    Ok(match (on, region, account, name) {
        (true, Some(region), Some(account), Some(name)) => {
            Some(LogGroup { region: region.to_owned(), account: account.to_owned(), name: name.to_owned() })
        }
        _ => None,
    })
}

fn metric(namespace: Option<&str>, name: Option<&str>) -> Option<Metric> {
    Some(Metric { namespace: namespace?.to_owned(), name: name?.to_owned() })
}

/// What an alarm listens to, if it does something when it goes off.
fn alarm(alarm: &Resource<'_>) -> Result<Option<Alarm>, Unread> {
    let acts = alarm.bool("actions_enabled")?.unwrap_or(true) && alarm.has("alarm_actions")?;
    let metric = metric(alarm.text("namespace")?, alarm.text("metric_name")?);
    Ok(metric.filter(|_| acts).map(|metric| Alarm { region: alarm.region.to_owned(), metric }))
}

fn delivered_to(filter: &Resource<'_>, groups: &[LogGroup]) -> Result<bool, Unread> {
    let name = filter.text("log_group_name")?;
    let here = |group: &LogGroup| filter.region.is_empty() || group.region == filter.region;
    Ok(groups.iter().any(|group| name == Some(&group.name) && here(group)))
}

fn metrics(filter: &Resource<'_>) -> Result<(String, Vec<Metric>), Unread> {
    let mut metrics = Vec::new();
    for transformation in filter.list("metric_transformation")? {
        metrics.extend(metric(transformation.text("namespace")?, transformation.text("name")?));
    }
    Ok((filter.region.to_owned(), metrics))
}

fn pattern(filter: &Resource<'_>) -> Result<String, Unread> {
    Ok(filter.text("pattern")?.unwrap_or_default().to_owned())
}
