//! CloudWatch: alarms on metrics.

use crate::api::{Api, Protocol};
use crate::field::{Field, flag, number, text, texts};
use crate::kind::{Kind, Listing, Service};

static API: Api = Api::regional("monitoring", Protocol::Query("2010-08-01")).with_actions("cloudwatch");

pub const SERVICE: Service = Service {
    name: "cloudwatch",
    global: false,
    listings: &[Listing {
        steps: &[API.call("DescribeAlarms").items("MetricAlarms.member").paged("NextToken", "NextToken")],
        details: &[],
        kinds: &[Kind::new("aws_cloudwatch_metric_alarm", "{AlarmArn}", "AlarmName", FIELDS).tagged("cloudwatch:alarm")],
    }],
};

const FIELDS: &[Field] = &[
    text("alarm_name", "AlarmName"),
    text("alarm_description", "AlarmDescription"),
    flag("actions_enabled", "ActionsEnabled"),
    texts("alarm_actions", "AlarmActions.member"),
    texts("ok_actions", "OKActions.member"),
    texts("insufficient_data_actions", "InsufficientDataActions.member"),
    text("metric_name", "MetricName"),
    text("namespace", "Namespace"),
    text("statistic", "Statistic"),
    text("comparison_operator", "ComparisonOperator"),
    number("evaluation_periods", "EvaluationPeriods"),
    number("period", "Period"),
    number("threshold", "Threshold"),
    text("treat_missing_data", "TreatMissingData"),
];
