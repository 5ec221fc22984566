//! What every request passes on its way to a handler: who asks, may they, not too often, not twice; and that it is written down.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use plumb_model::access::Actor;
use plumb_model::tenant::{DEFAULT, TenantId};

use crate::access::{Access, Browser, Need, Unknown, authenticate};
use crate::audit::{self, Deed};
use crate::browser;
use crate::idempotency;
use crate::peer::Peer;
use crate::problem::Problem;
use crate::rate::Quota;
use crate::routes::Declared;
use crate::session::Session;
use crate::state::AppState;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// One route's guard.
#[derive(Clone)]
pub(crate) struct Guard {
    state: AppState,
    declared: Arc<Declared>,
}

impl Guard {
    pub(crate) fn new(state: AppState, declared: Declared) -> Guard {
        Guard { state, declared: Arc::new(declared) }
    }
}

pub(crate) async fn guard(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let Need::Scope(scope) = guard.declared.need else { return next.run(request).await };
    let Guard { state, declared } = guard;
    let (deed, address) = (Deed::new(&declared, &request), Peer::of(&request));
    let (access, session) = match caller(&state, &declared, request.headers()).await {
        Ok(Some(caller)) => caller,
        Ok(None) => return browser::to_sign_in(&request),
        Err(unknown) => return unknown_caller(&state, &deed, address, unknown).await,
    };
    if let Some(session) = session {
        if declared.changes() {
            request = match browser::with_own_form(request, &session).await {
                Ok(request) => request,
                Err(problem) => return refused(&state, &deed, access, problem).await,
            };
        }
        request.extensions_mut().insert(session);
    }
    if let Err(problem) = access.require(scope) {
        return refused(&state, &deed, access, problem).await;
    }
    let quota = if declared.triggers { Some(state.triggers.take(access.token, Instant::now())) } else { None };
    if let Some(Err(quota)) = quota {
        let problem = Problem::rate_limited("scans triggered with this token", quota.seconds());
        let mut response = refused(&state, &deed, access, problem).await;
        quota.write("trigger", response.headers_mut());
        return response;
    }
    request.extensions_mut().insert(access);
    let mut response = if declared.changes() && !declared.asks {
        changing(state, declared, deed, access, request, next).await
    } else {
        next.run(request).await
    };
    if let Some(Ok(quota)) = quota {
        quota.write("trigger", response.headers_mut());
    }
    response
}

/// Who asks, with the session if it is by that. None for a page that is asked for without one.
async fn caller(
    state: &AppState,
    declared: &Declared,
    headers: &HeaderMap,
) -> Result<Option<(Access, Option<Session>)>, Unknown> {
    if !browser::is_browsers(declared, headers) {
        return authenticate(state, headers).await.map(|access| Some((access, None)));
    }
    match browser::visitor(state, declared, headers).await? {
        Some((access, session)) => Ok(Some((access, Some(session)))),
        None if declared.browser == Browser::Page => Ok(None),
        None => Err(Unknown::NoToken),
    }
}

/// Runs to its end whether or not the client waits for it: what was begun is written down, and kept under its key.
async fn changing(
    state: AppState,
    declared: Arc<Declared>,
    deed: Deed,
    access: Access,
    request: Request,
    next: Next,
) -> Response {
    let whole = async move {
        if declared.creates {
            let run = |request| done(&state, &deed, access, request, next);
            let response = idempotency::once(&state, &declared, access, request, run).await;
            response.unwrap_or_else(IntoResponse::into_response)
        } else {
            done(&state, &deed, access, request, next).await
        }
    };
    match tokio::spawn(whole).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(%error, "a request broke off");
            Problem::internal().into_response()
        }
    }
}

/// Runs the handler. What it changes is committed with its entry of the audit log; what changed nothing in the ledger is written down
/// afterwards, and what was refused. What could not be written down is not answered as if it had been.
async fn done(state: &AppState, deed: &Deed, access: Access, request: Request, next: Next) -> Response {
    let entry = deed.begin(access.tenant, Actor::Token(access.token));
    let response = audit::carrying(entry.clone(), next.run(request)).await;
    let event = deed.done(access.tenant, Actor::Token(access.token), &response);
    // A form is answered by the way to the next page.
    let succeeded = response.status().is_success() || response.status().is_redirection();
    if succeeded && entry.is_written() {
        return response;
    }
    let written = if succeeded { state.audit(event).await } else { state.audit_refusal(event).await };
    match written {
        Ok(()) => response,
        Err(error) => {
            tracing::error!(%error, "a change cannot be written to the audit log");
            Problem::from(error).into_response()
        }
    }
}

/// Answers somebody who is not known.
pub(crate) async fn unknown_caller(state: &AppState, deed: &Deed, address: IpAddr, unknown: Unknown) -> Response {
    let (tenant, problem) = match unknown {
        Unknown::NoToken => (DEFAULT, Problem::no_token()),
        Unknown::BadToken { tenant } => (tenant, Problem::bad_token()),
        Unknown::Ledger(error) => {
            tracing::error!(%error, "the ledger does not say whose a token is");
            return Problem::not_ready().into_response();
        }
    };
    // One address that keeps trying is slowed down; a valid token from there is still taken.
    let quota = state.failures.take(address, Instant::now());
    let problem = match &quota {
        Ok(_) => problem,
        Err(quota) => Problem::rate_limited("failed authentications from this address", quota.seconds()),
    };
    note(state, deed.refused(tenant, Actor::System, &address.to_string(), &problem)).await;
    let mut response = problem.into_response();
    if let Err(quota) = quota {
        Quota::write(&quota, "authentication", response.headers_mut());
    }
    response
}

async fn refused(state: &AppState, deed: &Deed, access: Access, problem: Problem) -> Response {
    let tenant: TenantId = access.tenant;
    note(state, deed.refused(tenant, Actor::Token(access.token), &deed.object(), &problem)).await;
    problem.into_response()
}

/// A refusal stands even where it cannot be written down.
async fn note(state: &AppState, event: plumb_model::access::AuditEvent) {
    if let Err(error) = state.audit_refusal(event).await {
        tracing::error!(%error, "a refusal cannot be written to the audit log");
    }
}
