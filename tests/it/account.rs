//! A whole account with good and bad resources of many services, and what is said of each.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::emulator::Emulator;
use crate::harness::{Run, repository};
use crate::live;

/// Where the account has resources.
pub(crate) const REGIONS: [&str; 3] = ["eu-west-1", "us-east-1", "ap-southeast-1"];
/// What the twins of the account come to, check by check: `check twin verdict`. `UPDATE=1` writes it.
const TABLE: &str = "tests/cloud/account.verdicts";
/// What these say changes with the calendar: support ends, certificates of authorities expire.
const CALENDAR: [&str; 3] = [
    "awslambda_function_using_supported_runtimes",
    "eks_cluster_uses_a_supported_version",
    "rds_instance_certificate_expiration",
];

/// `plumb scan aws` of all regions of the account, with further arguments.
pub(crate) fn scan(plumb: &crate::harness::Plumb, endpoint: &str, further: &[&str]) -> Run {
    let regions = REGIONS.iter().flat_map(|region| ["--region", region]);
    let arguments: Vec<&str> = ["scan", "aws", "-o", "json", "--no-progress"].into_iter().chain(regions).chain(further.iter().copied()).collect();
    live::with_keys(live::clean(plumb.command(&arguments), plumb), endpoint)
}

/// The name of the twin that a finding is about; none where it is about another resource.
fn twin<'a>(names: &'a BTreeMap<String, String>, finding: &Value) -> Option<&'a str> {
    let (id, name) = (finding["resource"]["id"].as_str()?, finding["resource"]["name"].as_str()?);
    // Some resources are called by their id, or have no other name than the end of it.
    let end = id.rsplit(['/', ':']).next().unwrap_or(id);
    [name, id, end].iter().find_map(|name| names.get(*name)).map(String::as_str)
}

#[test]
fn every_bad_resource_fails_what_it_is_bad_for_and_its_good_twin_passes() {
    let (emulator, made) = Emulator::made(&["account.py"]);
    let made: Vec<Value> = serde_json::from_str(&made).unwrap();
    let text = |twins: &Value, name: &str| twins[name].as_str().unwrap().to_owned();
    let services: BTreeSet<String> = made.iter().map(|twins| text(twins, "service")).collect();
    let regions: BTreeSet<String> = made.iter().map(|twins| text(twins, "region")).collect();
    assert!(services.len() >= 20 && REGIONS.iter().all(|region| regions.contains(*region)), "{services:?} {regions:?}");
    let names: BTreeMap<String, String> = made
        .iter()
        .flat_map(|twins| ["good", "bad"].map(|way| (text(twins, way), format!("{}-{way}", text(twins, "kind")))))
        .collect();
    let plumb = crate::harness::Plumb::new();
    // The emulator lacks some calls, so it is not all that could be read.
    let ran = scan(&plumb, &emulator.url, &[]).expect(4);
    let findings = ran.findings();
    let mut verdicts: BTreeSet<String> = BTreeSet::new();
    for finding in &findings {
        if let Some(twin) = twin(&names, finding) {
            let (check, verdict) = (finding["check_id"].as_str().unwrap(), finding["verdict"].as_str().unwrap());
            if !CALENDAR.contains(&check) {
                verdicts.insert(format!("{check} {twin} {verdict}"));
            }
        }
    }
    let mut missing = Vec::new();
    for twins in &made {
        for check in twins["checks"].as_array().unwrap() {
            for (way, verdict) in [("good", "pass"), ("bad", "fail")] {
                let line = format!("{} {}-{way} {verdict}", check.as_str().unwrap(), text(twins, "kind"));
                if !verdicts.contains(&line) {
                    missing.push(line);
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    let table = verdicts.iter().fold(String::new(), |table, line| table + line + "\n");
    let path = repository().join(TABLE);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    let of = |table: &str| table.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (seen, expected) = (of(&table), of(&expected));
    let differing: Vec<&String> = seen.symmetric_difference(&expected).collect();
    assert!(differing.is_empty(), "{TABLE} and the scan differ in these lines: {differing:#?}");
}
