//! Code against reality, live: Terraform applies to an emulator, the state and the account are told the same of, somebody changes
//! things behind the code's back, and exactly that is found.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::emulator::{self, Emulator};
use crate::harness::{Plumb, finished, repository};
use crate::live;

/// A folder of provider plugins for `terraform init`, where the registry is not at hand.
const PLUGINS: &str = "PLUMB_TERRAFORM_PLUGINS";

/// An archive with nothing in it, as code of a function.
const EMPTY_ZIP: [u8; 22] = [b'P', b'K', 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// Where the state and the account are told different things of: check, address, state, live, why. What differs no longer is to go.
const DIFFERENT: [(&str, &str, &str, &str, &str); 3] = [
    ("awslambda_function_url_cors_policy", "aws_lambda_function.bad", "not-applicable", "not-evaluated", NO_URLS),
    ("awslambda_function_url_public", "aws_lambda_function.bad", "not-applicable", "not-evaluated", NO_URLS),
    ("ec2_instance_public_ip", "aws_instance.bad", "fail", "pass", NO_ADDRESS),
];
const NO_URLS: &str = "the emulator does not know ListFunctionUrlConfigs";
const NO_ADDRESS: &str =
    "the emulator answers an empty association, which the AWS provider of Terraform takes for an address";
const UNSET: &str = "nothing in the state until it is refreshed, and false or 0 from then on and live";

/// What differs before anybody changed anything, and why.
const DRIFTED: [(&str, &str); 4] = [
    ("changed aws_iam_policy.all name", "the emulator names no policies in the account's details"),
    ("changed aws_instance.bad associate_public_ip_address", NO_ADDRESS),
    ("changed aws_network_acl.n ingress.icmp_code,ingress.icmp_type", UNSET),
    ("changed aws_s3_bucket.logs server_side_encryption_configuration.rule.bucket_key_enabled", UNSET),
];

/// Runs Terraform in a folder; whether it is there and did it.
fn terraform(plumb: &Plumb, arguments: &[&str]) -> bool {
    let ran = Command::new("terraform")
        .args(arguments)
        .current_dir(plumb.path("code"))
        .env("TF_IN_AUTOMATION", "1")
        .stdin(Stdio::null())
        .output();
    ran.is_ok_and(|ran| ran.status.success())
}

/// The drifts of resources that the code knows, as `kind address path`, and the names of those it does not know.
fn drifts(plumb: &Plumb, endpoint: &str) -> (Vec<String>, Vec<String>) {
    let state = plumb.path("code/terraform.tfstate");
    let arguments =
        ["drift", "detect", "terraform", state.to_str().unwrap(), "--against", "aws", "--region", "eu-west-1"];
    let mut command = plumb.command(&[&arguments[..], &["-o", "json", "--no-progress"]].concat());
    command.env("AWS_ENDPOINT_URL", endpoint).env("AWS_ACCESS_KEY_ID", "a").env("AWS_SECRET_ACCESS_KEY", "b");
    // The emulator lacks some calls, so it is not all that could be read.
    let ran = finished(command.output().unwrap()).expect(4);
    let found: Value = serde_json::from_str(&ran.stdout).unwrap();
    let (mut known, mut unmanaged) = (Vec::new(), Vec::new());
    for drift in found["drifts"].as_array().unwrap() {
        let text = |name: &str| drift[name].as_str().unwrap_or_default().to_owned();
        if drift["kind"] == "unmanaged" {
            unmanaged.push(drift.to_string());
            continue;
        }
        let paths = drift["differences"].as_array().into_iter().flatten().filter_map(|one| one["path"].as_str());
        let paths: Vec<&str> = paths.collect();
        known.push(format!("{} {} {}", text("kind"), text("address"), paths.join(",")));
    }
    known.sort();
    (known, unmanaged)
}

/// The verdicts of a scan: by kind and id of the resource, then by check. Those about the whole account have no kind.
fn verdicts(report: &Value) -> BTreeMap<(String, String), BTreeMap<String, String>> {
    let mut verdicts: BTreeMap<_, BTreeMap<String, String>> = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let of = (text(&finding["resource"]["kind"]), text(&finding["resource"]["id"]));
        verdicts.entry(of).or_default().insert(text(&finding["check_id"]), text(&finding["verdict"]));
    }
    verdicts
}

/// The ARN of each resource of the state, by address.
fn addresses(plumb: &Plumb) -> BTreeMap<String, String> {
    let state: Value = serde_json::from_slice(&std::fs::read(plumb.path("code/terraform.tfstate")).unwrap()).unwrap();
    let entry = |one: &Value| {
        let address = format!("{}.{}", one["type"].as_str()?, one["name"].as_str()?);
        Some((address, one["instances"][0]["attributes"]["arn"].as_str()?.to_owned()))
    };
    state["resources"].as_array().unwrap().iter().filter_map(entry).collect()
}

