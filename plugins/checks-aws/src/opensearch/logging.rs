//! What a domain writes to CloudWatch Logs.

use plumbline::prelude::*;

use super::{KINDS, REFERENCES};

pub const CHECKS: &[&Check] = &[&AUDIT, &ERRORS, &SLOW];

/// Those of the kinds of log that are not published.
fn missing<'w>(domain: &Resource<'_>, wanted: &[&'w str]) -> Result<Vec<&'w str>, Unread> {
    let mut published = Vec::new();
    for option in domain.list("log_publishing_options")? {
        // A block that stands without `enabled` is on.
        if option.bool("enabled")?.unwrap_or(true) {
            published.extend(option.text("log_type")?);
        }
    }
    Ok(wanted.iter().copied().filter(|kind| !published.contains(kind)).collect())
}

fn published(domain: &Resource<'_>, wanted: &[&str]) -> Outcome {
    let missing = missing(domain, wanted)?;
    pass_if(missing.is_empty(), format!("not published: {}", missing.join(", ")))
}

pub const AUDIT: Check = Check {
    id: "opensearch_service_domains_audit_logging_enabled",
    title: "OpenSearch domain publishes audit logs",
    description: "A domain must publish AUDIT_LOGS to CloudWatch Logs. It needs fine-grained access control for \
        that.",
    risk: "Who logged in, and who read or changed which index, cannot be told afterwards.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["log_publishing_options"],
    categories: &["logging", "forensics"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Publish audit logs, and switch them on in the dashboards' security settings too.",
        url: "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/audit-logs.html",
        command: "aws opensearch update-domain-config --domain-name NAME --log-publishing-options \
            'AUDIT_LOGS={CloudWatchLogsLogGroupArn=GROUP_ARN,Enabled=true}'",
        terraform: r#"log_publishing_options {
  log_type                 = "AUDIT_LOGS"
  cloudwatch_log_group_arn = aws_cloudwatch_log_group.search.arn
}"#,
        effort_minutes: 45,
    },
    rule: Rule::Resource(|domain| published(domain, &["AUDIT_LOGS"])),
};

pub const ERRORS: Check = Check {
    id: "opensearch_service_domains_error_logging_enabled",
    title: "OpenSearch domain publishes error logs",
    description: "A domain must publish ES_APPLICATION_LOGS to CloudWatch Logs; that is the name of the error logs for \
        OpenSearch too.",
    risk: "Why requests failed, refused logins among them, cannot be told afterwards.",
    severity: Severity::Medium,
    categories: &["logging"],
    remediation: Remediation {
        text: "Publish error logs to a log group that OpenSearch Service may write to.",
        url: "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/createdomain-configure-slow-logs.html",
        command: "aws opensearch update-domain-config --domain-name NAME --log-publishing-options \
            'ES_APPLICATION_LOGS={CloudWatchLogsLogGroupArn=GROUP_ARN,Enabled=true}'",
        terraform: r#"log_publishing_options {
  log_type                 = "ES_APPLICATION_LOGS"
  cloudwatch_log_group_arn = aws_cloudwatch_log_group.search.arn
}"#,
        effort_minutes: 20,
    },
    rule: Rule::Resource(|domain| published(domain, &["ES_APPLICATION_LOGS"])),
    ..AUDIT
};

pub const SLOW: Check = Check {
    id: "opensearch_service_domains_cloudwatch_logging_enabled",
    title: "OpenSearch domain publishes slow logs",
    description: "A domain should publish both SEARCH_SLOW_LOGS and INDEX_SLOW_LOGS to CloudWatch Logs.",
    risk: "What slows the domain down, mistakes or somebody's wide searches, cannot be found.",
    severity: Severity::Low,
    kinds: KINDS,
    reads: &["log_publishing_options"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Publish both slow logs and set thresholds for the indices.",
        url: "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/createdomain-configure-slow-logs.html",
        command: "aws opensearch update-domain-config --domain-name NAME --log-publishing-options \
            'SEARCH_SLOW_LOGS={CloudWatchLogsLogGroupArn=GROUP_ARN},INDEX_SLOW_LOGS={CloudWatchLogsLogGroupArn=GROUP_ARN}'",
        terraform: r#"log_publishing_options {
  log_type                 = "SEARCH_SLOW_LOGS"
  cloudwatch_log_group_arn = aws_cloudwatch_log_group.search.arn
}"#,
        effort_minutes: 30,
    },
    rule: Rule::Resource(|domain| published(domain, &["SEARCH_SLOW_LOGS", "INDEX_SLOW_LOGS"])),
};
