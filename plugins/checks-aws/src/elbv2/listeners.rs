//! Listeners: what they speak and how they encrypt.

use plumbline::prelude::*;

use super::REFERENCES;

pub const CHECKS: &[&Check] = &[&POLICY, &RECOMMENDED, &ENCRYPTED, &SECURE];

const KINDS: &[&str] = &["aws_lb_listener", "aws_alb_listener"];

/// What a listener gets that names no policy.
const DEFAULT_POLICY: &str = "ELBSecurityPolicy-2016-08";

/// Beginnings of the names, after `ELBSecurityPolicy-`, of all policies that begin at TLS 1.2 or later.
const TLS12_OR_LATER: &[&str] = &["TLS13-1-2", "TLS13-1-3", "TLS-1-2", "FS-1-2"];

pub const POLICY: Check = Check {
    id: "elbv2_insecure_ssl_ciphers",
    title: "Listener negotiates TLS 1.2 or later",
    description: "An HTTPS or TLS listener must use a security policy that begins at TLS 1.2. The default policy \
        begins at TLS 1.0.",
    risk: "Old protocols and ciphers let someone between client and load balancer read or change the traffic.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["protocol", "ssl_policy"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set a TLS 1.3 policy that still admits TLS 1.2, after a look at what the clients negotiate in the \
            access logs.",
        url: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html",
        command: "aws elbv2 modify-listener --listener-arn ARN --ssl-policy ELBSecurityPolicy-TLS13-1-2-2021-06",
        terraform: "ssl_policy = \"ELBSecurityPolicy-TLS13-1-2-2021-06\"",
        effort_minutes: 20,
    },
    rule: Rule::Resource(|listener| policy_among(listener, TLS12_OR_LATER)),
};

/// Beginnings of the names, after `ELBSecurityPolicy-`, of all policies that Security Hub recommends: TLS 1.3 alone, or
/// with those ciphers of TLS 1.2 that have forward secrecy.
const RECOMMENDED_POLICIES: &[&str] = &["TLS13-1-3-", "TLS13-1-2-Res-"];

pub const RECOMMENDED: Check = Check {
    id: "elbv2_listener_recommended_tls_policy",
    title: "Listener negotiates a recommended policy",
    description: "An HTTPS or TLS listener must use a security policy whose name begins with \
        ELBSecurityPolicy-TLS13-1-3 or ELBSecurityPolicy-TLS13-1-2-Res.",
    risk: "Ciphers without forward secrecy or authentication remain on offer: what is recorded today can be read \
        when the key leaks.",
    remediation: Remediation {
        text: "Set one of the policies, after a look at what the clients negotiate in the access logs.",
        command: "aws elbv2 modify-listener --listener-arn ARN --ssl-policy ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
        terraform: "ssl_policy = \"ELBSecurityPolicy-TLS13-1-2-Res-2021-06\"",
        ..POLICY.remediation
    },
    rule: Rule::Resource(|listener| policy_among(listener, RECOMMENDED_POLICIES)),
    ..POLICY
};

fn policy_among(listener: &Resource<'_>, starts: &[&str]) -> Outcome {
    match listener.text("protocol")? {
        Some("HTTPS" | "TLS") => {
            let policy = listener.text("ssl_policy")?.unwrap_or(DEFAULT_POLICY);
            let name = policy.strip_prefix("ELBSecurityPolicy-").unwrap_or_default();
            pass_if(starts.iter().any(|start| name.starts_with(start)), format!("ssl_policy is {policy}"))
        }
        Some(protocol) => not_applicable(format!("a listener for {protocol}")),
        None => Err(Unread { path: "protocol".into(), reason: "it is not set".into() }),
    }
}

pub const ENCRYPTED: Check = Check {
    id: "elbv2_ssl_listeners",
    title: "Application load balancer's listener is encrypted or redirects",
    description: "A listener of an application load balancer must speak HTTPS, or do nothing but redirect to HTTPS.",
    risk: "What clients send over plain HTTP, sessions and passwords among it, can be read and changed on the way.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["protocol", "default_action"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Let the HTTPS listener serve, and the HTTP listener redirect to it.",
        url: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/create-https-listener.html",
        command: "aws elbv2 modify-listener --listener-arn ARN --default-actions \
            'Type=redirect,RedirectConfig={Protocol=HTTPS,Port=443,StatusCode=HTTP_301}'",
        terraform: r#"default_action {
  type = "redirect"
  redirect {
    protocol    = "HTTPS"
    port        = "443"
    status_code = "HTTP_301"
  }
}"#,
        effort_minutes: 45,
    },
    rule: Rule::Resource(|listener| match listener.text("protocol")? {
        Some("HTTPS") => pass(),
        Some("HTTP") => redirects(listener),
        Some(protocol) => not_applicable(format!("a listener for {protocol}")),
        None => Err(Unread { path: "protocol".into(), reason: "it is not set".into() }),
    }),
};

fn redirects(listener: &Resource<'_>) -> Outcome {
    let actions = listener.list("default_action")?;
    for action in &actions {
        // A redirect that names no protocol keeps the one of the request.
        let to_https = action.text("type")? == Some("redirect") && action.text("redirect.protocol")? == Some("HTTPS");
        if to_https {
            return pass();
        }
    }
    fail(format!("it serves HTTP on port {}", listener.int("port")?.unwrap_or(80)))
}

pub const SECURE: Check = Check {
    id: "elbv2_listener_secure_protocol",
    title: "Listener speaks HTTPS or TLS",
    description: "A listener of an application load balancer must speak HTTPS, one of a network load balancer TLS. One \
        that only redirects to HTTPS counts as a failure too; gateway load balancers are not looked at.",
    reads: &["protocol"],
    remediation: Remediation {
        text: "Serve HTTPS or TLS, and remove the listeners that do not; end TLS at the load balancer where the \
            targets did.",
        command: "aws elbv2 modify-listener --listener-arn ARN --protocol TLS --port 443 --certificates \
            CertificateArn=CERTIFICATE_ARN --ssl-policy ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
        terraform: r#"protocol        = "TLS"
port            = 443
ssl_policy      = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
certificate_arn = aws_acm_certificate.main.arn"#,
        ..ENCRYPTED.remediation
    },
    rule: Rule::Resource(|listener| match listener.text("protocol")? {
        Some("HTTPS" | "TLS") => pass(),
        Some("GENEVE") => not_applicable("a listener of a gateway load balancer"),
        Some(protocol) => fail(format!("it speaks {protocol}")),
        // Terraform may leave it out for gateway load balancers, which have one kind of listener.
        None => Err(Unread { path: "protocol".into(), reason: "it is not set".into() }),
    }),
    ..ENCRYPTED
};
