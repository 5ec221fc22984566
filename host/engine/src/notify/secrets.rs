//! What the operator keeps for tenants: a channel names it, and only here is it read.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;

use plumb_model::tenant::TenantId;

/// Bytes of a secret. URLs and passwords are short.
const SECRET_BYTES: u64 = 8 << 10;

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// A variable of the environment.
    Environment(String),
    /// A file; spaces and line breaks at its end do not count.
    File(PathBuf),
}

impl SecretSource {
    /// The secret. An error says where it is not, and nothing of what is there.
    pub fn read(&self) -> Result<String, String> {
        let text = match self {
            SecretSource::Environment(name) => {
                std::env::var(name).map_err(|_| format!("the environment variable {name} is not set, or is no text"))?
            }
            SecretSource::File(path) => {
                let wrong = |problem: &dyn std::fmt::Display| format!("the file {}: {problem}", path.display());
                let mut text = String::new();
                let file = File::open(path).map_err(|error| wrong(&error))?;
                // One more than there may be tells that there is more.
                file.take(SECRET_BYTES + 1).read_to_string(&mut text).map_err(|error| wrong(&error))?;
                if text.len() as u64 > SECRET_BYTES {
                    return Err(wrong(&format!("more than {SECRET_BYTES} bytes")));
                }
                text
            }
        };
        Ok(text.trim_end().to_owned())
    }
}

/// Secrets by tenant and name: a tenant reaches its own and no other.
#[derive(Clone, Debug, Default)]
pub struct Secrets(BTreeMap<(TenantId, String), SecretSource>);

impl Secrets {
    /// Whether there is one of the name.
    pub fn contains(&self, tenant: &TenantId, name: &str) -> bool {
        self.0.contains_key(&(*tenant, name.to_owned()))
    }

    pub(super) fn read(&self, tenant: &TenantId, name: &str) -> Result<String, String> {
        match self.0.get(&(*tenant, name.to_owned())) {
            Some(source) => source.read().map_err(|problem| format!("the secret '{name}': {problem}")),
            None => Err(format!("the operator keeps no secret '{name}'")),
        }
    }
}

impl FromIterator<((TenantId, String), SecretSource)> for Secrets {
    fn from_iter<I: IntoIterator<Item = ((TenantId, String), SecretSource)>>(secrets: I) -> Secrets {
        Secrets(secrets.into_iter().collect())
    }
}
