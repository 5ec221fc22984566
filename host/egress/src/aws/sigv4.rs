//! Signature Version 4 of AWS: the header form, with the whole body. Source: "Create a signed AWS API request" in the IAM User
//! Guide.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ring::{digest, hmac};

use super::credentials::Credentials;
use crate::percent::{encode, recode};

/// How the path of a URL enters a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathEncoding {
    /// S3: as it is sent.
    Once,
    /// Everybody else: what is sent is encoded once more.
    Twice,
}

/// What is signed.
#[derive(Clone, Copy, Debug)]
pub struct Signable<'a> {
    pub method: &'a str,
    /// As in the `host` header.
    pub authority: &'a str,
    /// As it is sent.
    pub path: &'a str,
    /// In the form of [`canonical_query`].
    pub query: &'a str,
    /// All that are sent but `host`.
    pub headers: &'a [(String, String)],
    pub body: &'a [u8],
}

/// For whom and when.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The signing name.
    pub service: &'a str,
    pub region: &'a str,
    pub time: Timestamp,
    pub path: PathEncoding,
    /// Whether the body's digest is sent as a header too, as S3 demands.
    pub sends_digest: bool,
}

/// The headers that sign a request, `authorization` last.
pub fn sign(request: &Signable<'_>, scope: &Scope<'_>, credentials: &Credentials) -> Vec<(String, String)> {
    let time = scope.time.strftime("%Y%m%dT%H%M%SZ").to_string();
    let day = time.get(..8).unwrap_or_default();
    let body = hexadecimal(digest::digest(&digest::SHA256, request.body).as_ref());
    let mut added = vec![("x-amz-date".to_owned(), time.clone())];
    if scope.sends_digest {
        added.push(("x-amz-content-sha256".to_owned(), body.clone()));
    }
    if let Some(token) = &credentials.session_token {
        added.push(("x-amz-security-token".to_owned(), token.reveal().to_owned()));
    }
    let mut headers: BTreeMap<String, String> =
        request.headers.iter().chain(&added).map(|(name, value)| (name.to_ascii_lowercase(), trimmed(value))).collect();
    headers.insert("host".to_owned(), request.authority.to_owned());
    let names = headers.keys().map(String::as_str).collect::<Vec<_>>().join(";");
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let path: String = match scope.path {
        PathEncoding::Once => request.path.split('/').map(recode).collect::<Vec<_>>().join("/"),
        PathEncoding::Twice => request.path.split('/').map(encode).collect::<Vec<_>>().join("/"),
    };
    let canonical = format!("{}\n{path}\n{}\n{lines}\n{names}\n{body}", request.method, request.query);
    let place = format!("{day}/{}/{}/aws4_request", scope.region, scope.service);
    let hashed = hexadecimal(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
    let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{place}\n{hashed}");
    let first = zeroize::Zeroizing::new(format!("AWS4{}", credentials.secret_access_key.reveal()));
    let key = [day, scope.region, scope.service, "aws4_request"]
        .iter()
        .fold(hmac::Key::new(hmac::HMAC_SHA256, first.as_bytes()), |key, part| {
            hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, part.as_bytes()).as_ref())
        });
    let signature = hexadecimal(hmac::sign(&key, to_sign.as_bytes()).as_ref());
    let id = &credentials.access_key_id;
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={id}/{place}, SignedHeaders={names}, Signature={signature}");
    added.push(("authorization".to_owned(), authorization));
    added
}

/// A query with its parameters in order, each encoded the one right way. Sent like this too, so that what is signed is what is sent.
pub fn canonical_query(query: &str) -> String {
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (recode(name), recode(value))
    };
    let mut pairs: Vec<(String, String)> = query.split('&').filter(|part| !part.is_empty()).map(pair).collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Without spaces at the ends, and one where there are several.
fn trimmed(value: &str) -> String {
    value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        write!(text, "{byte:02x}").unwrap_or_default();
        text
    })
}
