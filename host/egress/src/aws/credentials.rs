//! Credentials, and where they come from, as the AWS command line has it. In reading order: [`profiles`] reads the shared files,
//! [`chain`] decides on a [`Source`], [`fetch`] gets credentials from it, and [`cache`] keeps them until they expire.

pub(crate) mod cache;
pub(crate) mod chain;
pub(crate) mod fetch;
mod local;
mod metadata;
pub(crate) mod profiles;
mod sso;
pub(crate) mod sts;

use jiff::Timestamp;

use crate::secrets::Secret;

/// What requests are signed with. Shown without its secrets.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: Secret,
    pub(crate) session_token: Option<Secret>,
    /// None for keys that last.
    pub(crate) expires_at: Option<Timestamp>,
}

impl Credentials {
    pub fn new(access_key_id: &str, secret_access_key: &str, session_token: Option<&str>) -> Credentials {
        Credentials {
            access_key_id: access_key_id.to_owned(),
            secret_access_key: Secret::new(secret_access_key),
            session_token: session_token.map(Secret::new),
            expires_at: None,
        }
    }
}

/// A role to be assumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Role {
    pub(crate) arn: String,
    pub(crate) external_id: Option<String>,
    pub(crate) session_name: Option<String>,
    pub(crate) duration_seconds: Option<u32>,
}

/// Where credentials come from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Fixed(Credentials),
    /// What a program prints.
    Process(String),
    Role {
        base: Box<Source>,
        role: Role,
    },
    /// A role, for a token that somebody else puts into a file.
    WebIdentity {
        role: Role,
        token_file: std::path::PathBuf,
    },
    Sso(sso::Session),
    /// The agent of a container service.
    Container {
        url: String,
        token: Option<Secret>,
        token_file: Option<std::path::PathBuf>,
    },
    /// The metadata service of a virtual machine.
    Instance,
}

/// The body of a JSON document of credentials, as agents, processes and metadata services write it.
#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    access_key_id: Option<String>,
    secret_access_key: Option<String>,
    #[serde(alias = "Token")]
    session_token: Option<String>,
    expiration: Option<String>,
}

impl Document {
    /// The error says what is wrong, and repeats nothing of the text.
    fn read(text: &[u8]) -> Result<Credentials, String> {
        let document: Document =
            serde_json::from_slice(text).map_err(|_| "what came is no JSON document of credentials".to_owned())?;
        let given = |value: Option<String>, name: &str| {
            value.filter(|value| !value.is_empty()).ok_or_else(|| format!("what came has no {name}"))
        };
        let expires_at = document.expiration.map(|text| text.parse::<Timestamp>()).transpose();
        Ok(Credentials {
            access_key_id: given(document.access_key_id, "AccessKeyId")?,
            secret_access_key: Secret::new(given(document.secret_access_key, "SecretAccessKey")?),
            session_token: document.session_token.filter(|token| !token.is_empty()).map(Secret::new),
            expires_at: expires_at.map_err(|_| "what came has an Expiration that is no time".to_owned())?,
        })
    }
}
