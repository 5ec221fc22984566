//! `plumb remediate apply` against an emulator, and against clouds that listen.

#[cfg(unix)]
mod asking;

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use crate::emulator::{Emulator, run};
use crate::harness::{Plumb, Run, VERSIONING, finished};

/// Nothing of it may turn up anywhere.
const SECRET: &str = "canary/wJalrXUtnFEMI+K7MDENGbPxRfiCY0";
/// How long something may take that is waited for.
const PATIENCE: Duration = Duration::from_mins(2);

/// What `mend.py` makes wrong and a plan mends, and what `mend.py` calls it.
const MENDED: [&str; 15] = [
    "cloudtrail_log_file_validation_enabled",
    "dynamodb_table_deletion_protection_enabled",
    "dynamodb_tables_pitr_enabled",
    "ec2_ebs_default_encryption",
    "ec2_instance_imdsv2_enabled",
    "ecr_repositories_scan_images_on_push_enabled",
    "kms_cmk_rotation_enabled",
    "rds_instance_deletion_protection",
    "rds_instance_minor_version_upgrade_enabled",
    "s3_account_level_public_access_blocks",
    "s3_bucket_default_encryption",
    "s3_bucket_level_public_access_block",
    VERSIONING,
    "sqs_queues_server_side_encryption_enabled",
    "iam_password_policy_minimum_length_14",
];

/// Without any of the variables that the machine may have.
fn with_keys(mut command: Command, plumb: &Plumb, endpoint: &str) -> Command {
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
        command.env_remove(name);
    }
    command.env("HOME", plumb.folder.path()).env("AWS_EC2_METADATA_DISABLED", "true");
    command.env("AWS_ENDPOINT_URL", endpoint).env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    command.env("AWS_SECRET_ACCESS_KEY", SECRET);
    command
}

fn plumb_run(plumb: &Plumb, endpoint: &str, arguments: &[&str]) -> Run {
    finished(with_keys(plumb.command(arguments), plumb, endpoint).output().unwrap())
}

/// A scan of the emulator with some checks; its id.
fn scanned(plumb: &Plumb, endpoint: &str, checks: &[&str]) -> String {
    let mut arguments = vec!["scan", "aws", "--region", "eu-west-1", "-o", "json"];
    for check in checks {
        arguments.extend(["-c", *check]);
    }
    let ran = plumb_run(plumb, endpoint, &arguments);
    assert!(matches!(ran.code, 3 | 4), "{} {}", ran.code, ran.stderr);
    ran.json()["scan"]["id"].as_str().unwrap().to_owned()
}

fn state(emulator: &Emulator) -> Value {
    serde_json::from_str(&run("mend.py", &[&emulator.url, "state"])).unwrap()
}

fn statuses(run: &Run) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let remediations = run.json()["remediations"].as_array().unwrap().clone();
    let line = |one: &Value| (text(&one["check_id"]), text(&one["resource"]["id"]), text(&one["status"]));
    remediations.iter().map(line).collect()
}

