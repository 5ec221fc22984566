//! Reports of a real scan, judged by validators that others wrote.

use std::process::Command;

use crate::harness::{Plumb, repository};

#[test]
fn every_report_of_the_sample_is_valid() {
    let validators =
        std::env::var_os("PLUMB_VALIDATORS").map_or_else(|| repository().join("target/validators"), Into::into);
    let plumb = Plumb::new();
    let sample = repository().join("tests/fixtures/demo");
    let formats = ["json", "csv", "html", "markdown", "sarif", "ocsf", "junit"];
    let mut arguments = vec!["scan".to_owned(), "terraform".to_owned(), sample.display().to_string()];
    for format in formats {
        arguments.extend(["-o".to_owned(), format!("{format}={}", plumb.path(&format!("report.{format}")).display())]);
    }
    plumb.run(&arguments).expect(3);
    let python = validators.join("bin/python");
    let python = if python.exists() { python } else { validators.join("venv/bin/python") };
    assert!(python.exists(), "the validators are not there; run tests/validators/setup.sh");
    for format in formats {
        let judged = Command::new(&python)
            .arg(repository().join("tests/validators/validate.py"))
            .args([format, plumb.path(&format!("report.{format}")).to_str().unwrap()])
            .env("PLUMB_VALIDATORS", &validators)
            .output()
            .unwrap();
        let words = format!("{}{}", String::from_utf8_lossy(&judged.stdout), String::from_utf8_lossy(&judged.stderr));
        assert!(judged.status.success(), "{format}: {words}");
    }
}
