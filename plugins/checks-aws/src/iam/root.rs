//! The root user: who has its password can do everything, and no policy stops him.

use plumbline::prelude::*;

use super::REFERENCES;
use super::unused::{REPORT, ROOT, last_use};

pub(super) const CHECKS: &[&Check] = &[&MFA, &HARDWARE_MFA, &NO_ACCESS_KEY, &NO_USAGE];

const SUMMARY: &[&str] = &["aws_iam_account_summary"];
const URL: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html";
/// Days. Whoever uses it at all uses it in the days before a scan sooner or later.
const RECENT: i64 = 1;

const ROOT_USER: Check = Check {
    severity: Severity::Critical,
    kinds: SUMMARY,
    categories: &["identity"],
    references: REFERENCES,
    ..Check::BLANK
};

/// Accounts of an organization can be without root credentials.
fn has_no_password(summary: &Resource<'_>) -> Result<bool, Unread> {
    Ok(summary.int("account_password_present")? == Some(0))
}

pub(super) const MFA: Check = Check {
    id: "iam_root_mfa_enabled",
    title: "Root user has MFA",
    description: "The account's root user must have an MFA device.",
    risk: "A guessed, reused or phished password is all it takes to own the account.",
    reads: &["account_mfa_enabled", "account_password_present"],
    remediation: Remediation {
        text: "Sign in as root and enrol an MFA device; in an organization, remove the root credentials of members.",
        url: URL,
        command: "aws iam enable-organizations-root-credentials-management",
        terraform: "",
        effort_minutes: 15,
    },
    rule: Rule::Resource(|summary| {
        if has_no_password(summary)? {
            return not_applicable("the root user has no password");
        }
        pass_if(summary.int("account_mfa_enabled")? == Some(1), "the root user has no MFA device")
    }),
    ..ROOT_USER
};

pub(super) const HARDWARE_MFA: Check = Check {
    id: "iam_root_hardware_mfa_enabled",
    title: "Root user has a hardware MFA device",
    description: "The MFA device of the account's root user must not be a virtual one.",
    risk: "A virtual device is a secret on a phone or in a password store, which are copied, synchronized and stolen.",
    reads: &["account_mfa_enabled", "account_password_present", "root_virtual_mfa_device"],
    remediation: Remediation {
        text: "Sign in as root, enrol a FIDO2 key, then remove the virtual device.",
        url: URL,
        command: "",
        terraform: "",
        effort_minutes: 30,
    },
    rule: Rule::Resource(|summary| {
        if has_no_password(summary)? {
            return not_applicable("the root user has no password");
        }
        if summary.int("account_mfa_enabled")? != Some(1) {
            return fail("the root user has no MFA device");
        }
        pass_if(!summary.has("root_virtual_mfa_device")?, "the MFA device of the root user is a virtual one")
    }),
    ..ROOT_USER
};

pub(super) const NO_ACCESS_KEY: Check = Check {
    id: "iam_no_root_access_key",
    title: "Root user has no access key",
    description: "The account's root user must not have access keys.",
    risk: "Whoever finds the key owns the account, and no policy limits what it is good for.",
    reads: &["account_access_keys_present"],
    remediation: Remediation {
        text: "See what uses the key, give that a role, then delete the key as root.",
        url: URL,
        command: "",
        terraform: "",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|summary| match summary.int("account_access_keys_present")? {
        Some(0) => pass(),
        Some(_) => fail("the root user has an access key"),
        None => manual("nothing says whether the root user has access keys: look in the credential report"),
    }),
    ..ROOT_USER
};

pub(super) const NO_USAGE: Check = Check {
    id: "iam_avoid_root_usage",
    title: "Root user is not used",
    description: "Nobody may have signed in as root, or used a key of root, on the day of the scan or the day before.",
    risk: "Work as root is limited by nothing and is nobody's in the logs.",
    severity: Severity::High,
    kinds: REPORT,
    reads: &["user", "password_last_used", "access_key_1_last_used_date", "access_key_2_last_used_date"],
    remediation: Remediation {
        text: "Do the work with a role; lock the root credentials away, and have an alarm tell of their use.",
        url: URL,
        command: "",
        terraform: "",
        effort_minutes: 60,
    },
    rule: Rule::Timed(|row, context| {
        if row.text("user")? != Some(ROOT) {
            return not_applicable("it is not the root user");
        }
        let attributes = ["password_last_used", "access_key_1_last_used_date", "access_key_2_last_used_date"];
        match last_use(row, &attributes, &context.scan_time)? {
            Some(days) if days <= RECENT => fail(format!("the root user was used {days} days before the scan")),
            _ => pass(),
        }
    }),
    ..ROOT_USER
};
