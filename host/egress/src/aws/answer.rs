//! What a plugin sees of an answer: what it needs, and nothing that is secret or different each time.

use plumb_runtime::egress::{HttpError, Response};

use super::error_code::error_code;
use crate::client::{Answer, WebError};
use crate::secrets::Secrets;

/// Headers that say something about what was asked.
const HEADERS: [&str; 6] = ["content-type", "etag", "last-modified", "link", "location", "x-amz-bucket-region"];

/// Parameters of links that need no other credentials than these: as good as a secret while they last.
const LINK_SECRETS: [&str; 3] = ["X-Amz-Credential=", "X-Amz-Security-Token=", "X-Amz-Signature="];

pub(super) fn response(sent: Result<Answer, WebError>, secrets: &Secrets) -> Result<Response, HttpError> {
    let answer = sent.map_err(|error| match error {
        WebError::Refused(rule) => HttpError::Refused(rule),
        WebError::Timeout => HttpError::Timeout,
        WebError::TooLarge(bytes) => HttpError::TooLarge(bytes),
        WebError::Connect(reason) => HttpError::Connect(reason),
        error @ (WebError::Broken(_) | WebError::Trust(_)) => HttpError::Connect(error.to_string()),
    })?;
    let error_code = error_code(&answer);
    let shown = |(name, value): &(String, String)| {
        HEADERS.contains(&name.as_str()).then(|| (name.clone(), secrets.strike(value)))
    };
    let headers = answer.headers.iter().filter_map(shown).collect();
    let body = if secrets.stand_in(&answer.body) {
        secrets.strike(&String::from_utf8_lossy(&answer.body)).into_bytes()
    } else {
        answer.body
    };
    Ok(Response { status: answer.status, headers, body: without_link_secrets(body), error_code })
}

/// The body, with the secret parameters of presigned links struck.
fn without_link_secrets(body: Vec<u8>) -> Vec<u8> {
    LINK_SECRETS.iter().fold(body, |body, parameter| {
        if memchr::memmem::find(&body, parameter.as_bytes()).is_none() {
            return body;
        }
        let text = String::from_utf8_lossy(&body);
        let mut pieces = text.split(parameter);
        let mut struck = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let value = |c: char| c.is_ascii_alphanumeric() || "-._~%+/=".contains(c);
            struck.push_str(parameter);
            struck.push_str("[secret]");
            struck.push_str(piece.trim_start_matches(value));
        }
        struck.into_bytes()
    })
}
