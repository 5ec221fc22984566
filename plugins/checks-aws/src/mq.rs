//! Amazon MQ brokers.

use plumbline::prelude::*;

pub const CHECKS: &[&Check] = &[&PUBLIC, &MINOR_VERSIONS, &LOGGING];

const KINDS: &[&str] = &["aws_mq_broker"];
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/mq-controls.html"];

pub const PUBLIC: Check = Check {
    id: "mq_broker_not_publicly_accessible",
    title: "MQ broker is not publicly accessible",
    description: "A broker must not have a public endpoint.",
    risk: "Its console and its ports can be attacked from anywhere, and its messages read and forged.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["publicly_accessible"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "This is chosen when a broker is made: make one in private subnets and move the clients over.",
        url: "https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/using-amazon-mq-securely.html",
        command: "aws mq create-broker --broker-name NAME --no-publicly-accessible --cli-input-json \
            file://broker.json",
        terraform: "publicly_accessible = false",
        effort_minutes: 120,
    },
    rule: Rule::Resource(|broker| pass_if(!broker.flag("publicly_accessible")?, "publicly_accessible is true")),
};

pub const MINOR_VERSIONS: Check = Check {
    id: "mq_broker_auto_minor_version_upgrades",
    title: "MQ broker takes minor versions by itself",
    description: "Automatic upgrades to minor versions must be on.",
    risk: "Flaws that are long fixed stay open, because nobody has got round to the upgrade.",
    severity: Severity::Low,
    kinds: KINDS,
    reads: &["auto_minor_version_upgrade"],
    categories: &["vulnerabilities"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch automatic upgrades on and choose a maintenance window.",
        url: "https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/upgrading-brokers.html",
        command: "aws mq update-broker --broker-id ID --auto-minor-version-upgrade",
        terraform: "auto_minor_version_upgrade = true",
        effort_minutes: 10,
    },
    rule: Rule::Resource(|broker| {
        pass_if(broker.flag("auto_minor_version_upgrade")?, "auto_minor_version_upgrade is not true")
    }),
};

pub const LOGGING: Check = Check {
    id: "mq_broker_logging_enabled",
    title: "MQ broker writes its logs",
    description: "A broker must write general logs to CloudWatch Logs, and one of ActiveMQ audit logs too.",
    risk: "Who changed the broker, and why it failed, cannot be told afterwards.",
    severity: Severity::Low,
    kinds: KINDS,
    reads: &["logs", "engine_type"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch the logs on; they begin with the next reboot.",
        url: "https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/security-logging-monitoring.html",
        command: "aws mq update-broker --broker-id ID --logs General=true,Audit=true",
        terraform: r"logs {
  general = true
  audit   = true
}",
        effort_minutes: 15,
    },
    rule: Rule::Resource(|broker| {
        let (general, audit) = (broker.flag("logs.general")?, broker.flag("logs.audit")?);
        let rabbit = broker.text("engine_type")?.is_some_and(|engine| engine.eq_ignore_ascii_case("rabbitmq"));
        if !general {
            return fail("logs.general is not true");
        }
        pass_if(audit || rabbit, "logs.audit is not true")
    }),
};

#[cfg(test)]
mod tests {
    use plumbline::testing::json;

    use super::{LOGGING, MINOR_VERSIONS, PUBLIC};
    use crate::cases::{fails, passes};

    const KIND: &str = "aws_mq_broker";

    #[test]
    fn brokers_are_private_patched_and_logged() {
        passes(&PUBLIC, KIND, json!({}));
        fails(&PUBLIC, KIND, json!({"publicly_accessible": true}), "true");
        passes(&MINOR_VERSIONS, KIND, json!({"auto_minor_version_upgrade": true}));
        fails(&MINOR_VERSIONS, KIND, json!({}), "auto_minor_version_upgrade");
        let logs =
            |engine: &str, audit: bool| json!({"engine_type": engine, "logs": [{"general": true, "audit": audit}]});
        passes(&LOGGING, KIND, logs("ActiveMQ", true));
        passes(&LOGGING, KIND, logs("RabbitMQ", false));
        fails(&LOGGING, KIND, logs("ActiveMQ", false), "audit");
        fails(&LOGGING, KIND, json!({"engine_type": "RabbitMQ"}), "general");
    }
}
