//! Where a session begins and ends. A token is exchanged for a cookie once; no page holds it after that.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{FromRequest, Request, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use plumb_model::access::{Actor, Token};
use plumb_model::tenant::DEFAULT;
use serde::{Deserialize, Serialize};

use crate::access::{Access, Unknown, known};
use crate::audit::Deed;
use crate::browser::{is_own_path, is_same_origin, see_other, with_own_form};
use crate::dashboard::form::Form;
use crate::dashboard::render::{SECTIONS, bare_page};
use crate::extract::{NoParameters, Query};
use crate::guard::unknown_caller;
use crate::peer::Peer;
use crate::problem::Problem;
use crate::session::{NewSession, no_cookie};
use crate::state::AppState;
use crate::token::TokenText;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Parameters {
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    #[serde(default)]
    token: String,
    next: Option<String>,
}

#[derive(Serialize)]
struct Page<'a> {
    next: &'a str,
    wrong: Option<&'a str>,
}

pub(crate) async fn show(
    State(state): State<AppState>,
    Query(Parameters { next }): Query<Parameters>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let next = next.filter(|next| is_own_path(next)).unwrap_or_else(|| "/".to_owned());
    match state.sessions.of(&headers, Instant::now()) {
        Some(_) => Ok(see_other(&next)),
        None => bare_page("sign_in.html", "Sign in", &Page { next: &next, wrong: None }),
    }
}

/// Begins a session. That a page of another site signs somebody in with a token of its own is kept out by the origin: there is no
/// session yet that a form could name.
pub(crate) async fn begin(
    State(state): State<AppState>,
    _: NoParameters,
    request: Request,
) -> Result<Response, Problem> {
    let (deed, address) = (Deed::of(request.method(), "/sign-in", &request), Peer::of(&request));
    let secure = is_secure(&state, request.headers());
    if !is_same_origin(request.headers()) {
        return Err(Problem::foreign_form());
    }
    let Form(SignIn { token, next }) = Form::from_request(request, &state).await?;
    let next = next.filter(|next| is_own_path(next)).unwrap_or_else(|| "/".to_owned());
    let (access, token, hash) = match signed_in(&state, &token).await {
        Ok(found) => found,
        Err(unknown) => return refused(&next, unknown_caller(&state, &deed, address, unknown).await),
    };
    let tenant = access.tenant;
    let tenant_name = state.read(move |ledger| ledger.tenant(&tenant)).await?.map(|tenant| tenant.name);
    let (name, tenant_name) = (token.name.clone(), tenant_name.unwrap_or_default());
    let new = NewSession { token: token.id, hash, name, tenant_name };
    let session = state.sessions.begin(new, Instant::now()).map_err(|error| {
        tracing::error!(%error, "no session can be begun");
        Problem::internal()
    })?;
    let next = if next == "/" { home(&access) } else { &next };
    let response = with_cookie(see_other(next), &session.cookie(secure));
    if let Err(error) = state.audit(deed.done(access.tenant, Actor::Token(access.token), &response)).await {
        state.sessions.end(&session.id);
        return Err(error.into());
    }
    Ok(response)
}

/// Ends a session. Where there is none, there is nothing to do.
pub(crate) async fn end(State(state): State<AppState>, _: NoParameters, request: Request) -> Result<Response, Problem> {
    let secure = is_secure(&state, request.headers());
    if !is_same_origin(request.headers()) {
        return Err(Problem::foreign_form());
    }
    if let Some(session) = state.sessions.of(request.headers(), Instant::now()) {
        let deed = Deed::of(request.method(), "/sign-out", &request);
        with_own_form(request, &session).await?;
        state.sessions.end(&session.id);
        let response = see_other("/sign-in");
        let access = known(&state, session.hash).await.ok();
        if let Some((access, _)) = access {
            state.audit(deed.done(access.tenant, Actor::Token(access.token), &response)).await?;
        }
    }
    Ok(with_cookie(see_other("/sign-in"), &no_cookie(secure)))
}

async fn signed_in(state: &AppState, text: &str) -> Result<(Access, Arc<Token>, [u8; 32]), Unknown> {
    let text = TokenText::parse(text.trim()).ok_or(Unknown::BadToken { tenant: DEFAULT })?;
    let hash = state.token_key.hash(&text);
    known(state, hash).await.map(|(access, token)| (access, token, hash))
}

/// The first page that somebody may see.
fn home(access: &Access) -> &'static str {
    SECTIONS.iter().find(|(_, _, scope)| access.scopes.contains(*scope)).map_or("/", |(path, _, _)| *path)
}

/// The page again, with what is wrong and the status of that.
fn refused(next: &str, mut response: Response) -> Result<Response, Problem> {
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return Ok(response) };
    let wrong = match problem.status() {
        StatusCode::UNAUTHORIZED => "This token is not valid: it is unknown, has expired or was revoked.",
        _ => problem.parts().detail.as_str(),
    };
    let mut page = bare_page("sign_in.html", "Sign in", &Page { next, wrong: Some(wrong) })?;
    *page.status_mut() = problem.status();
    page.headers_mut().extend(response.headers().clone());
    Ok(page)
}

/// Whether the browser's connection is secured: here, or at a proxy that says so.
fn is_secure(state: &AppState, headers: &HeaderMap) -> bool {
    state.tls().is_some() || headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https")
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(SET_COOKIE, value);
    }
    response
}
