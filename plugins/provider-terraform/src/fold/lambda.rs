//! Who may call a function.

use serde_json::{Map, Value as Json, json};

use super::Shape::Custom;
use super::{Fold, Fragment, Part, Shape};
use crate::complete::Completed;

const fn function(satellite: &'static str, stays: bool, shape: Shape) -> Fold {
    let parents = &["aws_lambda_function"];
    Fold { satellite, parents, link: "function_name", identity: &["arn", "function_name", "id"], stays, shape }
}

pub const FOLDS: &[Fold] = &[
    function("aws_lambda_permission", false, Custom(permission)),
    // A URL has an address of its own.
    function("aws_lambda_function_url", true, Custom(url)),
];

/// A permission as the statement that the service makes of it. An attribute that is not known makes the part of the
/// statement that it would become a gap.
fn permission(satellite: &Completed) -> Vec<Fragment> {
    let mut statement = Map::new();
    let mut gaps = Vec::new();
    statement.insert("Effect".to_owned(), "Allow".into());
    if let Some(sid) = satellite.text("statement_id") {
        statement.insert("Sid".to_owned(), sid.into());
    }
    if let Some(action) = satellite.set("action") {
        statement.insert("Action".to_owned(), action.clone());
    }
    if let Some(name) = satellite.text("principal") {
        statement.insert("Principal".to_owned(), principal(name));
    }
    if let Some(function) = satellite.text("function_name") {
        let qualifier = satellite.text("qualifier").map(|qualifier| format!(":{qualifier}")).unwrap_or_default();
        statement.insert("Resource".to_owned(), format!("{function}{qualifier}").into());
    }
    let conditions = conditions(satellite);
    if !conditions.is_empty() {
        statement.insert("Condition".to_owned(), conditions.into());
    }
    for (from, to) in [
        ("action", "policy.Statement.Action"),
        ("principal", "policy.Statement.Principal"),
        ("function_name", "policy.Statement.Resource"),
        ("qualifier", "policy.Statement.Resource"),
    ] {
        gaps.extend(satellite.gaps_at(from, to));
    }
    for (from, _, _) in CONDITIONS {
        gaps.extend(satellite.gaps_at(from, "policy.Statement.Condition"));
    }
    vec![Fragment { attribute: "policy", part: Part::Statements(vec![statement.into()]), gaps }]
}

/// Attribute, operator and condition key, as the service's AddPermission operation writes them.
const CONDITIONS: [(&str, &str, &str); 5] = [
    ("event_source_token", "StringEquals", "lambda:EventSourceToken"),
    ("function_url_auth_type", "StringEquals", "lambda:FunctionUrlAuthType"),
    ("principal_org_id", "StringEquals", "aws:PrincipalOrgID"),
    ("source_account", "StringEquals", "AWS:SourceAccount"),
    ("source_arn", "ArnLike", "AWS:SourceArn"),
];

fn conditions(satellite: &Completed) -> Map<String, Json> {
    let mut conditions = Map::new();
    for (from, operator, key) in CONDITIONS {
        if let Some(value) = satellite.text(from)
            && let Json::Object(keys) = conditions.entry(operator).or_insert_with(|| json!({}))
        {
            keys.insert(key.to_owned(), value.into());
        }
    }
    conditions
}

/// A service, everybody, or an account or ARN.
fn principal(name: &str) -> Json {
    if name == "*" {
        "*".into()
    } else if name.ends_with(".amazonaws.com") || name.ends_with(".amazonaws.com.cn") {
        json!({"Service": name})
    } else if name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit()) {
        json!({"AWS": format!("arn:aws:iam::{name}:root")})
    } else {
        json!({"AWS": name})
    }
}

fn url(satellite: &Completed) -> Vec<Fragment> {
    let attribute = "function_url";
    let fields = ["authorization_type", "cors", "function_url", "invoke_mode", "qualifier"].map(|name| (name, name));
    let (entry, gaps) = satellite.renamed(attribute, &fields);
    vec![Fragment { attribute, part: Part::Elements(vec![entry.into()]), gaps }]
}
