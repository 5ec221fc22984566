//! The sample that ships with the project.

use crate::harness::{Plumb, repository};

#[test]
fn the_sample_shows_violations_of_many_kinds() {
    let plumb = Plumb::new();
    let sample = repository().join("tests/fixtures/demo");
    let run = plumb.scan(&sample, &["-o", &format!("html={}", plumb.path("report.html").display())]).expect(3);
    let json = run.json();
    assert_eq!(json["gaps"], serde_json::json!([]), "{}", run.stderr);
    assert!(json["summary"]["violations"].as_u64().unwrap() >= 20, "{}", json["summary"]);
    let html = std::fs::read_to_string(plumb.path("report.html")).unwrap();
    assert!(html.contains("<html") && !html.contains("src=\"http"));
}

#[test]
fn a_report_to_a_device_leaves_the_device_alone() {
    let plumb = Plumb::new();
    plumb.scan(&repository().join("tests/fixtures/demo"), &["-o", "csv=/dev/null"]).expect(3);
    assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
}
