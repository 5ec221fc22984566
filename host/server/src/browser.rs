//! Who asks with a browser, and whether it is their own page that asks.

use std::time::Instant;

use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::http::header::{AUTHORIZATION, HOST, LOCATION, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::access::{Access, Browser, Unknown, known};
use crate::extract::whole;
use crate::limits::FORM_BYTES;
use crate::problem::Problem;
use crate::routes::Declared;
use crate::session::Session;
use crate::state::AppState;

/// Where a session begins.
pub(crate) const SIGN_IN: &str = "/sign-in";

/// The field of every form that holds the session's token.
pub(crate) const FORM_TOKEN: &str = "form_token";

/// Whether a request is to be known by its session: it has no token of its own, and the route is for browsers.
pub(crate) fn is_browsers(declared: &Declared, headers: &HeaderMap) -> bool {
    declared.browser != Browser::Never && !headers.contains_key(AUTHORIZATION)
}

/// Who a request's session is of. None where there is no session, or one of a token that is not in force any more, which ends by that.
pub(crate) async fn visitor(
    state: &AppState,
    declared: &Declared,
    headers: &HeaderMap,
) -> Result<Option<(Access, Session)>, Unknown> {
    // A page is only looked at by following a link from elsewhere; what changes or is read by scripts is asked for by our own pages.
    let reads_page = declared.browser == Browser::Page && !declared.changes();
    if !reads_page && !is_same_origin(headers) {
        return Ok(None);
    }
    let Some(session) = state.sessions.of(headers, Instant::now()) else { return Ok(None) };
    match known(state, session.hash).await {
        Ok((access, _)) => Ok(Some((access, session))),
        Err(Unknown::Ledger(error)) => Err(Unknown::Ledger(error)),
        Err(_) => {
            state.sessions.end(&session.id);
            Ok(None)
        }
    }
}

/// Whether a request comes from a page of this server. Browsers say so by `Sec-Fetch-Site` where the connection is secure, and by
/// `Origin` for everything but plain reading; what bears neither rests on the cookie, which no other site's request bears.
pub(crate) fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let host = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    // No page can make a browser send the second header; a proxy that changes the first sets it.
    let own = [text(HOST.as_str()), text("x-forwarded-host")];
    host.is_some_and(|host| own.into_iter().flatten().any(|own| own.eq_ignore_ascii_case(host)))
}

/// To the page where a session begins, and from there back to what was asked for, where that can be asked for again.
pub(crate) fn to_sign_in(request: &Request) -> Response {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let again = request.method() == Method::GET && path != "/" && is_own_path(path);
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", path).finish();
    see_other(&if again { format!("{SIGN_IN}?{query}") } else { SIGN_IN.to_owned() })
}

/// Whether a text is a path of this server, and no way to another.
pub(crate) fn is_own_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= 500
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

/// Sends a browser on, after a form or instead of a page.
pub(crate) fn see_other(path: &str) -> Response {
    let place = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, place)]).into_response()
}

/// A form's request with its body read, if the form is one that this session was given.
pub(crate) async fn with_own_form(request: Request, session: &Session) -> Result<Request, Problem> {
    let (head, body) = request.into_parts();
    let bytes = whole(body).await?;
    if bytes.len() > FORM_BYTES {
        return Err(Problem::too_large());
    }
    let mut fields = form_urlencoded::parse(&bytes).filter(|(name, _)| name == FORM_TOKEN);
    let own = matches!((fields.next(), fields.next()), (Some((_, value)), None) if session.form_token.is(&value));
    if own { Ok(Request::from_parts(head, Body::from(bytes))) } else { Err(Problem::foreign_form()) }
}

/// Who looks at a page.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) access: Access,
    /// None for a program with a bearer token.
    pub(crate) session: Option<Session>,
}

impl Visitor {
    /// Leaves a sentence for the next page that they see.
    pub(crate) fn leave_notice(&self, state: &AppState, notice: impl Into<String>) {
        if let Some(session) = &self.session {
            state.sessions.leave_notice(&session.id, notice);
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Visitor, Problem> {
        let access = Access::from_request_parts(parts, state).await?;
        Ok(Visitor { access, session: parts.extensions.get::<Session>().cloned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        fields.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_request_of_another_site_is_told_from_one_of_our_own() {
        for (fields, own) in [
            (&[("host", "plumb.test")][..], true),
            (&[("host", "plumb.test"), ("origin", "https://plumb.test")], true),
            (&[("host", "plumb.test"), ("origin", "https://PLUMB.test")], true),
            (&[("host", "inside:8080"), ("x-forwarded-host", "plumb.test"), ("origin", "https://plumb.test")], true),
            (&[("host", "plumb.test"), ("origin", "https://evil.test")], false),
            (&[("host", "plumb.test"), ("origin", "https://plumb.test.evil.test")], false),
            (&[("host", "plumb.test"), ("origin", "null")], false),
            (&[("host", "plumb.test"), ("sec-fetch-site", "same-origin")], true),
            (&[("host", "plumb.test"), ("sec-fetch-site", "same-site")], false),
            (&[("host", "plumb.test"), ("sec-fetch-site", "cross-site"), ("origin", "https://plumb.test")], false),
        ] {
            assert_eq!(is_same_origin(&headers(fields)), own, "{fields:?}");
        }
    }

    #[test]
    fn only_a_path_of_this_server_is_gone_back_to() {
        for (path, own) in [
            ("/scans/12?delta=new", true),
            ("//evil.test", false),
            ("/\\evil.test", false),
            ("https://evil.test", false),
            ("/a b", false),
            ("/a\r\nset-cookie: x", false),
            ("", false),
        ] {
            assert_eq!(is_own_path(path), own, "{path}");
        }
    }
}