#[test]
fn granted_steps_mend_the_account_and_the_record_says_who_did_what() {
    let (emulator, _) = Emulator::made(&["mend.py", "make"]);
    let plumb = Plumb::new();
    let scan = scanned(&plumb, &emulator.url, &MENDED);
    let before = state(&emulator);
    assert!(MENDED.iter().all(|check| before[check] != true), "{before}");
    // Without a grant it says what to grant, and that is all that is needed.
    let asked = plumb_run(&plumb, &emulator.url, &["remediate", "apply", &scan, "--yes", "--json"]).expect(2);
    let grant = asked.stderr.lines().find_map(|line| line.trim().strip_prefix("--grant-write ")).unwrap().to_owned();
    assert_eq!(state(&emulator), before, "something was sent without a grant");
    let arguments = ["remediate", "apply", &scan, "--yes", "--json", "--grant-write", &grant];
    let applied = plumb_run(&plumb, &emulator.url, &arguments);
    let statuses = statuses(&applied);
    let checks: BTreeSet<&str> = statuses.iter().map(|(check, ..)| check.as_str()).collect();
    assert_eq!(checks, BTreeSet::from(MENDED), "{}", applied.stderr);
    for (check, resource, status) in &statuses {
        assert_eq!(status, "fixed", "{check} {resource} {}\n{}", applied.stderr, applied.stdout);
    }
    let applied = applied.expect(0);
    let after = state(&emulator);
    let policy = &after["password_policy"];
    for check in MENDED.iter().filter(|check| !check.starts_with("iam")) {
        assert_eq!(after[check], true, "{check}: {after}");
    }
    assert_eq!((&policy["MinimumPasswordLength"], &policy["MaxPasswordAge"]), (&14.into(), &60.into()), "{policy}");
    assert_eq!(policy["AllowUsersToChangePassword"], true, "what was set stays");
    // Who and what.
    let listed = plumb.run(&["remediate", "list", "--json"]).expect(0).json();
    let first = &listed["remediations"][0];
    assert!(first["caller"].as_str().unwrap().starts_with("arn:aws:"), "{first}");
    assert!(first["user"].as_str().unwrap().contains('@'), "{first}");
    assert!(first["steps"][0]["outcome"].as_str().unwrap().starts_with("answered 20"), "{first}");
    let id = first["id"].as_str().unwrap();
    let shown = plumb.run(&["remediate", "show", id]).expect(0).stdout;
    assert!(shown.contains(first["steps"][0]["url"].as_str().unwrap()), "{shown}");
    for text in [&applied.stdout, &applied.stderr, &shown, &listed.to_string()] {
        assert!(!text.contains(SECRET) && !text.contains("canary"), "{text}");
    }
    // What is right is left alone.
    let again = plumb_run(&plumb, &emulator.url, &arguments).expect(0);
    assert!(statuses_are_empty(&again), "{}", again.stdout);
    plumb.run(&["db", "check"]).expect(0);
}

fn statuses_are_empty(run: &Run) -> bool {
    run.json()["remediations"].as_array().is_some_and(Vec::is_empty)
}

#[test]
fn only_the_chosen_bucket_is_changed_and_what_is_not_granted_is_said() {
    let (emulator, _) = Emulator::made(&["mend.py", "make"]);
    let plumb = Plumb::new();
    let scan = scanned(&plumb, &emulator.url, &[VERSIONING, "s3_bucket_level_public_access_block"]);
    let (tap, heard) = tap(&emulator.url);
    let bucket = ["--resource", "arn:aws:s3:::plain-bucket"];
    let apply = |further: &[&str]| {
        let arguments: Vec<&str> =
            ["remediate", "apply", &scan].into_iter().chain(bucket).chain(further.iter().copied()).collect();
        plumb_run(&plumb, &tap, &arguments)
    };
    let sent = || heard.lock().unwrap().iter().filter(|line| line.starts_with("PUT")).count();
    let dry = apply(&["--dry-run", "--grant-write", "provider-aws=s3:PutBucketVersioning"]).expect(0);
    assert!(dry.stdout.contains("PUT https://s3.eu-west-1.amazonaws.com/plain-bucket?versioning"), "{}", dry.stdout);
    assert!(dry.stdout.contains("<Status>Enabled</Status>"), "{}", dry.stdout);
    assert!(dry.stderr.contains("--grant-write provider-aws=s3:PutBucketPublicAccessBlock"), "{}", dry.stderr);
    let unasked = apply(&["--grant-write", "provider-aws=s3:PutBucketVersioning"]).expect(2);
    assert!(unasked.stderr.contains("give --yes"), "{}", unasked.stderr);
    let ungranted = apply(&["--yes"]).expect(2);
    assert!(ungranted.stderr.contains("s3:PutBucketPublicAccessBlock,s3:PutBucketVersioning"), "{}", ungranted.stderr);
    for wrong in ["provider-aws=s3:DeleteBucket", "provider-aws=*", "nobody=s3:PutBucketVersioning", "s3:Put"] {
        apply(&["--yes", "--grant-write", wrong]).expect(2);
    }
    assert_eq!(sent(), 0, "{:?}", heard.lock().unwrap());
    let half = apply(&["--yes", "--grant-write", "provider-aws=s3:PutBucketVersioning"]).expect(4);
    assert!(half.stdout.contains("1 of 1 violations are mended"), "{}", half.stdout);
    assert_eq!(sent(), 1, "{:?}", heard.lock().unwrap());
    let after = state(&emulator);
    assert_eq!((&after[VERSIONING], &after["other_versioning"]), (&true.into(), &false.into()));
    assert_eq!(after["s3_bucket_level_public_access_block"], false);
}

/// Something between the program and the emulator that hears the first line of every request, and the roles that are taken.
fn tap(behind: &str) -> (String, Arc<Mutex<Vec<String>>>) {
    tap_with(behind, None)
}

