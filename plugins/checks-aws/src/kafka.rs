//! Managed Streaming for Apache Kafka (MSK).

use plumbline::prelude::*;

pub const CHECKS: &[&Check] = &[&PUBLIC, &IN_TRANSIT, &UNAUTHENTICATED, &MONITORING, &MUTUAL_TLS];

const KINDS: &[&str] = &["aws_msk_cluster"];
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/msk-controls.html"];

pub const PUBLIC: Check = Check {
    id: "kafka_cluster_is_public",
    title: "Kafka cluster is not public",
    description: "The brokers of a cluster must not have public access; the default is that they do not.",
    risk: "Anyone on the internet can try to read and write the messages of every topic.",
    severity: Severity::Critical,
    kinds: KINDS,
    reads: &["broker_node_group_info"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch public access off and reach the brokers by peering, VPN or multi-VPC connectivity.",
        url: "https://docs.aws.amazon.com/msk/latest/developerguide/public-access.html",
        command: "aws kafka update-connectivity --cluster-arn ARN --current-version VERSION --connectivity-info \
            'PublicAccess={Type=DISABLED}'",
        terraform: r#"broker_node_group_info {
  connectivity_info {
    public_access {
      type = "DISABLED"
    }
  }
}"#,
        effort_minutes: 60,
    },
    rule: Rule::Resource(|cluster| {
        let access = cluster.text("broker_node_group_info.connectivity_info.public_access.type")?;
        let access = access.unwrap_or("DISABLED");
        pass_if(access == "DISABLED", format!("public access is {access}"))
    }),
};

pub const IN_TRANSIT: Check = Check {
    id: "kafka_cluster_in_transit_encryption_enabled",
    title: "Kafka cluster encrypts connections",
    description: "Clients must connect by TLS alone, and brokers to each other encrypted. Both are the default.",
    risk: "Messages can be read and changed between clients and brokers.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["encryption_info"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Move the clients to TLS, then refuse plain text; encryption between brokers is chosen when a cluster \
            is made.",
        url: "https://docs.aws.amazon.com/msk/latest/developerguide/msk-working-with-encryption.html",
        command: "aws kafka update-security --cluster-arn ARN --current-version VERSION --encryption-info \
            'EncryptionInTransit={ClientBroker=TLS}'",
        terraform: r#"encryption_info {
  encryption_in_transit {
    client_broker = "TLS"
    in_cluster    = true
  }
}"#,
        effort_minutes: 60,
    },
    rule: Rule::Resource(|cluster| {
        let clients = cluster.text("encryption_info.encryption_in_transit.client_broker")?.unwrap_or("TLS");
        let brokers = cluster.bool("encryption_info.encryption_in_transit.in_cluster")?.unwrap_or(true);
        if clients != "TLS" {
            return fail(format!("client_broker is {clients}"));
        }
        pass_if(brokers, "in_cluster is false")
    }),
};

pub const UNAUTHENTICATED: Check = Check {
    id: "kafka_cluster_unrestricted_access_disabled",
    title: "Kafka cluster asks who is connecting",
    description: "A cluster must not admit clients without authentication, and must have at least one way to \
        authenticate.",
    risk: "Whatever reaches the brokers reads and writes the messages of every topic.",
    severity: Severity::Critical,
    kinds: KINDS,
    reads: &["client_authentication"],
    categories: &["identity-access"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch IAM, SASL/SCRAM or mutual TLS on, move the clients, then switch unauthenticated access off.",
        url: "https://docs.aws.amazon.com/msk/latest/developerguide/kafka_apis_iam.html",
        command: "aws kafka update-security --cluster-arn ARN --current-version VERSION --client-authentication \
            'Sasl={Iam={Enabled=true}},Unauthenticated={Enabled=false}'",
        terraform: r"client_authentication {
  sasl {
    iam = true
  }
}",
        effort_minutes: 120,
    },
    rule: Rule::Resource(|cluster| {
        if cluster.flag("client_authentication.unauthenticated")? {
            return fail("client_authentication.unauthenticated is true");
        }
        let ways = [
            cluster.flag("client_authentication.sasl.iam")?,
            cluster.flag("client_authentication.sasl.scram")?,
            cluster.has("client_authentication.tls.certificate_authority_arns")?,
        ];
        pass_if(ways.contains(&true), "it has no way to authenticate clients")
    }),
};

