//! `plumb scan aws` against an emulator.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::canary::{REPORTS, all_reports, is_in};
use crate::emulator::Emulator;
use crate::fault_proxy::{Answer, Fault, Proxy};
use crate::harness::{Plumb, Run, finished};
use crate::service::Service;

/// Nothing of it may turn up anywhere.
const SECRET: &str = "canary/wJalrXUtnFEMI+K7MDENGbPxRfiCY0";
const TOKEN: &str = "canary/IQoJb3JpZ2luX2VjEXAMPLE+TOKEN/0123456789==";

/// Without any of the variables that the machine may have.
fn scan(plumb: &Plumb, further: &[&str]) -> Command {
    let mut arguments =
        vec!["-vv", "scan", "aws", "--region", "eu-west-1", "--service", "s3", "--service", "ec2", "-o", "json"];
    arguments.extend(further);
    clean(plumb.command(&arguments), plumb)
}

pub(crate) fn clean(mut command: Command, plumb: &Plumb) -> Command {
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
        command.env_remove(name);
    }
    command.env("HOME", plumb.folder.path()).env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

pub(crate) fn with_keys(mut command: Command, endpoint: &str) -> Run {
    command.env("AWS_ENDPOINT_URL", endpoint).env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    finished(command.env("AWS_SECRET_ACCESS_KEY", SECRET).env("AWS_SESSION_TOKEN", TOKEN).output().unwrap())
}

/// Check, resource, verdict and message of each finding, in order.
fn verdicts(run: &Run) -> Vec<String> {
    let field = |finding: &serde_json::Value, name: &str| finding[name].to_string();
    let names = ["check", "resource", "verdict", "message", "status"];
    let line = |finding: &serde_json::Value| names.map(|name| field(finding, name)).join(" ");
    let mut lines: Vec<String> = run.findings().iter().map(line).collect();
    lines.sort();
    lines
}

#[test]
fn a_live_account_is_scanned_recorded_and_replayed_without_credentials() {
    let emulator = Emulator::with("small.py");
    let plumb = Plumb::new();
    std::fs::create_dir(plumb.path("reports")).unwrap();
    let mut command = scan(&plumb, &["--record", "recording"]);
    command.args(all_reports());
    let recorded = with_keys(command, &emulator.url);
    assert!(matches!(recorded.code, 3 | 4), "{} {}", recorded.code, recorded.stderr);
    let text = recorded.json().to_string();
    for resource in ["plain-bucket", "versioned-bucket"] {
        assert!(text.contains(resource), "{resource} was not seen: {}", recorded.stderr);
    }
    assert!(recorded.stderr.contains("read: ") && recorded.stderr.contains("eu-west-1"), "{}", recorded.stderr);
    for secret in [SECRET, TOKEN, "canary"] {
        assert!(!recorded.stderr.contains(secret) && !recorded.stdout.contains(secret), "{}", recorded.stderr);
        assert!(!is_in(plumb.folder.path(), secret), "{secret} is in the ledger or the recording");
    }
    drop(emulator);
    let replayed = finished(scan(&plumb, &["--replay", "recording"]).output().unwrap());
    assert_eq!(replayed.code, recorded.code, "{}", replayed.stderr);
    assert_eq!(verdicts(&replayed), verdicts(&recorded));
    assert!(!verdicts(&replayed).is_empty());
}

/// All of a report in JSON but its beginning, which names the run and its times.
fn lasting(run: &Run) -> &str {
    run.stdout.split_once("\"summary\":").unwrap().1
}

