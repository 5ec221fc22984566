//! What roles, users and groups are allowed, and how users sign in.

use serde_json::{Map, Value as Json};

use super::Shape::{Block, Custom};
use super::{Fold, Fragment, Part, Shape};
use crate::complete::{Completed, Gaps};
use crate::paths::within;

const NAMES: &[&str] = &["id", "name"];

const fn of(parents: &'static [&'static str], satellite: &'static str, link: &'static str, shape: Shape) -> Fold {
    Fold { satellite, parents, link, identity: NAMES, stays: false, shape }
}

const ROLE: &[&str] = &["aws_iam_role"];
const USER: &[&str] = &["aws_iam_user"];
const GROUP: &[&str] = &["aws_iam_group"];

pub const FOLDS: &[Fold] = &[
    of(ROLE, "aws_iam_role_policy", "role", Custom(inline)),
    of(USER, "aws_iam_user_policy", "user", Custom(inline)),
    of(GROUP, "aws_iam_group_policy", "group", Custom(inline)),
    of(ROLE, "aws_iam_role_policy_attachment", "role", Custom(attached)),
    of(USER, "aws_iam_user_policy_attachment", "user", Custom(attached)),
    of(GROUP, "aws_iam_group_policy_attachment", "group", Custom(attached)),
    of(ROLE, "aws_iam_role_policy_attachments_exclusive", "role_name", Custom(attached_all)),
    of(USER, "aws_iam_user_policy_attachments_exclusive", "user_name", Custom(attached_all)),
    of(GROUP, "aws_iam_group_policy_attachments_exclusive", "group_name", Custom(attached_all)),
    of(ROLE, "aws_iam_policy_attachment", "roles", Custom(attached)),
    of(USER, "aws_iam_policy_attachment", "users", Custom(attached)),
    of(GROUP, "aws_iam_policy_attachment", "groups", Custom(attached)),
    of(USER, "aws_iam_user_group_membership", "user", Custom(|satellite| list(satellite, "groups", "groups"))),
    of(USER, "aws_iam_group_membership", "users", Custom(|satellite| single(satellite, "group", "groups"))),
    // A key is rotated and turned off on its own.
    Fold { stays: true, ..of(USER, "aws_iam_access_key", "user", Custom(access_key)) },
    of(
        USER,
        "aws_iam_user_login_profile",
        "user",
        Block(
            "login_profile",
            &[("password_length", "password_length"), ("password_reset_required", "password_reset_required")],
        ),
    ),
];

fn inline(satellite: &Completed) -> Vec<Fragment> {
    let attribute = "inline_policy";
    let (entry, gaps) = satellite.renamed(attribute, &[("name", "name"), ("policy", "policy")]);
    vec![Fragment { attribute, part: Part::Elements(vec![entry.into()]), gaps }]
}

fn attached(satellite: &Completed) -> Vec<Fragment> {
    single(satellite, "policy_arn", "attached_policy_arns")
}

fn attached_all(satellite: &Completed) -> Vec<Fragment> {
    list(satellite, "policy_arns", "attached_policy_arns")
}

fn single(satellite: &Completed, from: &str, attribute: &'static str) -> Vec<Fragment> {
    let element = satellite.set(from).cloned();
    vec![Fragment {
        attribute,
        part: Part::Elements(element.into_iter().collect()),
        gaps: satellite.gaps_at(from, attribute),
    }]
}

fn list(satellite: &Completed, from: &str, attribute: &'static str) -> Vec<Fragment> {
    let elements = satellite.set(from).and_then(Json::as_array).cloned().unwrap_or_default();
    vec![Fragment { attribute, part: Part::Elements(elements), gaps: satellite.gaps_at(from, attribute) }]
}

fn access_key(satellite: &Completed) -> Vec<Fragment> {
    let attribute = "access_key";
    let fields = [("id", "id"), ("status", "status"), ("create_date", "create_date")];
    let (entry, gaps) = satellite.renamed(attribute, &fields);
    vec![Fragment { attribute, part: Part::Elements(vec![entry.into()]), gaps }]
}

/// A role may also list its attached policies itself; they count as attached like the others.
pub fn adopt_managed_policies(config: &mut Map<String, Json>, gaps: &mut Gaps) {
    let own = config.get("managed_policy_arns").and_then(Json::as_array).cloned().unwrap_or_default();
    if !own.is_empty() {
        let slot = config.entry("attached_policy_arns").or_insert_with(|| Json::Array(Vec::new()));
        if let Json::Array(arns) = slot {
            let more: Vec<Json> = own.into_iter().filter(|arn| !arns.contains(arn)).collect();
            arns.extend(more);
        }
    }
    let gap = gaps.iter().find(|(path, _)| within(path, "managed_policy_arns")).map(|(_, reason)| reason.clone());
    if let Some(reason) = gap {
        gaps.entry("attached_policy_arns".to_owned()).or_insert(reason);
    }
}
