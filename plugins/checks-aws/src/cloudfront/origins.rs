//! What lies behind a distribution.

use plumbline::prelude::*;

use super::{KINDS, REFERENCES, UPDATE, behaviors};

pub const CHECKS: &[&Check] = &[&PROTOCOLS, &TRAFFIC, &ACCESS_CONTROL, &FUNCTION_URLS, &FAILOVER];

fn name<'a>(origin: &Node<'a>) -> Result<&'a str, Unread> {
    Ok(origin.text("origin_id")?.unwrap_or("without an id"))
}

/// Whether an origin is a bucket that is reached through S3's own API; a bucket's website is a custom origin.
fn is_bucket(origin: &Node<'_>) -> Result<bool, Unread> {
    if !origin.list("custom_origin_config")?.is_empty() {
        return Ok(false);
    }
    let domain = origin.text("domain_name")?.unwrap_or_default();
    let aws = domain.ends_with(".amazonaws.com") || domain.ends_with(".amazonaws.com.cn");
    let s3 = domain.contains(".s3.") || domain.contains(".s3-");
    Ok(!origin.list("s3_origin_config")?.is_empty() || (aws && s3 && !domain.contains(".s3-website")))
}

pub const PROTOCOLS: Check = Check {
    id: "cloudfront_distributions_using_deprecated_ssl_protocols",
    title: "CloudFront distribution talks to origins over TLS 1.2",
    description: "No custom origin may list SSLv3, TLSv1 or TLSv1.1 among its protocols.",
    risk: "Someone between CloudFront and the origin can force the old protocol and read or change the traffic.",
    severity: Severity::Low,
    kinds: KINDS,
    reads: &["origin"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Leave TLSv1.2 alone on the list, after a look whether the origin speaks it.",
        url: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-cloudfront-to-custom-origin.html",
        command: UPDATE,
        terraform: r#"custom_origin_config {
  http_port              = 80
  https_port             = 443
  origin_protocol_policy = "https-only"
  origin_ssl_protocols   = ["TLSv1.2"]
}"#,
        effort_minutes: 30,
    },
    rule: Rule::Resource(|distribution| {
        for origin in distribution.list("origin")? {
            let protocols = origin.texts("custom_origin_config.origin_ssl_protocols")?;
            if let Some(old) = protocols.iter().find(|p| matches!(**p, "SSLv3" | "TLSv1" | "TLSv1.1")) {
                return fail(format!("the origin {} admits {old}", name(&origin)?));
            }
        }
        pass()
    }),
};

pub const TRAFFIC: Check = Check {
    id: "cloudfront_distributions_origin_traffic_encrypted",
    title: "CloudFront distribution encrypts traffic to its origins",
    description: "Custom origins must be reached by `https-only`, or by `match-viewer` where all viewers use HTTPS. \
        Buckets are reached as the viewer came, so there viewers must use HTTPS too.",
    risk: "What viewers sent encrypted goes on in the clear over the internet to the origin.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["origin", "default_cache_behavior", "ordered_cache_behavior"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Give the origins certificates, set their policy to https-only, and redirect viewers to HTTPS.",
        url: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-cloudfront-to-custom-origin.html",
        command: UPDATE,
        terraform: r#"custom_origin_config {
  http_port              = 80
  https_port             = 443
  origin_protocol_policy = "https-only"
  origin_ssl_protocols   = ["TLSv1.2"]
}"#,
        effort_minutes: 60,
    },
    rule: Rule::Resource(|distribution| {
        let mut plain_viewers = false;
        for (_, behavior) in behaviors(distribution)? {
            plain_viewers |= behavior.text("viewer_protocol_policy")?.unwrap_or("allow-all") == "allow-all";
        }
        for origin in distribution.list("origin")? {
            let policy = origin.text("custom_origin_config.origin_protocol_policy")?;
            let encrypted = match policy {
                Some("https-only") => true,
                Some("match-viewer") => !plain_viewers,
                // VPC origins have a policy of their own, which is kept elsewhere.
                None if origin.has("vpc_origin_config")? => {
                    return manual(format!("look at the protocol policy of the VPC origin {}", name(&origin)?));
                }
                None => is_bucket(&origin)? && !plain_viewers,
                Some(_) => false,
            };
            if !encrypted {
                let policy = policy.map_or_else(|| "the viewer's protocol".to_owned(), |p| format!("the policy {p}"));
                return fail(format!("the origin {} is reached by {policy}, which admits HTTP", name(&origin)?));
            }
        }
        pass()
    }),
};

