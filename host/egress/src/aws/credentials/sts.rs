//! What the host itself asks the Security Token Service: credentials of a role, and who it is.

use jiff::Timestamp;
use plumb_runtime::egress::Method;

use super::{Credentials, Role};
use crate::aws::endpoints::Endpoints;
use crate::aws::error_code::{error_code, xml_text};
use crate::percent::encode;
use crate::secrets::Secret;
use crate::sending::{Call, Sender};

/// What sessions are called in the account's logs where nobody says otherwise.
const SESSION_NAME: &str = "plumb";

/// The form of a call; signed where there are credentials.
async fn ask(
    sender: &Sender,
    endpoints: &Endpoints,
    region: &str,
    credentials: Option<&Credentials>,
    form: &[(&str, &str)],
) -> Result<Vec<u8>, String> {
    let pairs = form.iter().map(|(name, value)| format!("{name}={}", encode(value)));
    let body = std::iter::once("Version=2011-06-15".to_owned()).chain(pairs).collect::<Vec<_>>().join("&");
    let call = Call {
        method: Method::Post,
        url: endpoints.regional("sts", region)?,
        headers: vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())],
        body: body.into_bytes(),
        service: "sts",
        region: region.to_owned(),
        account: String::new(),
        writes: false,
    };
    let answer = sender.send(&call, credentials).await.map_err(|error| format!("sts in {region}: {error}"))?;
    if answer.status == 200 {
        return Ok(answer.body);
    }
    let message = xml_text(&answer.body, "Message").unwrap_or_default();
    Err(format!("sts in {region} answers {} {}: {message}", answer.status, error_code(&answer)))
}

fn credentials_in(body: &[u8]) -> Result<Credentials, String> {
    let text = |name: &str| xml_text(body, name).ok_or_else(|| format!("the answer of sts has no {name}"));
    Ok(Credentials {
        access_key_id: text("AccessKeyId")?,
        secret_access_key: Secret::new(text("SecretAccessKey")?),
        session_token: Some(Secret::new(text("SessionToken")?)),
        expires_at: text("Expiration")?.parse::<Timestamp>().ok(),
    })
}

pub(crate) async fn assume_role(
    sender: &Sender,
    endpoints: &Endpoints,
    region: &str,
    base: &Credentials,
    role: &Role,
) -> Result<Credentials, String> {
    let duration = role.duration_seconds.map(|seconds| seconds.to_string());
    let mut form = vec![
        ("Action", "AssumeRole"),
        ("RoleArn", role.arn.as_str()),
        ("RoleSessionName", role.session_name.as_deref().unwrap_or(SESSION_NAME)),
    ];
    form.extend(role.external_id.as_deref().map(|id| ("ExternalId", id)));
    form.extend(duration.as_deref().map(|seconds| ("DurationSeconds", seconds)));
    let body = ask(sender, endpoints, region, Some(base), &form).await;
    credentials_in(&body.map_err(|problem| format!("the role {}: {problem}", role.arn))?)
}

pub(crate) async fn assume_role_with_web_identity(
    sender: &Sender,
    endpoints: &Endpoints,
    region: &str,
    token: &str,
    role: &Role,
) -> Result<Credentials, String> {
    let form = [
        ("Action", "AssumeRoleWithWebIdentity"),
        ("RoleArn", role.arn.as_str()),
        ("RoleSessionName", role.session_name.as_deref().unwrap_or(SESSION_NAME)),
        ("WebIdentityToken", token.trim()),
    ];
    let body = ask(sender, endpoints, region, None, &form).await;
    credentials_in(&body.map_err(|problem| format!("the role {}: {problem}", role.arn))?)
}

/// Who somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Twelve digits.
    pub account: String,
    pub arn: String,
}

pub(crate) async fn caller_identity(
    sender: &Sender,
    endpoints: &Endpoints,
    region: &str,
    credentials: &Credentials,
) -> Result<Identity, String> {
    let body = ask(sender, endpoints, region, Some(credentials), &[("Action", "GetCallerIdentity")]).await?;
    let text = |name: &str| xml_text(&body, name).ok_or_else(|| format!("the answer of sts has no {name}"));
    Ok(Identity { account: text("Account")?, arn: text("Arn")? })
}
