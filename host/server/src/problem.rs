//! What went wrong with a request, before it has any family's form. The only place with the HTTP status codes of errors.

use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use plumb_model::access::Scope;

use plumb_engine::EngineError;

use crate::limits::ECHO_CHARS;
use crate::state::LedgerError;

/// What a client is told. Nothing of it comes from inside: a store's or a plugin's own words stand in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem(Box<Parts>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) kind: Kind,
    /// A sentence for people.
    pub(crate) detail: String,
    pub(crate) details: Vec<Detail>,
    pub(crate) limit: Option<ScanLimit>,
    pub(crate) headers: HeaderMap,
}

/// What is wrong with one field of a body, or one parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// `scope.include_policies[0]`
    pub field: String,
    pub message: String,
}

/// Why a scan finds no place. All of it is told to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanLimit {
    pub current_scans: u64,
    pub max_concurrent: u64,
    /// Where the scan would stand if there were a place.
    pub queue_position: u64,
    pub estimated_wait_seconds: u64,
}

/// The kinds of problems. What belongs to one kind stands in one line of [`Kind::words`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    InvalidBody,
    InvalidParameter,
    Unauthorized,
    InsufficientScope,
    /// Somebody else's page sent it, or an old one.
    ForeignForm,
    NotFound,
    MethodNotAllowed,
    Conflict,
    TooLarge,
    UnsupportedMediaType,
    KeyReused,
    RateLimited,
    ScanLimit,
    NotReady,
    Unavailable,
    Internal,
    /// The disk is full: what is there can be read, nothing can be written.
    InsufficientStorage,
    /// A refusal that a layer made by status alone.
    Refused(StatusCode),
}

/// A kind's status, its word, and what S3 calls it.
pub(crate) struct Words {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) s3_error: &'static str,
    pub(crate) s3_code: &'static str,
}

impl Kind {
    pub(crate) const NAMED: [Kind; 16] = [
        Kind::InvalidBody,
        Kind::InvalidParameter,
        Kind::Unauthorized,
        Kind::InsufficientScope,
        Kind::NotFound,
        Kind::MethodNotAllowed,
        Kind::Conflict,
        Kind::TooLarge,
        Kind::UnsupportedMediaType,
        Kind::KeyReused,
        Kind::RateLimited,
        Kind::ScanLimit,
        Kind::NotReady,
        Kind::Unavailable,
        Kind::Internal,
        Kind::InsufficientStorage,
    ];

    /// S3 documents `SCAN_001` and `SCAN_002`; the series goes on from there. A code keeps its meaning for good.
    #[rustfmt::skip]
    pub(crate) fn words(self) -> Words {
        let words = |status, code, s3_error, s3_code| Words { status, code, s3_error, s3_code };
        match self {
            Kind::InvalidBody => words(StatusCode::BAD_REQUEST, "invalid-body", "invalid_scan_config", "SCAN_001"),
            Kind::ScanLimit => words(StatusCode::TOO_MANY_REQUESTS, "scan-limit-exceeded", "scan_limit_exceeded", "SCAN_002"),
            Kind::InvalidParameter => words(StatusCode::BAD_REQUEST, "invalid-parameter", "invalid_parameter", "SCAN_003"),
            Kind::Unauthorized => words(StatusCode::UNAUTHORIZED, "unauthorized", "unauthorized", "SCAN_004"),
            Kind::InsufficientScope => words(StatusCode::FORBIDDEN, "insufficient-scope", "insufficient_scope", "SCAN_005"),
            Kind::ForeignForm => words(StatusCode::FORBIDDEN, "foreign-form", "foreign_form", "SCAN_015"),
            Kind::NotFound => words(StatusCode::NOT_FOUND, "not-found", "not_found", "SCAN_006"),
            Kind::MethodNotAllowed => words(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "method_not_allowed", "SCAN_007"),
            Kind::Conflict => words(StatusCode::CONFLICT, "conflict", "conflict", "SCAN_008"),
            Kind::TooLarge => words(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "too_large", "SCAN_009"),
            Kind::UnsupportedMediaType => words(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "unsupported_media_type", "SCAN_010"),
            Kind::KeyReused => words(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused", "idempotency_key_reused", "SCAN_011"),
            Kind::RateLimited => words(StatusCode::TOO_MANY_REQUESTS, "rate-limited", "rate_limited", "SCAN_012"),
            Kind::Unavailable => words(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "unavailable", "SCAN_013"),
            Kind::NotReady => words(StatusCode::SERVICE_UNAVAILABLE, "not-ready", "not_ready", "SCAN_013"),
            Kind::Internal => words(StatusCode::INTERNAL_SERVER_ERROR, "internal-error", "internal_error", "SCAN_014"),
            Kind::InsufficientStorage => words(StatusCode::INSUFFICIENT_STORAGE, "insufficient-storage", "insufficient_storage", "SCAN_016"),
            Kind::Refused(status) => words(status, "refused", "refused", "SCAN_015"),
        }
    }
}

impl Problem {
    fn new(kind: Kind, detail: impl Into<String>) -> Problem {
        Problem(Box::new(Parts {
            kind,
            detail: detail.into(),
            details: Vec::new(),
            limit: None,
            headers: HeaderMap::new(),
        }))
    }

