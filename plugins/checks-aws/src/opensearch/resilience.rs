//! Whether a domain outlives a node or a zone.

use plumbline::prelude::*;

use super::{KINDS, REFERENCES};

pub const CHECKS: &[&Check] = &[&DATA_NODES, &MASTER_NODES];

/// Fewer cannot tell a lost node from a lost network.
const QUORUM: i64 = 3;

pub const DATA_NODES: Check = Check {
    id: "opensearch_service_domains_fault_tolerant_data_nodes",
    title: "OpenSearch domain has data nodes in several zones",
    description: "A domain must have at least three data nodes and zone awareness.",
    risk: "When a node or a zone fails, indices are lost or cannot be written.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["cluster_config"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Use three data nodes in three zones, with a replica for each index.",
        url: "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-multiaz.html",
        command: "aws opensearch update-domain-config --domain-name NAME --cluster-config \
            InstanceCount=3,ZoneAwarenessEnabled=true,ZoneAwarenessConfig={AvailabilityZoneCount=3}",
        terraform: r"cluster_config {
  instance_count         = 3
  zone_awareness_enabled = true
  zone_awareness_config {
    availability_zone_count = 3
  }
}",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|domain| {
        let nodes = domain.int("cluster_config.instance_count")?.unwrap_or(1);
        let aware = domain.flag("cluster_config.zone_awareness_enabled")?;
        let zones = if aware { "with" } else { "without" };
        pass_if(nodes >= QUORUM && aware, format!("it has {nodes} data node(s), {zones} zone awareness"))
    }),
};

pub const MASTER_NODES: Check = Check {
    id: "opensearch_service_domains_fault_tolerant_master_nodes",
    title: "OpenSearch domain has three dedicated master nodes",
    description: "A domain must have dedicated master nodes, at least three.",
    risk: "A busy or failing data node takes the management of the cluster down with it.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["cluster_config"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Add three dedicated master nodes.",
        url: "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-dedicatedmasternodes.html",
        command: "aws opensearch update-domain-config --domain-name NAME --cluster-config \
            DedicatedMasterEnabled=true,DedicatedMasterCount=3,DedicatedMasterType=TYPE",
        terraform: r#"cluster_config {
  dedicated_master_enabled = true
  dedicated_master_count   = 3
  dedicated_master_type    = "m7g.medium.search"
}"#,
        effort_minutes: 60,
    },
    rule: Rule::Resource(|domain| {
        if !domain.flag("cluster_config.dedicated_master_enabled")? {
            return fail("it has no dedicated master nodes");
        }
        let nodes = domain.int("cluster_config.dedicated_master_count")?.unwrap_or(0);
        pass_if(nodes >= QUORUM, format!("it has {nodes} dedicated master node(s)"))
    }),
};
