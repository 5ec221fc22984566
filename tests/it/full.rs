//! A disk that is full: what cannot be written is refused as such, what is there is read, and nobody has to restart anything.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::harness::Plumb;
use crate::service::Service;

/// Room on the disk of the ledger.
const MIB: u32 = 16;
/// Small records that are tried until one finds no room.
const TRIES: usize = 5000;

/// Whether this machine lets an ordinary process have a small disk of its own.
fn can_mount() -> bool {
    let tried = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs -o size=1m none /mnt"])
        .stderr(Stdio::null())
        .status();
    tried.is_ok_and(|status| status.success())
}

#[test]
fn a_full_disk_refuses_writes_serves_reads_and_is_over_when_there_is_room() {
    if !can_mount() {
        eprintln!("skipped: this machine does not let tests mount a small disk");
        return;
    }
    let plumb = Plumb::new();
    let demo = r#"{"version":4,"terraform_version":"1.9.0","serial":1,"lineage":"l","outputs":{},"resources":[
        {"mode":"managed","type":"aws_s3_bucket","name":"lake","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[
            {"schema_version":0,"attributes":{"id":"lake","bucket":"lake"}}]}]}"#;
    let state = plumb.write("infra/terraform.tfstate", demo);
    let data = plumb.path("data");
    std::fs::create_dir(&data).unwrap();
    let script = format!("mount -t tmpfs -o size={MIB}m none '{}' && exec \"$0\" \"$@\"", data.display());
    let under = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", &script];
    let mut service = Service::start_under(&plumb, &under, &[]);
    let token = service.first_line();
    let own = PathBuf::from(format!("/proc/{}/root{}", service.pid(), data.display()));
    let target = |name: &str| json!({"name": name, "provider": "terraform", "settings": {"paths": [state]}, "labels": {"note": "x".repeat(190)}});
    let make = |name: &str| service.ask(&token, "POST", "/v1/targets", Some(&target(name)));
    assert_eq!(make("first").0, 201);
    let filler = own.join("filler");
    let mut ballast = File::create(&filler).unwrap();
    while ballast.write_all(&[0; 4096]).is_ok() {}
    drop(ballast);
    let mut known = vec!["first".to_owned()];
    let refused = (0..TRIES).find_map(|number| {
        let name = format!("target {number}");
        let (status, answer) = make(&name);
        if status == 201 {
            known.push(name);
            return None;
        }
        Some((status, answer))
    });
    let (status, answer) = refused.expect("the disk is never full");
    assert_eq!((status, &answer["code"]), (507, &json!("insufficient-storage")), "{answer}");
    let names = |answer: &Value| -> Vec<String> {
        let targets = answer["targets"].as_array().unwrap();
        targets.iter().map(|target| target["name"].as_str().unwrap().to_owned()).collect()
    };
    let all = || {
        let (status, answer) = service.ask(&token, "GET", "/v1/targets", None);
        assert_eq!(status, 200, "{answer}");
        names(&answer)
    };
    // A change whose audit entry finds no room is made, and not acknowledged.
    let holds = |known: &[String]| {
        let there = all();
        assert!(known.iter().all(|name| there.contains(name)), "{there:?}");
        assert!(there.len() <= known.len() + 2, "{there:?}");
    };
    holds(&known);
    assert_eq!(make("refused too").0, 507);
    holds(&known);
    std::fs::remove_file(&filler).unwrap();
    assert_eq!(make("last").0, 201);
    let (status, begun) = service.ask(&token, "POST", "/api/scans/trigger", None);
    assert_eq!(status, 202, "{begun}");
    let ended = service.ended(&token, begun["scan_job_id"].as_str().unwrap());
    assert_eq!(ended["status"], "completed", "{ended}");
    known.push("last".to_owned());
    holds(&known);
    service.stop();
}
