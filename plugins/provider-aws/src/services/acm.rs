//! ACM: certificates.

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{Field, block, text, texts, with};
use crate::kind::{Kind, Listing, Service};

static API: Api = Api::regional("acm", Protocol::Json("1.1", "CertificateManager"));

const CERTIFICATE: &[(&str, Given)] = &[("CertificateArn", Given::Of("CertificateArn"))];

pub const SERVICE: Service = Service {
    name: "acm",
    global: false,
    listings: &[Listing {
        steps: &[API
            .call("ListCertificates")
            // Without this only RSA certificates of 2048 bits and less are listed.
            .given(&[(
                "Includes",
                Given::Json(
                    r#"{"keyTypes": ["RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"]}"#,
                ),
            )])
            .items("CertificateSummaryList")
            .paged("NextToken", "NextToken")],
        details: &[&[
            API.call("DescribeCertificate").given(CERTIFICATE),
            API.call("ListTagsForCertificate").given(CERTIFICATE),
        ]],
        kinds: &[Kind::new("aws_acm_certificate", "{CertificateArn}", "DomainName", FIELDS)
            .tags("ListTagsForCertificate.Tags")],
    }],
};

const FIELDS: &[Field] = &[
    text("domain_name", "DomainName"),
    texts("subject_alternative_names", "DescribeCertificate.Certificate.SubjectAlternativeNames"),
    text("key_algorithm", "DescribeCertificate.Certificate.KeyAlgorithm"),
    // Seconds since 1970, as JSON services write times.
    with("not_after", "DescribeCertificate.Certificate.NotAfter", crate::field::time),
    with("not_before", "DescribeCertificate.Certificate.NotBefore", crate::field::time),
    text("status", "DescribeCertificate.Certificate.Status"),
    text("type", "DescribeCertificate.Certificate.Type"),
    text("renewal_eligibility", "DescribeCertificate.Certificate.RenewalEligibility"),
    block(
        "options",
        "DescribeCertificate.Certificate.Options",
        &[text("certificate_transparency_logging_preference", "CertificateTransparencyLoggingPreference")],
    ),
];
