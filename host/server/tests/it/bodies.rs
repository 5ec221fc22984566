//! Bodies that are not what they should be, sent to every route that takes one.

use plumb_server::{Declared, document, routes};

use crate::access::{declared, path, server};
use crate::harness::Answer;

/// The routes whose description has a body of JSON.
fn taking_json() -> Vec<Declared> {
    let takes = |declared: &Declared| operation(declared)["requestBody"]["content"].get("application/json").is_some();
    let found: Vec<Declared> = declared().into_iter().filter(takes).collect();
    assert!(found.len() > 10, "{found:?}");
    found
}

fn operation(declared: &Declared) -> serde_json::Value {
    let document = serde_json::to_value(document(&routes())).unwrap();
    document["paths"][declared.path][declared.method.as_str().to_lowercase()].clone()
}

fn required(declared: &Declared) -> bool {
    operation(declared)["requestBody"]["required"] == true
}

/// It says what is wrong, in the form of a family, and is not the server's fault.
#[track_caller]
fn is_refused(answer: &Answer, status: u16, what: &str) {
    assert_eq!(answer.status, status, "{what}: {answer:?}");
    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    let said = ["detail", "message", "error_description"].iter().find_map(|key| body[*key].as_str());
    assert!(said.is_some_and(|said| said.ends_with('.')), "{what}: {answer:?}");
}

#[tokio::test]
async fn every_route_that_takes_json_refuses_what_is_none_or_is_not_its_own() {
    let server = server().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_field = format!("{{\"name\": {}1{}}}", "{\"a\":".repeat(50_000), "}".repeat(50_000));
    let long_number = format!("{{\"name\": {}}}", "9".repeat(100_000));
    let bodies = [
        ("an unknown field", r#"{"no-such-field": 1}"#),
        ("a field that stands twice", r#"{"name": "a", "name": "b"}"#),
        ("a list", "[]"),
        ("a text", r#""name""#),
        ("a number", "1"),
        ("nothing", "null"),
        ("half an object", r#"{"name": "#),
        ("two objects", "{}{}"),
        ("no JSON", "name=a"),
        ("a byte order mark", "\u{feff}{}"),
        ("a comment", "{} // done"),
        ("not a number", r#"{"name": NaN}"#),
        ("half a surrogate", r#"{"name": "\ud800"}"#),
        ("what nests a hundred thousand times", deep.as_str()),
        ("a field that nests fifty thousand times", deep_field.as_str()),
        ("a number of a hundred thousand digits", long_number.as_str()),
    ];
    for declared in taking_json() {
        let (method, place) = (declared.method.as_str(), path(&declared));
        for (what, body) in bodies {
            // Where a body may be left out, null stands for none.
            if body == "null" && !required(&declared) {
                continue;
            }
            let answer = server.call(&server.admin, method, &place, body).await;
            is_refused(&answer, 400, &format!("{method} {} with {what}", declared.path));
        }
    }
}

#[tokio::test]
async fn a_field_of_a_wrong_type_is_named_wherever_it_stands() {
    let server = server().await;
    for (method, place, body, field) in [
        (
            "POST",
            "/v1/scans",
            r#"{"name": 1, "scan_type": "full", "environment": "e", "cloud_providers": ["aws"]}"#,
            "name",
        ),
        (
            "POST",
            "/v1/scans",
            r#"{"name": "n", "scan_type": "full", "environment": "e", "cloud_providers": "aws"}"#,
            "cloud_providers",
        ),
        (
            "POST",
            "/v1/scans",
            r#"{"name": "n", "scan_type": "full", "environment": "e", "cloud_providers": [1]}"#,
            "cloud_providers[0]",
        ),
        (
            "POST",
            "/v1/scans",
            r#"{"name": "n", "scan_type": "full", "environment": "e", "cloud_providers": ["aws"], "scope": {"include_policies": {}}}"#,
            "scope.include_policies",
        ),
        ("POST", "/api/scans/trigger", r#"{"integration_types": [{}]}"#, "integration_types[0]"),
        ("POST", "/v1/targets", r#"{"name": "n", "provider": "terraform", "settings": []}"#, "settings"),
        ("POST", "/v1/tokens", r#"{"name": "n", "scopes": ["scans:read", 7]}"#, "scopes[1]"),
    ] {
        let answer = server.call(&server.admin, method, place, body).await;
        is_refused(&answer, 400, body);
        assert!(answer.body.contains(&format!("\"{field}\"")), "{body}: {answer:?}");
    }
}

#[tokio::test]
async fn a_list_of_an_objects_values_is_no_object_wherever_it_stands() {
    let server = server().await;
    let scan = |more: &str| {
        let start = r#"{"name": "n", "scan_type": "full", "environment": "e", "cloud_providers": ["aws"]"#;
        format!("{start}, {more}}}")
    };
    let schedule =
        |timing: &str, config: &str| format!(r#"{{"name": "n", "schedule": {timing}, "scan_config": {config}}}"#);
    let timing = r#"{"cron": "@daily"}"#;
    let config = r#"{"scan_type": "full", "environment": "e", "cloud_providers": ["aws"]}"#;
    for (place, body, field) in [
        ("/v1/scans", scan(r#""scope": [[], [], [], []]"#), "scope"),
        ("/v1/scans", scan(r#""execution": [true, true, "1h"]"#), "execution"),
        ("/v1/scans", scan(r#""notifications": [true, true, []]"#), "notifications"),
        ("/v1/scans/schedules", schedule(r#"["@daily", "UTC"]"#, config), "schedule"),
        ("/v1/scans/schedules", schedule(timing, r#"["full", "e", ["aws"], [], null, null]"#), "scan_config"),
        (
            "/v1/targets",
            r#"{"name": "n", "provider": "aws", "settings": {}, "credentials": ["AWS"]}"#.to_owned(),
            "credentials",
        ),
        (
            "/v1/notifications/channels",
            r#"{"name": "n", "type": "email", "to": ["a@example.com"], "rules": [[[], null, true, null]]}"#.to_owned(),
            "rules[0]",
        ),
        (
            "/v1/notifications/channels",
            r#"{"name": "n", "type": {"email": null}, "to": ["a@example.com"]}"#.to_owned(),
            "type",
        ),
    ] {
        let answer = server.call(&server.admin, "POST", place, &body).await;
        is_refused(&answer, 400, &body);
        assert!(answer.body.contains(&format!("\"{field}\"")), "{body}: {answer:?}");
    }
}

#[tokio::test]
async fn a_body_that_says_it_is_something_else_or_is_too_large_is_refused_before_it_is_read() {
    let server = server().await;
    for declared in taking_json() {
        let head = format!(
            "{} {} HTTP/1.1\r\nhost: test\r\nconnection: close\r\nauthorization: Bearer {}\r\n",
            declared.method,
            path(&declared),
            server.admin
        );
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"] {
            let answer = server.send(&format!("{head}content-type: {kind}\r\ncontent-length: 2\r\n\r\n{{}}")).await;
            is_refused(&answer, 415, &format!("{} as {kind}", declared.path));
        }
        let large = format!("{head}content-type: application/json\r\ncontent-length: 1048577\r\n\r\n");
        is_refused(&server.send(&large).await, 413, declared.path);
    }
}
