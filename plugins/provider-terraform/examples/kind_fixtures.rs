//! Writes `tests/fixtures/drift/aws.json`: one resource of each kind that the AWS checks look at, with every attribute of the schema of the
//! Terraform provider (hashicorp/aws 5.100.0). The values say what they are, so that a test can change them without knowing the
//! kinds: what a user sets is `configured`, a number or a switch; what the provider sets is `computed`; what is secret is `secret`; the
//! elements of a set begin with `set`. One kind a line.
//!
//! ```text
//! terraform providers schema -json | cargo run -p provider-terraform --example kind_fixtures > tests/fixtures/drift/aws.json
//! ```

use std::collections::BTreeSet;
use std::error::Error;
use std::io::{Write, stdin, stdout};

use plumbline::serde_json::{self, Map, Value, json};

/// Attributes that the provider sets although the schema lets a user set them.
const COMPUTED: [&str; 2] = ["id", "tags_all"];

fn main() -> Result<(), Box<dyn Error>> {
    let schema: Value = serde_json::from_reader(stdin().lock())?;
    let provider = schema.pointer("/provider_schemas/registry.terraform.io~1hashicorp~1aws/resource_schemas");
    let provider = provider.ok_or("no schema of hashicorp/aws")?;
    let kinds: BTreeSet<&str> = checks_aws::CHECKS.iter().flat_map(|check| check.kinds).copied().collect();
    let known = kinds.iter().filter_map(|kind| Some((*kind, provider.get(kind)?.get("block")?)));
    let lines: Vec<String> = known.map(|(kind, block)| format!("{}: {}", json!(kind), of_block(block, 0))).collect();
    writeln!(stdout(), "{{\n{}\n}}", lines.join(",\n"))?;
    Ok(())
}

/// A block with all it may hold; `number` tells it from its neighbours.
fn of_block(block: &Value, number: usize) -> Value {
    let mut values = Map::new();
    for (name, attribute) in entries(block, "attributes") {
        let says = |flag: &str| attribute.get(flag) == Some(&Value::Bool(true));
        let computed =
            (says("computed") && !says("optional") && !says("required")) || COMPUTED.contains(&name.as_str());
        let value = match attribute.get("type") {
            _ if says("sensitive") => json!("secret"),
            _ if computed => json!("computed"),
            Some(kind) => of_type(kind, number),
            None => continue,
        };
        values.insert(name.clone(), value);
    }
    for (name, nested) in entries(block, "block_types") {
        let Some(block) = nested.get("block").filter(|_| name != "timeouts") else { continue };
        let elements = |count: usize| (0..count).map(|number| of_block(block, number)).collect::<Vec<Value>>();
        let one = nested.get("max_items").and_then(Value::as_u64) == Some(1);
        let value = match nested.get("nesting_mode").and_then(Value::as_str) {
            Some("single") => of_block(block, number),
            Some("set") if !one => elements(2).into_iter().map(as_set).collect(),
            Some("set") => elements(1).into_iter().map(as_set).collect(),
            _ => elements(if one { 1 } else { 2 }).into(),
        };
        values.insert(name.clone(), value);
    }
    Value::Object(values)
}

/// Marks the elements of a set, beside what they hold.
fn as_set(mut element: Value) -> Value {
    if let Some(map) = element.as_object_mut() {
        map.insert("set".to_owned(), json!("set"));
    }
    element
}

/// A type is a word, or a list of a constructor and what it holds.
fn of_type(kind: &Value, number: usize) -> Value {
    match kind {
        Value::String(word) if word == "bool" => json!(true),
        Value::String(word) if word == "number" => json!(number + 1),
        Value::Array(parts) => match parts.as_slice() {
            [constructor, Value::Object(fields)] if constructor == "object" => {
                fields.iter().map(|(name, kind)| (name.clone(), of_type(kind, number))).collect()
            }
            [constructor, inner] if constructor == "map" => json!({ "key": of_type(inner, number) }),
            [constructor, inner] => {
                let elements = [of_type(inner, 0), of_type(inner, 1)];
                let mark = |element: Value| match element {
                    Value::Object(_) => as_set(element),
                    Value::String(text) => json!(format!("set {text}")),
                    other => other,
                };
                if constructor == "set" { elements.map(mark).into_iter().collect() } else { elements.to_vec().into() }
            }
            _ => Value::Null,
        },
        _ => json!(format!("configured {number}")),
    }
}

fn entries<'v>(block: &'v Value, name: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    block.get(name).and_then(Value::as_object).into_iter().flatten()
}
