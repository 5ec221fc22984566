//! Systems Manager: documents.

use plumbline::prelude::*;

pub const CHECKS: &[&Check] = &[&NOT_PUBLIC];

const URL: &str = "https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-ssm-sharing.html";

pub const NOT_PUBLIC: Check = Check {
    id: "ssm_documents_set_as_public",
    title: "Document is not shared with everyone",
    description: "A document may not be shared with all AWS accounts, nor with any other account.",
    risk: "Documents tell how systems are run, and at times hold their secrets.",
    severity: Severity::High,
    kinds: &["aws_ssm_document"],
    reads: &["permissions"],
    categories: &["internet-exposed"],
    references: &["https://docs.aws.amazon.com/securityhub/latest/userguide/ssm-controls.html", URL],
    remediation: Remediation {
        text: "Stop sharing the document, and block public sharing for the account.",
        url: URL,
        command: "aws ssm modify-document-permission --name DOCUMENT --permission-type Share --account-ids-to-remove \
            all",
        terraform: "",
        effort_minutes: 10,
    },
    rule: Rule::Resource(|document| {
        let permissions = document.get("permissions")?;
        permissions.complete()?;
        let shared = permissions.text("account_ids")?.unwrap_or_default();
        let own = document.account;
        let mut others = shared.split(',').map(str::trim).filter(|id| !id.is_empty() && *id != own);
        match others.next() {
            Some(all) if all.eq_ignore_ascii_case("all") => fail("the document is shared with all accounts"),
            Some(other) => fail(format!("the document is shared with account {other}")),
            None => pass(),
        }
    }),
};

#[cfg(test)]
mod tests {
    use plumbline::testing::json;

    use super::*;
    use crate::cases::{fails, passes};

    #[test]
    fn documents_are_kept_to_the_account() {
        let kind = "aws_ssm_document";
        let shared = |with: &str| json!({"permissions": {"type": "Share", "account_ids": with}});
        passes(&NOT_PUBLIC, kind, json!({}));
        passes(&NOT_PUBLIC, kind, shared("123456789012"));
        fails(&NOT_PUBLIC, kind, shared("All"), "all accounts");
        fails(&NOT_PUBLIC, kind, shared("123456789012,111122223333"), "account 111122223333");
    }
}
