//! Route 53: public zones.

use plumbline::prelude::*;

use crate::inventory::{self, Lookup};

pub const CHECKS: &[&Check] = &[&QUERY_LOGS];

const LOG: &str = "aws_route53_query_log";

pub const QUERY_LOGS: Check = Check {
    id: "route53_public_hosted_zones_cloudwatch_logging_enabled",
    title: "Public zone logs what is asked of it",
    description: "A public hosted zone must have a query logging configuration, which writes to CloudWatch Logs. Private \
        zones cannot have one.",
    risk: "Who looks for which of your names, the first sign of many attacks, cannot be seen or told afterwards.",
    severity: Severity::Medium,
    kinds: &["aws_route53_zone", LOG],
    reads: &["zone_id", "private_zone", "vpc"],
    categories: &["logging", "forensics"],
    references: &["https://docs.aws.amazon.com/securityhub/latest/userguide/route53-controls.html"],
    remediation: Remediation {
        text: "Make a log group in us-east-1 that Route 53 may write to, and log the zone's queries there.",
        url: "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/query-logs.html",
        command: "aws route53 create-query-logging-config --hosted-zone-id ZONE_ID --cloud-watch-logs-log-group-arn \
            GROUP_ARN",
        terraform: r#"resource "aws_route53_query_log" "main" {
  zone_id                  = aws_route53_zone.main.zone_id
  cloudwatch_log_group_arn = aws_cloudwatch_log_group.dns.arn
}"#,
        effort_minutes: 30,
    },
    rule: Rule::each(&["aws_route53_zone"], |account, _| {
        let logs = inventory::lookup(account, &[LOG], |log| inventory::owned(log, "zone_id"), |_| Ok(()));
        Ok(Box::new(move |zone| logged(account, &logs, zone)))
    }),
};

fn logged(account: &Account<'_>, logs: &Lookup<String, ()>, zone: &Resource<'_>) -> Outcome {
    // A live account says whether a zone is private; in Terraform a private zone names its VPCs.
    if zone.flag("private_zone")? || !zone.list("vpc")?.is_empty() {
        return not_applicable("the zone is private");
    }
    let unset = || Unread { path: "zone_id".into(), reason: "it is not set".into() };
    let id = zone.text("zone_id")?.ok_or_else(unset)?;
    if !inventory::of_key(logs, id)?.is_empty() {
        return pass();
    }
    account.complete(LOG)?;
    fail("no query logging configuration names it")
}

#[cfg(test)]
mod tests {
    use plumbline::prelude::*;
    use plumbline::serde_json::Value as Json;
    use plumbline::testing::json;

    use super::{LOG, QUERY_LOGS};
    use crate::cases::account;

    fn judged(zone: Json, gaps: &[(&str, &str)]) -> Outcome {
        let log =
            json!({"zone_id": "Z1", "cloudwatch_log_group_arn": "arn:aws:logs:us-east-1:123456789012:log-group:dns"});
        account(&QUERY_LOGS, &[("aws_route53_zone", "zone", zone), (LOG, "log", log)], gaps).remove(0).1
    }

    #[test]
    fn public_zones_log_their_queries() {
        assert_eq!(judged(json!({"zone_id": "Z1"}), &[]), pass());
        assert!(matches!(judged(json!({"zone_id": "Z2"}), &[]), Ok(Verdict::Fail(_))));
        assert!(judged(json!({"zone_id": "Z2"}), &[(LOG, "denied")]).is_err());
        assert!(judged(json!({}), &[]).is_err());
        for private in
            [json!({"zone_id": "Z2", "private_zone": true}), json!({"zone_id": "Z2", "vpc": [{"vpc_id": "v"}]})]
        {
            assert!(matches!(judged(private, &[]), Ok(Verdict::NotApplicable(_))));
        }
    }
}
