//! Files that are not what they should be: named, with the reason; never green, never a crash.

use std::io::Write;

use crate::harness::{Plumb, VERSIONING, bucket, state};

/// Scans one broken file and gives the reason that is recorded for it.
#[track_caller]
fn reason(content: impl AsRef<[u8]>) -> String {
    let plumb = Plumb::new();
    let path = plumb.write("broken.tfstate", content);
    let run = plumb.scan(&path, &[]).expect(4);
    let json = run.json();
    assert_eq!(json["findings"].as_array().unwrap().iter().filter(|finding| finding["verdict"] == "pass").count(), 0);
    assert_eq!(json["gaps"].as_array().unwrap().len(), 1, "{}", json["gaps"]);
    assert_eq!(json["gaps"][0]["task"], "broken.tfstate");
    json["gaps"][0]["reason"].as_str().unwrap().to_owned()
}

#[test]
fn broken_files_say_what_is_wrong_and_where() {
    let good = state(&[("aws_s3_bucket", "logs", bucket("logs", true))]);
    for (content, named) in [
        (Vec::new(), "empty"),
        (good.as_bytes()[..good.len() / 2].to_vec(), "line"),
        (good.replace("\"version\":4", "\"version\":3").into_bytes(), "version 3"),
        (good.replace("\"version\":4", "\"version\":99").into_bytes(), "99"),
        ([b"PK\x03\x04".as_slice(), &[0; 26], b"tfplan"].concat(), "terraform show -json"),
        (
            good.replace("logs", "l\u{fffd}").into_bytes().iter().map(|b| if *b == 0xbf { 0xff } else { *b }).collect(),
            "UTF-8",
        ),
        (b"{\"version\": 4, \"resources\": {}}".to_vec(), "resources"),
    ] {
        let reason = reason(&content);
        assert!(reason.to_lowercase().contains(&named.to_lowercase()), "wanted '{named}' in: {reason}");
    }
}

