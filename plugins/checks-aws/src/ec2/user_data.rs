//! User data: the script an instance runs first, which anyone who may describe the instance, or runs on it, can read.

use plumbline::prelude::*;

use crate::secrets::{base64, in_text};

pub const CHECKS: &[&Check] = &[&INSTANCE, &TEMPLATE];

/// A verdict on the text in `attribute`. It may be base64, as the API and launch templates give it, or plain.
pub fn clean(resource: &Resource<'_>, attribute: &str) -> Outcome {
    let Some(text) = resource.text(attribute)? else {
        return pass();
    };
    if is_sha1(text) {
        let reason = "Terraform kept only its SHA-1 sum".to_owned();
        return Err(Unread { path: attribute.to_owned(), reason });
    }
    let decoded = match base64(text).map(String::from_utf8) {
        Some(Ok(decoded)) => decoded,
        Some(Err(_)) => return manual(format!("{attribute} is compressed or binary: look for secrets in it")),
        None => text.to_owned(),
    };
    match in_text(&decoded) {
        Some((what, line)) => fail(format!("line {line} of {attribute} holds {what}")),
        None => pass(),
    }
}

/// State files hold the sum of `user_data` instead of the text.
fn is_sha1(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

const REMEDIATION: Remediation = Remediation {
    text: "Rotate what was exposed, keep it in Secrets Manager or Parameter Store, and have the script fetch it with \
        the instance's role.",
    url: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html",
    command: "aws secretsmanager create-secret --name app/db --secret-string file://secret.json",
    terraform: "user_data = templatefile(\"init.sh\", { secret_arn = aws_secretsmanager_secret.db.arn })",
    effort_minutes: 60,
};

pub const INSTANCE: Check = Check {
    id: "ec2_instance_secrets_user_data",
    title: "EC2 instance has no secrets in its user data",
    description: "The user data of an instance must not hold passwords, tokens or keys. Well-known forms of \
        credentials are looked for, and names such as `DB_PASSWORD` that are given a literal value.",
    risk: "Everyone who may describe the instance, and every program that runs on it, can read the secret.",
    severity: Severity::High,
    kinds: &["aws_instance"],
    reads: &["user_data", "user_data_base64"],
    categories: &["secrets"],
    references: &["https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html"],
    remediation: REMEDIATION,
    rule: Rule::Resource(|instance| match clean(instance, "user_data_base64")? {
        Verdict::Pass => clean(instance, "user_data"),
        other => Ok(other),
    }),
};

pub const TEMPLATE: Check = Check {
    id: "ec2_launch_template_no_secrets",
    title: "EC2 launch template has no secrets in its user data",
    description: "The user data of a launch template must not hold passwords, tokens or keys. The version that was \
        read is looked at.",
    risk: "Everyone who may read the template, and every program on every instance made from it, can read the \
        secret.",
    severity: Severity::High,
    kinds: &["aws_launch_template"],
    reads: &["user_data"],
    categories: &["secrets"],
    references: &["https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html"],
    remediation: REMEDIATION,
    rule: Rule::Resource(|template| clean(template, "user_data")),
};
