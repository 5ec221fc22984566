//! JSON bodies.

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, OptionalFromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use http_body_util::LengthLimitError;
use serde::de::DeserializeOwned;

use crate::extract::strict::Strict;
use crate::extract::{blamed, outline};
use crate::problem::Problem;

const JSON: &str = "application/json";

/// A body of JSON that is a `T` and nothing more. `T` has to be `deny_unknown_fields`; names that come twice are refused
/// everywhere. `Option<JsonBody<T>>` takes a request without a body too.
#[derive(Clone, Copy, Debug)]
pub struct JsonBody<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<JsonBody<T>, Problem> {
        let (head, body) = request.into_parts();
        let body = whole(body).await?;
        if body.is_empty() {
            return Err(Problem::invalid_body("", "it is empty; send a JSON object"));
        }
        require_json(&head.headers)?;
        parse(&body).map(JsonBody)
    }
}

impl<S: Sync, T: DeserializeOwned> OptionalFromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Option<JsonBody<T>>, Problem> {
        let (head, body) = request.into_parts();
        let body = whole(body).await?;
        if body.is_empty() {
            return Ok(None);
        }
        require_json(&head.headers)?;
        // Null stands for no body.
        parse::<Option<T>>(&body).map(|value| value.map(JsonBody))
    }
}

/// The body; the layer around the route bounds it.
pub(crate) async fn whole(body: axum::body::Body) -> Result<Bytes, Problem> {
    to_bytes(body, usize::MAX).await.map_err(|error| {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(error) = cause {
            if error.is::<LengthLimitError>() {
                return Problem::too_large();
            }
            cause = error.source();
        }
        Problem::invalid_body("", "it ended before it was complete")
    })
}

/// Browsers send other types across origins without asking; this one they ask for.
fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(JSON) { Ok(()) } else { Err(Problem::unsupported_media_type(JSON)) }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    outline::check(body).map_err(|error| refused("", &error))?;
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(Problem::invalid_body("", "it is a list; send a JSON object"));
    }
    let value = serde_json::from_slice(body).map_err(|error| refused("", &error))?;
    serde_path_to_error::deserialize(Strict(value)).map_err(|error| refused(&place(error.path()), error.inner()))
}

/// Where it is, with the outermost value as no place at all.
fn place(path: &serde_path_to_error::Path) -> String {
    if path.iter().len() == 0 { String::new() } else { path.to_string() }
}

fn refused(place: &str, error: &serde_json::Error) -> Problem {
    let message = error.to_string();
    // serde says where an unknown field is by the path to it, and a missing one by the object it is missing in.
    let field = match blamed(&message) {
        Some(name) if place.is_empty() => name.to_owned(),
        Some(name) if place != name && !place.ends_with(&format!(".{name}")) => format!("{place}.{name}"),
        _ => place.to_owned(),
    };
    Problem::invalid_body(field, message)
}