#[test]
fn nesting_of_a_hundred_thousand_levels_is_refused() {
    let deep = format!("{{\"version\": 4, \"resources\": [{}{}]}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(!reason(deep).is_empty());
}

#[test]
fn one_broken_file_among_good_ones_is_a_gap_and_the_rest_is_scanned() {
    let plumb = Plumb::new();
    plumb.write("all/good.tfstate", state(&[("aws_s3_bucket", "logs", bucket("logs", true))]));
    plumb.write("all/broken.tfstate", "{\"version\": 4, \"resources\": [");
    plumb.write("all/notes.json", "{\"just\": \"notes\"}");
    let run = plumb.scan(&plumb.path("all"), &["-c", VERSIONING]).expect(4);
    let json = run.json();
    assert_eq!(json["findings"][0]["resource"]["id"], "good.tfstate#aws_s3_bucket.logs");
    assert_eq!(json["findings"][0]["verdict"], "pass");
    assert_eq!(json["gaps"].as_array().unwrap().len(), 1, "{}", json["gaps"]);
    assert_eq!(json["gaps"][0]["task"], "broken.tfstate");
    assert!(json["scan"]["coverage"].as_f64().unwrap() < 100.0);
    // Nothing that could have had a resource in the broken file is green.
    let frameworks = json["summary"]["frameworks"].as_array().unwrap();
    let controls = frameworks.iter().flat_map(|framework| framework["controls"].as_array().unwrap());
    assert_eq!(controls.filter(|control| control["status"] == "pass").count(), 0);
    assert!(run.stderr.contains("broken.tfstate"), "{}", run.stderr);
}

#[test]
fn byte_order_marks_and_utf_16_are_read() {
    let text = state(&[("aws_s3_bucket", "logs", bucket("lögs", true))]);
    let utf16 = |order: fn(u16) -> [u8; 2]| {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(order).collect::<Vec<u8>>()
    };
    let with_mark = [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
    for content in [with_mark, utf16(u16::to_le_bytes), utf16(u16::to_be_bytes)] {
        let plumb = Plumb::new();
        let run = plumb.scan(&plumb.write("a.tfstate", content), &["-c", VERSIONING]).expect(0);
        assert_eq!(run.findings()[0]["resource"]["name"], "lögs");
    }
}

#[test]
fn a_gibibyte_of_one_string_is_refused_in_bounded_memory() {
    let plumb = Plumb::new();
    let path = plumb.path("huge.tfstate");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    file.write_all(b"{\"version\": 4, \"resources\": [{\"mode\": \"managed\", \"type\": \"a\", \"name\": \"").unwrap();
    let block = vec![b'x'; 1 << 20];
    for _ in 0..1024 {
        file.write_all(&block).unwrap();
    }
    file.write_all(b"\"}]}").unwrap();
    file.into_inner().unwrap();
    let run = plumb.scan(&path, &[]).expect(4);
    let json = run.json();
    assert_eq!(json["gaps"].as_array().unwrap().len(), 1);
    assert!(!json["gaps"][0]["reason"].as_str().unwrap().is_empty());
}

#[test]
fn what_is_not_there_is_wrong_usage() {
    let plumb = Plumb::new();
    let missing = plumb.scan(&plumb.path("missing.tfstate"), &[]).expect(2);
    assert!(missing.stderr.contains("missing.tfstate"), "{}", missing.stderr);
    std::fs::create_dir(plumb.path("empty")).unwrap();
    let empty = plumb.scan(&plumb.path("empty"), &[]).expect(2);
    assert!(empty.stderr.contains("no .tfstate or .json"), "{}", empty.stderr);
    plumb.run(&["scan", "terraform"]).expect(2);
    plumb.run(&["scan"]).expect(2);
    plumb.run(&["scan", "terraform", "x", "-o", "yaml"]).expect(2);
    plumb.run(&["scan", "terraform", "x", "--fail-on", "terrible"]).expect(2);
    plumb.run(&["scan", "terraform", "x", "--timeout", "soon"]).expect(2);
}

#[test]
fn resources_with_missing_attributes_do_not_break_any_check() {
    let plumb = Plumb::new();
    let checks = plumb.run(&["check", "list", "--json"]).expect(0).json();
    let mut kinds: Vec<String> = checks["checks"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|check| check["kinds"].as_array().unwrap().iter().map(|kind| kind.as_str().unwrap().to_owned()))
        .collect();
    kinds.sort();
    kinds.dedup();
    assert!(kinds.len() >= 25, "{kinds:?}");
    let bare: Vec<_> = kinds.iter().map(|kind| (kind.as_str(), "bare", serde_json::json!({}))).collect();
    let run = plumb.scan(&plumb.write("a.tfstate", state(&bare)), &[]);
    let json = run.json();
    assert_eq!(json["scan"]["status"], "completed", "{}", run.stderr);
    assert_eq!(json["gaps"], serde_json::json!([]));
    let broke =
        json["findings"].as_array().unwrap().iter().filter(|f| f["message"].as_str().unwrap().contains("crashed"));
    assert_eq!(broke.count(), 0);
}

#[test]
fn hostile_names_are_harmless_in_every_output() {
    let plumb = Plumb::new();
    let name = "=cmd|'/c calc'!A1\u{1b}[31m<script>alert(1)</script>\r\n\u{202e}\u{0}";
    let mut hostile = bucket("x", false);
    hostile["bucket"] = name.into();
    hostile["tags"] = serde_json::json!({"Name": name});
    let path = plumb.write("a.tfstate", state(&[("aws_s3_bucket", "b", hostile)]));
    for format in ["table", "json", "csv", "html", "markdown", "sarif", "ocsf", "junit"] {
        let run = plumb.run(&["scan", "terraform", path.to_str().unwrap(), "-c", VERSIONING, "-o", format]).expect(3);
        assert!(!run.stdout.contains('\u{1b}'), "{format}: an escape sequence");
        assert!(!run.stdout.contains('\u{202e}'), "{format}: a mark that turns the writing");
        if matches!(format, "html" | "markdown" | "junit") {
            assert!(!run.stdout.contains("<script>alert"), "{format}: markup");
        }
        if format == "csv" {
            assert!(!run.stdout.contains("\"=cmd"), "a formula");
        }
    }
}
