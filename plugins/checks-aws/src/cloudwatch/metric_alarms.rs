//! Alarms on metrics.

use plumbline::prelude::*;

use super::REFERENCES;

pub const CHECKS: &[&Check] = &[&ACTIONS_ENABLED, &ALARM_ACTIONS];

const KINDS: &[&str] = &["aws_cloudwatch_metric_alarm"];
const URL: &str = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html";

pub const ACTIONS_ENABLED: Check = Check {
    id: "cloudwatch_alarm_actions_enabled",
    title: "Alarm's actions are switched on",
    description: "The actions of an alarm, which are on by default, must not be switched off.",
    risk: "The alarm goes off and nobody hears it.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["actions_enabled"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch the actions on.",
        url: URL,
        command: "aws cloudwatch enable-alarm-actions --alarm-names NAME",
        terraform: "actions_enabled = true",
        effort_minutes: 5,
    },
    rule: Rule::Resource(|alarm| pass_if(alarm.bool("actions_enabled")?.unwrap_or(true), "actions_enabled is false")),
};

pub const ALARM_ACTIONS: Check = Check {
    id: "cloudwatch_alarm_actions_alarm_state_configured",
    title: "Alarm does something when it goes off",
    description: "An alarm must have at least one action for the state ALARM.",
    risk: "The alarm goes off and nobody hears it.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["alarm_actions"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Name an SNS topic that somebody reads.",
        url: URL,
        command: "aws cloudwatch put-metric-alarm --cli-input-json file://alarm.json",
        terraform: "alarm_actions = [aws_sns_topic.security.arn]",
        effort_minutes: 15,
    },
    rule: Rule::Resource(|alarm| pass_if(alarm.has("alarm_actions")?, "it has no alarm_actions")),
};
