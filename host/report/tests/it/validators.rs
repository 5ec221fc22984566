//! Every format, judged by programs and schemas that others wrote.

use std::path::{Path, PathBuf};
use std::process::Command;

use plumb_report::Format;

use crate::fixture::{Fixture, PLAIN, clean, rich};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the crate lies in its repository")
}

/// Where `setup.sh` put the validators.
fn installed() -> PathBuf {
    let folder =
        std::env::var_os("PLUMB_VALIDATORS").map_or_else(|| repository().join("target/validators"), PathBuf::from);
    assert!(
        folder.join("ready").exists(),
        "the validators are not installed in {}; run tests/validators/setup.sh {0} first",
        folder.display()
    );
    folder
}

/// What the validator says against a text; none where it is valid.
fn judge(name: &str, format: Format, text: &str) -> Option<String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reports");
    std::fs::create_dir_all(&folder).expect("the folder is made");
    let file = folder.join(format!("{name}.{}", format.extension()));
    std::fs::write(&file, text).expect("the report is saved");
    let output = Command::new(installed().join("venv/bin/python"))
        .arg(repository().join("tests/validators/validate.py"))
        .arg(format.as_str())
        .arg(&file)
        .output()
        .expect("the validator runs");
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

fn assert_valid(name: &str, fixture: &Fixture) {
    let wrong: Vec<String> =
        Format::ALL.iter().filter_map(|format| judge(name, *format, &fixture.render(*format, PLAIN))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn others_find_every_report_of_a_troubled_scan_valid() {
    assert_valid("rich", &rich());
}

#[test]
fn others_find_every_report_of_infrastructure_code_valid() {
    let mut fixture = rich();
    fixture.scan.provider = "provider-terraform".into();
    fixture.scan.target = "terraform infra/main.tfstate".into();
    for finding in &mut fixture.findings {
        let id = format!("infra/{}.tfstate#aws_s3_bucket.b[\"{}\"]", finding.severity, finding.resource.name);
        finding.resource.id = id;
    }
    assert_valid("terraform", &fixture);
}

#[test]
fn others_find_every_report_of_a_clean_scan_valid() {
    assert_valid("clean", &clean());
}

#[test]
fn the_validators_refuse_what_is_wrong() {
    let fixture = rich();
    for (format, right, wrong) in [
        (Format::Table, "Plumbline", "\u{1b}Plumbline"),
        (Format::Json, "\"muted\":true", "\"muted\":1"),
        (Format::Json, "\"gaps\":", "\"extra\":0,\"gaps\":"),
        (Format::Csv, "\"'=cmd", "\"=cmd"),
        (Format::Html, "const filter", "var filter"),
        (Format::Html, "<main", "<img src=\"https://example.com/x.png\" alt=\"\"><main"),
        (Format::Html, "</main>", "</mian>"),
        (Format::Markdown, "@&#8288;octocat", "@octocat"),
        (Format::Markdown, "&lt;script&gt;", "<script>"),
        (Format::Sarif, "\"kind\":\"fail\"", "\"kind\":\"failure\""),
        (Format::Sarif, "\"security-severity\":\"9.5\"", "\"security-severity\":\"high\""),
        (Format::Ocsf, "\"class_uid\":2003", "\"class_uid\":\"x\""),
        (Format::Ocsf, "\"finding_info\":{", "\"finding_info\":{\"made_up\":1,"),
        (Format::Junit, "failures=\"22\"", "failures=\"21\""),
        (Format::Junit, "</testsuite>", ""),
    ] {
        let text = fixture.render(format, PLAIN);
        assert!(text.contains(right), "{format} has {right}");
        assert!(judge("wrong", format, &text.replace(right, wrong)).is_some(), "{format} with {wrong} is refused");
    }
}
