//! History, comparison, the ledger's health.

use crate::harness::{Plumb, VERSIONING, bucket, state};

#[test]
fn history_lists_scans_newest_first_with_their_figures() {
    let plumb = Plumb::new();
    let empty = plumb.run(&["history"]).expect(0);
    assert!(empty.stdout.contains("No scan"), "{}", empty.stdout);
    let path = plumb.write("a.tfstate", state(&[("aws_s3_bucket", "b", bucket("b", false))]));
    plumb.scan(&path, &["-c", VERSIONING]).expect(3);
    let path = plumb.write("a.tfstate", state(&[("aws_s3_bucket", "b", bucket("b", true))]));
    plumb.scan(&path, &["-c", VERSIONING]).expect(0);
    let scans = plumb.run(&["history", "--json"]).expect(0).json()["scans"].as_array().unwrap().clone();
    assert_eq!(scans.len(), 2);
    assert_eq!(scans[0]["violations"], 0);
    assert_eq!(scans[0]["delta"]["resolved"], 1);
    assert_eq!(scans[1]["violations"], 1);
    let id = scans[0]["id"].as_str().unwrap();
    let one = plumb.run(&["history", id, "--json"]).expect(0);
    assert_eq!(one.json()["scan"]["id"], id);
    plumb.run(&["history", "ffffffff"]).expect(2);
    assert!(plumb.run(&["history"]).expect(0).stdout.contains("completed"));
}

#[test]
fn diff_tells_new_resolved_and_unchanged_apart() {
    let plumb = Plumb::new();
    let both = [("aws_s3_bucket", "a", bucket("a", false)), ("aws_s3_bucket", "b", bucket("b", true))];
    plumb.scan(&plumb.write("a.tfstate", state(&both)), &["-c", VERSIONING]).expect(3);
    let turned = [("aws_s3_bucket", "a", bucket("a", true)), ("aws_s3_bucket", "b", bucket("b", false))];
    plumb.scan(&plumb.write("a.tfstate", state(&turned)), &["-c", VERSIONING]).expect(3);
    let scans = plumb.run(&["history", "--json"]).expect(0).json();
    let (later, earlier) = (scans["scans"][0]["id"].as_str().unwrap(), scans["scans"][1]["id"].as_str().unwrap());
    let diff = plumb.run(&["diff", earlier, "latest", "--json"]).expect(0).json();
    assert_eq!(diff["later"], later);
    assert_eq!(diff["summary"], serde_json::json!({"new": 1, "unchanged": 0, "resolved": 1, "incomparable": 0}));
    let table = plumb.run(&["diff", earlier, later]).expect(0);
    assert!(table.stdout.contains("1 new, 1 resolved, 0 unchanged"), "{}", table.stdout);
}

#[test]
fn a_removed_resource_resolves_its_violations_and_a_degraded_scan_resolves_nothing() {
    let plumb = Plumb::new();
    let two = [("aws_s3_bucket", "a", bucket("a", false)), ("aws_s3_bucket", "b", bucket("b", false))];
    plumb.write("all/one.tfstate", state(&two[..1]));
    plumb.write("all/two.tfstate", state(&two[1..]));
    plumb.scan(&plumb.path("all"), &["-c", VERSIONING]).expect(3);
    // The second file breaks: what was found in it is not resolved, it is out of sight.
    plumb.write("all/two.tfstate", "{\"version\": 4, ");
    let degraded = plumb.scan(&plumb.path("all"), &["-c", VERSIONING]).expect(4).json();
    assert_eq!(
        degraded["summary"]["delta"],
        serde_json::json!({"new": 0, "unchanged": 1, "resolved": 0, "incomparable": 1})
    );
    // It comes back without the resource: now it is gone for certain.
    plumb.write("all/two.tfstate", state(&[]));
    plumb.scan(&plumb.path("all"), &["-c", VERSIONING]).expect(3);
    let scans = plumb.run(&["history", "--json"]).expect(0).json();
    let first = scans["scans"][2]["id"].as_str().unwrap();
    let diff = plumb.run(&["diff", first, "latest", "--json"]).expect(0).json();
    assert_eq!(diff["summary"], serde_json::json!({"new": 0, "unchanged": 1, "resolved": 1, "incomparable": 0}));
    let gone = diff["changes"].as_array().unwrap().iter().find(|change| change["delta"] == "resolved").unwrap();
    assert_eq!(gone["reason"], "resource-removed");
}

