//! Access keys of users.

use plumbline::prelude::*;

use super::REFERENCES;
use crate::calendar::day;

pub(super) const CHECKS: &[&Check] = &[&ROTATED, &TWO_ACTIVE];

/// Days. CIS AWS Foundations, control 1.14 of version 3.0.
const OLDEST: i64 = 90;
const USER: &[&str] = &["aws_iam_user"];
const READS: &[&str] = &["access_key"];

struct Key<'a> {
    id: &'a str,
    created: Option<&'a str>,
}

fn active_keys<'a>(user: &Resource<'a>) -> Result<Vec<Key<'a>>, Unread> {
    let node = user.get("access_key")?;
    node.complete()?;
    let mut keys = Vec::new();
    for key in node.as_list()? {
        // A key is active unless it says otherwise.
        if key.text("status")? != Some("Inactive") {
            keys.push(Key { id: key.text("id")?.unwrap_or("without id"), created: key.text("create_date")? });
        }
    }
    Ok(keys)
}

fn days(text: &str, path: &str) -> Result<i64, Unread> {
    day(text).ok_or_else(|| Unread { path: path.to_owned(), reason: format!("'{text}' is no date") })
}

pub(super) const ROTATED: Check = Check {
    id: "iam_rotate_access_key_90_days",
    title: "Active access keys are at most 90 days old",
    description: "No active access key of a user may have been made more than 90 days before the scan.",
    risk: "An old key has been copied to places nobody remembers; a leak of one goes unnoticed for as long as it \
        works.",
    severity: Severity::Medium,
    kinds: USER,
    reads: READS,
    categories: &["secrets"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make a second key, move its users over, deactivate the old one, then delete it. Better, use roles.",
        url: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html",
        command: "aws iam update-access-key --user-name USER --access-key-id KEY_ID --status Inactive",
        terraform: "",
        effort_minutes: 60,
    },
    rule: Rule::Timed(|user, context| {
        let today = days(&context.scan_time, "scan time")?;
        for key in active_keys(user)? {
            let Some(created) = key.created else {
                let reason = format!("nothing says when key {} was made", key.id);
                return Err(Unread { path: "access_key.create_date".to_owned(), reason });
            };
            let age = today - days(created, "access_key.create_date")?;
            if age > OLDEST {
                return fail(format!("access key {} is {age} days old", key.id));
            }
        }
        pass()
    }),
};

pub(super) const TWO_ACTIVE: Check = Check {
    id: "iam_user_two_active_access_key",
    title: "User has at most one active access key",
    description: "Two access keys of a user may not be active at the same time.",
    risk: "A second key doubles what can leak, and nobody knows which of them is in use where.",
    severity: Severity::Medium,
    kinds: USER,
    reads: READS,
    categories: &["secrets"],
    references: REFERENCES,
    remediation: Remediation {
        text: "See in the last-used date which key is needed, deactivate the other and delete it.",
        url: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
        command: "aws iam delete-access-key --user-name USER --access-key-id KEY_ID",
        terraform: "",
        effort_minutes: 20,
    },
    rule: Rule::Resource(|user| {
        let active = active_keys(user)?.len();
        pass_if(active < 2, format!("{active} access keys are active"))
    }),
};
