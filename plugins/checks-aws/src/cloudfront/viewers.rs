//! What viewers get: encryption, certificates, filters, logs.

use plumbline::prelude::*;

use super::{KINDS, REFERENCES, UPDATE, behaviors};

pub const CHECKS: &[&Check] =
    &[&HTTPS, &LOGGING, &WAF, &GEO, &ROOT_OBJECT, &FIELD_LEVEL, &CERTIFICATE, &SNI, &TLS_POLICY, &KEY_GROUPS];

pub const HTTPS: Check = Check {
    id: "cloudfront_distributions_https_enabled",
    title: "CloudFront distribution serves HTTPS only",
    description: "Every cache behavior must have the viewer protocol policy `https-only` or `redirect-to-https`.",
    risk: "What viewers send and get over plain HTTP can be read and changed on the way.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["default_cache_behavior", "ordered_cache_behavior"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Redirect HTTP to HTTPS in every behavior.",
        url: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-viewers-to-cloudfront.html",
        command: UPDATE,
        terraform: r#"default_cache_behavior {
  viewer_protocol_policy = "redirect-to-https"
}"#,
        effort_minutes: 20,
    },
    rule: Rule::Resource(|distribution| {
        for (name, behavior) in behaviors(distribution)? {
            let policy = behavior.text("viewer_protocol_policy")?.unwrap_or("not set");
            if !matches!(policy, "https-only" | "redirect-to-https") {
                return fail(format!("viewer_protocol_policy of {name} is {policy}"));
            }
        }
        pass()
    }),
};

pub const LOGGING: Check = Check {
    id: "cloudfront_distributions_logging_enabled",
    title: "CloudFront distribution logs requests",
    description: "A distribution must write standard logs to a bucket, or real-time logs for its default behavior.",
    risk: "Who asked for what cannot be told afterwards, and attacks on the site go unnoticed.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["logging_config", "default_cache_behavior"],
    categories: &["logging", "forensics"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch standard logs on, with a bucket that CloudFront may write to.",
        url: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/AccessLogs.html",
        command: UPDATE,
        terraform: r"logging_config {
  bucket = aws_s3_bucket.logs.bucket_domain_name
}",
        effort_minutes: 30,
    },
    rule: Rule::Resource(|distribution| {
        let standard = distribution.has("logging_config.bucket")?;
        let real_time = distribution.has("default_cache_behavior.realtime_log_config_arn")?;
        pass_if(standard || real_time, "neither standard nor real-time logs are written")
    }),
};

pub const WAF: Check = Check {
    id: "cloudfront_distributions_using_waf",
    title: "CloudFront distribution is behind a web ACL",
    description: "A distribution must have a web ACL of AWS WAF.",
    risk: "Injection, scans and floods of requests reach the origin unfiltered.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["web_acl_id"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Associate a web ACL with AWS's managed rules, counting at first and blocking after a look at what \
            they would block.",
        url: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-web-awswaf.html",
        command: UPDATE,
        terraform: "web_acl_id = aws_wafv2_web_acl.main.arn",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|distribution| pass_if(distribution.has("web_acl_id")?, "it has no web ACL")),
};

pub const GEO: Check = Check {
    id: "cloudfront_distributions_geo_restrictions_enabled",
    title: "CloudFront distribution serves chosen countries only",
    description: "A distribution should restrict the countries it serves, by a list of allowed or of blocked ones.",
    risk: "Content is served where it must not be, for example under export rules or licences, and attacks come from \
        anywhere.",
    severity: Severity::Low,
    kinds: KINDS,
    reads: &["restrictions"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "List the countries you serve.",
        url: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/georestrictions.html",
        command: UPDATE,
        terraform: r#"restrictions {
  geo_restriction {
    restriction_type = "whitelist"
    locations        = ["DE", "FR"]
  }
}"#,
        effort_minutes: 30,
    },
    rule: Rule::Resource(|distribution| {
        let kind = distribution.text("restrictions.geo_restriction.restriction_type")?.unwrap_or("none");
        pass_if(kind != "none", "geo_restriction is none")
    }),
};

pub const ROOT_OBJECT: Check = Check {
    id: "cloudfront_distributions_default_root_object",
    title: "CloudFront distribution has a default root object",
    description: "A distribution must name the object that is served for `/`.",
    risk: "A request for the root goes on to the origin, which may answer with a list of all it holds.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["default_root_object"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Name an object, and see that it exists.",
        url: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DefaultRootObject.html",
        command: "aws cloudfront update-distribution --id ID --default-root-object index.html",
        terraform: "default_root_object = \"index.html\"",
        effort_minutes: 10,
    },
    rule: Rule::Resource(|distribution| {
        pass_if(distribution.has("default_root_object")?, "default_root_object is not set")
    }),
};

