//! The certificate authorities that sign the servers' certificates.

use plumbline::prelude::*;

use super::REFERENCES;
use crate::calendar::day;

pub const CHECKS: &[&Check] = &[&EXPIRY];

/// When each authority expires, the earliest of all regions: "Using SSL/TLS to encrypt a connection to a DB instance",
/// RDS User Guide.
const AUTHORITIES: &[(&str, &str)] = &[
    ("rds-ca-2015", "2020-03-05"),
    ("rds-ca-2019", "2024-08-22"),
    ("rds-ca-rsa2048-g1", "2061-05-01"),
    ("rds-ca-rsa4096-g1", "2121-05-01"),
    ("rds-ca-ecc384-g1", "2121-05-01"),
];

/// Three months, in days: the time to bring a new authority to all clients.
const NOTICE: i64 = 90;

pub const EXPIRY: Check = Check {
    id: "rds_instance_certificate_expiration",
    title: "RDS instance has a certificate authority that stays valid",
    description: "The authority behind an instance's certificate must be valid for at least three more months.",
    risk: "On the day it expires, clients that verify the certificate can no longer connect, and the quick way out \
        is not to verify.",
    severity: Severity::High,
    kinds: &["aws_db_instance", "aws_rds_cluster_instance"],
    reads: &["ca_cert_identifier"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Give the clients the new root certificates first, then change the authority of the instance.",
        url: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL-certificate-rotation.html",
        command: "aws rds modify-db-instance --db-instance-identifier ID --ca-certificate-identifier \
            rds-ca-rsa2048-g1",
        terraform: "ca_cert_identifier = \"rds-ca-rsa2048-g1\"",
        effort_minutes: 120,
    },
    rule: Rule::Timed(|instance, context| {
        let unread = |reason: String| Unread { path: "ca_cert_identifier".into(), reason };
        let name = instance.text("ca_cert_identifier")?.ok_or_else(|| unread("it is not set".into()))?;
        let Some((_, expiry)) = AUTHORITIES.iter().find(|(known, _)| *known == name) else {
            return Err(unread(format!("it is not known when the authority {name} expires")));
        };
        match (day(expiry), day(&context.scan_time)) {
            (Some(end), Some(now)) if end - now >= NOTICE => pass(),
            (Some(_), Some(_)) => fail(format!("the authority {name} is valid until {expiry}")),
            _ => Err(unread(format!("the time of the scan, '{}', is no date", context.scan_time))),
        }
    }),
};
