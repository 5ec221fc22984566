//! IAM Access Analyzer.

use plumbline::prelude::*;

use crate::inventory;

pub const CHECKS: &[&Check] = &[&ENABLED];

const KIND: &str = "aws_accessanalyzer_analyzer";
const MISSING: &str = "there is no analyzer of external access";
const URL: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-getting-started.html";

pub const ENABLED: Check = Check {
    id: "accessanalyzer_enabled",
    title: "An access analyzer exists",
    description: "The account must have an analyzer of external access. Where there is one in some regions only, the \
        verdict speaks for these.",
    risk: "What is shared with other accounts, or with everyone, is found by outsiders first.",
    severity: Severity::Low,
    kinds: &[KIND],
    reads: &["type"],
    categories: &["trust-boundaries"],
    references: &[URL],
    remediation: Remediation {
        text: "Make an analyzer in every region, for the organization where there is one; it is free of charge.",
        url: URL,
        command: "aws accessanalyzer create-analyzer --analyzer-name account --type ACCOUNT",
        terraform: r#"resource "aws_accessanalyzer_analyzer" "this" {
  analyzer_name = "account"
}"#,
        effort_minutes: 10,
    },
    rule: Rule::Account(|account, _| {
        let mut outcomes = inventory::each_of_some(account, KIND, MISSING, |analyzer| match analyzer.text("type")? {
            None | Some("ACCOUNT" | "ORGANIZATION") => pass(),
            // The other types look for access nobody uses, or within the account.
            Some(other) => not_applicable(format!("an analyzer of type {other}")),
        });
        if outcomes.iter().all(|(_, outcome)| matches!(outcome, Ok(Verdict::NotApplicable(_)))) {
            outcomes.push((Subject::Account, fail(MISSING)));
        }
        outcomes
    }),
};

#[cfg(test)]
mod tests {
    use plumbline::testing::json;

    use super::*;
    use crate::cases::account;

    #[test]
    fn the_account_has_an_analyzer_of_external_access() {
        assert_eq!(account(&ENABLED, &[(KIND, "a", json!({"type": "ORGANIZATION"}))], &[])[0].1, pass());
        let other = account(&ENABLED, &[(KIND, "a", json!({"type": "ACCOUNT_UNUSED_ACCESS"}))], &[]);
        assert_eq!(other[1], (Subject::Account, fail(MISSING)));
        assert_eq!(account(&ENABLED, &[], &[])[0].1, fail(MISSING));
        assert!(account(&ENABLED, &[], &[(KIND, "denied")])[0].1.is_err());
    }
}