#[cfg(unix)]
#[test]
fn a_replay_on_another_day_finds_the_same_to_the_byte() {
    let Some(library) = crate::clock_changes::faketime() else {
        eprintln!(
            "skipped: there is no libfaketime; install it (Debian: apt install libfaketime), or name it in PLUMB_FAKETIME"
        );
        return;
    };
    let emulator = Emulator::made(&["account.py"]).0;
    let at = |folder: &Plumb, recording: [&str; 2]| {
        let arguments = ["scan", "aws", "--region", "eu-west-1", "--service", "iam", "--service", "acm", "-o", "json"];
        clean(folder.command(&arguments.into_iter().chain(recording).collect::<Vec<_>>()), folder)
    };
    let (first, later) = (Plumb::new(), Plumb::new());
    let recording = first.path("recording");
    let recorded = with_keys(at(&first, ["--record", recording.to_str().unwrap()]), &emulator.url);
    drop(emulator);
    let mut command = at(&later, ["--replay", recording.to_str().unwrap()]);
    command.env("LD_PRELOAD", library).env("FAKETIME", "+400d").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    let replayed = finished(command.output().unwrap());
    assert_eq!(replayed.code, recorded.code, "{}", replayed.stderr);
    assert!(replayed.stderr.contains("when the recording was made"), "{}", replayed.stderr);
    assert_ne!(replayed.json()["scan"], recorded.json()["scan"]);
    assert_eq!(lasting(&replayed), lasting(&recorded));
    // What depends on the time is among it: without a day of its own the recording is as old as whoever replays it.
    let head = recording.join("recording.json");
    let mut without: Value = serde_json::from_slice(&std::fs::read(&head).unwrap()).unwrap();
    without.as_object_mut().unwrap().remove("made_at").unwrap();
    std::fs::write(head, without.to_string()).unwrap();
    let aged = Plumb::new();
    let mut command = at(&aged, ["--replay", recording.to_str().unwrap()]);
    command.env("LD_PRELOAD", crate::clock_changes::faketime().unwrap());
    command.env("FAKETIME", "+400d").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    let aged = finished(command.output().unwrap());
    assert!(aged.stderr.contains("does not say when it was made"), "{}", aged.stderr);
    assert_ne!(verdicts(&aged), verdicts(&recorded));
}

