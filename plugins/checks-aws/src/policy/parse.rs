//! From JSON to a [`Policy`]. What AWS would refuse is an error that says where.

use plumbline::serde_json::{Map, Value as Json};

use super::{Condition, Effect, Policy, Principal, PrincipalKind, Principals, Qualifier, Selection, Statement};

type Parsed<T> = Result<T, String>;

/// A statement's elements by name; one that is null is not there. Found in one walk: each look for a name takes several comparisons.
#[derive(Default)]
struct Elements<'a> {
    sid: Option<&'a Json>,
    effect: Option<&'a Json>,
    principal: Option<&'a Json>,
    not_principal: Option<&'a Json>,
    action: Option<&'a Json>,
    not_action: Option<&'a Json>,
    resource: Option<&'a Json>,
    not_resource: Option<&'a Json>,
    condition: Option<&'a Json>,
}

impl<'a> Elements<'a> {
    fn of(map: &'a Map<String, Json>) -> Parsed<Elements<'a>> {
        let mut elements = Elements::default();
        for (name, value) in map {
            let element = match name.as_str() {
                "Sid" => &mut elements.sid,
                "Effect" => &mut elements.effect,
                "Principal" => &mut elements.principal,
                "NotPrincipal" => &mut elements.not_principal,
                "Action" => &mut elements.action,
                "NotAction" => &mut elements.not_action,
                "Resource" => &mut elements.resource,
                "NotResource" => &mut elements.not_resource,
                "Condition" => &mut elements.condition,
                unknown => return Err(format!("unknown element {unknown}")),
            };
            *element = Some(value).filter(|value| !value.is_null());
        }
        Ok(elements)
    }
}

pub(super) fn policy(document: &Json) -> Parsed<Policy> {
    let map = document.as_object().ok_or("the document is no object")?;
    let statements = match map.get("Statement") {
        Some(Json::Array(statements)) => statements.iter().collect(),
        Some(statement @ Json::Object(_)) => vec![statement],
        _ => return Err("there is no Statement".to_owned()),
    };
    let numbered = (1..).zip(statements);
    let parsed: Parsed<Vec<Statement>> = numbered
        .map(|(position, json)| statement(position, json).map_err(|reason| format!("statement {position}: {reason}")))
        .collect();
    Ok(Policy { statements: parsed? })
}

fn statement(position: usize, json: &Json) -> Parsed<Statement> {
    let elements = Elements::of(json.as_object().ok_or("it is no object")?)?;
    let effect = match elements.effect.and_then(Json::as_str) {
        Some("Allow") => Effect::Allow,
        Some("Deny") => Effect::Deny,
        _ => return Err("Effect is neither Allow nor Deny".to_owned()),
    };
    let actions = selection(("Action", elements.action), ("NotAction", elements.not_action))?
        .ok_or("it has neither Action nor NotAction")?;
    Ok(Statement {
        position,
        sid: elements.sid.and_then(Json::as_str).filter(|sid| !sid.is_empty()).map(str::to_owned),
        effect,
        principals: principals(elements.principal, elements.not_principal)?,
        written_actions: written(&actions),
        actions: lower_case(actions)?,
        resources: selection(("Resource", elements.resource), ("NotResource", elements.not_resource))?,
        conditions: elements.condition.map(conditions).transpose()?.unwrap_or_default(),
    })
}

/// An element by name, where it is there.
type Element<'a> = (&'a str, Option<&'a Json>);

fn selection(only: Element<'_>, except: Element<'_>) -> Parsed<Option<Selection>> {
    match (only, except) {
        ((only, Some(_)), (except, Some(_))) => Err(format!("it has both {only} and {except}")),
        ((only, Some(value)), _) => Ok(Some(Selection::Only(texts(value, only)?))),
        (_, (except, Some(value))) => Ok(Some(Selection::Except(texts(value, except)?))),
        _ => Ok(None),
    }
}

fn texts(value: &Json, element: &str) -> Parsed<Vec<String>> {
    match value {
        Json::String(text) => Ok(vec![text.clone()]),
        Json::Array(values) => values
            .iter()
            .map(|value| {
                value.as_str().map(str::to_owned).ok_or_else(|| format!("{element} holds something other than text"))
            })
            .collect(),
        _ => Err(format!("{element} is neither text nor a list")),
    }
}

fn written(actions: &Selection) -> Vec<String> {
    match actions {
        Selection::Only(actions) | Selection::Except(actions) => actions.clone(),
    }
}

/// Actions are compared without regard to case.
fn lower_case(selection: Selection) -> Parsed<Selection> {
    let lower = |actions: Vec<String>| -> Parsed<Vec<String>> {
        actions
            .into_iter()
            .map(|action| {
                let valid = action.contains(':') || (!action.is_empty() && action.bytes().all(|byte| byte == b'*'));
                if valid { Ok(action.to_ascii_lowercase()) } else { Err(format!("'{action}' is no action")) }
            })
            .collect()
    };
    Ok(match selection {
        Selection::Only(actions) => Selection::Only(lower(actions)?),
        Selection::Except(actions) => Selection::Except(lower(actions)?),
    })
}

fn principals(only: Option<&Json>, except: Option<&Json>) -> Parsed<Principals> {
    match (only, except) {
        (Some(_), Some(_)) => Err("it has both Principal and NotPrincipal".to_owned()),
        (Some(value), None) => named(value).map(Principals::Only),
        (None, Some(value)) => named(value).map(Principals::Except),
        (None, None) => Ok(Principals::Absent),
    }
}

fn named(value: &Json) -> Parsed<Vec<Principal>> {
    if value.as_str() == Some("*") {
        return Ok(vec![Principal { kind: PrincipalKind::Aws, name: "*".to_owned() }]);
    }
    let map = value.as_object().ok_or("Principal is neither * nor an object")?;
    let mut principals = Vec::new();
    for (kind, names) in map {
        let kind = match kind.as_str() {
            "AWS" => PrincipalKind::Aws,
            "Service" => PrincipalKind::Service,
            "Federated" => PrincipalKind::Federated,
            "CanonicalUser" => PrincipalKind::CanonicalUser,
            unknown => return Err(format!("unknown kind of principal {unknown}")),
        };
        principals.extend(texts(names, "Principal")?.into_iter().map(|name| Principal { kind, name }));
    }
    if principals.is_empty() { Err("Principal names nobody".to_owned()) } else { Ok(principals) }
}

fn conditions(value: &Json) -> Parsed<Vec<Condition>> {
    let operators = value.as_object().ok_or("Condition is no object")?;
    let mut conditions = Vec::new();
    for (operator, keys) in operators {
        let keys = keys.as_object().ok_or_else(|| format!("condition {operator} is no object"))?;
        for (key, values) in keys {
            conditions.push(condition(operator, key, values)?);
        }
    }
    Ok(conditions)
}

fn condition(operator: &str, key: &str, values: &Json) -> Parsed<Condition> {
    let operator = operator.to_ascii_lowercase();
    let (qualifier, operator) = match operator.split_once(':') {
        None => (None, operator.as_str()),
        Some(("forallvalues", operator)) => (Some(Qualifier::ForAllValues), operator),
        Some(("foranyvalue", operator)) => (Some(Qualifier::ForAnyValue), operator),
        Some((unknown, _)) => return Err(format!("unknown condition qualifier {unknown}")),
    };
    let stripped = operator.strip_suffix("ifexists");
    let values = match values {
        Json::Array(values) => values.iter().map(scalar).collect::<Parsed<Vec<String>>>()?,
        value => vec![scalar(value)?],
    };
    Ok(Condition {
        qualifier,
        operator: stripped.unwrap_or(operator).to_owned(),
        if_exists: stripped.is_some(),
        key: key.to_ascii_lowercase(),
        values,
    })
}

fn scalar(value: &Json) -> Parsed<String> {
    match value {
        Json::String(text) => Ok(text.clone()),
        Json::Bool(flag) => Ok(flag.to_string()),
        Json::Number(number) => Ok(number.to_string()),
        _ => Err("a condition value is neither text, number nor boolean".to_owned()),
    }
}