#[test]
fn a_narrower_scan_resolves_nothing_it_did_not_look_at() {
    let plumb = Plumb::new();
    let path = plumb.write("a.tfstate", state(&[("aws_s3_bucket", "a", bucket("a", false))]));
    plumb.scan(&path, &[]).expect(3);
    plumb.scan(&path, &["-c", VERSIONING]).expect(3);
    let scans = plumb.run(&["history", "--json"]).expect(0).json();
    let wide = scans["scans"][1]["id"].as_str().unwrap();
    let diff = plumb.run(&["diff", wide, "latest", "--json"]).expect(0).json();
    assert_eq!(diff["summary"]["resolved"], 0, "{diff}");
    assert!(diff["summary"]["incomparable"].as_u64().unwrap() > 0, "{diff}");
}

#[test]
fn a_sound_ledger_is_said_to_be_sound_and_a_damaged_one_is_not() {
    let plumb = Plumb::new();
    let path = plumb.write("a.tfstate", state(&[("aws_s3_bucket", "a", bucket("a", false))]));
    plumb.scan(&path, &[]).expect(3);
    plumb.run(&["db", "check"]).expect(0);
    let file = plumb.path("data").join("ledger.redb");
    let mut bytes = std::fs::read(&file).unwrap();
    // Some bytes of every page but the first, which is the database's own head: whatever lies there, something is hit.
    for byte in bytes.iter_mut().skip(4096).step_by(97) {
        *byte ^= 0xff;
    }
    std::fs::write(&file, bytes).unwrap();
    let run = plumb.run(&["db", "check"]);
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
}

#[test]
fn a_backup_is_a_ledger_with_the_same_scans_and_overwrites_nothing() {
    let plumb = Plumb::new();
    let path = plumb.write("a.tfstate", state(&[("aws_s3_bucket", "a", bucket("a", false))]));
    plumb.scan(&path, &["-c", VERSIONING]).expect(3);
    let history = plumb.run(&["history", "--json"]).expect(0).json();
    let file = plumb.path("copy.redb");
    let backup = plumb.run(&["db", "backup", file.to_str().unwrap(), "--json"]).expect(0).json();
    assert_eq!(backup["bytes"], std::fs::metadata(&file).unwrap().len());
    let again = plumb.run(&["db", "backup", file.to_str().unwrap()]).expect(1);
    assert!(again.stderr.contains("copy.redb"), "{}", again.stderr);
    std::fs::rename(&file, plumb.path("data").join("ledger.redb")).unwrap();
    assert_eq!(plumb.run(&["history", "--json"]).expect(0).json(), history);
    plumb.run(&["db", "check"]).expect(0);
}

#[test]
fn pruning_and_compacting_take_nothing_that_a_scan_names() {
    let plumb = Plumb::new();
    let path = plumb.write("a.tfstate", state(&[("aws_s3_bucket", "a", bucket("a", false))]));
    let before = plumb.scan(&path, &["-c", VERSIONING]).expect(3).findings();
    let pruned = plumb.run(&["db", "prune", "--json"]).expect(0).json();
    assert_eq!(pruned["documents"], 0);
    let compacted = plumb.run(&["db", "compact", "--json"]).expect(0).json();
    assert!(compacted["bytes_after"].as_u64() <= compacted["bytes_before"].as_u64(), "{compacted}");
    plumb.run(&["db", "check"]).expect(0);
    let after = plumb.scan(&path, &["-c", VERSIONING]).expect(3).findings();
    let resources = |findings: &[serde_json::Value]| findings.iter().map(|f| f["resource"].clone()).collect::<Vec<_>>();
    assert_eq!(resources(&after), resources(&before));
}

#[test]
fn a_ledger_in_use_is_said_to_be_in_use() {
    let plumb = Plumb::new();
    let path = plumb.write("a.tfstate", state(&[("aws_s3_bucket", "a", bucket("a", false))]));
    plumb.scan(&path, &["-c", VERSIONING]).expect(3);
    let ledger = plumb_store::Ledger::open(&plumb.path("data")).unwrap();
    let run = plumb.run(&["history"]).expect(1);
    assert!(run.stderr.contains("another"), "{}", run.stderr);
    drop(ledger);
    plumb.run(&["history"]).expect(0);
}