pub const FIELD_LEVEL: Check = Check {
    id: "cloudfront_distributions_field_level_encryption_enabled",
    title: "CloudFront distribution encrypts sensitive fields",
    description: "The default behavior should encrypt chosen form fields for the one service that needs them.",
    risk: "Card numbers and the like pass in the clear through every system between the edge and their destination.",
    severity: Severity::Low,
    kinds: KINDS,
    reads: &["default_cache_behavior"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make a field-level encryption configuration for the forms that carry sensitive data.",
        url: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/field-level-encryption.html",
        command: UPDATE,
        terraform: r"default_cache_behavior {
  field_level_encryption_id = aws_cloudfront_field_level_encryption_config.main.id
}",
        effort_minutes: 180,
    },
    rule: Rule::Resource(|distribution| {
        let encrypted = distribution.has("default_cache_behavior.field_level_encryption_id")?;
        pass_if(encrypted, "the default behavior has no field_level_encryption_id")
    }),
};

fn has_own_certificate(distribution: &Resource<'_>) -> Result<bool, Unread> {
    Ok(distribution.has("viewer_certificate.acm_certificate_arn")?
        || distribution.has("viewer_certificate.iam_certificate_id")?)
}

pub const CERTIFICATE: Check = Check {
    id: "cloudfront_distributions_custom_ssl_certificate",
    title: "CloudFront distribution has a certificate of its own",
    description: "A distribution must use a certificate from ACM or IAM, not the default one for cloudfront.net.",
    risk: "With the default certificate TLS 1.0 is admitted and visitors cannot tell your site from anybody else's.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["viewer_certificate"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Request a certificate in us-east-1, add your domain name to the distribution and attach the \
            certificate.",
        url: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-procedures.html",
        command: UPDATE,
        terraform: r#"viewer_certificate {
  acm_certificate_arn      = aws_acm_certificate.main.arn
  ssl_support_method       = "sni-only"
  minimum_protocol_version = "TLSv1.2_2021"
}"#,
        effort_minutes: 60,
    },
    rule: Rule::Resource(|distribution| {
        pass_if(has_own_certificate(distribution)?, "it uses the default certificate for cloudfront.net")
    }),
};

pub const SNI: Check = Check {
    id: "cloudfront_distributions_https_sni_enabled",
    title: "CloudFront distribution serves HTTPS by SNI",
    description: "A distribution with a certificate of its own should use the method `sni-only`. With the default \
        certificate there is no choice.",
    risk: "Dedicated addresses cost several hundred dollars a month, for clients that have been out of support for \
        years.",
    severity: Severity::Low,
    kinds: KINDS,
    reads: &["viewer_certificate"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Change the method to SNI.",
        url: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-https-dedicated-ip-or-sni.html",
        command: UPDATE,
        terraform: r#"viewer_certificate {
  ssl_support_method = "sni-only"
}"#,
        effort_minutes: 20,
    },
    rule: Rule::Resource(|distribution| {
        if !has_own_certificate(distribution)? {
            return not_applicable("it uses the default certificate");
        }
        let method = distribution.text("viewer_certificate.ssl_support_method")?.unwrap_or("not set");
        pass_if(method == "sni-only", format!("ssl_support_method is {method}"))
    }),
};

/// The policies for viewers that AWS recommends; earlier ones offer ciphers without forward secrecy.
const RECOMMENDED: &[&str] = &["TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"];

pub const TLS_POLICY: Check = Check {
    id: "cloudfront_distributions_recommended_tls_policy",
    title: "CloudFront distribution offers viewers recent TLS only",
    description: "The minimum protocol version must be TLSv1.2_2021, TLSv1.2_2025 or TLSv1.3_2025. With the default \
        certificate it is TLSv1, whatever the configuration says.",
    risk: "Old protocols and ciphers let someone between viewer and CloudFront read or change the traffic.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["viewer_certificate"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set the policy, with a certificate of your own that is chosen by SNI.",
        url: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html",
        command: UPDATE,
        terraform: r#"viewer_certificate {
  acm_certificate_arn      = aws_acm_certificate.site.arn
  ssl_support_method       = "sni-only"
  minimum_protocol_version = "TLSv1.2_2021"
}"#,
        effort_minutes: 30,
    },
    rule: Rule::Resource(|distribution| {
        if distribution.flag("viewer_certificate.cloudfront_default_certificate")? {
            return fail("the default certificate admits TLSv1");
        }
        let version = distribution.text("viewer_certificate.minimum_protocol_version")?.unwrap_or("TLSv1");
        pass_if(RECOMMENDED.contains(&version), format!("viewer_certificate.minimum_protocol_version is {version}"))
    }),
};

pub const KEY_GROUPS: Check = Check {
    id: "cloudfront_distributions_trusted_key_groups",
    title: "CloudFront distribution trusts key groups, no accounts",
    description: "No cache behavior may name trusted signers. Signed URLs and cookies should rest on key groups.",
    risk: "The keys of a trusted signer belong to the root user of an account: whoever signs needs the root user, and \
        nobody else can replace a key that leaked.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["default_cache_behavior", "ordered_cache_behavior"],
    categories: &["identity-access"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Put public keys into a key group, trust it in the behavior, and take the signers out when all signed \
            URLs have expired.",
        url: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html",
        command: UPDATE,
        terraform: r"default_cache_behavior {
  trusted_key_groups = [aws_cloudfront_key_group.site.id]
}",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|distribution| {
        for (name, behavior) in behaviors(distribution)? {
            let signers = behavior.texts("trusted_signers")?;
            if !signers.is_empty() {
                return fail(format!("trusted_signers of {name}: {}", signers.join(", ")));
            }
        }
        pass()
    }),
};
