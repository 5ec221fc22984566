//! Making and ending tokens and tenants: the same rules whether it comes over HTTP, over the control socket or from a command line
//! that has the ledger to itself.

use jiff::Timestamp;
use plumb_model::access::{Grant, Scope, Token, TokenId};
use plumb_model::tenant::{Tenant, TenantId};
use plumb_store::{Ledger, StoreError};

use crate::limits::{NAME_CHARS, TENANT_CHARS};
use crate::time::{now, stored};
use crate::token::{TokenKey, TokenText};

/// Characters of an id that are enough to mean it; fewer are a slip.
const ID_CHARS: usize = 8;

/// A token that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// A UUIDv7.
    pub id: TokenId,
    pub tenant: TenantId,
    pub name: String,
    pub grant: Grant,
    pub expires_at: Option<Timestamp>,
}

/// A tenant that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTenant {
    pub name: String,
    pub retention_days: Option<u32>,
    pub max_concurrent_scans: Option<u32>,
}

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum AdministrationError {
    #[error("a name has 1 to {NAME_CHARS} characters and no control characters")]
    Name,
    #[error("a tenant's name has 1 to {TENANT_CHARS} small letters, digits and dashes, and begins with a letter")]
    TenantName,
    #[error("a token needs a role or at least one scope")]
    NoScope,
    #[error("the scope '{0}' reaches over all tenants and is for tokens of the default tenant only")]
    OperatorScope(Scope),
    #[error("{0}")]
    Grant(String),
    #[error("nothing expires so late; leave the time out for a token that does not")]
    FarFuture,
    #[error("a token cannot expire before it is made")]
    Expired,
    #[error("a bound of 0 would keep nothing; leave it out for none")]
    Zero,
    #[error("there is no tenant '{0}'; `plumb tenant list` lists them")]
    NoTenant(String),
    #[error("there is no token '{0}'; `plumb token list` lists them")]
    NoToken(String),
    #[error("'{0}' fits more than one token; give the whole id")]
    AmbiguousToken(String),
    #[error("{0}")]
    Schedule(String),
    #[error("there is no schedule '{0}'; `plumb schedule list` lists them")]
    NoSchedule(String),
    #[error("more than one schedule is called '{0}'; give the number, which `plumb schedule list` shows")]
    AmbiguousSchedule(String),
    #[error("no random bytes: {0}")]
    Random(#[from] getrandom::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl NewToken {
    /// Whether it may be made at all.
    pub fn check(&self) -> Result<(), AdministrationError> {
        let formed = (1..=NAME_CHARS).contains(&self.name.chars().count()) && !self.name.chars().any(char::is_control);
        if !formed {
            return Err(AdministrationError::Name);
        }
        if let Grant::Scopes(scopes) = self.grant {
            if scopes.is_empty() {
                return Err(AdministrationError::NoScope);
            }
            if let Some(scope) = scopes.beyond(self.grant.scopes(&self.tenant)).iter().next() {
                return Err(AdministrationError::OperatorScope(scope));
            }
        }
        if self.expires_at.is_some_and(|end| end <= Timestamp::now()) {
            Err(AdministrationError::Expired)
        } else {
            Ok(())
        }
    }
}

/// Makes a token. Its text is given back here and nowhere else.
pub fn create_token(
    ledger: &Ledger,
    key: &TokenKey,
    new: &NewToken,
) -> Result<(Token, TokenText), AdministrationError> {
    new.check()?;
    let text = TokenText::random()?;
    let token = Token {
        id: new.id,
        tenant: new.tenant,
        name: new.name.clone(),
        grant: new.grant,
        prefix: text.shown().to_owned(),
        created_at: now(),
        expires_at: new.expires_at.map(stored),
        revoked_at: None,
        last_used_at: None,
    };
    ledger.create_token(&key.hash(&text), &token)?;
    Ok((token, text))
}

/// Makes a tenant.
pub fn create_tenant(ledger: &Ledger, new: &NewTenant) -> Result<Tenant, AdministrationError> {
    let plain = |character: u8| character.is_ascii_lowercase() || character.is_ascii_digit() || character == b'-';
    let formed = (1..=TENANT_CHARS).contains(&new.name.len())
        && new.name.bytes().all(plain)
        && new.name.bytes().next().is_some_and(|first| first.is_ascii_lowercase());
    if !formed {
        return Err(AdministrationError::TenantName);
    }
    if new.retention_days == Some(0) || new.max_concurrent_scans == Some(0) {
        return Err(AdministrationError::Zero);
    }
    let tenant = Tenant {
        id: *uuid::Uuid::now_v7().as_bytes(),
        name: new.name.clone(),
        created_at: Some(now()),
        retention_days: new.retention_days,
        max_concurrent_scans: new.max_concurrent_scans,
    };
    ledger.create_tenant(&tenant)?;
    Ok(tenant)
}

/// The one token of all tenants that has an id, or whose id or text begins so.
pub fn find_token(ledger: &Ledger, named: &str) -> Result<Token, AdministrationError> {
    let mut found = Vec::new();
    for tenant in ledger.tenants()? {
        let (tokens, _) = ledger.tokens(&tenant.id, 0, usize::MAX)?;
        let fits = |token: &Token| {
            let id = uuid::Uuid::from_bytes(token.id).to_string();
            (named.len() >= ID_CHARS && id.starts_with(named)) || token.prefix == named
        };
        found.extend(tokens.into_iter().filter(fits));
    }
    match (found.pop(), found.is_empty()) {
        (Some(token), true) => Ok(token),
        (Some(_), false) => Err(AdministrationError::AmbiguousToken(named.to_owned())),
        (None, _) => Err(AdministrationError::NoToken(named.to_owned())),
    }
}