    /// A body that is not what the route takes.
    pub fn invalid_body(field: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem::invalid(Kind::InvalidBody, "The body", vec![Detail { field: field.into(), message: message.into() }])
    }

    /// The same with all that is wrong.
    pub fn invalid_fields(details: Vec<Detail>) -> Problem {
        Problem::invalid(Kind::InvalidBody, "The body", details)
    }

    /// A parameter of the query that the route does not take.
    pub fn invalid_parameter(name: impl Into<String>, message: impl Into<String>) -> Problem {
        let detail = Detail { field: name.into(), message: message.into() };
        Problem::invalid(Kind::InvalidParameter, "The query", vec![detail])
    }

    fn invalid(kind: Kind, what: &str, details: Vec<Detail>) -> Problem {
        // The names are the client's and as long as they like.
        let cut = |text: String| if text.len() > ECHO_CHARS { text.chars().take(ECHO_CHARS).collect() } else { text };
        let details: Vec<Detail> = details
            .into_iter()
            .map(|detail| Detail {
                field: cut(detail.field),
                message: detail.message.chars().take(4 * ECHO_CHARS).collect(),
            })
            .collect();
        let one = |detail: &Detail| match detail.field.as_str() {
            "" => detail.message.clone(),
            field => format!("'{field}': {}", detail.message),
        };
        let all: Vec<String> = details.iter().map(one).collect();
        let mut problem = Problem::new(kind, format!("{what} is not valid: {}.", all.join("; ")));
        problem.0.details = details;
        problem
    }

    /// There is nothing here that the caller may know of.
    pub fn not_found() -> Problem {
        Problem::new(Kind::NotFound, "There is nothing at this path.")
    }

    /// The state of things does not allow it. The sentence says which state and what to do.
    pub fn conflict(detail: impl Into<String>) -> Problem {
        Problem::new(Kind::Conflict, detail)
    }

    /// The token does not allow it.
    pub fn insufficient_scope(scope: Scope) -> Problem {
        let detail = format!("The token has no scope '{scope}'; ask for one that has.");
        let asked = format!("Bearer realm=\"plumb\", error=\"insufficient_scope\", scope=\"{scope}\"");
        Problem::new(Kind::InsufficientScope, detail).with_header(WWW_AUTHENTICATE, &asked)
    }

    /// Nobody knows who asks.
    pub(crate) fn no_token() -> Problem {
        let detail = "There is no token; send one in the header `Authorization: Bearer TOKEN`.";
        Problem::new(Kind::Unauthorized, detail).with_header(WWW_AUTHENTICATE, "Bearer realm=\"plumb\"")
    }

    /// Whether it was never known, has expired or was revoked is for its owner to see in the list of tokens.
    pub(crate) fn bad_token() -> Problem {
        let detail = "The token is not valid: it is unknown, has expired or was revoked; make another with `plumb token create`.";
        Problem::new(Kind::Unauthorized, detail)
            .with_header(WWW_AUTHENTICATE, "Bearer realm=\"plumb\", error=\"invalid_token\"")
    }

    /// A request that carries a signature instead of a token does not carry the right one.
    pub(crate) fn bad_signature(detail: String) -> Problem {
        Problem::new(Kind::Unauthorized, detail)
    }