#[test]
fn what_is_missing_or_wrong_about_credentials_is_said() {
    let plumb = Plumb::new();
    let none = finished(scan(&plumb, &[]).output().unwrap());
    assert!(matches!(none.code, 1 | 2) && none.stderr.contains("AWS_ACCESS_KEY_ID"), "{} {}", none.code, none.stderr);
    let profile = finished(scan(&plumb, &["--profile", "missing"]).output().unwrap());
    assert!(profile.stderr.contains("there is no profile missing"), "{}", profile.stderr);
    let role = with_keys(scan(&plumb, &["--account", "12", "--role", "Audit"]), "http://127.0.0.1:1");
    assert!(role.stderr.contains("twelve digits"), "{}", role.stderr);
    for (further, words) in [
        (&["--organization"][..], "--role"),
        (&["--record", "a", "--replay", "b"], "cannot be used with"),
        (&["--replay", "nowhere"], "is no recording"),
    ] {
        let run = with_keys(scan(&plumb, further), "http://127.0.0.1:1").expect(2);
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
}

#[test]
fn another_plugin_of_that_id_needs_a_grant() {
    let mut bytes = plumb_bundle::PLUGINS.iter().find(|plugin| plugin.id == "provider-aws").unwrap().bytes.to_vec();
    // A custom section of one byte changes nothing but the digest.
    bytes.extend([0, 2, 1, b'x']);
    let plumb = Plumb::with_plugins(&[("provider-aws", bytes)]);
    let refused = with_keys(scan(&plumb, &[]), "http://127.0.0.1:1");
    assert!(refused.stderr.contains("http"), "{}", refused.stderr);
    let granted = with_keys(scan(&plumb, &["--grant", "provider-aws=http", "--timeout", "20s"]), "http://127.0.0.1:1");
    assert!(!granted.stderr.contains("grant"), "{}", granted.stderr);
}

#[test]
fn the_doctor_says_who_one_is_and_what_the_checks_need() {
    let emulator = Emulator::with("small.py");
    let plumb = Plumb::new();
    let run = with_keys(
        plumb.command(&["doctor", "aws", "-c", "s3_bucket_object_versioning", "-o", "policy"]),
        &emulator.url,
    )
    .expect(0);
    assert!(run.stderr.contains("credentials: arn:aws:"), "{}", run.stderr);
    let policy = run.json();
    let actions = policy["Statement"][0]["Action"].as_array().unwrap();
    for needed in ["s3:GetBucketVersioning", "s3:ListAllMyBuckets", "sts:GetCallerIdentity"] {
        assert!(actions.iter().any(|action| action == needed), "{needed}: {policy}");
    }
    assert!(!actions.iter().any(|action| action.as_str().unwrap().starts_with("rds:")), "{policy}");
}

#[test]
fn the_doctor_tries_the_calls_and_names_the_rights_that_are_missing() {
    let (emulator, keys) = Emulator::made(&["limited.py", "enforce"]);
    let (key, secret) = keys.trim().split_once(' ').unwrap();
    let plumb = Plumb::new();
    let doctor = |output: &str| {
        let chosen = ["--region", "eu-west-1", "-c", "s3_bucket_object_versioning", "-c", "ec2_ebs_volume_encryption"];
        let mut arguments = vec!["doctor", "aws", "-o", output];
        arguments.extend(chosen);
        let mut command = clean(plumb.command(&arguments), &plumb);
        command.env("AWS_ENDPOINT_URL", &emulator.url).env("AWS_ACCESS_KEY_ID", key);
        finished(command.env("AWS_SECRET_ACCESS_KEY", secret).output().unwrap()).expect(4)
    };
    let told = doctor("json").json();
    let result = |action: &str| {
        let of = told["rights"].as_array().unwrap().iter().find(|right| right["action"] == action);
        of.map_or_else(String::new, |right| right["result"].as_str().unwrap().to_owned())
    };
    assert_eq!(result("ec2:DescribeVolumes"), "allowed", "{told}");
    assert_eq!(result("s3:ListAllMyBuckets"), "denied", "{told}");
    // Without the list there is no bucket to try it on, and nobody claims that it is allowed.
    assert_eq!(result("s3:GetBucketVersioning"), "not tried", "{told}");
    assert!(told["policy"]["Statement"][0]["Action"].as_array().unwrap().iter().any(|a| a == "s3:GetBucketVersioning"));
    let table = doctor("table").stdout;
    assert!(table.contains("s3:ListAllMyBuckets") && table.contains("denied"), "{table}");
    assert!(
        !table.lines().any(|line| line.starts_with("ec2:DescribeVolumes")),
        "what is allowed needs no row: {table}"
    );
}

#[test]
fn files_have_no_profile() {
    let run = Plumb::new().run(&["scan", "terraform", "a.tfstate", "--profile", "x"]).expect(2);
    assert!(run.stderr.contains("describe a live account"), "{}", run.stderr);
}

/// A cloud that answers everything with what it was asked, credentials included; and what it was asked.
fn echo() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut bytes = [0; 16 << 10];
            let count = stream.read(&mut bytes).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
            let body = format!("{text} {SECRET} {TOKEN}");
            let head = format!("HTTP/1.1 200 OK\r\nx-amz-bucket-region: {SECRET}\r\nset-cookie: a={TOKEN}\r\n");
            write!(stream, "{head}connection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len())
                .unwrap_or_default();
            kept.lock().unwrap().push(text);
        }
    });
    (url, asked)
}

#[test]
fn a_provider_that_tries_every_way_out_gets_nowhere_and_leaks_nothing() {
    let (url, asked) = echo();
    let plumb = Plumb::with_plugins(&[
        ("wanderer", plumb_guests::component("wanderer")),
        ("good", plumb_guests::component("good")),
    ]);
    let ungranted = with_keys(plumb.command(&["scan", "wanderer"]), &url);
    assert!(ungranted.stderr.contains("wanderer=http"), "{}", ungranted.stderr);
    std::fs::create_dir(plumb.path("reports")).unwrap();
    let arguments = ["-vv", "scan", "wanderer", "--grant", "wanderer=http", "--record", "recording"].map(str::to_owned);
    let run = with_keys(plumb.command(&[&arguments[..], &all_reports()].concat()), &url);
    assert!(matches!(run.code, 3 | 4), "{} {}", run.code, run.stderr);
    let asked = asked.lock().unwrap();
    // Once by each way out.
    assert_eq!(asked.len(), 2, "{asked:?}");
    for asked in asked.iter() {
        assert!(asked.contains("Action=DescribeVpcs&Version=2016-11-15"), "{asked:?}");
        // The token goes to whom it is for, in its header, and nowhere else; the key itself never goes anywhere.
        assert!(asked.contains(&format!("x-amz-security-token: {TOKEN}\r\n")), "{asked:?}");
        assert_eq!((asked.matches("canary").count(), asked.matches(SECRET).count()), (1, 0), "{asked:?}");
    }
    for secret in [SECRET, TOKEN, "canary"] {
        assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret), "{}", run.stderr);
        assert!(!is_in(plumb.folder.path(), secret), "{secret} is in the ledger, a report or the recording");
    }
    for (place, word) in [("data", "is none of the hosts"), ("recording", "DescribeVpcs")] {
        assert!(is_in(&plumb.path(place), word), "what the plugin did is not in {place}: the search sees nothing");
    }
    for format in REPORTS {
        let report = std::fs::read_to_string(plumb.path("reports").join(format)).unwrap();
        assert!(report.contains("wanderer"), "{format} says nothing of the scan: {report}");
    }
    assert!(run.stderr.contains("[secret]"), "the answer did reach the plugin: {}", run.stderr);
    for rule in ["is none of the hosts", "is not https", "does not only read", "are signed for ec2", "is an address"] {
        assert!(run.stderr.contains(rule), "{rule}: {}", run.stderr);
    }
}

