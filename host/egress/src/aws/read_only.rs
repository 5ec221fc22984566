//! Nothing but reading. What a request does is decided from the protocol its service really speaks, and a request that could be
//! read in two ways is refused: whoever checks and whoever carries out must see the same action.

mod actions;
mod json;
mod query;
mod rest;
mod s3;

use plumb_runtime::egress::Method;

use super::place::Place;
use super::services::Protocol;
use crate::guard::Url;

/// A request as the guard sees it: what is really sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) method: Method,
    pub(crate) url: &'a Url,
    /// Names in lower case, each once.
    pub(crate) headers: &'a [(String, String)],
    pub(crate) body: &'a [u8],
}

impl Asked<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn query(&self) -> &str {
        self.url.query.as_deref().unwrap_or_default()
    }
}

/// What the request does, for people and for file names: `DescribeVpcs`, `GET /clusters`. The error names the rule.
pub(crate) fn check(place: &Place, asked: &Asked<'_>) -> Result<String, String> {
    let signing = place.service.signing;
    match place.service.protocol {
        Protocol::Json => json::check(signing, asked),
        Protocol::QueryOrJson if asked.header("x-amz-target").is_some() => json::check(signing, asked),
        Protocol::Query | Protocol::QueryOrJson => query::check(signing, asked),
        Protocol::Rest if place.service.prefix == "s3" => s3::check(place, asked),
        Protocol::Rest => rest::check(place.service.prefix, asked),
    }
}

/// The one action that a request names, whether it reads or writes; none where the protocol has no names for actions.
pub(super) fn named_action(place: &Place, asked: &Asked<'_>) -> Result<Option<String>, String> {
    let signing = place.service.signing;
    match place.service.protocol {
        Protocol::Json => json::action(signing, asked).map(Some),
        Protocol::QueryOrJson if asked.header("x-amz-target").is_some() => json::action(signing, asked).map(Some),
        Protocol::Query | Protocol::QueryOrJson => query::action(signing, asked).map(Some),
        Protocol::Rest => Ok(None),
    }
}

/// Whether an action of this name reads, or hands something out: no plan is made of these.
pub(super) fn is_reading(service: &str, action: &str) -> bool {
    actions::begins_like_reading(action) || actions::check(service, action).is_ok()
}

/// Headers that a plugin may set. All others are the host's to set, or could make the request another one.
const HEADERS: [&str; 8] = [
    "accept",
    "content-type",
    "x-amz-account-id",
    "x-amz-expected-bucket-owner",
    // Glacier answers nobody who does not send it.
    "x-amz-glacier-version",
    "x-amz-optional-object-attributes",
    "x-amz-target",
    "x-amzn-query-mode",
];

/// The headers with names in lower case; refuses those that are not the plugin's to set, and any that comes twice.
pub(crate) fn headers(given: &[(String, String)]) -> Result<Vec<(String, String)>, String> {
    let mut headers: Vec<(String, String)> = Vec::with_capacity(given.len());
    for (name, value) in given {
        let name = name.to_ascii_lowercase();
        if !HEADERS.contains(&name.as_str()) {
            return Err(format!("the header {name:?} is not a plugin's to set"));
        }
        if headers.iter().any(|(known, _)| *known == name) {
            return Err(format!("the header {name:?} stands twice"));
        }
        if !value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
            return Err(format!("the header {name:?} is no plain text"));
        }
        headers.push((name, value.clone()));
    }
    Ok(headers)
}

/// The one type of a body, whatever its parameters; refuses another character set, in which the same bytes are another text.
pub(super) fn content_type<'a>(asked: &Asked<'a>) -> Result<&'a str, String> {
    let whole = asked.headers.iter().find(|(name, _)| name == "content-type").map_or("", |(_, value)| value.as_str());
    let (kind, parameters) = whole.split_once(';').unwrap_or((whole, ""));
    let parameters = parameters.trim().to_ascii_lowercase();
    if !["", "charset=utf-8", "charset=\"utf-8\""].contains(&parameters.as_str()) {
        return Err(format!("the content type {whole:?} has a character set other than UTF-8"));
    }
    Ok(kind.trim())
}

/// Parameters of a query, decoded. Refuses what servers split or decode in different ways, and names that override the method or
/// carry a signature.
fn parameters(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut pairs = Vec::new();
    for part in text.split('&').filter(|part| !part.is_empty()) {
        if part.contains([';', '+']) {
            return Err("a query has ; and + percent-encoded, and a space as %20".to_owned());
        }
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let decoded =
            |text: &str| String::from_utf8(crate::percent::decode(text)).map_err(|_| "a query is UTF-8".to_owned());
        let (name, value) = (decoded(name)?, decoded(value)?);
        let folded: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        let overrides = ["method", "httpmethod", "xhttpmethod", "xhttpmethodoverride", "action"];
        if overrides.contains(&folded.as_str()) || folded.starts_with("xamz") {
            return Err(format!("the parameter {name:?} could make the request another one"));
        }
        pairs.push((name, value));
    }
    Ok(pairs)
}
