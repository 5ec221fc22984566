//! Errors as they leave the server: RFC 9457 problem documents. What went wrong inside stands in the log, never in an answer.

use axum::http::header::{CONTENT_TYPE, TRANSFER_ENCODING};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::limits::ECHO_CHARS;

const PROBLEM_JSON: &str = "application/problem+json";

/// What a client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// A query parameter that the route does not know.
    UnknownParameter(String),
    NotFound,
    MethodNotAllowed,
    TooLarge,
    /// The ledger does not answer.
    NotReady,
    /// The request ran out of time.
    Unavailable,
    Internal,
    /// A refusal that a layer or an extractor made by status alone.
    Refused(StatusCode),
}

#[derive(Serialize)]
struct Document<'a> {
    /// The meaning of a problem is that of its status; `code` tells those of one status apart.
    r#type: &'static str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<&'a str>,
}

impl Problem {
    /// What stands for a bare status. Every failure of the server that is not a matter of time is 500.
    fn of(status: StatusCode) -> Problem {
        match status {
            StatusCode::NOT_FOUND => Problem::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Problem::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => Problem::TooLarge,
            StatusCode::SERVICE_UNAVAILABLE => Problem::Unavailable,
            other if other.is_server_error() => Problem::Internal,
            other => Problem::Refused(other),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Problem::UnknownParameter(_) => StatusCode::BAD_REQUEST,
            Problem::NotFound => StatusCode::NOT_FOUND,
            Problem::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Problem::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Problem::NotReady | Problem::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Problem::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Problem::Refused(status) => *status,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Problem::UnknownParameter(_) => "unknown-parameter",
            Problem::NotFound => "not-found",
            Problem::MethodNotAllowed => "method-not-allowed",
            Problem::TooLarge => "too-large",
            Problem::NotReady => "not-ready",
            Problem::Unavailable => "unavailable",
            Problem::Internal => "internal",
            Problem::Refused(_) => "refused",
        }
    }

    fn detail(&self) -> String {
        match self {
            Problem::UnknownParameter(name) => {
                format!("There is no query parameter '{name}' here; leave it out or look at its spelling.")
            }
            Problem::NotFound => "There is nothing at this path.".to_owned(),
            Problem::MethodNotAllowed => "This path does not know the method; `Allow` lists those it knows.".to_owned(),
            Problem::TooLarge => "The body is larger than this server accepts.".to_owned(),
            Problem::NotReady => "The ledger does not answer; the server's log says why.".to_owned(),
            Problem::Unavailable => "The request could not be answered in time; try again later.".to_owned(),
            Problem::Internal => {
                "The server failed; its log says why, under the id in the header `x-request-id`.".to_owned()
            }
            Problem::Refused(_) => "The request is not one that this path understands.".to_owned(),
        }
    }

    /// A query parameter nobody knows; its name is cut, because it is the client's and as long as they like.
    pub(crate) fn unknown_parameter(name: &str) -> Problem {
        Problem::UnknownParameter(name.chars().take(ECHO_CHARS).collect())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, detail) = (self.status(), self.detail());
        let document = Document {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or("Refused"),
            status: status.as_u16(),
            detail: &detail,
            code: self.code(),
            parameter: if let Problem::UnknownParameter(name) = &self { Some(name) } else { None },
        };
        match serde_json::to_vec(&document) {
            Ok(body) => (status, [(CONTENT_TYPE, PROBLEM_JSON)], body).into_response(),
            // Strings and a number always become JSON; the status alone would still say the truth.
            Err(_) => status.into_response(),
        }
    }
}

/// Turns every error that is no problem document into one: whatever text a layer, an extractor or a handler put there stays here.
pub(crate) async fn only_problems(response: Response) -> Response {
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    if !failed || response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == PROBLEM_JSON) {
        return response;
    }
    let mut problem = Problem::of(status).into_response();
    for (name, value) in response.headers().iter().filter(|(name, _)| !describes_body(name)) {
        problem.headers_mut().append(name, value.clone());
    }
    problem
}

fn describes_body(name: &HeaderName) -> bool {
    name.as_str().starts_with("content-") || name == TRANSFER_ENCODING
}