#[test]
fn a_principal_that_may_only_describe_ec2_gets_no_pass_where_it_could_not_look() {
    let (emulator, keys) = Emulator::made(&["limited.py", "enforce"]);
    let (key, secret) = keys.trim().split_once(' ').unwrap();
    let plumb = Plumb::new();
    let mut command =
        clean(plumb.command(&["scan", "aws", "--region", "eu-west-1", "-f", "cis_5.0_aws", "-o", "json"]), &plumb);
    command.env("AWS_ENDPOINT_URL", &emulator.url).env("AWS_ACCESS_KEY_ID", key).env("AWS_SECRET_ACCESS_KEY", secret);
    let ran = finished(command.output().unwrap()).expect(4);
    let findings = ran.findings();
    let of = |service: &str, verdict: &str| {
        let counts = |finding: &&Value| {
            let check = finding["check_id"].as_str().unwrap();
            check.split('_').next() == Some(service) && finding["verdict"] == verdict
        };
        findings.iter().filter(counts).count()
    };
    assert!(of("ec2", "pass") + of("ec2", "fail") > 0, "EC2 was not looked at: {}", ran.stderr);
    for service in ["iam", "s3", "cloudtrail", "kms", "config", "rds", "cloudwatch"] {
        assert_eq!((of(service, "pass"), of(service, "fail")), (0, 0), "{service}");
    }
    assert!(of("iam", "not-evaluated") > 0 && of("cloudtrail", "not-evaluated") > 0);
    for action in ["s3:ListAllMyBuckets", "iam:GetAccountSummary", "cloudtrail:DescribeTrails"] {
        assert!(ran.stderr.contains(action), "{action} is not named: {}", ran.stderr);
    }
    assert!(ran.json()["scan"]["coverage"].as_f64() < Some(50.0));
}

#[test]
fn two_accounts_are_scanned_through_a_role_each_under_its_own_number() {
    let (emulator, _) = Emulator::made(&["limited.py"]);
    let plumb = Plumb::new();
    let accounts = ["--account", "123456789012", "--account", "222222222222", "--role", "Audit"];
    let ran = with_keys(scan(&plumb, &accounts), &emulator.url);
    let findings = ran.findings();
    let account = |bucket: &str| {
        let of = |finding: &&Value| finding["resource"]["name"] == bucket;
        findings.iter().find(of).map(|finding| finding["resource"]["account"].clone()).unwrap_or_default()
    };
    assert_eq!(account("secret-bucket"), "123456789012", "{}", ran.stderr);
    assert_eq!(account("other-bucket"), "222222222222", "{}", ran.stderr);
}

