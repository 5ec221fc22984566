//! Who may call a function.

use plumbline::prelude::*;

use super::{FUNCTION, REFERENCES};
use crate::policy::closed_to_anyone;

pub(super) const CHECKS: &[&Check] = &[&NOT_PUBLIC, &URL_PUBLIC, &URL_CORS];

const URL: &str = "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html";
const ADDRESSES: &[&str] = &["aws_lambda_function", "aws_lambda_function_url"];

/// The settings of the function's address, which may stand on the function or be a resource of its own.
fn address<'a>(resource: &Resource<'a>) -> Result<Option<Node<'a>>, Unread> {
    let url = resource.get("function_url")?;
    url.complete()?;
    if resource.kind == "aws_lambda_function_url" {
        return Ok(Some(resource.config().clone()));
    }
    Ok(url.as_list()?.into_iter().next())
}

pub(super) const NOT_PUBLIC: Check = Check {
    id: "awslambda_function_not_publicly_accessible",
    title: "Function's policy lets in nobody unknown",
    description: "No statement of the function's resource policy may allow anything to anyone, unless a condition \
        names the callers.",
    risk: "Strangers can run the function with its role, feed it what they like and run up the bill.",
    severity: Severity::Critical,
    kinds: FUNCTION,
    reads: &["policy"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Remove the permission and add one that names the account or the source.",
        url: "https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html",
        command: "aws lambda remove-permission --function-name FUNCTION --statement-id SID",
        terraform: r#"resource "aws_lambda_permission" "this" {
  function_name = aws_lambda_function.this.function_name
  action        = "lambda:InvokeFunction"
  principal     = "s3.amazonaws.com"
  source_arn    = aws_s3_bucket.this.arn
}"#,
        effort_minutes: 15,
    },
    rule: Rule::Resource(|function| closed_to_anyone(function, "policy")),
};

pub(super) const URL_PUBLIC: Check = Check {
    id: "awslambda_function_url_public",
    title: "Function's address asks who is calling",
    description: "A function URL must have the authorization type AWS_IAM.",
    risk: "Anyone who learns the address can run the function with its role.",
    severity: Severity::High,
    kinds: ADDRESSES,
    reads: &["function_url", "authorization_type"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set the authorization type to AWS_IAM, or put an API with authorization in front.",
        url: URL,
        command: "aws lambda update-function-url-config --function-name FUNCTION --auth-type AWS_IAM",
        terraform: "authorization_type = \"AWS_IAM\"",
        effort_minutes: 15,
    },
    rule: Rule::Resource(|resource| {
        let Some(address) = address(resource)? else { return not_applicable("the function has no URL") };
        match address.text("authorization_type")? {
            Some("AWS_IAM") => pass(),
            Some(other) => fail(format!("the URL's authorization type is {other}")),
            None => Err(Unread { path: "authorization_type".to_owned(), reason: "a URL always has one".to_owned() }),
        }
    }),
};

pub(super) const URL_CORS: Check = Check {
    id: "awslambda_function_url_cors_policy",
    title: "Function's address names the origins it serves",
    description: "The CORS settings of a function URL may not allow every origin.",
    risk: "Any web page can call the function with its visitor's session and read the answer.",
    severity: Severity::Medium,
    kinds: ADDRESSES,
    reads: &["function_url", "cors"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "List the origins of the pages that call the function.",
        url: "https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html",
        command: "aws lambda update-function-url-config --function-name FUNCTION --cors \
            AllowOrigins=https://example.com",
        terraform: r#"cors {
  allow_origins = ["https://example.com"]
}"#,
        effort_minutes: 15,
    },
    rule: Rule::Resource(|resource| {
        let Some(address) = address(resource)? else { return not_applicable("the function has no URL") };
        let origins = address.get("cors")?;
        origins.complete()?;
        let wide = origins.texts("allow_origins")?.contains(&"*");
        pass_if(!wide, "the URL allows every origin")
    }),
};
