//! Security Hub.

use plumbline::prelude::*;

use crate::inventory;

pub const CHECKS: &[&Check] = &[&ENABLED];

const KIND: &str = "aws_securityhub_account";
const URL: &str = "https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-settingup.html";

pub const ENABLED: Check = Check {
    id: "securityhub_enabled",
    title: "Security Hub is enabled",
    description: "The account must have Security Hub enabled, with standards. Where it is enabled in some regions \
        only, the verdict speaks for these.",
    risk: "Findings of the account's security services lie in many places, and some are never read.",
    severity: Severity::High,
    kinds: &[KIND],
    reads: &["enable_default_standards"],
    categories: &["threat-detection"],
    references: &[URL],
    remediation: Remediation {
        text: "Enable Security Hub in every region, from the organization's administrator account where there is one.",
        url: URL,
        command: "aws securityhub enable-security-hub --enable-default-standards",
        terraform: "resource \"aws_securityhub_account\" \"this\" {}",
        effort_minutes: 30,
    },
    rule: Rule::Account(|account, _| {
        inventory::each_of_some(account, KIND, "Security Hub is not enabled", |hub| {
            if hub.bool("enable_default_standards")?.unwrap_or(true) {
                return pass();
            }
            manual("it was enabled without the default standards: see which standards are on")
        })
    }),
};

#[cfg(test)]
mod tests {
    use plumbline::testing::json;

    use super::*;
    use crate::cases::account;

    #[test]
    fn the_account_has_security_hub() {
        assert_eq!(account(&ENABLED, &[(KIND, "a", json!({}))], &[])[0].1, pass());
        let bare = account(&ENABLED, &[(KIND, "a", json!({"enable_default_standards": false}))], &[]);
        assert!(matches!(bare[0].1, Ok(Verdict::Manual(_))));
        assert_eq!(account(&ENABLED, &[], &[])[0].1, fail("Security Hub is not enabled"));
        assert!(account(&ENABLED, &[], &[(KIND, "denied")])[0].1.is_err());
    }
}
