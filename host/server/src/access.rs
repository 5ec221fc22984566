//! Who asks with a token, and what they may.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use jiff::{SignedDuration, Timestamp};
use plumb_model::access::{Scope, Scopes, Token, TokenId};
use plumb_model::tenant::{DEFAULT, TenantId};

use crate::limits::TOUCH;
use crate::problem::Problem;
use crate::state::{AppState, LedgerError};
use crate::time::stored;
use crate::token::TokenText;

/// What a route asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: anybody may ask.
    Public,
    /// A token with this scope.
    Scope(Scope),
}

impl From<Scope> for Need {
    fn from(scope: Scope) -> Need {
        Need::Scope(scope)
    }
}

/// How a browser that somebody has signed in with may ask a route. A bearer token is taken by every route that needs a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    /// Not at all.
    Never,
    /// A page or a form of the dashboard. Who has no session is sent to the page where one begins.
    Page,
    /// What scripts of the dashboard read. Taken with a session from the same origin only.
    Stream,
}

/// The caller of a route that needs a scope. Whatever a handler reads or writes, it does for this tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    pub tenant: TenantId,
    pub token: TokenId,
    pub scopes: Scopes,
}

impl Access {
    /// For what only some uses of a route need.
    pub fn require(&self, scope: Scope) -> Result<(), Problem> {
        if self.scopes.contains(scope) { Ok(()) } else { Err(Problem::insufficient_scope(scope)) }
    }
}

impl<S: Sync> FromRequestParts<S> for Access {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Access, Problem> {
        parts.extensions.get::<Access>().copied().ok_or_else(|| {
            tracing::error!("a public route asks who its caller is");
            Problem::internal()
        })
    }
}

/// Why somebody is not known.
pub(crate) enum Unknown {
    /// No token at all, or something that is none.
    NoToken,
    /// One that the server does not take. Its tenant learns of it, if it has one.
    BadToken { tenant: TenantId },
    /// Nobody could look.
    Ledger(LedgerError),
}

/// Who a request is from.
pub(crate) async fn authenticate(state: &AppState, headers: &HeaderMap) -> Result<Access, Unknown> {
    let mut fields = headers.get_all(AUTHORIZATION).iter();
    let (Some(field), None) = (fields.next(), fields.next()) else { return Err(Unknown::NoToken) };
    let (scheme, text) = field.to_str().ok().and_then(|field| field.split_once(' ')).ok_or(Unknown::NoToken)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Unknown::NoToken);
    }
    let text = TokenText::parse(text.trim()).ok_or(Unknown::BadToken { tenant: DEFAULT })?;
    known(state, state.token_key.hash(&text)).await.map(|(access, _)| access)
}

/// The token that the ledger knows by a hash, if it is in force, and what it allows. It is used by that.
pub(crate) async fn known(state: &AppState, hash: [u8; 32]) -> Result<(Access, Arc<Token>), Unknown> {
    let token = match state.known_token(&hash) {
        Some(token) => Some(token),
        None => state.read(move |ledger| ledger.token_by_hash(&hash)).await.map_err(Unknown::Ledger)?,
    };
    let token = token.ok_or(Unknown::BadToken { tenant: DEFAULT })?;
    let now = Timestamp::now();
    if token.refusal(&stored(now)).is_some() {
        return Err(Unknown::BadToken { tenant: token.tenant });
    }
    note_use(state, &token, hash, now);
    let access = Access { tenant: token.tenant, token: token.id, scopes: token.grant.scopes(&token.tenant) };
    Ok((access, token))
}

/// Writes down that a token was used, unless it was within the last minute. The request does not wait for it.
fn note_use(state: &AppState, token: &Token, hash: [u8; 32], now: Timestamp) {
    let recent = now.checked_sub(SignedDuration::from_secs(TOUCH)).map(stored);
    if token.last_used_at.as_ref().zip(recent.ok()).is_some_and(|(last, recent)| *last > recent) {
        return;
    }
    let (state, id) = (state.clone(), token.id);
    tokio::spawn(async move { state.touch(id, hash, stored(now)).await });
}
