//! Certificates in ACM.

use plumbline::prelude::*;

use crate::calendar::day;

pub const CHECKS: &[&Check] = &[&EXPIRY, &RENEWAL, &TRANSPARENCY, &KEY_ALGORITHM];

const KINDS: &[&str] = &["aws_acm_certificate"];
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/acm-controls.html"];

/// Days of validity that must be left; the figure is Prowler's.
const NOTICE: i64 = 7;

/// Days of validity in which a certificate must have been renewed; the figure is Security Hub's. ACM begins 60 days
/// before the end.
const RENEWAL_NOTICE: i64 = 30;

pub const EXPIRY: Check = Check {
    id: "acm_certificates_expiration_check",
    title: "ACM certificate stays valid for more than a week",
    description: "On the day of the scan a certificate must be valid for more than 7 days. ACM renews its own long \
        before, so one that is closer was imported, or its renewal failed.",
    risk: "When it expires, browsers and clients refuse the service, or people are taught to click warnings away.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["not_after"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Restore the DNS records by which ACM validates the domain, or import a new certificate.",
        url: "https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html",
        command: "aws acm renew-certificate --certificate-arn ARN",
        terraform: "validation_method = \"DNS\"",
        effort_minutes: 60,
    },
    rule: Rule::Timed(|certificate, context| valid_for_more_than(NOTICE, certificate, context)),
};

pub const RENEWAL: Check = Check {
    id: "acm_certificates_valid_for_30_days",
    title: "ACM certificate was renewed a month before its end",
    description: "On the day of the scan a certificate must be valid for more than 30 days. ACM begins to renew its \
        own 60 days before they expire.",
    severity: Severity::Medium,
    rule: Rule::Timed(|certificate, context| valid_for_more_than(RENEWAL_NOTICE, certificate, context)),
    ..EXPIRY
};

fn valid_for_more_than(notice: i64, certificate: &Resource<'_>, context: &Context) -> Outcome {
    let unread = |reason: String| Unread { path: "not_after".into(), reason };
    let end = certificate.text("not_after")?.ok_or_else(|| unread("it is not set: not issued yet".into()))?;
    let day_of = |text: &str| day(text).ok_or_else(|| unread(format!("'{text}' is no date")));
    let days = day_of(end)? - day_of(&context.scan_time)?;
    pass_if(days > notice, format!("it is valid until {end}, {days} day(s)"))
}

pub const TRANSPARENCY: Check = Check {
    id: "acm_certificates_transparency_logs_enabled",
    title: "ACM certificate is in the transparency logs",
    description: "A public certificate that ACM issues must be logged to certificate transparency, which is the \
        default. Imported and private ones are not ACM's to log.",
    risk: "Browsers distrust it, and nobody would notice a certificate that somebody else got for your domain.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["options", "type"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch logging on; it takes effect at the next renewal.",
        url: "https://docs.aws.amazon.com/acm/latest/userguide/acm-bestpractices.html",
        command: "aws acm update-certificate-options --certificate-arn ARN --options \
            CertificateTransparencyLoggingPreference=ENABLED",
        terraform: r#"options {
  certificate_transparency_logging_preference = "ENABLED"
}"#,
        effort_minutes: 10,
    },
    rule: Rule::Resource(|certificate| {
        let logging = certificate.text("options.certificate_transparency_logging_preference")?;
        match certificate.text("type")? {
            Some(kind @ ("IMPORTED" | "PRIVATE")) => not_applicable(format!("a certificate of type {kind}")),
            _ => pass_if(logging != Some("DISABLED"), "certificate_transparency_logging_preference is DISABLED"),
        }
    }),
};

pub const KEY_ALGORITHM: Check = Check {
    id: "acm_certificates_with_secure_key_algorithms",
    title: "ACM certificate has a strong key",
    description: "The key must be RSA of at least 2048 bits, which is the default, or an elliptic curve of at least \
        256.",
    risk: "A short key can be broken, and then the service be impersonated and its traffic read.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["key_algorithm"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Request or import a certificate with a strong key and put it in the place of this one.",
        url: "https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html",
        command: "aws acm request-certificate --domain-name NAME --validation-method DNS --key-algorithm \
            EC_prime256v1",
        terraform: "key_algorithm = \"EC_prime256v1\"",
        effort_minutes: 45,
    },
    rule: Rule::Resource(|certificate| {
        // The API writes `RSA-1024` where its requests say `RSA_1024`.
        let algorithm = certificate.text("key_algorithm")?.unwrap_or("RSA_2048").replace('-', "_");
        let strong = ["RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"];
        pass_if(strong.contains(&algorithm.as_str()), format!("key_algorithm is {algorithm}"))
    }),
};

#[cfg(test)]
mod tests;
