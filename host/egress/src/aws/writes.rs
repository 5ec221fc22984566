//! Which action a request that writes is. It is read from the protocol that the service really speaks, as for what reads; where
//! a protocol has no names for actions, only the forms listed here are known. What is not known is not sent.

use plumb_runtime::egress::Method;

use super::place::Place;
use super::read_only::{Asked, content_type, is_reading, named_action};

/// Settings of a bucket that are set by a PUT with one parameter, and the right that it takes.
const OF_BUCKETS: [(&str, &str); 3] = [
    ("encryption", "s3:PutEncryptionConfiguration"),
    ("publicAccessBlock", "s3:PutBucketPublicAccessBlock"),
    ("versioning", "s3:PutBucketVersioning"),
];

/// The path of the account's own block of public access.
const ACCOUNT_BLOCK: &str = "/v20180820/configuration/publicAccessBlock";

/// The action, as rights to it are named: `s3:PutBucketVersioning`. The error names the rule that refuses the request.
pub(super) fn action(place: &Place, asked: &Asked<'_>) -> Result<String, String> {
    let service = place.service.signing;
    if let Some(action) = named_action(place, asked)? {
        if is_reading(service, &action) {
            return Err(format!("{service}:{action} changes nothing, and a step does"));
        }
        return Ok(format!("{service}:{action}"));
    }
    match place.service.prefix {
        "s3" => of_bucket(place, asked),
        "s3-control" => of_account(place, asked),
        prefix => Err(format!("{prefix} has no action here that may be granted")),
    }
}

fn of_bucket(place: &Place, asked: &Asked<'_>) -> Result<String, String> {
    let parameter = put_of_xml(asked)?;
    let setting = parameter.and_then(|parameter| OF_BUCKETS.iter().find(|(name, _)| *name == parameter));
    let (_, action) = setting.ok_or("s3: a PUT has exactly one parameter, the name of a setting that is known here")?;
    let path = asked.url.path.strip_prefix('/').unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    let is_bucket = match &place.before {
        Some(_) => path.is_empty(),
        None => (3..=63).contains(&path.len()) && path.bytes().all(is_plain),
    };
    is_bucket.then(|| (*action).to_owned()).ok_or_else(|| format!("s3: {} is no bucket's path", asked.url.path))
}

fn of_account(place: &Place, asked: &Asked<'_>) -> Result<String, String> {
    let parameter = put_of_xml(asked)?;
    if asked.url.path != ACCOUNT_BLOCK || parameter.is_some() {
        return Err(format!("s3-control: only a PUT to {ACCOUNT_BLOCK} is known here"));
    }
    let named = asked.headers.iter().find(|(name, _)| name == "x-amz-account-id").map(|(_, value)| value.as_str());
    if place.before.is_none() || place.before.as_deref() != named {
        return Err("s3-control: the host and x-amz-account-id name the same account".to_owned());
    }
    Ok("s3:PutAccountPublicAccessBlock".to_owned())
}

/// The one parameter of a PUT with an XML body, which has no value.
fn put_of_xml<'a>(asked: &'a Asked<'_>) -> Result<Option<&'a str>, String> {
    if asked.method != Method::Put || asked.body.is_empty() {
        return Err("s3: settings are set by a PUT with a body".to_owned());
    }
    if !["application/xml", "text/xml"].contains(&content_type(asked)?) {
        return Err("s3: settings are application/xml".to_owned());
    }
    match asked.query() {
        "" => Ok(None),
        // As it is sent: in the one right form, where a parameter without a value ends in an equals sign.
        query => match query.strip_suffix('=') {
            Some(name) if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') => Ok(Some(name)),
            _ => Err("s3: a PUT has exactly one parameter, without a value".to_owned()),
        },
    }
}