pub const MONITORING: Check = Check {
    id: "kafka_cluster_enhanced_monitoring_enabled",
    title: "Kafka cluster has enhanced monitoring",
    description: "The level of monitoring must be above DEFAULT.",
    risk: "Which broker or topic is overloaded, or misused, cannot be told.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["enhanced_monitoring"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set the level to PER_BROKER or finer.",
        url: "https://docs.aws.amazon.com/msk/latest/developerguide/metrics-details.html",
        command: "aws kafka update-monitoring --cluster-arn ARN --current-version VERSION --enhanced-monitoring \
            PER_BROKER",
        terraform: r#"enhanced_monitoring = "PER_BROKER""#,
        effort_minutes: 10,
    },
    rule: Rule::Resource(|cluster| {
        let level = cluster.text("enhanced_monitoring")?.unwrap_or("DEFAULT");
        pass_if(level != "DEFAULT", "enhanced_monitoring is DEFAULT")
    }),
};

pub const MUTUAL_TLS: Check = Check {
    id: "kafka_cluster_mutual_tls_authentication_enabled",
    title: "Kafka cluster accepts client certificates",
    description: "A cluster should authenticate clients by certificates of a private authority.",
    risk: "Clients are known by secrets that can be copied, or not at all.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["client_authentication"],
    categories: &["identity-access"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make a private certificate authority and name it in the cluster's client authentication.",
        url: "https://docs.aws.amazon.com/msk/latest/developerguide/msk-authentication.html",
        command: "aws kafka update-security --cluster-arn ARN --current-version VERSION --client-authentication \
            'Tls={CertificateAuthorityArnList=[AUTHORITY_ARN],Enabled=true}'",
        terraform: r"client_authentication {
  tls {
    certificate_authority_arns = [aws_acmpca_certificate_authority.kafka.arn]
  }
}",
        effort_minutes: 180,
    },
    rule: Rule::Resource(|cluster| {
        let authorities = cluster.has("client_authentication.tls.certificate_authority_arns")?;
        pass_if(authorities, "client_authentication.tls names no certificate authority")
    }),
};

#[cfg(test)]
mod tests {
    use plumbline::testing::json;

    use super::{IN_TRANSIT, MONITORING, MUTUAL_TLS, PUBLIC, UNAUTHENTICATED};
    use crate::cases::{fails, passes};

    const KIND: &str = "aws_msk_cluster";

    #[test]
    fn clusters_are_private_and_encrypted() {
        let access = |kind: &str| {
            let connectivity = json!({"public_access": [{"type": kind}]});
            json!({"broker_node_group_info": [{"connectivity_info": [connectivity]}]})
        };
        passes(&PUBLIC, KIND, access("DISABLED"));
        fails(&PUBLIC, KIND, access("SERVICE_PROVIDED_EIPS"), "SERVICE_PROVIDED_EIPS");
        let transit = |clients: &str, brokers: bool| {
            let settings = json!({"client_broker": clients, "in_cluster": brokers});
            json!({"encryption_info": [{"encryption_in_transit": [settings]}]})
        };
        passes(&IN_TRANSIT, KIND, transit("TLS", true));
        passes(&IN_TRANSIT, KIND, json!({}));
        fails(&IN_TRANSIT, KIND, transit("TLS_PLAINTEXT", true), "TLS_PLAINTEXT");
        fails(&IN_TRANSIT, KIND, transit("TLS", false), "in_cluster");
        passes(&MONITORING, KIND, json!({"enhanced_monitoring": "PER_BROKER"}));
        fails(&MONITORING, KIND, json!({}), "DEFAULT");
    }

    #[test]
    fn clients_are_known() {
        passes(&UNAUTHENTICATED, KIND, json!({"client_authentication": [{"sasl": [{"iam": true}]}]}));
        fails(&UNAUTHENTICATED, KIND, json!({}), "no way");
        let both = json!({"client_authentication": [{"unauthenticated": true, "sasl": [{"iam": true}]}]});
        fails(&UNAUTHENTICATED, KIND, both, "unauthenticated is true");
        let tls = json!({"client_authentication": [{"tls": [{"certificate_authority_arns": ["a"]}]}]});
        passes(&MUTUAL_TLS, KIND, tls);
        fails(&MUTUAL_TLS, KIND, json!({}), "no certificate authority");
    }
}