/// Where the first PUT is held up: it says that it has come, and waits to be let through.
struct Gate {
    reached: Sender<()>,
    open: Receiver<()>,
}

fn tap_with(behind: &str, gate: Option<Gate>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let behind = behind.trim_start_matches("http://").to_owned();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (kept, gate) = (Arc::clone(&heard), Arc::new(Mutex::new(gate)));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, kept, gate) = (stream.unwrap(), Arc::clone(&kept), Arc::clone(&gate));
            let there = TcpStream::connect(&behind).unwrap();
            let (mut back, mut from) = (stream.try_clone().unwrap(), there.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut from, &mut back).unwrap_or_default());
            std::thread::spawn(move || pass(stream, there, &kept, &gate));
        }
    });
    (url, heard)
}

fn pass(mut from: TcpStream, mut to: TcpStream, kept: &Mutex<Vec<String>>, gate: &Mutex<Option<Gate>>) {
    let mut bytes = vec![0; 64 << 10];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
        let lines = text.lines().filter(|line| line.contains(" HTTP/1.1") || line.contains("RoleArn="));
        kept.lock().unwrap().extend(lines.map(str::to_owned));
        let held = if text.starts_with("PUT") { gate.lock().unwrap().take() } else { None };
        if let Some(Gate { reached, open }) = held {
            reached.send(()).unwrap();
            open.recv_timeout(PATIENCE).unwrap();
        }
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    to.shutdown(std::net::Shutdown::Both).unwrap_or_default();
}

const IDENTITY: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult>\
    <Arn>arn:aws:iam::123456789012:user/maker</Arn><Account>123456789012</Account>\
    </GetCallerIdentityResult></GetCallerIdentityResponse>";

/// A cloud that knows who somebody is, takes everything, and keeps what it was asked. Where it is mute it does not answer a PUT; it
/// says when it got one.
fn cloud(mute: bool) -> (String, Arc<Mutex<Vec<String>>>, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&asked);
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let text = request(&mut stream);
            let silent = mute && text.starts_with("PUT");
            kept.lock().unwrap().push(text.clone());
            say(&tell, &text);
            if silent {
                // Kept open, without a word.
                open.push(stream);
                continue;
            }
            let body = if text.contains("GetCallerIdentity") { IDENTITY } else { "" };
            let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length";
            write!(stream, "{head}: {}\r\n\r\n{body}", body.len()).unwrap_or_default();
        }
    });
    (url, asked, told)
}

fn say(tell: &Sender<()>, text: &str) {
    if text.starts_with("PUT") {
        tell.send(()).unwrap_or_default();
    }
}

/// A whole request.
fn request(stream: &mut TcpStream) -> String {
    let (mut text, mut bytes) = (String::new(), [0; 16 << 10]);
    loop {
        let count = stream.read(&mut bytes).unwrap_or_default();
        text.push_str(&String::from_utf8_lossy(&bytes[..count]));
        let length = |head: &str| {
            let line = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned));
            line.map_or(0, |length| length.parse::<usize>().unwrap())
        };
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| body.len() >= length(head));
        if whole || count == 0 {
            return text;
        }
    }
}

fn mender() -> (Plumb, String) {
    let plumb = Plumb::with_plugins(&[
        ("mender", plumb_guests::component("mender")),
        ("good", plumb_guests::component("good")),
    ]);
    let (url, ..) = cloud(false);
    let scan = ["scan", "mender", "--grant", "mender=http", "-o", "json"];
    let ran = plumb_run(&plumb, &url, &scan);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let id = ran.json()["scan"]["id"].as_str().unwrap().to_owned();
    (plumb, id)
}