#[test]
fn an_account_of_the_organization_that_refuses_the_role_is_a_gap_and_the_others_stand() {
    let (emulator, members) = Emulator::made(&["organization.py"]);
    let members: Vec<String> = members.lines().map(str::to_owned).collect();
    let refused = format!("RoleArn=arn%3Aaws%3Aiam%3A%3A{}", members[1]);
    let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>";
    let proxy = Proxy::between(&emulator.url, move |asked, _| {
        asked.body.contains(&refused).then(|| Fault::Instead(Answer::new(403, "text/xml", denied)))
    });
    let plumb = Plumb::new();
    let ran = with_keys(scan(&plumb, &["--organization", "--role", "Audit"]), &proxy.url).expect(4);
    let findings = ran.findings();
    let accounts = |bucket: &str| -> BTreeSet<&str> {
        let of_bucket = findings.iter().filter(|finding| finding["resource"]["name"] == bucket);
        of_bucket.map(|finding| finding["resource"]["account"].as_str().unwrap()).collect()
    };
    assert_eq!(accounts("bucket-of-management"), BTreeSet::from(["123456789012"]), "{}", ran.stderr);
    assert_eq!(accounts("bucket-of-first"), BTreeSet::from([members[0].as_str()]));
    assert_eq!(accounts("bucket-of-second"), BTreeSet::new());
    let of_refused = findings.iter().filter(|finding| finding["resource"]["account"] == members[1].as_str());
    let verdicts: BTreeSet<&str> = of_refused.map(|finding| finding["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, BTreeSet::from(["not-evaluated"]), "nothing is known of the account");
    let report = ran.json();
    let gaps = report["gaps"].as_array().unwrap().iter().filter(|gap| gap["account"] == members[1].as_str());
    let reasons: Vec<String> = gaps.map(|gap| gap["reason"].to_string()).collect();
    assert!(!reasons.is_empty(), "{}", ran.stderr);
    for reason in reasons {
        assert!(reason.contains("role/Audit") && reason.contains("AccessDenied"), "{reason}");
    }
}

#[test]
fn an_account_without_anything_that_a_check_looks_for_fails_it_all_the_same() {
    let emulator = Emulator::empty();
    let plumb = Plumb::new();
    let arguments = ["scan", "aws", "--region", "eu-west-1", "-c", "guardduty_is_enabled", "-o", "json"];
    let ran = with_keys(clean(plumb.command(&arguments), &plumb), &emulator.url).expect(3);
    let findings = ran.findings();
    assert_eq!(findings.len(), 1, "{findings:?}");
    let said = (&findings[0]["verdict"], &findings[0]["resource"]["account"]);
    assert_eq!(said, (&"fail".into(), &"123456789012".into()));
}

#[test]
fn a_server_lends_targets_only_the_credentials_that_its_operator_names() {
    let emulator = Emulator::with("small.py");
    let plumb = Plumb::new();
    let token = plumb.run(&["token", "create", "--role", "admin"]).expect(0).stdout.trim().to_owned();
    let endpoint = format!("AWS_ENDPOINT_URL={}", emulator.url);
    let environment =
        ["env", &endpoint, "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_REGION=eu-west-1"];
    let target = serde_json::json!({"name": "live", "provider": "aws", "settings": {"regions": ["eu-west-1"]}});
    let service = Service::start_under(&plumb, &environment, &[]);
    assert_eq!(service.ask(&token, "POST", "/v1/targets", Some(&target)).0, 201);
    let (status, refused) = service.ask(&token, "POST", "/api/scans/trigger", None);
    assert!(status == 400 && refused.to_string().contains("allowed_credentials"), "{status} {refused}");
    service.stop();
    let config = plumb.write("plumb.toml", "[scans]\nallowed_credentials = [\"environment\"]\n");
    let service = Service::start_under(&plumb, &environment, &["--config", config.to_str().unwrap()]);
    let (status, begun) = service.ask(&token, "POST", "/api/scans/trigger", None);
    assert_eq!(status, 202, "{begun}");
    let ended = service.ended(&token, begun["scan_job_id"].as_str().unwrap());
    assert!(ended["progress"]["scanned_resources"].as_u64() > Some(5), "{ended}");
    service.stop();
    let report = plumb.run(&["history", "latest", "-o", "json"]).expect(0).json();
    let regions: BTreeSet<&str> = report["findings"].as_array().unwrap().iter().map(region).collect();
    assert!(regions.contains("eu-west-1") && regions.iter().all(|region| ["", "eu-west-1"].contains(region)));
}

fn region(finding: &serde_json::Value) -> &str {
    finding["resource"]["region"].as_str().unwrap_or_default()
}