pub const ACCESS_CONTROL: Check = Check {
    id: "cloudfront_distributions_s3_origin_access_control",
    title: "CloudFront distribution signs its requests to buckets",
    description: "Every bucket behind a distribution must have an origin access control.",
    risk: "The bucket must be public to be served, so everyone can get around CloudFront, its filters and its logs.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["origin"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Attach an origin access control, allow it in the bucket's policy, and block public access to the \
            bucket.",
        url: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html",
        command: UPDATE,
        terraform: r#"origin {
  origin_id                = "site"
  domain_name              = aws_s3_bucket.site.bucket_regional_domain_name
  origin_access_control_id = aws_cloudfront_origin_access_control.site.id
}"#,
        effort_minutes: 45,
    },
    rule: Rule::Resource(|distribution| {
        let mut buckets = 0;
        for origin in distribution.list("origin")? {
            if is_bucket(&origin)? {
                buckets += 1;
                if !origin.has("origin_access_control_id")? {
                    return fail(format!("the bucket behind the origin {} has none", name(&origin)?));
                }
            }
        }
        if buckets == 0 { not_applicable("no origin is a bucket") } else { pass() }
    }),
};

pub const FUNCTION_URLS: Check = Check {
    id: "cloudfront_distributions_lambda_url_origin_access_control",
    title: "CloudFront distribution signs its requests to functions",
    description: "Every Lambda function URL behind a distribution must have an origin access control.",
    risk: "The function's address must be public to be served, so everyone can get around CloudFront, its filters and \
        its logs.",
    remediation: Remediation {
        text: "Attach an origin access control, allow CloudFront to invoke the function, and give the function URL the \
            authorization type AWS_IAM.",
        url: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html",
        terraform: r#"origin {
  origin_id                = "function"
  domain_name              = "${aws_lambda_function_url.site.url_id}.lambda-url.${var.region}.on.aws"
  origin_access_control_id = aws_cloudfront_origin_access_control.function.id
  custom_origin_config {
    http_port              = 80
    https_port             = 443
    origin_protocol_policy = "https-only"
    origin_ssl_protocols   = ["TLSv1.2"]
  }
}"#,
        ..ACCESS_CONTROL.remediation
    },
    rule: Rule::Resource(|distribution| {
        let mut functions = 0;
        for origin in distribution.list("origin")? {
            if origin.text("domain_name")?.unwrap_or_default().contains(".lambda-url.") {
                functions += 1;
                if !origin.has("origin_access_control_id")? {
                    return fail(format!("the function behind the origin {} has none", name(&origin)?));
                }
            }
        }
        if functions == 0 { not_applicable("no origin is a function URL") } else { pass() }
    }),
    ..ACCESS_CONTROL
};

pub const FAILOVER: Check = Check {
    id: "cloudfront_distributions_multiple_origin_failover_configured",
    title: "CloudFront distribution has a second origin to turn to",
    description: "A distribution should have an origin group with at least two members.",
    risk: "When the origin fails, so does the site.",
    severity: Severity::Low,
    kinds: KINDS,
    reads: &["origin_group"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Add an origin in another region and group the two.",
        url: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html",
        command: UPDATE,
        terraform: r#"origin_group {
  origin_id = "site"
  failover_criteria {
    status_codes = [500, 502, 503, 504]
  }
  member {
    origin_id = "first"
  }
  member {
    origin_id = "second"
  }
}"#,
        effort_minutes: 120,
    },
    rule: Rule::Resource(|distribution| {
        for group in distribution.list("origin_group")? {
            if group.list("member")?.len() >= 2 {
                return pass();
            }
        }
        fail("no origin_group has two members")
    }),
};
