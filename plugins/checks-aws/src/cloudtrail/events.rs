//! What a trail records: its event selectors, in their basic and their advanced form.

use plumbline::prelude::*;

use super::{REFERENCES, TRAIL, is_logging};
use crate::inventory;

pub(super) const CHECKS: &[&Check] = &[&S3_READ, &S3_WRITE];

const URL: &str = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-cloudtrail-logging-for-s3.html";
const READS: &[&str] = &["event_selector", "advanced_event_selector", "enable_logging"];

/// What a selector is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

/// An advanced selector: a field and what it must equal. Other operators narrow it down.
struct Field<'a> {
    name: &'a str,
    equals: Vec<&'a str>,
    narrowed: bool,
}

fn fields<'a>(selector: &Node<'a>) -> Result<Vec<Field<'a>>, Unread> {
    const NARROWING: [&str; 5] = ["not_equals", "starts_with", "not_starts_with", "ends_with", "not_ends_with"];
    let mut fields = Vec::new();
    for field in selector.list("field_selector")? {
        let mut narrowed = false;
        for operator in NARROWING {
            narrowed |= field.has(operator)?;
        }
        fields.push(Field { name: field.text("field")?.unwrap_or_default(), equals: field.texts("equals")?, narrowed });
    }
    Ok(fields)
}

/// Whether every field is one of `free`, or equals what is wanted and nothing less.
fn selects(fields: &[Field<'_>], wanted: &[(&str, &str)], free: &[&str]) -> bool {
    wanted.iter().all(|(name, value)| {
        fields.iter().any(|field| field.name == *name && !field.narrowed && field.equals.contains(value))
    }) && fields.iter().all(|field| free.contains(&field.name) || wanted.iter().any(|(name, _)| field.name == *name))
}

/// Whether the `readOnly` field leaves this kind of access in.
fn leaves_in(fields: &[Field<'_>], access: Access) -> bool {
    let wanted = if access == Access::Read { "true" } else { "false" };
    fields
        .iter()
        .filter(|field| field.name == "readOnly")
        .all(|field| !field.narrowed && field.equals.iter().any(|value| value.eq_ignore_ascii_case(wanted)))
}

fn complete<'a>(trail: &Resource<'a>, path: &str) -> Result<Vec<Node<'a>>, Unread> {
    let node = trail.get(path)?;
    node.complete()?;
    node.as_list()
}

/// Whether the trail records all management events. One without selectors does.
pub(super) fn records_management(trail: &Resource<'_>) -> Result<bool, Unread> {
    let basic = complete(trail, "event_selector")?;
    let advanced = complete(trail, "advanced_event_selector")?;
    if basic.is_empty() && advanced.is_empty() {
        return Ok(true);
    }
    for selector in basic {
        let all = selector.text("read_write_type")?.unwrap_or("All") == "All";
        if all && selector.bool("include_management_events")?.unwrap_or(true) {
            return Ok(true);
        }
    }
    for selector in advanced {
        if selects(&fields(&selector)?, &[("eventCategory", "Management")], &[]) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the trail records this access to all objects of S3.
fn records_objects(trail: &Resource<'_>, access: Access) -> Result<bool, Unread> {
    let own = if access == Access::Read { "ReadOnly" } else { "WriteOnly" };
    for selector in complete(trail, "event_selector")? {
        let kind = selector.text("read_write_type")?.unwrap_or("All");
        if kind == "All" || kind == own {
            for data in selector.list("data_resource")? {
                if data.text("type")? == Some("AWS::S3::Object")
                    && data.texts("values")?.iter().any(|arn| is_all_s3(arn))
                {
                    return Ok(true);
                }
            }
        }
    }
    for selector in complete(trail, "advanced_event_selector")? {
        let fields = fields(&selector)?;
        let wanted = [("eventCategory", "Data"), ("resources.type", "AWS::S3::Object")];
        if selects(&fields, &wanted, &["readOnly"]) && leaves_in(&fields, access) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `arn:aws:s3`, `arn:aws:s3:::` and `arn:aws:s3:::*/*` all stand for every bucket.
fn is_all_s3(arn: &str) -> bool {
    let mut parts = arn.splitn(3, ':');
    let (Some("arn"), Some(_), Some(rest)) = (parts.next(), parts.next(), parts.next()) else { return false };
    matches!(rest, "s3" | "s3:::" | "s3:::*/*")
}

/// Whether the trail records calls of this Lambda function.
pub(crate) fn records_invocations(trail: &Resource<'_>, function: &str) -> Result<bool, Unread> {
    if !is_logging(trail)? {
        return Ok(false);
    }
    for selector in complete(trail, "event_selector")? {
        for data in selector.list("data_resource")? {
            let values = data.texts("values")?;
            let covered =
                values.iter().any(|arn| *arn == function || (arn.starts_with("arn:") && arn.ends_with(":lambda")));
            if data.text("type")? == Some("AWS::Lambda::Function") && covered {
                return Ok(true);
            }
        }
    }
    for selector in complete(trail, "advanced_event_selector")? {
        let wanted = [("eventCategory", "Data"), ("resources.type", "AWS::Lambda::Function")];
        if selects(&fields(&selector)?, &wanted, &[]) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn some_trail_records(account: &Account<'_>, access: Access, name: &str) -> Vec<(Subject, Outcome)> {
    let found = inventory::any(account, TRAIL, |trail| Ok(is_logging(trail)? && records_objects(trail, access)?));
    inventory::whole(found.and_then(|found| pass_if(found, format!("no trail records {name} of all S3 objects"))))
}

const OBJECTS: Check = Check {
    severity: Severity::Low,
    kinds: &[TRAIL],
    reads: READS,
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Add a data event selector for all S3 objects to a trail; it is charged by events.",
        url: URL,
        command: "aws cloudtrail put-event-selectors --trail-name TRAIL --advanced-event-selectors \
            '[{\"Name\":\"objects\",\"FieldSelectors\":[{\"Field\":\"eventCategory\",\"Equals\":[\"Data\"]},\
            {\"Field\":\"resources.type\",\"Equals\":[\"AWS::S3::Object\"]}]}]'",
        terraform: r#"advanced_event_selector {
  name = "objects"
  field_selector {
    field  = "eventCategory"
    equals = ["Data"]
  }
  field_selector {
    field  = "resources.type"
    equals = ["AWS::S3::Object"]
  }
}"#,
        effort_minutes: 20,
    },
    ..Check::BLANK
};

pub(super) const S3_READ: Check = Check {
    id: "cloudtrail_s3_dataevents_read_enabled",
    title: "Reading of S3 objects is recorded",
    description: "Some trail that is logging must record read access to the objects of all buckets.",
    risk: "After a leak nobody can tell which objects were taken.",
    rule: Rule::Account(|account, _| some_trail_records(account, Access::Read, "reading")),
    ..OBJECTS
};

pub(super) const S3_WRITE: Check = Check {
    id: "cloudtrail_s3_dataevents_write_enabled",
    title: "Writing of S3 objects is recorded",
    description: "Some trail that is logging must record write access to the objects of all buckets.",
    risk: "Nobody can tell who changed or deleted an object.",
    rule: Rule::Account(|account, _| some_trail_records(account, Access::Write, "writing")),
    ..OBJECTS
};