    /// A form that was not given to this session, or to one that has ended since.
    pub(crate) fn foreign_form() -> Problem {
        let detail = "The form is not one of this session; load its page again, and send it from there.";
        Problem::new(Kind::ForeignForm, detail)
    }

    pub(crate) fn method_not_allowed() -> Problem {
        Problem::new(Kind::MethodNotAllowed, "This path does not know the method; `Allow` lists those it knows.")
    }

    pub fn too_large() -> Problem {
        Problem::new(Kind::TooLarge, "The body is larger than this server accepts.")
    }

    pub fn unsupported_media_type(wanted: &str) -> Problem {
        Problem::new(Kind::UnsupportedMediaType, format!("The body has another type; send `Content-Type: {wanted}`."))
    }

    pub(crate) fn key_reused() -> Problem {
        let detail = "This `Idempotency-Key` was given to another request; use a key for one request only.";
        Problem::new(Kind::KeyReused, detail)
    }

    pub(crate) fn rate_limited(what: &str, seconds: u64) -> Problem {
        let detail = format!("There were too many {what}; try again in {seconds} seconds.");
        Problem::new(Kind::RateLimited, detail).retry_after(seconds)
    }

    /// Neither a running scan may be added nor one that waits.
    pub fn scan_limit(limit: ScanLimit) -> Problem {
        let mut problem = Problem::new(Kind::ScanLimit, "Maximum concurrent scans exceeded.");
        problem.0.limit = Some(limit);
        problem.retry_after(limit.estimated_wait_seconds.max(1))
    }

    /// The ledger does not answer.
    pub(crate) fn not_ready() -> Problem {
        Problem::new(Kind::NotReady, "The ledger does not answer; the server's log says why.")
    }

    /// The request ran out of time.
    pub(crate) fn unavailable() -> Problem {
        Problem::new(Kind::Unavailable, "The request could not be answered in time; try again later.")
    }

    /// What failed stands in the log.
    pub fn internal() -> Problem {
        let detail = "The server failed; its log says why, under the id in the header `x-request-id`.";
        Problem::new(Kind::Internal, detail)
    }

    /// Nothing can be written.
    pub(crate) fn insufficient_storage() -> Problem {
        Problem::new(
            Kind::InsufficientStorage,
            "The server's disk is full; what is there can be read. Try again once there is room.",
        )
    }

    /// What a target, a plugin or the engine has against a scan.
    pub(crate) fn engine(error: EngineError) -> Problem {
        let field = match &error {
            EngineError::Store(_) => return Problem::store_of(error),
            EngineError::File(..) | EngineError::Target(_) | EngineError::UnknownProvider(..) => "targets",
            EngineError::UnknownFramework(..) => "frameworks",
            EngineError::NoChecks(_) | EngineError::UnknownCheck(..) => "scope",
            _ => {
                tracing::error!(%error, "a scan cannot be ordered");
                return Problem::internal();
            }
        };
        Problem::invalid_body(field, error.to_string())
    }

    fn store_of(error: EngineError) -> Problem {
        match error {
            EngineError::Store(error) => LedgerError::from(error).into(),
            _ => Problem::internal(),
        }
    }

    /// What stands for a bare status. Every failure of the server that is not a matter of time is 500.
    pub(crate) fn of(status: StatusCode) -> Problem {
        match status {
            StatusCode::NOT_FOUND => Problem::not_found(),
            StatusCode::METHOD_NOT_ALLOWED => Problem::method_not_allowed(),
            StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(),
            StatusCode::SERVICE_UNAVAILABLE => Problem::unavailable(),
            other if other.is_server_error() => Problem::internal(),
            other => Problem::new(Kind::Refused(other), "The request is not one that this path understands."),
        }
    }

    fn retry_after(mut self, seconds: u64) -> Problem {
        self.0.headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        self
    }

    /// With a header beside it. A value that is none is left out.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Problem {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.0.headers.insert(name, value);
        }
        self
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.0.kind.words().status
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.0
    }
}

/// Status, headers and the problem itself, which the outermost layer writes in the family's form.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.headers_mut().extend(self.0.headers.clone());
        response.extensions_mut().insert(self);
        response
    }
}
