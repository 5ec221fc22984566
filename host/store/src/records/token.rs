//! One token, and where it lies. The token itself is nowhere: its keyed hash is the key.

use plumb_model::access::{Grant, Token};
use serde::{Deserialize, Serialize};

use crate::record::NamedRecord;
use crate::records::bytes::Fixed;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TokenRecord {
    pub(crate) id: Fixed<16>,
    pub(crate) tenant: Fixed<16>,
    name: String,
    grant: GrantRecord,
    prefix: String,
    created_at: String,
    expires_at: Option<String>,
    pub(crate) revoked_at: Option<String>,
    pub(crate) last_used_at: Option<String>,
}

/// Words stand for roles and scopes, so that neither depends on an order.
#[derive(Debug, Serialize, Deserialize)]
enum GrantRecord {
    Role(String),
    Scopes(Vec<String>),
}

/// The keyed hash under which a token lies.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TokenPlace {
    pub(crate) hash: Fixed<32>,
}

impl NamedRecord for TokenRecord {
    const VERSION: u8 = 1;
}

impl NamedRecord for TokenPlace {
    const VERSION: u8 = 1;
}

impl From<&Token> for TokenRecord {
    fn from(token: &Token) -> TokenRecord {
        TokenRecord {
            id: Fixed(token.id),
            tenant: Fixed(token.tenant),
            name: token.name.clone(),
            grant: match token.grant {
                Grant::Role(role) => GrantRecord::Role(role.as_str().to_owned()),
                Grant::Scopes(scopes) => {
                    GrantRecord::Scopes(scopes.iter().map(|scope| scope.as_str().to_owned()).collect())
                }
            },
            prefix: token.prefix.clone(),
            created_at: token.created_at.clone(),
            expires_at: token.expires_at.clone(),
            revoked_at: token.revoked_at.clone(),
            last_used_at: token.last_used_at.clone(),
        }
    }
}

impl TokenRecord {
    /// A role or scope that this program does not know is an error: to pass over it would change what the token may do.
    pub(crate) fn token(self) -> Result<Token, String> {
        let grant = match self.grant {
            GrantRecord::Role(role) => Grant::Role(role.parse()?),
            GrantRecord::Scopes(scopes) => {
                Grant::Scopes(scopes.iter().map(|scope| scope.parse()).collect::<Result<_, String>>()?)
            }
        };
        Ok(Token {
            id: self.id.0,
            tenant: self.tenant.0,
            name: self.name,
            grant,
            prefix: self.prefix,
            created_at: self.created_at,
            expires_at: self.expires_at,
            revoked_at: self.revoked_at,
            last_used_at: self.last_used_at,
        })
    }
}
