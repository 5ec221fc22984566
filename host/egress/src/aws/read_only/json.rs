//! The JSON protocols: the action is the last word of `X-Amz-Target`.

use plumb_runtime::egress::Method;

use super::{Asked, actions, content_type};

pub(super) fn check(service: &str, asked: &Asked<'_>) -> Result<String, String> {
    let action = action(service, asked)?;
    actions::check(service, &action)?;
    Ok(action)
}

/// The one action that the request names.
pub(super) fn action(service: &str, asked: &Asked<'_>) -> Result<String, String> {
    if asked.method != Method::Post || asked.url.path != "/" || asked.url.query.is_some() {
        return Err(format!("{service} is asked with POST at the path /, without a query"));
    }
    let target = asked.header("x-amz-target").ok_or_else(|| format!("{service} needs x-amz-target"))?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.';
    let split = target.rsplit_once('.').filter(|(before, _)| !before.is_empty() && target.bytes().all(plain));
    let (_, action) = split.ok_or_else(|| format!("{target:?} is no target of a call"))?;
    let kind = content_type(asked)?;
    if !["application/x-amz-json-1.0", "application/x-amz-json-1.1"].contains(&kind) {
        return Err(format!("{service} takes application/x-amz-json-1.0 or 1.1, not {kind:?}"));
    }
    Ok(action.to_owned())
}