/// What the state and the account are told different things of, as `check address state live`, and how many kinds were compared.
fn told_differently(plumb: &Plumb, endpoint: &str) -> (BTreeSet<String>, usize) {
    let state = plumb.scan(&plumb.path("code/terraform.tfstate"), &["--no-progress"]).expect(3).json();
    let arguments = ["scan", "aws", "--region", "eu-west-1", "-o", "json", "--no-progress"];
    // The emulator lacks some calls, so it is not all that could be read.
    let live = live::with_keys(live::clean(plumb.command(&arguments), plumb), endpoint).expect(4).json();
    let (state, live) = (verdicts(&state), verdicts(&live));
    let arns = addresses(plumb);
    let (mut different, mut kinds) = (BTreeSet::new(), BTreeSet::new());
    for ((kind, address), checks) in &state {
        if kind.is_empty() {
            continue;
        }
        let arn = arns.get(address).unwrap_or_else(|| panic!("{address} has no ARN in the state"));
        let of_account =
            live.get(&(kind.clone(), arn.clone())).unwrap_or_else(|| panic!("{address} {arn} is not there live"));
        kinds.insert(kind.clone());
        let names: BTreeSet<&String> = checks.keys().chain(of_account.keys()).collect();
        for name in names {
            let word =
                |verdicts: &BTreeMap<String, String>| verdicts.get(name).cloned().unwrap_or("nothing".to_owned());
            let (one, other) = (word(checks), word(of_account));
            if one != other {
                different.insert(format!("{name} {address} {one} {other}"));
            }
        }
    }
    // A state is no whole account: it passes nothing that the account fails, and fails nothing at all.
    let whole = |verdicts: &BTreeMap<(String, String), BTreeMap<String, String>>| -> BTreeMap<String, String> {
        verdicts.iter().filter(|((kind, _), _)| kind.is_empty()).flat_map(|(_, checks)| checks.clone()).collect()
    };
    let of_account = whole(&live);
    for (check, verdict) in whole(&state) {
        let is_fine = match verdict.as_str() {
            "pass" => of_account.get(&check).is_some_and(|live| live == "pass"),
            "manual" | "not-applicable" => true,
            _ => false,
        };
        assert!(is_fine, "{check} is {verdict} of the state and {:?} of the account", of_account.get(&check));
    }
    (different, kinds.len())
}

#[test]
fn code_and_account_are_told_the_same_of_and_what_was_changed_behind_the_codes_back_is_found_and_nothing_else() {
    let plumb = Plumb::new();
    for file in ["main.tf", "data.tf", "compute.tf"] {
        let code = std::fs::read(repository().join("tests/cloud/code").join(file)).unwrap();
        plumb.write(&format!("code/{file}"), code);
    }
    plumb.write("code/code.zip", EMPTY_ZIP);
    let plugins = std::env::var(PLUGINS).map(|folder| format!("-plugin-dir={folder}"));
    let init: Vec<&str> = ["init", "-no-color"].into_iter().chain(plugins.as_deref().ok()).collect();
    if !terraform(&plumb, &init) {
        eprintln!("skipped: Terraform or its AWS provider is not at hand; {PLUGINS} can name a folder of its plugins");
        return;
    }
    let emulator = Emulator::empty();
    let endpoint = format!("endpoint={}", emulator.url);
    let apply = ["apply", "-auto-approve", "-no-color", "-parallelism=30", "-var", &endpoint];
    assert!(terraform(&plumb, &apply), "Terraform does not apply");
    let (different, kinds) = told_differently(&plumb, &emulator.url);
    let explained = DIFFERENT.map(|(check, address, state, live, _)| format!("{check} {address} {state} {live}"));
    assert_eq!(different, BTreeSet::from(explained));
    assert!(kinds >= 20, "{kinds} kinds");
    let (before, _) = drifts(&plumb, &emulator.url);
    assert_eq!(before, DRIFTED.map(|(drift, _)| drift), "what was just applied has not drifted");
    emulator::run("behind.py", &[&emulator.url]);
    let (after, unmanaged) = drifts(&plumb, &emulator.url);
    let changed = [
        "changed aws_s3_bucket.logs server_side_encryption_configuration.rule.bucket_key_enabled,versioning.enabled",
        "changed aws_security_group.web ingress",
        "missing aws_sns_topic.t ",
    ];
    let others = DRIFTED.iter().map(|(drift, _)| *drift).filter(|drift| !drift.contains("aws_s3_bucket.logs"));
    let mut expected: Vec<&str> = others.chain(changed).collect();
    expected.sort_unstable();
    assert_eq!(after, expected);
    assert!(unmanaged.iter().any(|drift| drift.contains("by-hand")), "{unmanaged:?}");
}
