//! What scans prove, and whether it still does.

use std::sync::Arc;

use plumb_engine::library::Source;
use plumb_engine::replay::{Replay, replay};
use plumb_model::outcome::{Fingerprint, Verdict};
use plumb_model::scan::{Coverage, ScanStatus, Summary};
use plumb_runtime::{Runtime, Settings};
use plumb_store::{Ledger, NewScan, OutcomeRow, RecordBatch, StoreError, TaskEnd, TaskRow};
use serde_json::{Value, json};

use crate::harness::{Plumb, Run, VERSIONING, bucket, state};

/// A ledger with one completed scan of two buckets, one of them bad; all checks and frameworks.
fn scanned() -> Plumb {
    let plumb = Plumb::new();
    let buckets = [("aws_s3_bucket", "good", bucket("good", true)), ("aws_s3_bucket", "bad", bucket("bad", false))];
    plumb.scan(&plumb.write("a.tfstate", state(&buckets)), &[]).expect(3);
    plumb
}

fn list(plumb: &Plumb, further: &[&str]) -> Vec<Value> {
    let mut arguments = vec!["evidence", "list", "--limit", "5000", "-o", "json"];
    arguments.extend(further);
    let listed = plumb.run(&arguments).expect(0).json();
    assert_eq!(listed["total"], listed["evidence"].as_array().unwrap().len());
    listed["evidence"].as_array().unwrap().clone()
}

/// The evidence of a control that rests on the versioning of buckets.
fn versioning(plumb: &Plumb) -> Value {
    let scan = plumb.run(&["history", "latest", "--json"]).expect(0).json();
    let frameworks = scan["summary"]["frameworks"].as_array().unwrap();
    let soc2 = frameworks.iter().find(|framework| framework["id"] == "soc2_aws").unwrap();
    let rests = |control: &&Value| control["checks"].as_array().unwrap().contains(&json!(VERSIONING));
    let control = soc2["controls"].as_array().unwrap().iter().find(rests).expect("a control that rests on versioning");
    let rows =
        list(plumb, &["--framework", "soc2_aws", "--control", control["id"].as_str().unwrap(), "--scan", "latest"]);
    assert_eq!(rows.len(), 1);
    rows[0].clone()
}

/// `evidence verify … --json`.
fn verify(plumb: &Plumb, further: &[&str]) -> Run {
    let mut arguments = vec!["evidence", "verify", "--json"];
    arguments.extend(further);
    plumb.run(&arguments)
}

#[test]
fn every_control_of_a_scan_has_evidence_that_names_what_was_seen_and_decided() {
    let plumb = scanned();
    let rows = list(&plumb, &["--scan", "latest"]);
    let scan = plumb.run(&["history", "latest", "--json"]).expect(0).json();
    let frameworks = scan["summary"]["frameworks"].as_array().unwrap();
    let controls: usize = frameworks.iter().map(|framework| framework["controls"].as_array().unwrap().len()).sum();
    assert_eq!(rows.len(), controls);
    assert!(controls > 500, "{controls}");
    let row = versioning(&plumb);
    assert_eq!((&row["type"], &row["scan_id"]), (&json!("auto"), &scan["scan"]["id"]));
    let file = plumb.path("control.json");
    plumb.run(&["evidence", "export", row["id"].as_str().unwrap(), file.to_str().unwrap()]).expect(0);
    let bytes = std::fs::read(&file).unwrap();
    assert_eq!(row["size_bytes"], bytes.len());
    let artifact: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(artifact["scan"]["id"], scan["scan"]["id"]);
    let resources = artifact["resources"].as_array().unwrap();
    assert_eq!(resources.len(), 2);
    let outcome =
        artifact["outcomes"].as_array().unwrap().iter().find(|outcome| outcome["check"] == VERSIONING).unwrap();
    assert_eq!((&outcome["resource"], &outcome["verdict"]), (&json!("aws_s3_bucket.bad"), &json!("fail")));
    assert!(!outcome["message"].as_str().unwrap().is_empty());
    let good = resources.iter().find(|resource| resource["id"] == "aws_s3_bucket.good").unwrap();
    assert!(good["pass"].as_array().unwrap().contains(&json!(VERSIONING)));
    assert_eq!(good["document"].as_str().unwrap().len(), 64);
}

#[test]
fn evidence_is_named_by_id_number_or_key_and_a_wrong_name_is_said_to_be_wrong() {
    let plumb = scanned();
    let row = versioning(&plumb);
    let number = row["number"].to_string();
    let export = |name: &str| plumb.run(&["evidence", "export", name]).expect(0).stdout;
    let content = export(row["id"].as_str().unwrap());
    assert_eq!(export(&number), content);
    assert_eq!(export(row["evidence_key"].as_str().unwrap()), content);
    for wrong in ["0", "999999", "no-such", "0199f3aa-0000-7000-8000-000000000000"] {
        let run = plumb.run(&["evidence", "export", wrong]).expect(2);
        assert!(run.stderr.contains(wrong) && run.stderr.contains("plumb evidence list"), "{}", run.stderr);
    }
    let table = plumb.run(&["evidence", "list", "--framework", "soc2_aws"]).expect(0);
    assert!(
        table.stdout.contains("soc2_aws") && table.stdout.contains(row["id"].as_str().unwrap()),
        "{}",
        table.stdout
    );
    assert_eq!(list(&plumb, &["--kind", "manual"]), Vec::<Value>::new());
}

