//! Accepted findings stay in the record.

use crate::harness::{Plumb, VERSIONING, bucket, state};

#[test]
fn a_muted_finding_stays_in_the_record_and_does_not_fail_the_scan() {
    let plumb = Plumb::new();
    let path = plumb.write("a.tfstate", state(&[("aws_s3_bucket", "b", bucket("b", false))]));
    plumb.run(&["mute", "add", "--check", VERSIONING, "--reason", "scratch data", "--owner", "data"]).expect(0);
    let run = plumb.scan(&path, &["-c", VERSIONING]).expect(0);
    let finding = &run.findings()[0];
    assert_eq!((finding["verdict"].as_str(), finding["muted"].as_bool()), (Some("fail"), Some(true)));
    assert_eq!(finding["mute_reason"], "scratch data");
    assert_eq!(run.json()["summary"]["muted"], 1);
    let list = plumb.run(&["mute", "list", "--json"]).expect(0).json();
    assert_eq!(list["mutes"][0]["owner"], "data");
    plumb.run(&["mute", "remove", "1"]).expect(0);
    plumb.scan(&path, &["-c", VERSIONING]).expect(3);
}

#[test]
fn a_mute_that_is_over_holds_no_more() {
    let plumb = Plumb::new();
    let path = plumb.write("a.tfstate", state(&[("aws_s3_bucket", "b", bucket("b", false))]));
    let over = "[[mute]]\ncheck = \"*\"\nreason = \"r\"\nowner = \"o\"\nexpires = \"2020-01-01\"\n";
    let file = plumb.write("mutes.toml", over);
    plumb.scan(&path, &["-c", VERSIONING, "--mutes", file.to_str().unwrap()]).expect(3);
}

#[test]
fn a_broken_mute_file_is_wrong_usage_and_names_the_entry() {
    let plumb = Plumb::new();
    let path = plumb.write("a.tfstate", state(&[]));
    let file = plumb.write("mutes.toml", "[[mute]]\nreason = \"\"\nowner = \"o\"\n");
    let run = plumb.scan(&path, &["--mutes", file.to_str().unwrap()]).expect(2);
    assert!(run.stderr.contains("entry 1") && run.stderr.contains("reason"), "{}", run.stderr);
    plumb.run(&["mute", "add", "--reason", "r", "--owner", "o"]).expect(2);
    plumb.run(&["mute", "remove", "1"]).expect(2);
}
