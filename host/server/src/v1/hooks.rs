//! `/v1/hooks`: other systems order scans of a schedule, by requests that carry a signature instead of a token.

use std::time::Instant;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use plumb_engine::notify::signature::{Signed, TOLERANCE};
use plumb_model::access::{Actor, AuditEvent};
use plumb_model::schedule::{EventTrigger, Schedule};
use plumb_store::{KeyedRequest, Known, PendingEntry, StoredAnswer};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use crate::access::Need;
use crate::extract::{NoParameters, PathParams, RecordId, whole};
use crate::family::Family;
use crate::peer::Peer;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::state::AppState;
use crate::time::stored;
use crate::views::uuid;

/// Characters of a message's id; senders use UUIDs and the like.
const ID_CHARS: usize = 256;

pub(crate) fn routes() -> Routes {
    Routes::new().post("/v1/hooks/{id}", Need::Public, Family::Native, call).documented(Documented::openapi())
}

#[derive(OpenApi)]
#[openapi(paths(call))]
struct Documented;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Called {
    /// The scan that was ordered; null if the schedule's overlap rule left it out or lets it wait.
    scan_id: Option<String>,
}

/// Orders a scan of a schedule that has the trigger `webhook`.
///
/// The request is signed with the schedule's secret as Standard Webhooks has it: `webhook-id`, `webhook-timestamp`, `webhook-signature`.
/// A message that comes again within five minutes is answered what it was answered before.
#[utoipa::path(post, path = "/v1/hooks/{id}", tag = "schedules", params(
        ("id" = String, Path, description = "UUID of the schedule"),
        ("webhook-id" = String, Header, description = "The same when a message is sent again"),
        ("webhook-timestamp" = i64, Header, description = "Seconds since 1970, within five minutes"),
        ("webhook-signature" = String, Header, description = "`v1,` and the signature in base64; several separated by spaces"),
    ), security(()), responses(
        (status = 202, description = "Taken", body = Called),
        (status = 401, description = "The signature is missing or wrong", body = crate::errors::ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "The message is being dealt with", body = crate::errors::ProblemDocument, content_type = "application/problem+json"),
    ))]
pub(crate) async fn call(
    State(state): State<AppState>,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
    request: Request,
) -> Result<Response, Problem> {
    let address = Peer::of(&request);
    let slowed = |problem: Problem| match state.failures.take(address, Instant::now()) {
        Ok(_) => problem,
        Err(quota) => Problem::rate_limited("failed authentications from this address", quota.seconds()),
    };
    let (head, body) = request.into_parts();
    let body = whole(body).await?;
    let RecordId::Uuid(id) = id else { return Err(Problem::not_found()) };
    let found = state.read(move |ledger| ledger.schedule_of_anyone(&id)).await?;
    let open = |schedule: &Schedule| schedule.trigger(|trigger| *trigger == EventTrigger::Webhook).is_some();
    let Some(schedule) = found.filter(open) else { return Err(slowed(Problem::not_found())) };
    let message = verify(&state, &schedule, &head.headers, &body).map_err(slowed)?;
    if !schedule.enabled {
        return Err(Problem::conflict("The schedule is disabled."));
    }
    once(&state, schedule, &message, &body).await
}

/// The message's id, if it was signed with the schedule's secret.
fn verify(state: &AppState, schedule: &Schedule, headers: &HeaderMap, body: &Bytes) -> Result<String, Problem> {
    let header = |name: &str| {
        let mut fields = headers.get_all(name).iter();
        let field = fields.next().and_then(|field| field.to_str().ok());
        let field = field.filter(|_| fields.next().is_none());
        field.ok_or_else(|| Problem::bad_signature(format!("The request needs one header '{name}'.")))
    };
    let id = header("webhook-id")?;
    let signed = Signed { id, timestamp: header("webhook-timestamp")?, signature: header("webhook-signature")?, body };
    if id.is_empty() || id.len() > ID_CHARS {
        return Err(Problem::bad_signature(format!("webhook-id has 1 to {ID_CHARS} characters.")));
    }
    let secret = state.scheduler().notifier().signing().schedule_secret(schedule);
    let verified = secret.verify(&signed, state.service().engine().clock().now());
    verified.map_err(|error| Problem::bad_signature(format!("{error}.")))?;
    Ok(id.to_owned())
}

/// Orders the scan, unless the message was dealt with before.
async fn once(state: &AppState, schedule: Schedule, message: &str, body: &Bytes) -> Result<Response, Problem> {
    let now = state.service().engine().clock().now();
    let mut key = blake3::Hasher::new_derive_key("plumb 2026-11-21 ids of webhook messages");
    key.update(&schedule.id).update(message.as_bytes());
    let fingerprint = *blake3::hash(body).as_bytes();
    let keyed = KeyedRequest { tenant: schedule.tenant, key: *key.finalize().as_bytes(), fingerprint };
    let asked = keyed.clone();
    // A message is taken as long before its time as after it.
    let oldest = now.checked_sub(SignedDuration::from_secs(2 * TOLERANCE)).unwrap_or(Timestamp::MIN);
    match state.write(move |ledger| ledger.begin_keyed(&asked, &stored(now), &stored(oldest))).await? {
        Known::Answered(answer) => return Ok(answered(&answer)),
        Known::Different => {
            return Err(Problem::bad_signature("The message came before with another body.".to_owned()));
        }
        Known::Unanswered => return Err(Problem::conflict("The message is being dealt with.")),
        Known::First => {}
    }
    let (state, schedule) = (state.clone(), schedule);
    // Runs to its end whether or not the sender waits for it.
    let work = tokio::spawn(async move {
        let done = order(&state, &schedule).await;
        let kept = done.as_ref().ok().cloned();
        state.write(move |ledger| ledger.end_keyed(&keyed, kept)).await?;
        done
    });
    match work.await {
        Ok(done) => done.map(|answer| answered(&answer)),
        Err(error) => {
            tracing::error!(%error, "a call of a webhook broke off");
            Err(Problem::internal())
        }
    }
}

async fn order(state: &AppState, schedule: &Schedule) -> Result<StoredAnswer, Problem> {
    // What the call comes to is committed with the entry: a scan, or the reason why there is none.
    let entry = PendingEntry::new(event(schedule));
    let ordered = state.scheduler().noting(entry).called(schedule).await?;
    let called = Called { scan_id: ordered.map(|ordered| uuid(ordered.head.scan.id)) };
    Ok(StoredAnswer {
        status: StatusCode::ACCEPTED.as_u16(),
        content_type: "application/json".to_owned(),
        location: None,
        body: serde_json::to_vec(&called).map_err(|_| Problem::internal())?,
    })
}

fn event(schedule: &Schedule) -> AuditEvent {
    AuditEvent {
        tenant: schedule.tenant,
        at: crate::time::now(),
        actor: Actor::System,
        action: "POST /v1/hooks/{id}".to_owned(),
        object: format!("/v1/scans/schedules/{}", uuid(schedule.id)),
        result: "done".to_owned(),
        request_id: None,
        count: 1,
    }
}

fn answered(answer: &StoredAnswer) -> Response {
    let called: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    (StatusCode::ACCEPTED, Json(called)).into_response()
}
