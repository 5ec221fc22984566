//! Which rights reading takes: follows from the calls of each kind.

use std::collections::{BTreeMap, BTreeSet};

use plumbline::provider::Permission;

use crate::call::Call;
use crate::planning::CALLS;
use crate::services::SERVICES;

/// For each kind the IAM actions of its calls; under the empty kind those of planning.
pub fn permissions() -> Vec<Permission> {
    let mut actions: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    actions.insert("", CALLS.iter().map(Call::permission).collect());
    for listing in SERVICES.iter().flat_map(|service| service.listings) {
        for kind in listing.kinds {
            let calls = listing.calls(&[kind]);
            actions.entry(kind.kind).or_default().extend(calls.iter().map(|call| call.permission()));
        }
    }
    actions
        .into_iter()
        .map(|(kind, actions)| Permission { kind: kind.to_owned(), actions: actions.into_iter().collect() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actions(kind: &str) -> Vec<String> {
        let all = permissions();
        all.into_iter().find(|of| of.kind == kind).unwrap().actions
    }

    #[test]
    fn a_kind_takes_the_rights_of_its_calls() {
        let bucket = actions("aws_s3_bucket");
        for action in ["s3:ListAllMyBuckets", "s3:GetEncryptionConfiguration", "s3:GetBucketPublicAccessBlock"] {
            assert!(bucket.iter().any(|known| known == action), "{action} is not in {bucket:?}");
        }
        assert!(actions("").contains(&"ec2:DescribeRegions".to_owned()));
    }

    #[test]
    fn every_action_is_a_service_and_an_operation_that_reads() {
        for of in permissions() {
            for action in of.actions {
                let (service, operation) = action.split_once(':').unwrap();
                assert!(service.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{action}");
                let reads = ["Get", "List", "Describe", "BatchGet", "GenerateCredentialReport", "GET"];
                assert!(reads.iter().any(|verb| operation.starts_with(verb)), "{action}");
            }
        }
    }
}