#[test]
fn a_dressed_up_plan_is_refused_by_name_and_only_the_honest_one_is_sent() {
    let (plumb, scan) = mender();
    let (url, asked, _) = cloud(false);
    let arguments = [
        "remediate",
        "apply",
        &scan,
        "--check",
        "guest_check",
        "--yes",
        "--json",
        "--grant",
        "mender=http",
        "--grant-write",
        "mender=s3:PutBucketVersioning",
    ];
    let run = plumb_run(&plumb, &url, &arguments);
    let plan = run.json()["plan"].as_array().unwrap_or_else(|| panic!("{}", run.stderr)).clone();
    assert_eq!(plan.len(), 24);
    let step = |name: &str| plan.iter().find(|item| item["resource"] == name).unwrap();
    let granted: Vec<&Value> = plan.iter().filter(|item| item["steps"][0]["granted"] == true).collect();
    assert_eq!(granted.len(), 1, "{granted:?}");
    assert_eq!(granted[0]["resource"], "honest");
    for (name, rule) in [
        ("undeclared", "does not name"),
        ("read", "changes nothing"),
        ("delete", "by a PUT"),
        ("object", "no bucket's path"),
        ("encoded-object", "no bucket's path"),
        ("second-parameter", "exactly one parameter"),
        ("parameter-value", "exactly one parameter"),
        ("two-actions", "stand there once"),
        ("encoded-action", "stand there once"),
        ("query-and-body", "not in both"),
        ("other-host", "is none of the hosts"),
        ("other-service", "are signed for s3"),
        ("override-header", "is not a plugin's to set"),
        ("other-account", "the account \"222222222222\""),
        ("no-account", "the account \"\""),
        ("other-region", "the region \"us-east-1\""),
        ("unsigned", "without a signature"),
        ("charset", "other than UTF-8"),
    ] {
        let refused = step(name)["steps"][0]["refused"].as_str().unwrap_or_default();
        assert!(refused.contains(rule), "{name}: {}", step(name));
    }
    assert_eq!(step("ungranted")["steps"][0]["refused"], Value::Null);
    assert!(step("long")["reason"].as_str().unwrap().contains("bytes"), "{}", step("long"));
    let planning = step("writes-while-planning")["reason"].as_str().unwrap();
    assert!(planning.contains("Refused") && planning.contains("does not only read"), "{planning}");
    let asked = asked.lock().unwrap();
    let writes: Vec<&String> = asked.iter().filter(|text| !text.contains("Action=GetCallerIdentity")).collect();
    assert_eq!(writes.len(), 1, "{writes:?}");
    assert!(writes[0].starts_with("PUT /honest-bucket?versioning= HTTP/1.1"), "{}", writes[0]);
    // Nothing changes in this cloud, and the record does not claim it.
    assert_eq!(statuses(&run), [("guest_check".into(), "honest".into(), "not-fixed".into())]);
    assert_eq!(run.code, 4, "{}", run.stderr);
}

#[test]
fn a_scan_writes_nothing_whatever_was_granted_for_mending() {
    let (plumb, _) = mender();
    let (url, ..) = cloud(false);
    let refused = plumb_run(&plumb, &url, &["scan", "mender", "--grant-write", "mender=s3:PutBucketVersioning"]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    let shown = plumb.run(&["plugin", "inspect", plumb.path("plugins/mender.wasm").to_str().unwrap()]).expect(0);
    assert!(shown.stdout.contains("could do   s3:PutBucketVersioning"), "{}", shown.stdout);
}

#[test]
fn a_crash_after_sending_leaves_a_record_that_says_that_the_outcome_is_unknown() {
    let (plumb, scan) = mender();
    let (url, _, told) = cloud(true);
    let arguments = [
        "remediate",
        "apply",
        &scan,
        "--yes",
        "--resource",
        "honest",
        "--grant",
        "mender=http",
        "--grant-write",
        "mender=s3:PutBucketVersioning",
    ];
    let mut command = with_keys(plumb.command(&arguments), &plumb, &url);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    told.recv_timeout(PATIENCE).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let listed = plumb.run(&["remediate", "list", "--json"]).expect(0).json();
    let left = &listed["remediations"][0];
    assert_eq!((&left["status"], &left["steps"][0]["outcome"]), (&"begun".into(), &"sent, outcome unknown".into()));
    assert_eq!(left["steps"][0]["succeeded"], false);
    assert_eq!(left["caller"], "arn:aws:iam::123456789012:user/maker");
    plumb.run(&["db", "check"]).expect(0);
}

#[test]
fn a_scan_of_files_is_mended_in_the_files() {
    let plumb = Plumb::new();
    let text = crate::harness::state(&[("aws_s3_bucket", "logs", crate::harness::bucket("logs", false))]);
    plumb.scan(&plumb.write("terraform.tfstate", text), &[]).expect(3);
    let run = plumb.run(&["remediate", "apply", "latest", "--check", VERSIONING]).expect(4);
    assert!(run.stdout.contains("remediate plan"), "{} {}", run.stdout, run.stderr);
    let none = plumb.run(&["remediate", "apply", "latest", "--check", "nothing_*"]).expect(0);
    assert!(none.stdout.contains("No violation"), "{}", none.stdout);
}
