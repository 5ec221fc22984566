//! Second factors of users.

use plumbline::prelude::*;

use super::REFERENCES;

pub(super) const CHECKS: &[&Check] = &[&CONSOLE];

pub(super) const CONSOLE: Check = Check {
    id: "iam_user_mfa_enabled_console_access",
    title: "User with a console password has MFA",
    description: "A user who can sign in to the console must have an MFA device. Devices are enrolled by people, so \
        a source that does not list them leaves the verdict to a person.",
    risk: "A guessed, reused or phished password is all it takes to be that user.",
    severity: Severity::High,
    kinds: &["aws_iam_user"],
    reads: &["login_profile", "mfa_device"],
    categories: &["identity"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Enrol a FIDO2 key or an authenticator for the user, and deny everything without MFA until it is done.",
        url: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable.html",
        command: "aws iam enable-mfa-device --user-name USER --serial-number MFA_ARN --authentication-code1 CODE1 \
            --authentication-code2 CODE2",
        terraform: "",
        effort_minutes: 15,
    },
    rule: Rule::Resource(|user| {
        let password = user.has("login_profile")?;
        let devices = user.get("mfa_device")?;
        match (password, devices.value().is_some(), devices.is_empty()) {
            (false, ..) => not_applicable("the user has no console password"),
            (true, true, false) => pass(),
            (true, true, true) => fail("the user has a console password and no MFA device"),
            (true, false, _) => manual("the user has a console password: see whether MFA is enabled"),
        }
    }),
};