#[test]
fn every_verdict_of_a_scan_comes_out_the_same_again() {
    let plumb = scanned();
    // Unread attributes, a broken file, several files: what only the host knows is replayed too.
    let unread = state(&[("aws_s3_bucket", "unread", bucket("unread", true))]).replace(
        "\"sensitive_attributes\":[]",
        "\"sensitive_attributes\":[[{\"type\":\"get_attr\",\"value\":\"versioning\"}]]",
    );
    plumb.write("all/unread.tfstate", unread);
    plumb.write("all/broken.tfstate", "{\"version\": 4, ");
    plumb.write("all/worse.tfstate", "{\"version\": 3}");
    plumb.write("all/good.tfstate", state(&[("aws_s3_bucket", "good", bucket("good", true))]));
    plumb.scan(&plumb.path("all"), &[]).expect(4);
    for arguments in [vec!["--all", "--scan", "latest"], vec!["--all"]] {
        let verified = verify(&plumb, &arguments).expect(0).json();
        assert_eq!(verified["differences"], json!([]));
        assert_eq!(verified["unverified"], json!([]));
        assert!(verified["reproduced"].as_u64().unwrap() > 50, "{verified}");
    }
    let one = verify(&plumb, &[versioning(&plumb)["id"].as_str().unwrap()]).expect(0).json();
    assert_eq!(one["evidence"], 1);
    assert!(one["reproduced"].as_u64().unwrap() > 0, "{one}");
    plumb.run(&["db", "check"]).expect(0);
}

/// A component with the same code and another digest: an empty custom section more.
fn another_digest(component: &[u8]) -> Vec<u8> {
    [component, &[0, 2, 1, b'x']].concat()
}

#[test]
fn verdicts_of_a_plugin_that_is_not_there_are_not_verified_and_its_digest_is_named() {
    let checks = plumb_bundle::PLUGINS.iter().find(|plugin| plugin.id == "checks-aws").unwrap();
    let other = another_digest(checks.bytes);
    let plumb = Plumb::with_plugins(&[("checks-aws", other.clone())]);
    plumb.scan(&plumb.write("a.tfstate", state(&[("aws_s3_bucket", "b", bucket("b", false))])), &[]).expect(3);
    let row = versioning(&plumb);
    let id = row["id"].as_str().unwrap();
    verify(&plumb, &[id]).expect(0);
    std::fs::remove_file(plumb.path("plugins/checks-aws.wasm")).unwrap();
    let verified = verify(&plumb, &[id]).expect(1).json();
    let reason = verified["unverified"][0].as_str().unwrap();
    assert!(reason.contains("checks-aws") && reason.contains("--plugins"), "{reason}");
    assert!(reason.contains(blake3::hash(&other).to_hex().as_str()), "{reason}");
    // The bytes are still there for everybody.
    plumb.run(&["evidence", "export", id]).expect(0);
}

#[test]
fn a_changed_document_row_or_artifact_does_not_match() {
    let plumb = scanned();
    let before = verify(&plumb, &["--all"]).expect(0).json();
    let file = plumb.path("data").join("ledger.redb");
    let sound = std::fs::read(&file).unwrap();
    let pages: Vec<usize> = sound
        .chunks(4096)
        .enumerate()
        .filter(|(_, page)| page.iter().any(|byte| *byte != 0))
        .map(|(page, _)| page)
        .collect();
    let mut found = 0;
    // The first page is the database's own head. What lies in the others is found, or it is no part of the evidence.
    for page in pages.into_iter().skip(1).step_by(17) {
        let mut broken = sound.clone();
        broken[page * 4096 + 1777] ^= 0x20;
        std::fs::write(&file, broken).unwrap();
        let run = verify(&plumb, &["--all"]);
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        match run.code {
            0 => assert_eq!(run.json(), before),
            3 => {
                assert!(!run.json()["differences"].as_array().unwrap().is_empty());
                found += 1;
            }
            code => assert_eq!(code, 1, "{}", run.stderr),
        }
    }
    assert!(found > 0, "no flipped byte lay in what the evidence rests on");
    std::fs::write(&file, sound).unwrap();
    assert_eq!(verify(&plumb, &["--all"]).expect(0).json(), before);
}

