//! Macie.

use plumbline::prelude::*;

use crate::inventory;

pub const CHECKS: &[&Check] = &[&ENABLED];

const KIND: &str = "aws_macie2_account";
const URL: &str = "https://docs.aws.amazon.com/macie/latest/user/getting-started.html";

pub const ENABLED: Check = Check {
    id: "macie_is_enabled",
    title: "Macie is enabled",
    description: "The account must have Macie enabled and not paused. Where it is enabled in some regions only, the \
        verdict speaks for these.",
    risk: "Nobody knows which buckets hold personal data, nor that one of them is open.",
    severity: Severity::Medium,
    kinds: &[KIND],
    reads: &["status"],
    categories: &["threat-detection"],
    references: &[URL],
    remediation: Remediation {
        text: "Enable Macie in the regions where buckets lie.",
        url: URL,
        command: "aws macie2 enable-macie",
        terraform: r#"resource "aws_macie2_account" "this" {
  status = "ENABLED"
}"#,
        effort_minutes: 30,
    },
    rule: Rule::Account(|account, _| {
        inventory::each_of_some(account, KIND, "Macie is not enabled", |macie| match macie.text("status")? {
            None | Some("ENABLED") => pass(),
            Some(other) => fail(format!("Macie is {other}")),
        })
    }),
};

#[cfg(test)]
mod tests {
    use plumbline::testing::json;

    use super::*;
    use crate::cases::account;

    #[test]
    fn the_account_has_macie_at_work() {
        assert_eq!(account(&ENABLED, &[(KIND, "a", json!({}))], &[])[0].1, pass());
        let paused = account(&ENABLED, &[(KIND, "a", json!({"status": "PAUSED"}))], &[]);
        assert_eq!(paused[0].1, fail("Macie is PAUSED"));
        assert_eq!(account(&ENABLED, &[], &[])[0].1, fail("Macie is not enabled"));
        assert!(account(&ENABLED, &[], &[(KIND, "denied")])[0].1.is_err());
    }
}
