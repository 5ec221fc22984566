//! One stack, read as a Terraform state and live: the same resources and the same verdicts.
//!
//! `fixtures/closed_loop` has the stack, the state that `terraform apply` against an emulator wrote, and what the emulator
//! then answered the plugin: `apply`, then `read_emulator PORT --record fixtures/closed_loop`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use plumbline::check::{Check, Context, Outcome, Verdict};
use plumbline::document::Value;
use plumbline::http::Scripted;
use plumbline::provider::{Collected, Error, Found, encode_found};
use plumbline::resource::Resource;
use provider_terraform::source::{Entry, Source};

use crate::recorded::{read, target};

/// The services that the stack has resources of.
const SERVICES: [&str; 10] = ["dynamodb", "ec2", "iam", "kms", "logs", "s3", "secretsmanager", "sns", "sqs", "vpc"];

/// Where a state and an account cannot say the same: kind, check, why.
const EXPLAINED: &[(&str, &str, &str)] = &[];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/closed_loop")
}

struct State(Vec<u8>);

impl Source for State {
    fn entries(&self) -> Result<Vec<Entry>, Error> {
        Ok(vec![Entry { name: "terraform.tfstate".to_owned(), size: self.0.len() as u64 }])
    }

    fn read(&self, _: &str, offset: u64, length: u64) -> Result<Vec<u8>, Error> {
        let start = usize::try_from(offset).unwrap().min(self.0.len());
        let end = (start + usize::try_from(length).unwrap()).min(self.0.len());
        Ok(self.0[start..end].to_vec())
    }
}

fn of_state() -> Vec<Found> {
    let mut collected = Collected::default();
    let state = State(std::fs::read(fixtures().join("terraform.tfstate")).unwrap());
    let settings = provider_terraform::planning::Settings::default();
    provider_terraform::collect::collect(&state, "terraform.tfstate", &settings, &[], &mut collected).unwrap();
    collected.resources
}

fn live() -> Vec<Found> {
    let of_service = |service: &&str| {
        let text = std::fs::read_to_string(fixtures().join(format!("{service}.json"))).unwrap();
        read(&Scripted::from_json(&text), &target(service, &[])).resources
    };
    SERVICES.iter().flat_map(of_service).collect()
}

/// What a resource is called in its kind: the ARN, else the id.
fn names(found: &Found) -> BTreeSet<&str> {
    ["arn", "id", "bucket", "name"].iter().filter_map(|name| found.config.get(*name)?.as_str()).collect()
}

fn verdict(check: &Check, found: &Found) -> Option<Outcome> {
    if !check.kinds.contains(&found.kind.as_str()) || check.is_of_account() {
        return None;
    }
    let mut bytes = Vec::new();
    encode_found(found, &mut bytes);
    let context = Context { account: found.account.clone(), scan_time: "2026-12-31T23:59:59Z".to_owned() };
    Some(check.on(&Resource::new(Value::new(&bytes)), &context))
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Ok(Verdict::Pass) => "pass",
        Ok(Verdict::Fail(_)) => "fail",
        Ok(Verdict::Manual(_)) => "manual",
        Ok(Verdict::NotApplicable(_)) => "not applicable",
        Err(_) => "not evaluated",
    }
}

#[test]
fn a_stack_has_the_same_verdicts_as_a_state_and_live() {
    let live = live();
    let mut differences = Vec::new();
    let mut compared = 0;
    for planned in of_state() {
        let is_same = |found: &&Found| found.kind == planned.kind && !names(found).is_disjoint(&names(&planned));
        let Some(found) = live.iter().find(is_same) else {
            differences.push(format!("{} is not there live", planned.id));
            continue;
        };
        for check in checks_aws::CHECKS {
            let (Some(one), Some(other)) = (verdict(check, &planned), verdict(check, found)) else { continue };
            compared += 1;
            let is_explained = EXPLAINED.iter().any(|(kind, id, _)| *kind == planned.kind && *id == check.id);
            if word(&one) != word(&other) && !is_explained {
                differences.push(format!("{} {}: state {one:?}, live {other:?}", planned.id, check.id));
            }
        }
    }
    assert!(differences.is_empty(), "{differences:#?}");
    assert!(compared > 100, "{compared}");
}
