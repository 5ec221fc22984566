//! Gets credentials from where they come from.

use std::future::Future;
use std::pin::Pin;

use super::{Credentials, Source, local, metadata, sts};
use crate::aws::endpoints::Endpoints;
use crate::environment::Environment;
use crate::sending::Sender;

/// What getting credentials needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Means<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) sender: &'a Sender,
    pub(crate) endpoints: &'a Endpoints,
    /// Where sts is asked.
    pub(crate) region: &'a str,
}

/// New credentials. A role may rest on a role, so this calls itself.
pub(crate) fn fetch<'a>(
    source: &'a Source,
    means: Means<'a>,
) -> Pin<Box<dyn Future<Output = Result<Credentials, String>> + Send + 'a>> {
    Box::pin(async move {
        let Means { environment, sender, endpoints, region } = means;
        match source {
            Source::Fixed(credentials) => Ok(credentials.clone()),
            Source::Process(command) => local::process(command).await,
            Source::Role { base, role } => {
                let base = fetch(base, means).await?;
                sender.know(&base);
                sts::assume_role(sender, endpoints, region, &base, role).await
            }
            Source::WebIdentity { role, token_file } => {
                let token = std::fs::read_to_string(token_file);
                let token = token.map_err(|error| format!("the token in {}: {error}", token_file.display()))?;
                sts::assume_role_with_web_identity(sender, endpoints, region, &token, role).await
            }
            Source::Sso(session) => session.fetch(sender).await,
            Source::Container { url, token, token_file } => {
                metadata::container(url, token.as_ref(), token_file.as_deref()).await
            }
            Source::Instance => metadata::instance(environment).await,
        }
    })
}
