//! Where a finding is: in a file for infrastructure code, at a made-up path for what lives in an account.

use std::fmt::Write;

use plumb_model::outcome::Finding;
use serde_json::{Value, json};

use crate::report::Report;
use crate::stream::given;

/// Code scanning shows a result only where it has a file and a line. State and plan files have no line worth naming,
/// and accounts have no files: line 1 of the file, or of `aws/ACCOUNT/REGION/KIND/NAME`.
pub(super) fn location(report: &Report<'_>, finding: &Finding) -> Value {
    let resource = &finding.resource;
    let (uri, full) = match file(report, finding) {
        Some((file, address)) => (encode(file), address),
        None => (path(finding), resource.id.as_str()),
    };
    let logical = given(json!({ "fullyQualifiedName": full, "name": resource.name, "kind": "resource" }));
    json!({
        "physicalLocation": { "artifactLocation": { "uri": uri }, "region": { "startLine": 1 } },
        "logicalLocations": [logical],
    })
}

/// The file and the address of a resource in infrastructure code: `FILE#ADDRESS`, or the target where the id names no
/// file.
fn file<'a>(report: &Report<'a>, finding: &'a Finding) -> Option<(&'a str, &'a str)> {
    if !report.is_terraform() {
        return None;
    }
    let id = finding.resource.id.as_str();
    let target = report.scan.target.strip_prefix("terraform ").unwrap_or(&report.scan.target);
    Some(id.split_once('#').filter(|(file, _)| !file.is_empty() && !file.contains('"')).unwrap_or((target, id)))
}

fn path(finding: &Finding) -> String {
    let resource = &finding.resource;
    let family = resource.kind.split('_').next().unwrap_or_default();
    let name = if resource.name.is_empty() { &resource.id } else { &resource.name };
    let parts = [family, &resource.account, &resource.region, &resource.kind, name];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).map(segment).collect();
    parts.join("/")
}

/// A path as a relative URI reference: no drive, no root, no way up.
fn encode(path: &str) -> String {
    let path = path.replace('\\', "/");
    let parts = path.split('/').filter(|part| !part.is_empty() && *part != "." && *part != "..");
    let parts: Vec<String> = parts.map(segment).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// One path segment, with all but RFC 3986's unreserved characters percent-encoded.
fn segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").unwrap_or_default();
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_relative_references() {
        for (path, uri) in [
            ("infra/main.tfstate", "infra/main.tfstate"),
            ("./infra/../prod env.tfstate", "infra/prod%20env.tfstate"),
            ("/abs/x.json", "abs/x.json"),
            ("c:\\infra\\x.json", "c%3A/infra/x.json"),
            ("javascript:alert(1)", "javascript%3Aalert%281%29"),
            (".", "."),
        ] {
            assert_eq!(encode(path), uri);
        }
    }
}
