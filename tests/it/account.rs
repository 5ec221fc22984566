//! A whole account with good and bad resources of many services, and what is said of each.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::emulator::{self, Emulator};
use crate::harness::{Plumb, Run, repository};
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

/// What the other emulator keeps all settings of.
const ELSEWHERE: [&str; 35] = [
    "launch-template",
    "function",
    "container-cluster",
    "task-definition",
    "task-on-host",
    "kubernetes",
    "state-machine",
    "cache",
    "stream",
    "workgroup",
    "distribution",
    "interface",
    "interface-v2",
    "service-role",
    "person-role",
    "inline-role",
    "queue",
    "topic",
    "key",
    "key-life",
    "key-place",
    "secret",
    "log-group",
    "security-group",
    "security-group-all",
    "network",
    "subnet",
    "address",
    "balancer",
    "listener",
    "volume",
    "access-point",
    "backup-vault",
    "repository",
    "default-group",
];

/// `plumb scan aws` of these regions, with further arguments.
fn scan(plumb: &Plumb, endpoint: &str, regions: &[&str], further: &[&str]) -> Run {
    let regions = regions.iter().flat_map(|region| ["--region", region]);
    let arguments = ["scan", "aws", "-o", "json", "--no-progress"].into_iter().chain(regions);
    let arguments: Vec<&str> = arguments.chain(further.iter().copied()).collect();
    live::with_keys(live::clean(plumb.command(&arguments), plumb), endpoint)
}

/// The name of the twin that a finding is about; none where it is about another resource.
fn twin<'a>(names: &'a BTreeMap<String, String>, finding: &Value) -> Option<&'a str> {
    let (id, name) = (finding["resource"]["id"].as_str()?, finding["resource"]["name"].as_str()?);
    // Some resources are called by their id, or have no other name than the end of it.
    let end = id.rsplit(['/', ':']).next().unwrap_or(id);
    [name, id, end].iter().find_map(|name| names.get(*name)).map(String::as_str)
}

/// What was made, and what the scan found of it.
struct Account {
    made: Vec<Value>,
    /// `check twin verdict`
    verdicts: BTreeSet<String>,
}

fn text(twins: &Value, name: &str) -> String {
    twins[name].as_str().unwrap().to_owned()
}

impl Account {
    fn new(made: &str, findings: &[Value]) -> Account {
        let made: Vec<Value> = serde_json::from_str(made).unwrap();
        let twins =
            |twins: &Value| ["good", "bad"].map(|way| (text(twins, way), format!("{}-{way}", text(twins, "kind"))));
        let names: BTreeMap<String, String> = made.iter().flat_map(twins).collect();
        let of_twin = |finding: &Value| {
            let (check, verdict) = (text(finding, "check_id"), text(finding, "verdict"));
            let is_kept = !CALENDAR.contains(&check.as_str());
            is_kept.then(|| Some(format!("{check} {} {verdict}", twin(&names, finding)?)))?
        };
        Account { verdicts: findings.iter().filter_map(of_twin).collect(), made }
    }

    fn services(&self) -> BTreeSet<String> {
        self.made.iter().map(|twins| text(twins, "service")).collect()
    }

    /// The verdicts that should be there and are not.
    fn missing(&self) -> Vec<String> {
        let of_check = |twins: &Value, check: &Value| {
            let line = |way, verdict| format!("{} {}-{way} {verdict}", check.as_str().unwrap(), text(twins, "kind"));
            [line("good", "pass"), line("bad", "fail")]
        };
        let of_twins = |twins: &Value| -> Vec<String> {
            let checks: &Vec<Value> = twins["checks"].as_array().unwrap();
            checks.iter().flat_map(|check| of_check(twins, check)).collect()
        };
        self.made.iter().flat_map(of_twins).filter(|line| !self.verdicts.contains(line)).collect()
    }
}

#[test]
fn every_bad_resource_fails_what_it_is_bad_for_and_its_good_twin_passes() {
    let (emulator, made) = Emulator::made(&["account.py"]);
    // The emulator lacks some calls, so it is not all that could be read.
    let ran = scan(&Plumb::new(), &emulator.url, &REGIONS, &[]).expect(4);
    assert!(!ran.stdout.contains("refused: "), "the guard lets the provider ask all it asks");
    let account = Account::new(&made, &ran.findings());
    assert!(account.services().len() >= 20, "{:?}", account.services());
    let regions: BTreeSet<String> = account.made.iter().map(|twins| text(twins, "region")).collect();
    assert!(REGIONS.iter().all(|region| regions.contains(*region)), "{regions:?}");
    assert_eq!(account.missing(), Vec::<String>::new());
    let path = repository().join(TABLE);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, account.verdicts.iter().fold(String::new(), |table, line| table + line + "\n")).unwrap();
    }
    let table = std::fs::read_to_string(&path).unwrap();
    let expected: BTreeSet<String> = table.lines().map(str::to_owned).collect();
    let differing: Vec<&String> = account.verdicts.symmetric_difference(&expected).collect();
    assert!(differing.is_empty(), "{TABLE} and the scan differ in these lines: {differing:#?}");
}

#[test]
fn twins_are_told_apart_in_another_emulator_too() {
    let plumb = Plumb::new();
    let emulator = Emulator::other(plumb.folder.path());
    let made = emulator::run("account.py", &[&[emulator.url.as_str()], &ELSEWHERE[..]].concat());
    let ran = scan(&plumb, &emulator.url, &REGIONS, &[]).expect(4);
    let account = Account::new(&made, &ran.findings());
    assert!(account.services().len() >= 20, "{:?}", account.services());
    assert_eq!(account.missing(), Vec::<String>::new());
}

#[test]
fn an_account_that_is_set_up_well_passes_what_one_that_is_not_set_up_fails() {
    let (emulator, checks) = Emulator::made(&["settings.py"]);
    let checks: Vec<String> = serde_json::from_str(&checks).unwrap();
    let (bad, good) = ("123456789012", "222222222222");
    let chosen: Vec<&str> = checks.iter().flat_map(|check| ["-c", check]).collect();
    let accounts = ["--account", bad, "--account", good, "--role", "Audit"];
    let ran = scan(&Plumb::new(), &emulator.url, &REGIONS[..1], &[&accounts[..], &chosen].concat()).expect(3);
    let line = |finding: &Value| {
        let account = text(&finding["resource"], "account");
        format!("{} {account} {}", text(finding, "check_id"), text(finding, "verdict"))
    };
    let seen: BTreeSet<String> = ran.findings().iter().map(line).collect();
    let of = |check: &String| [format!("{check} {good} pass"), format!("{check} {bad} fail")];
    let expected: BTreeSet<String> = checks.iter().flat_map(of).collect();
    assert_eq!(seen, expected);
}
