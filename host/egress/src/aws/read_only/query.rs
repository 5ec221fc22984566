//! The Query protocols: the action is a parameter, in a form or in the query, never in both.

use plumb_runtime::egress::Method;

use super::{Asked, actions, content_type};
use crate::percent::decode;

/// The type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

pub(super) fn check(service: &str, asked: &Asked<'_>) -> Result<String, String> {
    let action = action(service, asked)?;
    actions::check(service, &action)?;
    Ok(action)
}

/// The one action that the request names.
pub(super) fn action(service: &str, asked: &Asked<'_>) -> Result<String, String> {
    if asked.url.path != "/" {
        return Err(format!("{service} is asked at the path /"));
    }
    if asked.header("x-amz-target").is_some() {
        return Err(format!("{service} is asked by Action, and x-amz-target names another"));
    }
    let text = match (asked.method, asked.query(), asked.body) {
        (Method::Post, "", body) => {
            if content_type(asked)? != FORM {
                return Err(format!("{service} takes {FORM}"));
            }
            std::str::from_utf8(body).map_err(|_| "a form is plain text".to_owned())?
        }
        (Method::Get, query, []) => query,
        (Method::Post | Method::Get, ..) => {
            return Err(format!("{service} is asked in the body of a POST or in the query of a GET, not in both"));
        }
        (method, ..) => return Err(format!("{} does not only read", method.as_str())),
    };
    let action = single(text, "Action")?;
    let version = single(text, "Version")?;
    if version.len() != 10 || !version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        return Err(format!("{version:?} is no version of an API"));
    }
    Ok(action.to_owned())
}

/// The value of a parameter that stands there exactly once, spelled plainly.
fn single<'a>(form: &'a str, wanted: &str) -> Result<&'a str, String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%+*&=".contains(&byte);
    if !form.bytes().all(plain) {
        return Err("a form has everything but letters, digits and -._~* percent-encoded".to_owned());
    }
    let mut found = None;
    for part in form.split('&') {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        // However a reader trims or folds the name, it must not find a second one.
        let bytes = decode(name);
        let folded: Vec<u8> =
            bytes.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect();
        if folded != wanted.to_ascii_lowercase().as_bytes() {
            continue;
        }
        if name != wanted || found.is_some() {
            return Err(format!("{wanted} has to stand there once, spelled like this"));
        }
        found = Some(value);
    }
    found.ok_or_else(|| format!("{wanted} is missing"))
}
