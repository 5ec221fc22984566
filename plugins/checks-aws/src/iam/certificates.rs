//! Server certificates kept in IAM.

use plumbline::prelude::*;

use super::REFERENCES;
use crate::calendar::day;

pub(super) const CHECKS: &[&Check] = &[&EXPIRED];

pub(super) const EXPIRED: Check = Check {
    id: "iam_no_expired_server_certificates_stored",
    title: "Server certificate has not expired",
    description: "A server certificate stored in IAM may not be past its expiration at the end of the day of the scan.",
    risk: "An expired certificate that is deployed by mistake takes the service down and teaches users to click \
        warnings away.",
    severity: Severity::High,
    kinds: &["aws_iam_server_certificate"],
    reads: &["expiration"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Delete the certificate; let ACM issue and renew its successor.",
        url: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html",
        command: "aws iam delete-server-certificate --server-certificate-name NAME",
        terraform: "",
        effort_minutes: 15,
    },
    rule: Rule::Timed(|certificate, context| {
        let Some(expiration) = certificate.text("expiration")? else {
            return Err(Unread { path: "expiration".to_owned(), reason: "nothing says when it expires".to_owned() });
        };
        match (day(expiration), day(&context.scan_time)) {
            // The verdict stands for the whole day, and so for the part of it after the expiration.
            (Some(end), Some(today)) if end == today => fail(format!("it expires today, at {expiration}")),
            (Some(end), Some(today)) => pass_if(end > today, format!("it expired at {expiration}")),
            _ => Err(Unread { path: "expiration".to_owned(), reason: format!("'{expiration}' is no date") }),
        }
    }),
};
