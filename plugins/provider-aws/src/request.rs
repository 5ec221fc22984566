//! A call as the request that the host signs and sends.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use plumbline::http::{Auth, Method, Request, Sigv4};
use serde_json::{Map, Value as Json, json};

use crate::api::{Partition, Place, Protocol};
use crate::call::{Call, Given};
use crate::value;

/// What RFC 3986 leaves as it is, and SigV4 with it.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// For whom a call is made, and where.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    pub partition: Partition,
    pub account: &'a str,
    /// The account as the host is to sign for it: empty where the credentials are its own.
    pub sign_as: &'a str,
    pub region: &'a str,
}

/// The request, or why there can be none.
pub fn request(caller: &Caller<'_>, call: &Call, item: &Json, token: Option<&str>) -> Result<Request, String> {
    let api = call.api;
    let partition = caller.partition;
    let (host, region) = api
        .site(partition, caller.region, caller.account)
        .ok_or_else(|| format!("{} does not exist in the partition {}", api.actions, partition.as_str()))?;
    let mut given = parameters(caller, call, item)?;
    if let (Some(token), Some(paging)) = (token, call.paging) {
        given.insert(paging.send.to_owned(), token.into());
    }
    let mut headers: Vec<(String, String)> =
        api.headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    if api.place == Place::Account {
        headers.push(("x-amz-account-id".to_owned(), caller.account.to_owned()));
    }
    let mut typed = |kind: &str| headers.push(("content-type".to_owned(), kind.to_owned()));
    let mut target = call.path.to_owned();
    let body = match api.protocol {
        Protocol::Query(version) | Protocol::Ec2(version) => {
            typed("application/x-www-form-urlencoded; charset=utf-8");
            let mut form = format!("Action={}&Version={version}", call.operation);
            append(&mut form, &given, '&');
            Some(form)
        }
        Protocol::Json(version, prefix) => {
            typed(&format!("application/x-amz-json-{version}"));
            headers.push(("x-amz-target".to_owned(), format!("{prefix}.{}", call.operation)));
            Some(Json::from(given).to_string())
        }
        Protocol::RestJson | Protocol::RestXml => {
            target = path(call, &mut given)?;
            if call.method == "PUT" {
                typed("application/xml");
                Some(call.body.to_owned())
            } else if call.method == "POST" {
                typed("application/json");
                Some(Json::from(given).to_string())
            } else {
                let first = if target.contains('?') { '&' } else { '?' };
                append(&mut target, &given, first);
                None
            }
        }
    };
    Ok(Request {
        method: match call.method {
            "GET" => Method::Get,
            "PUT" => Method::Put,
            _ => Method::Post,
        },
        url: format!("https://{host}{target}"),
        headers,
        body: body.map(String::into_bytes),
        auth: Auth::AwsSigv4(Sigv4 { service: api.signing.to_owned(), region, account: caller.sign_as.to_owned() }),
        absent: call.absent.iter().map(|code| (*code).to_owned()).collect(),
    })
}

fn parameters(caller: &Caller<'_>, call: &Call, item: &Json) -> Result<Map<String, Json>, String> {
    let mut given = Map::new();
    for (name, what) in call.given {
        let missing = |path: &str| format!("{} was not asked: the item has no {path}", call.operation);
        let value = match what {
            Given::Text(text) => json!(text),
            Given::Number(number) => json!(number),
            Given::Flag(flag) => json!(flag),
            Given::Of(path) => json!(value::text(item, path).ok_or_else(|| missing(path))?),
            Given::OneOf(path) => json!([value::text(item, path).ok_or_else(|| missing(path))?]),
            Given::List(texts) => json!(texts),
            Given::Json(text) => serde_json::from_str(text).map_err(|error| format!("{}: {error}", call.operation))?,
            Given::Account => json!(caller.account),
        };
        given.insert((*name).to_owned(), value);
    }
    Ok(given)
}

/// The path with its parameters, which are taken from the others.
fn path(call: &Call, given: &mut Map<String, Json>) -> Result<String, String> {
    let filled = value::fill(call.path, &|name| Some(encoded(&plain(given.get(name)?))));
    for name in value::paths(call.path) {
        given.remove(name);
    }
    filled.ok_or_else(|| format!("{} was not asked: a part of its path is missing", call.operation))
}

/// Appends parameters as a form or a query has them. A list is `name.1`, `name.2`.
fn append(text: &mut String, given: &Map<String, Json>, first: char) {
    let mut separator = first;
    let mut add = |name: &str, value: &Json| {
        text.push(separator);
        text.push_str(&encoded(name));
        text.push('=');
        text.push_str(&encoded(&plain(value)));
        separator = '&';
    };
    for (name, value) in given {
        match value {
            Json::Array(elements) => {
                for (position, element) in elements.iter().enumerate() {
                    add(&format!("{name}.{}", position + 1), element);
                }
            }
            value => add(name, value),
        }
    }
}

fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}
