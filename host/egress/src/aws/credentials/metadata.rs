//! Credentials from the agent of a container and from the metadata service of a machine. Only the host's own client reaches them,
//! never that of a plugin.

use std::path::Path;
use std::time::Duration;

use hyper::Method;

use super::{Credentials, Document};
use crate::client::{Answer, WebClient};
use crate::environment::Environment;
use crate::guard::{Allowed, Endpoint, Url};
use crate::secrets::Secret;

/// Both answer from the same machine; where nobody is, nobody answers.
const METADATA_TIME: Duration = Duration::from_secs(2);
/// A machine's metadata service that was just started answers the second time.
const ATTEMPTS: u32 = 2;
/// Where the metadata service answers; AWS documents this address.
const INSTANCE: &str = "http://169.254.169.254";
/// Seconds for which a session with the metadata service lasts.
const SESSION_SECONDS: &str = "300";
/// Hosts at which a container's agent may be, beside any with TLS: itself, ECS and EKS.
const AGENTS: [&str; 6] = ["127.0.0.1", "::1", "localhost", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"];

/// A client for this one endpoint.
fn client(endpoint: &Endpoint) -> Result<WebClient, String> {
    WebClient::new(Allowed::public().and(endpoint.clone())).map_err(|error| error.to_string())
}

async fn ask(client: &WebClient, method: Method, url: &str, headers: &[(String, String)]) -> Result<Answer, String> {
    let url: Url = url.parse()?;
    let mut last = String::new();
    for _ in 0..ATTEMPTS {
        match client.send(method.clone(), &url, headers, Vec::new(), METADATA_TIME).await {
            Ok(answer) if answer.status == 200 => return Ok(answer),
            Ok(answer) => last = format!("{url} answers {}", answer.status),
            Err(error) => last = format!("{url}: {error}"),
        }
    }
    Err(last)
}

pub(super) async fn container(
    url: &str,
    token: Option<&Secret>,
    token_file: Option<&Path>,
) -> Result<Credentials, String> {
    let endpoint = url.parse::<Url>()?.endpoint;
    if !endpoint.is_https() && !AGENTS.contains(&endpoint.host().as_str()) {
        return Err(format!("AWS_CONTAINER_CREDENTIALS_FULL_URI: {endpoint} is neither https nor a container's agent"));
    }
    let token = match token_file {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
            Some(Secret::new(text.trim()))
        }
        None => token.cloned(),
    };
    let headers: Vec<(String, String)> =
        token.iter().map(|token| ("authorization".to_owned(), token.reveal().to_owned())).collect();
    let answer = ask(&client(&endpoint)?, Method::GET, url, &headers).await?;
    Document::read(&answer.body)
}

/// By sessions (version 2) only: a machine that answers without one can be made to answer for others.
pub(super) async fn instance(environment: &Environment) -> Result<Credentials, String> {
    let base = environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT").unwrap_or(INSTANCE).trim_end_matches('/');
    let client = client(&base.parse()?)?;
    let seconds = [("x-aws-ec2-metadata-token-ttl-seconds".to_owned(), SESSION_SECONDS.to_owned())];
    let session = ask(&client, Method::PUT, &format!("{base}/latest/api/token"), &seconds).await?;
    let token = String::from_utf8(session.body).map_err(|_| "the session's token is no text".to_owned())?;
    let headers = [("x-aws-ec2-metadata-token".to_owned(), token)];
    let roles = format!("{base}/latest/meta-data/iam/security-credentials/");
    let role = ask(&client, Method::GET, &roles, &headers).await?.body;
    let role = String::from_utf8_lossy(&role).lines().next().unwrap_or_default().trim().to_owned();
    if role.is_empty() {
        return Err("the machine has no role".to_owned());
    }
    let answer = ask(&client, Method::GET, &format!("{roles}{}", crate::percent::encode(&role)), &headers).await?;
    Document::read(&answer.body)
}
