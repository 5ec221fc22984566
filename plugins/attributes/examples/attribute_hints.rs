//! Writes `src/hints/aws.txt`: for each kind that the AWS checks look at, what its attributes mean when two versions are compared.
//! What is a set, computed or secret are facts of the schema of the Terraform provider (hashicorp/aws 5.100.0); what matters to
//! security is what a check rests on, as much as the worst such check. In a folder whose configuration requires that provider:
//!
//! ```text
//! terraform providers schema -json | cargo run -p attributes --example attribute_hints > …/src/hints/aws.txt
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io::{Write, stdin, stdout};

use plumbline::check::Severity;
use plumbline::serde_json::{self, Value};

/// Attributes that checks read to tell resources apart or to know whose they are: another value is another resource.
const NAMES: [&str; 8] = ["arn", "bucket", "cluster_name", "id", "name", "s3_bucket_name", "tags", "tags_all"];

/// Meaning → paths.
type Meanings = BTreeMap<&'static str, BTreeSet<String>>;

fn main() -> Result<(), Box<dyn Error>> {
    let schema: Value = serde_json::from_reader(stdin().lock())?;
    let provider = schema.pointer("/provider_schemas/registry.terraform.io~1hashicorp~1aws/resource_schemas");
    let provider = provider.ok_or("no schema of hashicorp/aws")?;
    let mut kinds: BTreeMap<&str, Meanings> = BTreeMap::new();
    let mut weights: BTreeMap<(&str, &str), Severity> = BTreeMap::new();
    for check in checks_aws::CHECKS {
        for kind in check.kinds {
            kinds.entry(kind).or_default();
            for path in check.reads.iter().filter(|path| !path.is_empty() && !NAMES.contains(path)) {
                let weight = weights.entry((kind, path)).or_insert(check.severity);
                if rank(check.severity) > rank(*weight) {
                    *weight = check.severity;
                }
            }
        }
    }
    for ((kind, path), severity) in weights {
        if let Some(meanings) = kinds.get_mut(kind) {
            meanings.entry(word(severity)).or_default().insert(path.to_owned());
        }
    }
    for (kind, meanings) in &mut kinds {
        if let Some(block) = provider.get(kind).and_then(|resource| resource.get("block")) {
            of_block(block, "", meanings);
        }
    }
    for (kind, meanings) in kinds {
        for (meaning, paths) in meanings {
            let paths: Vec<String> = paths.into_iter().collect();
            writeln!(stdout(), "{kind} {meaning} {}", paths.join(" "))?;
        }
    }
    Ok(())
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Informational => "informational",
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

fn of_block(block: &Value, above: &str, meanings: &mut Meanings) {
    for (name, attribute) in entries(block, "attributes") {
        let path = format!("{above}{name}");
        let says = |flag: &str| attribute.get(flag) == Some(&Value::Bool(true));
        if says("sensitive") {
            meanings.entry("sensitive").or_default().insert(path);
        } else if says("computed") && !says("optional") && !says("required") {
            meanings.entry("noise").or_default().insert(path);
        } else if let Some(kind) = attribute.get("type") {
            of_type(kind, &path, meanings);
        }
    }
    for (name, nested) in entries(block, "block_types") {
        let path = format!("{above}{name}");
        if nested.get("nesting_mode").and_then(Value::as_str) == Some("set") {
            meanings.entry("unordered").or_default().insert(path.clone());
        }
        if let Some(block) = nested.get("block") {
            of_block(block, &format!("{path}."), meanings);
        }
    }
}

/// A type is a word, or a list of a constructor and what it holds.
fn of_type(kind: &Value, path: &str, meanings: &mut Meanings) {
    match kind.as_array().map(Vec::as_slice) {
        Some([constructor, Value::Object(fields)]) if constructor == "object" => {
            for (name, kind) in fields {
                of_type(kind, &format!("{path}.{name}"), meanings);
            }
        }
        Some([constructor, inner]) => {
            if constructor == "set" {
                meanings.entry("unordered").or_default().insert(path.to_owned());
            }
            of_type(inner, path, meanings);
        }
        _ => {}
    }
}

fn entries<'v>(block: &'v Value, name: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    block.get(name).and_then(Value::as_object).into_iter().flatten()
}

fn rank(severity: Severity) -> usize {
    const ORDER: [&str; 5] = ["informational", "low", "medium", "high", "critical"];
    ORDER.iter().position(|known| *known == word(severity)).unwrap_or_default()
}
