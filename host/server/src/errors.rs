//! Errors as they leave the server: each API family has its documented form, everything else RFC 9457 problem documents. What went
//! wrong inside stands in the log, never in an answer.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CONTENT_TYPE, TRANSFER_ENCODING};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dashboard;
use crate::family::Family;
use crate::problem::{Detail, Parts, Problem, Words};
use crate::routes::RouteTable;
use crate::time::seconds;

const JSON: &str = "application/json";
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// RFC 9457.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProblemDocument<'a> {
    /// `about:blank`: the meaning of a problem is that of its status.
    #[schema(example = "about:blank")]
    r#type: &'static str,
    #[schema(example = "Not Found")]
    title: &'a str,
    #[schema(example = 404)]
    status: u16,
    detail: &'a str,
    /// Tells the problems of one status apart.
    #[schema(example = "not-found")]
    code: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError<'a>>,
    #[serde(flatten)]
    limit: Limit,
}

/// One field of a body, or one parameter.
#[derive(Serialize, ToSchema)]
pub(crate) struct FieldError<'a> {
    field: &'a str,
    message: &'a str,
}

/// The error form of `/api/scans`.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScansError<'a> {
    /// Always false.
    success: bool,
    #[schema(example = "not_found")]
    error: String,
    message: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<FieldError<'a>>,
    #[serde(flatten)]
    limit: Limit,
}

/// The error form of `/api/scan/history`.
#[derive(Serialize, ToSchema)]
pub(crate) struct HistoryError<'a> {
    #[schema(example = "UNAUTHORIZED")]
    error: String,
    message: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<FieldError<'a>>,
}

/// The error form of `/v1/scans`.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScanError<'a> {
    #[schema(example = "invalid_scan_config")]
    error: &'static str,
    error_description: &'a str,
    #[schema(example = "SCAN_001")]
    error_code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Vec<FieldError<'a>>>,
    #[serde(flatten)]
    limit: Limit,
    #[schema(example = "2024-01-21T15:00:00Z")]
    timestamp: String,
}

/// Why a scan finds no place. All of it, or nothing where that is not what went wrong.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct Limit {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    current_scans: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    max_concurrent: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    queue_position: Option<u64>,
    /// `15m`
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    estimated_wait_time: Option<String>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    retry_after: Option<u64>,
}

/// Marks an answer that has the form of its family: a page that says what is wrong where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InForm;

/// Writes every error in the form of its family: what a layer, an extractor or a handler put there in other words stays here.
pub(crate) async fn in_family_form(State(table): State<Arc<RouteTable>>, request: Request, next: Next) -> Response {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    if response.extensions().get::<InForm>().is_some() {
        return response;
    }
    let family = table.family(&method, matched.as_ref().map(MatchedPath::as_str), uri.path());
    let (mut head, _) = response.into_parts();
    let problem = head.extensions.remove::<Problem>().unwrap_or_else(|| Problem::of(status));
    let kept = head.headers.iter().filter(|(name, _)| !describes_body(name));
    let mut written = written(&problem, family);
    kept.for_each(|(name, value)| {
        written.headers_mut().append(name, value.clone());
    });
    written
}

fn describes_body(name: &HeaderName) -> bool {
    name.as_str().starts_with("content-") || name == TRANSFER_ENCODING
}

fn written(problem: &Problem, family: Family) -> Response {
    let parts = problem.parts();
    if family == Family::Dashboard {
        return dashboard::problem(parts);
    }
    let (kind, body) = match family {
        Family::S1 => (JSON, s1(parts)),
        Family::S2 => (JSON, s2(parts)),
        Family::S3 => (JSON, s3(parts)),
        Family::S4 | Family::S5 | Family::Native | Family::Dashboard => (PROBLEM_JSON, native(parts)),
    };
    let Words { status, .. } = parts.kind.words();
    match body {
        Ok(body) => (status, [(CONTENT_TYPE, HeaderValue::from_static(kind))], body).into_response(),
        // Strings and numbers always become JSON; the status alone would still say the truth.
        Err(_) => status.into_response(),
    }
}

fn native(parts: &Parts) -> serde_json::Result<Vec<u8>> {
    let Words { status, code, .. } = parts.kind.words();
    serde_json::to_vec(&ProblemDocument {
        r#type: "about:blank",
        title: status.canonical_reason().unwrap_or("Refused"),
        status: status.as_u16(),
        detail: &parts.detail,
        code,
        errors: fields(&parts.details),
        limit: limit(parts),
    })
}

fn s1(parts: &Parts) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&ScansError {
        success: false,
        error: parts.kind.words().code.replace('-', "_"),
        message: &parts.detail,
        details: fields(&parts.details),
        limit: limit(parts),
    })
}

fn s2(parts: &Parts) -> serde_json::Result<Vec<u8>> {
    let error = parts.kind.words().code.replace('-', "_").to_ascii_uppercase();
    serde_json::to_vec(&HistoryError { error, message: &parts.detail, details: fields(&parts.details) })
}

fn s3(parts: &Parts) -> serde_json::Result<Vec<u8>> {
    let Words { s3_error, s3_code, .. } = parts.kind.words();
    let limit = limit(parts);
    serde_json::to_vec(&ScanError {
        error: s3_error,
        error_description: &parts.detail,
        error_code: s3_code,
        // The document shows a list of details or the figures of the limit, never both.
        details: parts.limit.is_none().then(|| fields(&parts.details)),
        limit,
        timestamp: seconds(Timestamp::now()),
    })
}

fn fields(details: &[Detail]) -> Vec<FieldError<'_>> {
    details.iter().map(|detail| FieldError { field: &detail.field, message: &detail.message }).collect()
}

fn limit(parts: &Parts) -> Limit {
    parts.limit.map_or_else(Limit::default, |limit| Limit {
        current_scans: Some(limit.current_scans),
        max_concurrent: Some(limit.max_concurrent),
        queue_position: Some(limit.queue_position),
        estimated_wait_time: Some(short(limit.estimated_wait_seconds)),
        retry_after: Some(limit.estimated_wait_seconds.max(1)),
    })
}

/// `45s`, `15m` or `2h5m`, rounded up to what is shown.
fn short(seconds: u64) -> String {
    let minutes = seconds.div_ceil(60);
    match (seconds, minutes / 60, minutes % 60) {
        (0..60, _, _) => format!("{seconds}s"),
        (_, 0, minutes) => format!("{minutes}m"),
        (_, hours, 0) => format!("{hours}h"),
        (_, hours, minutes) => format!("{hours}h{minutes}m"),
    }
}
