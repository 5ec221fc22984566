//! Who says yes, who says stop, and as whom it is sent.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;

use super::{Gate, PATIENCE, plumb_run, scanned, state, statuses, tap, tap_with, with_keys};
use crate::emulator::{Emulator, run};
use crate::harness::{Plumb, Run, VERSIONING, finished, repository};

/// The program at a terminal, where one answer is given to its question.
fn at_a_terminal(plumb: &Plumb, endpoint: &str, answer: &str, arguments: &[&str]) -> Run {
    let typed = plumb.command(arguments);
    let script = repository().join("tests/cloud/terminal.py");
    let mut command = Command::new("python3");
    command.arg(script).args(["[y/N]", answer]).arg(typed.get_program()).args(typed.get_args());
    command.envs(typed.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.current_dir(plumb.folder.path());
    finished(with_keys(command, plumb, endpoint).output().unwrap())
}

#[test]
fn at_a_terminal_nothing_is_sent_before_somebody_says_yes() {
    let (emulator, _) = Emulator::made(&["mend.py", "make"]);
    let plumb = Plumb::new();
    let scan = scanned(&plumb, &emulator.url, &[VERSIONING]);
    let (tap, heard) = tap(&emulator.url);
    let answered = |answer: &str| {
        let bucket = ["--resource", "arn:aws:s3:::plain-bucket", "--no-progress"];
        let grant = ["--grant-write", "provider-aws=s3:PutBucketVersioning"];
        let arguments = [&["remediate", "apply", &scan][..], &bucket, &grant].concat();
        let run = at_a_terminal(&plumb, &tap, answer, &arguments);
        // What is sent is shown before it is asked for.
        let (before, _) = run.stdout.split_once("[y/N]").unwrap_or_else(|| panic!("{} {}", run.stdout, run.stderr));
        assert!(before.contains("PUT https://s3.eu-west-1.amazonaws.com/plain-bucket?versioning"), "{before}");
        run
    };
    let sent = || heard.lock().unwrap().iter().filter(|line| line.starts_with("PUT")).count();
    for (answer, code) in [("n\n", 2), ("\n", 2), ("yess\n", 2), ("\x04", 2), ("\x03", 130)] {
        let run = answered(answer);
        assert!(run.stdout.contains("nothing was sent"), "{answer}: {}", run.stdout);
        assert_eq!((run.code, sent()), (code, 0), "{answer}: {}", run.stdout);
    }
    assert_eq!(state(&emulator)[VERSIONING], false);
    let run = answered("y\n").expect(0);
    assert!(run.stdout.contains("1 of 1 violations are mended"), "{}", run.stdout);
    assert_eq!((sent(), &state(&emulator)[VERSIONING]), (1, &true.into()));
}

#[test]
fn an_interruption_sends_nothing_more_and_what_was_sent_is_written_down() {
    const CHECKS: [&str; 2] = [VERSIONING, "s3_bucket_level_public_access_block"];
    let (emulator, _) = Emulator::made(&["mend.py", "make"]);
    let plumb = Plumb::new();
    let scan = scanned(&plumb, &emulator.url, &CHECKS);
    let ((reached, at_the_gate), (let_through, open)) = (channel(), channel());
    let (tap, heard) = tap_with(&emulator.url, Some(Gate { reached, open }));
    let arguments = [
        "remediate",
        "apply",
        &scan,
        "--resource",
        "arn:aws:s3:::plain-bucket",
        "--yes",
        "--json",
        "--grant-write",
        "provider-aws=s3:PutBucketVersioning,s3:PutBucketPublicAccessBlock",
    ];
    let mut command = with_keys(plumb.command(&arguments), &plumb, &tap);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    at_the_gate.recv_timeout(PATIENCE).unwrap();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(told.any(|line| line.contains("no further request is sent")));
    let_through.send(()).unwrap();
    let rest: Vec<String> = told.collect();
    let run = finished(child.wait_with_output().unwrap());
    assert_eq!(run.code, 130, "{} {rest:?}", run.stdout);
    let sent = heard.lock().unwrap().iter().filter(|line| line.starts_with("PUT")).count();
    assert_eq!(sent, 1, "{:?}", heard.lock().unwrap());
    // What was sent was answered, looked at, and is on record.
    let [(check, _, status)] = &statuses(&run)[..] else { panic!("{}", run.stdout) };
    assert_eq!(status, "fixed", "{}", run.stdout);
    let after = state(&emulator);
    assert!(CHECKS.iter().all(|one| after[one] == (one == check)), "{check}: {after}");
    let listed = plumb.run(&["remediate", "list", "--json"]).expect(0).json();
    assert_eq!(listed["remediations"], run.json()["remediations"]);
    plumb.run(&["db", "check"]).expect(0);
}

#[test]
fn another_role_than_the_one_that_looked_mends_in_another_account() {
    let (emulator, _) = Emulator::made(&["limited.py"]);
    let plumb = Plumb::new();
    let accounts = ["--account", "123456789012", "--account", "222222222222", "--role", "Audit"];
    let scan = ["scan", "aws", "--region", "eu-west-1", "-o", "json", "-c", VERSIONING];
    let scanned = plumb_run(&plumb, &emulator.url, &[&scan[..], &accounts].concat());
    let id = scanned.json()["scan"]["id"].as_str().unwrap_or_else(|| panic!("{}", scanned.stderr)).to_owned();
    let (tap, heard) = tap(&emulator.url);
    let bucket = ["--resource", "arn:aws:s3:::other-bucket", "--role", "Mender"];
    let grant = ["--yes", "--json", "--grant-write", "provider-aws=s3:PutBucketVersioning"];
    let applied = plumb_run(&plumb, &tap, &[&["remediate", "apply", &id][..], &bucket, &grant].concat());
    let expected = (VERSIONING.to_owned(), "arn:aws:s3:::other-bucket".to_owned(), "fixed".to_owned());
    assert_eq!(statuses(&applied), [expected], "{}", applied.stderr);
    let applied = applied.expect(0);
    assert_eq!(applied.json()["remediations"][0]["resource"]["account"], "222222222222", "{}", applied.stdout);
    let heard = heard.lock().unwrap();
    let roles: Vec<&String> = heard.iter().filter(|line| line.contains("RoleArn=")).collect();
    let mender = |line: &&String| line.contains("222222222222%3Arole%2FMender");
    assert!(roles.iter().any(mender) && !roles.iter().any(|line| line.contains("Audit")), "{roles:?}");
    let versioned = |account: &str, bucket: &str| run("mend.py", &[&emulator.url, "versioning", account, bucket]);
    assert_eq!(versioned("222222222222", "other-bucket").trim(), "Enabled");
    assert_eq!(versioned("123456789012", "secret-bucket").trim(), "None");
}

#[test]
fn remediations_are_listed_for_the_tenant_that_is_named() {
    let plumb = Plumb::new();
    plumb.run(&["tenant", "create", "acme"]).expect(0);
    let of_acme = plumb.run(&["remediate", "list", "--tenant", "acme", "--json"]).expect(0).json();
    assert_eq!(of_acme["remediations"], serde_json::json!([]));
    for command in [&["remediate", "list"][..], &["remediate", "show", "0"]] {
        let unknown = plumb.run(&[command, &["--tenant", "nobody"]].concat()).expect(2);
        assert!(unknown.stderr.contains("there is no tenant 'nobody'"), "{}", unknown.stderr);
    }
}
