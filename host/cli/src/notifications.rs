//! What the operator sets for messages to people: the SMTP server, the secrets that channels name, and whom webhooks may reach.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use plumb_egress::guard::Url;
use plumb_egress::{Allowed, Endpoint, WebClient};
use plumb_engine::notify::email::{Security, Smtp};
use plumb_engine::notify::secrets::{SecretSource, Secrets};
use plumb_engine::notify::signature::SigningKey;
use plumb_engine::notify::{Post, Posted, Settings};
use plumb_model::tenant::DEFAULT_NAME;
use plumb_store::Ledger;
use serde::Deserialize;

use crate::exit::usage;

/// A file of certificates larger than this is none.
const AUTHORITY_BYTES: u64 = 1 << 20;

/// The sections of the settings of `plumb serve` that are about messages; [`crate::service`] shows them.
#[derive(Debug, Default)]
pub(crate) struct Notifications {
    pub(crate) smtp: Option<Smtp>,
    pub(crate) secrets: BTreeMap<String, Secret>,
    pub(crate) public_url: Option<String>,
    pub(crate) allowed_endpoints: Vec<Endpoint>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SmtpSection {
    host: String,
    port: Option<u16>,
    #[serde(default)]
    security: SecurityWord,
    user: Option<String>,
    password: Option<Source>,
    from: String,
    ca: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SecurityWord {
    #[default]
    Starttls,
    Tls,
    None,
}

/// Where a secret is: one of the two.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    environment: Option<String>,
    file: Option<PathBuf>,
}

/// A secret and the tenant that may name it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Secret {
    environment: Option<String>,
    file: Option<PathBuf>,
    tenant: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotificationsSection {
    public_url: Option<String>,
    #[serde(default)]
    allowed_endpoints: Vec<String>,
}

impl Notifications {
    /// What the sections say. Files they name are meant from `folder`.
    pub(crate) fn read(
        smtp: Option<SmtpSection>,
        secrets: BTreeMap<String, Secret>,
        section: NotificationsSection,
        folder: &Path,
    ) -> anyhow::Result<Notifications> {
        let endpoint = |text: &String| {
            text.parse().map_err(|problem| usage(format!("notifications.allowed_endpoints: {problem}")))
        };
        let public_url = section.public_url.map(|url| url.trim_end_matches('/').to_owned());
        if let Some(url) = &public_url {
            let wrong = |problem: String| usage(format!("notifications.public_url: {problem}"));
            let parsed = url.parse::<Url>().map_err(wrong)?;
            if parsed.query.is_some() {
                return Err(wrong("it is what links begin with, so it has no query".to_owned()));
            }
        }
        for (name, secret) in &secrets {
            secret.source(folder).map_err(|problem| usage(format!("secrets.{name}: {problem}")))?;
        }
        Ok(Notifications {
            smtp: smtp.map(|smtp| smtp.read(folder)).transpose()?,
            secrets: secrets.into_iter().map(|(name, secret)| (name, secret.within(folder))).collect(),
            public_url,
            allowed_endpoints: section.allowed_endpoints.iter().map(endpoint).collect::<anyhow::Result<_>>()?,
        })
    }

    /// All of it, for the tenants of a ledger.
    pub(crate) fn settings(self, ledger: &Ledger, signing: SigningKey) -> anyhow::Result<Settings> {
        let mut secrets = Vec::new();
        for (name, secret) in self.secrets {
            let tenant = secret.tenant.as_deref().unwrap_or(DEFAULT_NAME);
            let found = ledger.tenant_named(tenant)?;
            let found = found.ok_or_else(|| usage(format!("secrets.{name}: there is no tenant '{tenant}'")))?;
            let source = secret.source(Path::new("")).map_err(|problem| usage(format!("secrets.{name}: {problem}")))?;
            secrets.push(((found.id, name), source));
        }
        // Who receives messages is for tenants to say, so every port of a public host may be reached.
        let allowed = self.allowed_endpoints.into_iter().fold(Allowed::public().on_any_port(), Allowed::and);
        let client = WebClient::new(allowed.clone())?;
        Ok(Settings {
            post: Some(Arc::new(WebPost { client, allowed })),
            smtp: self.smtp,
            secrets: secrets.into_iter().collect::<Secrets>(),
            signing,
            public_url: self.public_url,
        })
    }
}

impl SmtpSection {
    fn read(self, folder: &Path) -> anyhow::Result<Smtp> {
        let wrong = |field: &str, problem: String| usage(format!("smtp.{field}: {problem}"));
        let (security, port) = match self.security {
            SecurityWord::Starttls => (Security::Starttls, 587),
            SecurityWord::Tls => (Security::Tls, 465),
            SecurityWord::None => (Security::None, 25),
        };
        let login = match (self.user, self.password) {
            (None, None) => None,
            (Some(_), Some(_)) if security == Security::None => {
                return Err(wrong("security", "a password is never sent in clear; use starttls or tls".to_owned()));
            }
            (Some(user), Some(password)) => {
                let source = source(password.environment, password.file, folder);
                Some((user, source.map_err(|problem| wrong("password", problem))?))
            }
            (Some(_), None) => return Err(wrong("password", "a user needs one".to_owned())),
            (None, Some(_)) => return Err(wrong("user", "a password needs one".to_owned())),
        };
        let authority = self.ca.map(|path| read_bounded(&folder.join(path))).transpose();
        Ok(Smtp {
            host: self.host,
            port: self.port.unwrap_or(port),
            security,
            login,
            from: self.from.parse().map_err(|error| wrong("from", format!("'{}': {error}", self.from)))?,
            authority: authority.map_err(|problem| wrong("ca", problem))?,
        })
    }
}

impl Secret {
    fn source(&self, folder: &Path) -> Result<SecretSource, String> {
        source(self.environment.clone(), self.file.clone(), folder)
    }

    fn within(self, folder: &Path) -> Secret {
        Secret { file: self.file.map(|file| folder.join(file)), ..self }
    }
}

fn source(environment: Option<String>, file: Option<PathBuf>, folder: &Path) -> Result<SecretSource, String> {
    match (environment, file) {
        (Some(name), None) => Ok(SecretSource::Environment(name)),
        (None, Some(file)) => Ok(SecretSource::File(folder.join(file))),
        _ => Err("give either environment or file".to_owned()),
    }
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, String> {
    let wrong = |problem: &dyn std::fmt::Display| format!("{}: {problem}", path.display());
    let size = std::fs::metadata(path).map_err(|error| wrong(&error))?.len();
    if size > AUTHORITY_BYTES {
        return Err(wrong(&format!("{size} bytes; {AUTHORITY_BYTES} is the bound")));
    }
    std::fs::read(path).map_err(|error| wrong(&error))
}

/// Posts to public addresses, and to what the operator named.
#[derive(Debug)]
struct WebPost {
    client: WebClient,
    allowed: Allowed,
}

impl Post for WebPost {
    fn check(&self, url: &str) -> Result<(), String> {
        self.allowed.check(&url.parse::<Url>()?.endpoint)
    }

    fn post<'a>(
        &'a self,
        url: &'a str,
        headers: &'a [(String, String)],
        body: Vec<u8>,
        timeout: Duration,
    ) -> BoxFuture<'a, Result<Posted, String>> {
        Box::pin(async move {
            let answer = self.client.post(url, headers, body, timeout).await.map_err(|error| error.to_string())?;
            let retry_after = answer.header("retry-after").and_then(|seconds| seconds.trim().parse().ok());
            Ok(Posted { status: answer.status, retry_after: retry_after.map(Duration::from_secs) })
        })
    }
}
