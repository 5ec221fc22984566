//! Whether a cluster outlives the failure of a zone.

use std::collections::BTreeSet;

use plumbline::prelude::*;

use super::REFERENCES;
use super::engines::{engine, is_aurora, is_elsewhere};
use crate::inventory::{self, Lookup};

pub const CHECKS: &[&Check] = &[&MULTI_AZ];

const MEMBERS: &str = "aws_rds_cluster_instance";

pub const MULTI_AZ: Check = Check {
    id: "rds_cluster_multi_az",
    title: "RDS cluster has instances in several zones",
    description: "A cluster of Aurora must have instances in at least two zones. A Multi-AZ cluster of RDS always \
        has; where instances of Aurora Serverless v1 run, AWS does not tell.",
    risk: "When its zone fails the database is down until another instance has been made, and nobody can write.",
    severity: Severity::Medium,
    kinds: &["aws_rds_cluster", MEMBERS],
    reads: &["engine", "engine_mode", "cluster_identifier", "availability_zone"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Add a reader in another zone; it takes over when the writer fails.",
        url: "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.AuroraHighAvailability.html",
        command: "aws rds create-db-instance --db-instance-identifier READER --db-cluster-identifier ID --engine \
            ENGINE --db-instance-class CLASS --availability-zone ZONE",
        terraform: r#"resource "aws_rds_cluster_instance" "main" {
  count              = 2
  cluster_identifier = aws_rds_cluster.main.id
  engine             = aws_rds_cluster.main.engine
  instance_class     = "db.r6g.large"
}"#,
        effort_minutes: 45,
    },
    rule: Rule::each(&["aws_rds_cluster"], |account, _| {
        let key = |member: &Resource<'_>| {
            let cluster = inventory::owned(member, "cluster_identifier")?;
            Ok(cluster.map(|cluster| (member.region.to_owned(), cluster)))
        };
        let zones = inventory::lookup(account, &[MEMBERS], key, |member| inventory::owned(member, "availability_zone"));
        Ok(Box::new(move |cluster| spread(account, &zones, cluster)))
    }),
};

/// `zones` are those of instances, as far as they name one, by region and identifier of their cluster.
fn spread(account: &Account<'_>, zones: &Lookup<(String, String), Option<String>>, cluster: &Resource<'_>) -> Outcome {
    let engine = engine(cluster)?;
    if is_elsewhere(engine) {
        return not_applicable(format!("a cluster of {engine}"));
    }
    if !is_aurora(engine) {
        return pass();
    }
    if cluster.text("engine_mode")? == Some("serverless") {
        return manual("look whether AWS has placed the serverless capacity in several zones");
    }
    let own = cluster.text("cluster_identifier")?.unwrap_or(cluster.name);
    let instances = inventory::of_key(zones, &(cluster.region.to_owned(), own.to_owned()))?;
    let instances: Vec<Option<String>> = instances.iter().cloned().collect::<Result<_, Unread>>()?;
    let zones: BTreeSet<&String> = instances.iter().flatten().collect();
    let unplaced = instances.iter().filter(|zone| zone.is_none()).count();
    if zones.len() >= 2 {
        return pass();
    }
    account.complete(MEMBERS)?;
    if unplaced > 0 {
        return Err(Unread { path: "availability_zone".into(), reason: format!("{unplaced} instance(s) name none") });
    }
    fail(format!("its instances are in {} zone(s)", zones.len()))
}