#[test]
fn a_ledger_without_scans_has_no_evidence() {
    let plumb = Plumb::new();
    assert!(plumb.run(&["evidence", "list"]).expect(0).stdout.contains("No evidence"));
    verify(&plumb, &["--all"]).expect(0);
    plumb.run(&["evidence", "list", "--scan", "latest"]).expect(2);
    plumb.run(&["evidence", "verify"]).expect(2);
    plumb.run(&["evidence", "verify", "1", "--all"]).expect(2);
}

/// Replays the guest's checks of the latest scan, in this process.
fn replayed(plumb: &Plumb, guest: &[u8], scan: Option<plumb_model::scan::ScanId>) -> Replay {
    let ledger = Arc::new(Ledger::open(&plumb.path("data")).unwrap());
    let scan = scan.unwrap_or_else(|| ledger.scans(None, 1).unwrap()[0].scan.id);
    let checks = ["guest_check".to_owned()].into();
    let source = Source { name: "guest".to_owned(), bytes: guest.to_vec().into() };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let runtime = Runtime::new(Settings::default()).unwrap();
        replay(&ledger, &runtime, vec![source], &scan, &checks).await.unwrap()
    })
}

fn things(names: &[&str]) -> String {
    let thing = |name: &str| json!({"id": name, "name": name});
    let things: Vec<_> = names.iter().map(|name| (plumb_guests::KIND, *name, thing(name))).collect();
    state(&things)
}

#[test]
fn what_a_plugin_failed_at_is_no_verdict_and_is_left_out() {
    let guest = plumb_guests::component("trap_on_one");
    let plumb = Plumb::with_plugins(&[("trap_on_one", guest.clone())]);
    plumb.scan(&plumb.write("a.tfstate", things(&["one", "poison", "two"])), &[]);
    let replay = replayed(&plumb, &guest, None);
    assert_eq!((replay.reproduced, replay.undecided, replay.differences.len()), (2, 1, 0), "{replay:?}");
    let without = replayed(&plumb, &plumb_guests::component("good"), None);
    assert_eq!((without.reproduced, without.missing.len()), (0, 1), "{without:?}");
}

#[test]
fn a_verdict_that_was_not_given_is_named_with_both() {
    let guest = plumb_guests::component("good");
    let plumb = Plumb::with_plugins(&[("good", guest.clone())]);
    plumb.scan(&plumb.write("a.tfstate", things(&["one", "two", "three"])), &[]);
    let forged = forge(&plumb);
    let replay = replayed(&plumb, &guest, Some(forged));
    assert_eq!(replay.reproduced, 1, "{replay:?}");
    let told: Vec<String> = replay.differences.iter().map(|at| format!("{}: {}", at.resource_id, at.problem)).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().any(|told| told.contains("recorded as fail 'made up', replayed as pass")), "{told:?}");
    assert!(told.iter().any(|told| told.contains("no verdict is recorded")), "{told:?}");
}

/// A scan that says of the latest one's resources what no plugin said: one fails, one was never looked at, one is as it was.
fn forge(plumb: &Plumb) -> plumb_model::scan::ScanId {
    const AT: &str = "2026-11-21T10:00:00.000Z";
    let ledger = Ledger::open(&plumb.path("data")).unwrap();
    let before = ledger.scans(None, 1).unwrap()[0].scan.id;
    let kept = ledger.scan(&before).unwrap().unwrap();
    let catalogue = ledger.catalogue(&before).unwrap();
    let check = u32::try_from(catalogue.checks.keys().position(|id| id == "guest_check").unwrap()).unwrap();
    let mut rows = Vec::new();
    ledger
        .resources(&before, |row| {
            rows.push(row);
            Ok::<_, StoreError>(())
        })
        .unwrap();
    let id = *uuid::Uuid::now_v7().as_bytes();
    let settings = kept.settings;
    ledger.create_scan(&NewScan { id, created_at: AT.into(), settings, ..NewScan::default() }).unwrap();
    ledger.transition(&id, ScanStatus::Running, AT, None).unwrap();
    ledger.put_catalogue(&id, &catalogue).unwrap();
    ledger.put_plan(&id, &[TaskRow { id: "all".into(), ..TaskRow::default() }]).unwrap();
    let fence = ledger.start_task(&id, 0).unwrap();
    rows[0].passes.retain(|passed| *passed != check);
    rows[1].passes.retain(|passed| *passed != check);
    let outcome = OutcomeRow {
        check,
        severity: catalogue.checks["guest_check"].severity,
        verdict: Verdict::Fail,
        resource: rows[0].resource.clone(),
        digest: Some(rows[0].digest),
        message: "made up".into(),
        fingerprint: Fingerprint::new("guest_check", &rows[0].resource.account, &rows[0].resource.id),
        delta: None,
        muted: None,
    };
    ledger
        .record(RecordBatch {
            scan: id,
            task: 0,
            fence,
            resources: rows,
            outcomes: vec![outcome],
            finished: Some(TaskEnd::Done),
            ..RecordBatch::default()
        })
        .unwrap();
    ledger.complete(&id, AT, Coverage::default(), &Summary::default(), &[]).unwrap();
    id
}
