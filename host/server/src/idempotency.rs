//! A request that makes something takes effect once, though it comes twice: `Idempotency-Key`, as
//! draft-ietf-httpapi-idempotency-key-header has it. The key is written down before the handler runs, so a crash in between leaves
//! a key without an answer: it is refused rather than tried a second time.

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use plumb_store::{KeyedRequest, Known, StoredAnswer};

use crate::access::Access;
use crate::extract::whole;
use crate::limits::{ANSWER_BYTES, KEPT, KEY_CHARS};
use crate::problem::Problem;
use crate::routes::Declared;
use crate::state::AppState;
use crate::time::stored;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer is that of an earlier request.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Kept in place of an answer that shows a secret: that is shown once.
#[derive(Clone, Debug)]
pub struct WithoutSecret(pub Bytes);

/// Before this nothing counts any more.
pub(crate) fn oldest(now: Timestamp) -> String {
    stored(now.checked_sub(SignedDuration::from_secs(KEPT)).unwrap_or(Timestamp::MIN))
}

/// Runs a request, or answers what it was answered before.
pub(crate) async fn once<F: Future<Output = Response>>(
    state: &AppState,
    declared: &Declared,
    access: Access,
    request: Request,
    run: impl FnOnce(Request) -> F,
) -> Result<Response, Problem> {
    let Some(key) = key(request.headers())? else { return Ok(run(request).await) };
    let (keyed, request) = keyed(declared, access, &key, request).await?;
    let now = Timestamp::now();
    let asked = keyed.clone();
    match state.write(move |ledger| ledger.begin_keyed(&asked, &stored(now), &oldest(now))).await? {
        Known::Different => return Err(Problem::key_reused()),
        Known::Unanswered => {
            let detail = "A request with this `Idempotency-Key` is running, or broke off with the server; \
                          look whether it took effect before you send it again with another key.";
            return Err(Problem::conflict(detail));
        }
        Known::Answered(answer) => return Ok(again(answer)),
        Known::First => {}
    }
    let (response, answer) = kept(run(request).await).await;
    state.write(move |ledger| ledger.end_keyed(&keyed, answer)).await?;
    Ok(response)
}

/// The key, which the draft puts in quotes and most clients do not.
fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut fields = headers.get_all(KEY).iter();
    let Some(field) = fields.next() else { return Ok(None) };
    let text = field.to_str().unwrap_or_default().trim();
    let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let formed = (1..=KEY_CHARS).contains(&bare.len()) && bare.bytes().all(|byte| byte.is_ascii_graphic());
    if formed && fields.next().is_none() {
        return Ok(Some(bare.to_owned()));
    }
    let message = format!("send one key of 1 to {KEY_CHARS} visible characters without spaces");
    Err(Problem::invalid_parameter("Idempotency-Key", message))
}

/// The request under its key, and the request again. A body that is streamed is not held against the key: senders of forms make
/// another boundary each time, so no two are the same.
async fn keyed(
    declared: &Declared,
    access: Access,
    key: &str,
    request: Request,
) -> Result<(KeyedRequest, Request), Problem> {
    let digest = |parts: &[&[u8]]| {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            // The length keeps the parts apart.
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
        *hasher.finalize().as_bytes()
    };
    let place = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let (request, body) = if declared.streams.is_some() {
        (request, Bytes::new())
    } else {
        let (head, body) = request.into_parts();
        let body = whole(body).await?;
        (Request::from_parts(head, Body::from(body.clone())), body)
    };
    let keyed = KeyedRequest {
        tenant: access.tenant,
        key: digest(&[&access.token, declared.method.as_str().as_bytes(), declared.path.as_bytes(), key.as_bytes()]),
        fingerprint: digest(&[place.as_bytes(), &body]),
    };
    Ok((keyed, request))
}

/// The answer, and what of it is kept: what failed changed nothing, and may be tried again.
async fn kept(response: Response) -> (Response, Option<StoredAnswer>) {
    if !response.status().is_success() {
        return (response, None);
    }
    let (head, body) = response.into_parts();
    let Ok(body) = axum::body::to_bytes(body, ANSWER_BYTES).await else {
        tracing::error!(bound = ANSWER_BYTES, "an answer that should be kept under its key is too large for that");
        return (Problem::internal().into_response(), None);
    };
    let text = |name| head.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).map(str::to_owned);
    let lasting =
        head.extensions.get::<WithoutSecret>().map_or_else(|| body.clone(), |WithoutSecret(body)| body.clone());
    let answer = StoredAnswer {
        status: head.status.as_u16(),
        content_type: text(CONTENT_TYPE).unwrap_or_default(),
        location: text(LOCATION),
        body: lasting.to_vec(),
    };
    (Response::from_parts(head, Body::from(body)), Some(answer))
}

fn again(answer: StoredAnswer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    for (name, text) in [(CONTENT_TYPE, Some(answer.content_type)), (LOCATION, answer.location)] {
        if let Some(value) = text.and_then(|text| HeaderValue::try_from(text).ok()) {
            headers.insert(name, value);
        }
    }
    response
}
