//! Credentials that nobody uses, from the account's credential report.

use plumbline::prelude::*;

use super::REFERENCES;
use crate::calendar::day;

pub(super) const CHECKS: &[&Check] = &[&ACCESS_KEY, &CONSOLE, &INITIAL_KEY];

pub(super) const REPORT: &[&str] = &["aws_iam_credential_report"];
/// What the report calls the root user.
pub(super) const ROOT: &str = "<root_account>";
/// Days. CIS AWS Foundations, control 1.12 of version 3.0.
const LONGEST: i64 = 45;
const URL: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#remove-credentials";

/// The attributes of the two keys that a user can have.
struct Key {
    active: &'static str,
    rotated: &'static str,
    used: &'static str,
}

const KEYS: [Key; 2] = [
    Key { active: "access_key_1_active", rotated: "access_key_1_last_rotated", used: "access_key_1_last_used_date" },
    Key { active: "access_key_2_active", rotated: "access_key_2_last_rotated", used: "access_key_2_last_used_date" },
];

const READS_KEYS: &[&str] = &[
    "user",
    "access_key_1_active",
    "access_key_1_last_rotated",
    "access_key_1_last_used_date",
    "access_key_2_active",
    "access_key_2_last_rotated",
    "access_key_2_last_used_date",
];

const UNUSED: Check = Check {
    risk: "What nobody uses nobody misses when it is stolen.",
    severity: Severity::Medium,
    kinds: REPORT,
    categories: &["secrets"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Deactivate the credential, wait whether somebody misses it, then delete it.",
        url: URL,
        command: "aws iam update-access-key --user-name USER --access-key-id KEY_ID --status Inactive",
        terraform: "",
        effort_minutes: 15,
    },
    ..Check::BLANK
};

/// Days from the latest of these times to the scan; none where there was none.
pub(super) fn last_use(row: &Resource<'_>, attributes: &[&str], scan_time: &str) -> Result<Option<i64>, Unread> {
    let days = |path: &str, text: &str| {
        day(text).ok_or_else(|| Unread { path: path.to_owned(), reason: format!("'{text}' is no date") })
    };
    let mut latest = None;
    for attribute in attributes {
        if let Some(text) = row.text(attribute)? {
            latest = latest.max(Some(days(attribute, text)?));
        }
    }
    let today = days("scan time", scan_time)?;
    Ok(latest.map(|latest| today - latest))
}

fn is_root(row: &Resource<'_>) -> Result<bool, Unread> {
    Ok(row.text("user")? == Some(ROOT))
}

pub(super) const ACCESS_KEY: Check = Check {
    id: "iam_user_accesskey_unused",
    title: "Active access keys are in use",
    description: "Each active access key of a user must have been used, or made, within the 45 days before the scan.",
    reads: READS_KEYS,
    rule: Rule::Timed(|row, context| {
        if is_root(row)? {
            return not_applicable("the root user should have no keys at all");
        }
        for (number, key) in (1..).zip(KEYS) {
            let (active, idle) = (row.flag(key.active)?, last_use(row, &[key.used, key.rotated], &context.scan_time)?);
            match idle {
                Some(days) if active && days > LONGEST => {
                    return fail(format!("access key {number} was not used for {days} days"));
                }
                None if active => return fail(format!("access key {number} was never used")),
                _ => {}
            }
        }
        pass()
    }),
    ..UNUSED
};

pub(super) const CONSOLE: Check = Check {
    id: "iam_user_console_access_unused",
    title: "Console passwords are in use",
    description: "A user with a console password must have signed in, or been given it, within the 45 days before the \
        scan.",
    reads: &["user", "password_enabled", "password_last_used", "password_last_changed"],
    remediation: Remediation { command: "aws iam delete-login-profile --user-name USER", ..UNUSED.remediation },
    rule: Rule::Timed(|row, context| {
        if is_root(row)? || !row.flag("password_enabled")? {
            return not_applicable("it is no user with a console password");
        }
        match last_use(row, &["password_last_used", "password_last_changed"], &context.scan_time)? {
            Some(days) if days <= LONGEST => pass(),
            Some(days) => fail(format!("the console password was not used for {days} days")),
            None => fail("the console password was never used"),
        }
    }),
    ..UNUSED
};

pub(super) const INITIAL_KEY: Check = Check {
    id: "iam_user_no_setup_initial_access_key",
    title: "Users with a console password have no access key that was never used",
    description: "A user with a console password must not have an active access key that was never used: such keys are \
        made with the user and forgotten.",
    reads: &[
        "user",
        "password_enabled",
        "access_key_1_active",
        "access_key_1_last_used_date",
        "access_key_2_active",
        "access_key_2_last_used_date",
    ],
    rule: Rule::Resource(|row| {
        if is_root(row)? || !row.flag("password_enabled")? {
            return not_applicable("it is no user with a console password");
        }
        for (number, key) in (1..).zip(KEYS) {
            let (active, used) = (row.flag(key.active)?, row.has(key.used)?);
            if active && !used {
                return fail(format!("access key {number} was never used"));
            }
        }
        pass()
    }),
    ..UNUSED
};
