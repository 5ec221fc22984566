//! Code against reality, live: Terraform applies to an emulator, the state and the account are told the same of, somebody changes
//! things behind the code's back, and exactly that is found.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::emulator::{self, Emulator};
use crate::harness::{Plumb, finished, repository, state};
use crate::live;
use crate::service::Service;

/// For a scan of all regions, which an emulator answers one request after the other.
const ALL_REGIONS: Duration = Duration::from_mins(10);

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

/// What differs before anybody changed anything, and why.
const DRIFTED: [(&str, &str); 2] = [
    ("changed aws_iam_policy.all name", "the emulator names no policies in the account's details"),
    ("changed aws_instance.bad associate_public_ip_address", NO_ADDRESS),
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
        "changed aws_s3_bucket.logs versioning.enabled",
        "changed aws_security_group.web ingress",
        "missing aws_sns_topic.t ",
    ];
    let others = DRIFTED.iter().map(|(drift, _)| *drift);
    let mut expected: Vec<&str> = others.chain(changed).collect();
    expected.sort_unstable();
    assert_eq!(after, expected);
    assert!(unmanaged.iter().any(|drift| drift.contains("by-hand")), "{unmanaged:?}");
    assert!(!unmanaged.iter().any(|drift| drift.contains("aws_default_")), "what AWS makes by itself is no drift");
}

/// Detects once more, and gives the answer.
fn detected(plumb: &Plumb, endpoint: &str, further: &[&str]) -> Value {
    let state = plumb.path("code/terraform.tfstate");
    let arguments =
        ["drift", "detect", "terraform", state.to_str().unwrap(), "--against", "aws", "--region", "eu-west-1"];
    let mut command = plumb.command(&[&arguments[..], &["-o", "json", "--no-progress"], further].concat());
    command.env("AWS_ENDPOINT_URL", endpoint).env("AWS_ACCESS_KEY_ID", "a").env("AWS_SECRET_ACCESS_KEY", "b");
    finished(command.output().unwrap()).expect(4).json()
}

/// A state that knows a bucket and a queue.
fn two() -> String {
    let queue = serde_json::json!({"id": "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs", "name": "jobs",
        "arn": "arn:aws:sqs:eu-west-1:123456789012:jobs", "url": "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs"});
    let bucket =
        serde_json::json!({"id": "plain-bucket", "bucket": "plain-bucket", "arn": "arn:aws:s3:::plain-bucket"});
    state(&[("aws_s3_bucket", "kept", bucket), ("aws_sqs_queue", "jobs", queue)])
}

#[test]
fn what_aws_makes_by_itself_is_counted_apart_unless_it_is_asked_for() {
    let emulator = Emulator::with("small.py");
    let plumb = Plumb::new();
    plumb.write("code/terraform.tfstate", two());
    let is_default = |drift: &&Value| drift["resource"]["kind"].as_str().unwrap().starts_with("aws_default_");
    let quiet = detected(&plumb, &emulator.url, &[]);
    let counted = quiet["defaults"].as_u64().unwrap();
    assert!(counted > 3, "{quiet}");
    assert_eq!(quiet["drifts"].as_array().unwrap().iter().filter(is_default).count(), 0);
    let all = detected(&plumb, &emulator.url, &["--defaults"]);
    assert_eq!(all["defaults"], 0);
    assert_eq!(all["drifts"].as_array().unwrap().iter().filter(is_default).count() as u64, counted);
    assert_eq!(all["unmanaged"].as_u64().unwrap(), quiet["unmanaged"].as_u64().unwrap() + counted);
    let again = detected(&plumb, &emulator.url, &[]);
    assert_eq!((&again["unmanaged"], &again["resolved"]), (&quiet["unmanaged"], &Value::from(counted)));
}

#[test]
fn the_service_holds_code_against_the_account_that_it_names() {
    let emulator = Emulator::with("small.py");
    let plumb = Plumb::new();
    let file = plumb.write("code/terraform.tfstate", two());
    let token = plumb.run(&["token", "create", "--role", "admin"]).expect(0).stdout.trim().to_owned();
    let endpoint = format!("AWS_ENDPOINT_URL={}", emulator.url);
    let environment = ["env", &endpoint, "AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b", "AWS_REGION=eu-west-1"];
    let config = plumb.write("plumb.toml", "[scans]\nallowed_credentials = [\"environment\"]\n");
    let service = Service::start_under(&plumb, &environment, &["--config", config.to_str().unwrap()]);
    let code = serde_json::json!({"name": "code", "provider": "terraform",
        "settings": {"paths": [file.parent().unwrap()], "reality": "live"}});
    let (status, refused) = service.ask(&token, "POST", "/v1/targets", Some(&code));
    assert!(status == 400 && refused.to_string().contains("settings.reality"), "{status} {refused}");
    let live = serde_json::json!({"name": "live", "provider": "aws", "settings": {"regions": ["eu-west-1"]}});
    assert_eq!(service.ask(&token, "POST", "/v1/targets", Some(&live)).0, 201);
    let (status, made) = service.ask(&token, "POST", "/v1/targets", Some(&code));
    assert_eq!(status, 201, "{made}");
    let detect = || {
        let (status, job) = service.ask(&token, "POST", "/api/v1/drifts/detect", None);
        assert_eq!(status, 202, "{job}");
        let path = format!("/v1/scans/{}", job["scan_id"].as_str().unwrap());
        let begun = Instant::now();
        while ["pending", "running"].map(Value::from).contains(&service.ask(&token, "GET", &path, None).1["status"]) {
            assert!(begun.elapsed() < ALL_REGIONS, "the scan does not end");
            std::thread::sleep(Duration::from_millis(200));
        }
        assert_eq!(service.ask(&token, "GET", &path, None).1["status"], "completed");
        let mut drifts = Vec::new();
        for page in 1.. {
            let id = made["id"].as_str().unwrap();
            let path = format!("/api/v1/drifts?per_page=100&page={page}&provider_id={id}");
            let found = service.ask(&token, "GET", &path, None).1;
            drifts.extend(found["data"].as_array().unwrap().clone());
            if drifts.len() as u64 >= found["meta"]["total"].as_u64().unwrap() {
                break;
            }
        }
        drifts
    };
    let drifts = detect();
    let of = |drifts: &[Value], kind: &str, name: &str| {
        let is_it = |drift: &&Value| drift["kind"] == kind && drift.to_string().contains(name);
        drifts.iter().filter(is_it).cloned().collect::<Vec<Value>>()
    };
    assert_eq!(of(&drifts, "missing", "aws_sqs_queue.jobs").len(), 1, "{drifts:?}");
    assert!(of(&drifts, "missing", "plain-bucket").is_empty(), "{drifts:?}");
    assert!(!of(&drifts, "unmanaged", "").is_empty(), "{drifts:?}");
    assert!(of(&drifts, "unmanaged", "aws_default_").is_empty(), "{drifts:?}");
    // The code gives the queue up: what it says now is the baseline, and the drift is over.
    let bucket =
        serde_json::json!({"id": "plain-bucket", "bucket": "plain-bucket", "arn": "arn:aws:s3:::plain-bucket"});
    plumb.write("code/terraform.tfstate", state(&[("aws_s3_bucket", "kept", bucket)]));
    let drifts = detect();
    let queue = of(&drifts, "missing", "aws_sqs_queue.jobs");
    assert_eq!(queue[0]["status"], "resolved", "{queue:?}");
    service.stop();
}
