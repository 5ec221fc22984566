//! A scan that is stopped keeps what it has and can be taken up again.

use std::time::{Duration, Instant};

use crate::harness::{Plumb, VERSIONING, bucket, finished, state};

/// Many files, so that some are done and some are not when the scan is stopped.
fn folder(plumb: &Plumb, files: usize, each: usize) {
    for file in 0..files {
        let names: Vec<String> = (0..each).map(|n| format!("b{file}-{n}")).collect();
        let resources: Vec<_> =
            names.iter().map(|name| ("aws_s3_bucket", name.as_str(), bucket(name, false))).collect();
        plumb.write(&format!("all/{file:03}.tfstate"), state(&resources));
    }
}

#[test]
fn a_scan_that_runs_out_of_time_is_kept_and_finished_later() {
    let plumb = Plumb::new();
    folder(&plumb, 30, 700);
    let mut command = plumb.command(&["scan", "terraform", plumb.path("all").to_str().unwrap(), "-o", "json"]);
    let child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    // As soon as something is recorded, the user has had enough.
    std::thread::sleep(Duration::from_millis(1500));
    let asked = Instant::now();
    assert!(std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let run = finished(child.wait_with_output().unwrap());
    if run.code != 130 {
        // A machine that is through within the time has nothing to resume.
        assert_eq!(run.code, 3, "{}", run.stderr);
        return;
    }
    assert!(asked.elapsed() < Duration::from_secs(30), "it took {:?} to stop", asked.elapsed());
    assert!(run.stderr.contains("plumb scan --resume"), "{}", run.stderr);
    let partial = run.json();
    assert_eq!(partial["scan"]["status"], "cancelled");
    assert!(partial["scan"]["coverage"].as_f64().unwrap() < 100.0);
    let id = partial["scan"]["id"].as_str().unwrap();
    let whole = plumb.run(&["scan", "--resume", id, "-o", "json"]).expect(3).json();
    assert_eq!(whole["scan"]["id"], id);
    assert_eq!(whole["scan"]["status"], "completed");
    let failing = whole["findings"].as_array().unwrap().iter().filter(|f| f["check_id"] == VERSIONING);
    assert_eq!(failing.count(), 21_000, "each resource counts once");
    plumb.run(&["db", "check"]).expect(0);
    plumb.run(&["scan", "--resume", id]).expect(2);
}

#[test]
fn a_scan_that_was_killed_is_finished_from_its_finished_tasks() {
    let plumb = Plumb::new();
    folder(&plumb, 12, 1500);
    let mut command =
        plumb.command(&["scan", "terraform", plumb.path("all").to_str().unwrap(), "-c", VERSIONING, "-o", "json"]);
    let mut child = command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(1200));
    child.kill().unwrap();
    let status = child.wait().unwrap();
    let whole = match plumb.run(&["history", "--json"]).expect(0).json()["scans"].as_array().unwrap().first() {
        // Killed before it was on the disk at all, or after it was through.
        None => return,
        Some(_) if status.success() => return,
        Some(scan) if scan["status"] == "completed" => return,
        Some(scan) => plumb.run(&["scan", "--resume", scan["id"].as_str().unwrap(), "-o", "json"]).expect(3).json(),
    };
    assert_eq!(whole["scan"]["status"], "completed");
    assert_eq!(whole["findings"].as_array().unwrap().len(), 18_000);
    plumb.run(&["db", "check"]).expect(0);
}
