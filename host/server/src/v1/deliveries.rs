//! `/v1/notifications/deliveries`: what became of each message.

use axum::Json;
use axum::extract::State;
use plumb_model::access::Scope;
use plumb_model::notification::{Delivery, DeliveryStatus};
use plumb_store::DeliveryFilter;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::access::Access;
use crate::extract::{NoParameters, Page, PathParams, Query, RecordId, WholeNumber};
use crate::family::Family;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::state::AppState;
use crate::v1::Pagination;
use crate::views::uuid;

const DEFAULT: u64 = 20;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/v1/notifications/deliveries", Scope::SchedulesRead, Family::Native, list)
        .get("/v1/notifications/deliveries/{id}", Scope::SchedulesRead, Family::Native, show)
        .post("/v1/notifications/deliveries/{id}/replay", Scope::SchedulesWrite, Family::Native, replay)
        .documented(Documented::openapi())
}

#[derive(OpenApi)]
#[openapi(paths(list, show, replay))]
struct Documented;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    #[param(value_type = Option<DeliveryWord>)]
    pub(crate) status: Option<DeliveryWord>,
    /// UUID of a channel
    #[param(value_type = Option<String>)]
    pub(crate) channel: Option<RecordId>,
    /// 20 by default, 100 at most
    pub(crate) limit: Option<WholeNumber>,
    pub(crate) offset: Option<WholeNumber>,
}

/// `dead`: given up, after a day or because it never can arrive.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeliveryWord {
    Pending,
    Delivered,
    Dead,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryList {
    pub(crate) deliveries: Vec<DeliveryAnswer>,
    pub(crate) pagination: Pagination,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryAnswer {
    /// Also the message's `webhook-id`
    pub(crate) id: String,
    /// Null if the scan asked for a channel that there is not.
    channel_id: Option<String>,
    pub(crate) channel_name: String,
    #[schema(example = "scan.completed")]
    event: &'static str,
    pub(crate) scan_id: String,
    status: DeliveryWord,
    attempts: u32,
    created_at: String,
    next_attempt_at: Option<String>,
    /// When it arrived or was given up.
    ended_at: Option<String>,
    /// Why the last attempt failed.
    last_error: Option<String>,
    /// What is told.
    #[schema(value_type = Object)]
    pub(crate) data: serde_json::Value,
}

/// Messages, the newest first. Those that have ended are kept for 30 days.
#[utoipa::path(get, path = "/v1/notifications/deliveries", tag = "notifications", params(Parameters),
    responses((status = 200, description = "A page of messages", body = DeliveryList)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    access: Access,
    Query(parameters): Query<Parameters>,
) -> Result<Json<DeliveryList>, Problem> {
    let Parameters { status, channel, limit, offset } = parameters;
    let channel = match channel {
        Some(RecordId::Number(_)) => return Err(Problem::invalid_parameter("channel", "give the UUID of a channel")),
        Some(RecordId::Uuid(id)) => Some(id),
        None => None,
    };
    let filter = DeliveryFilter { status: status.map(Into::into), channel };
    let page = Page::by_offset(offset, limit, DEFAULT);
    let (offset, limit) = page.range();
    let found = state.read(move |ledger| ledger.deliveries(&access.tenant, filter, offset, limit)).await?;
    let deliveries = found.deliveries.into_iter().map(DeliveryAnswer::from).collect();
    Ok(Json(DeliveryList { deliveries, pagination: Pagination::new(page, found.total) }))
}

/// One message and what became of it.
#[utoipa::path(get, path = "/v1/notifications/deliveries/{id}", tag = "notifications", params(("id" = String, Path, description = "UUID")),
    responses((status = 200, description = "The message", body = DeliveryAnswer)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Json<DeliveryAnswer>, Problem> {
    let RecordId::Uuid(id) = id else { return Err(Problem::not_found()) };
    let found = state.read(move |ledger| ledger.delivery(&access.tenant, &id)).await?;
    found.map(|delivery| Json(delivery.into())).ok_or_else(Problem::not_found)
}

/// Sends a message anew that was given up, with all its attempts and the same id.
#[utoipa::path(post, path = "/v1/notifications/deliveries/{id}/replay", tag = "notifications", params(("id" = String, Path, description = "UUID")),
    responses(
        (status = 200, description = "The message is on its way", body = DeliveryAnswer),
        (status = 409, description = "The message was not given up", body = crate::errors::ProblemDocument, content_type = "application/problem+json"),
    ))]
pub(crate) async fn replay(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Json<DeliveryAnswer>, Problem> {
    let RecordId::Uuid(id) = id else { return Err(Problem::not_found()) };
    let at = plumb_engine::clock::rfc3339(state.service().engine().clock().now());
    let again = state.write(move |ledger| ledger.replay_delivery(&access.tenant, &id, &at)).await?;
    state.scheduler().notifier().wake();
    again.map(|delivery| Json(delivery.into())).ok_or_else(Problem::not_found)
}

impl From<Delivery> for DeliveryAnswer {
    fn from(delivery: Delivery) -> DeliveryAnswer {
        DeliveryAnswer {
            id: uuid(delivery.id),
            channel_id: delivery.channel.map(uuid),
            channel_name: delivery.channel_name,
            event: delivery.event.as_str(),
            scan_id: uuid(delivery.scan),
            status: delivery.status.into(),
            attempts: delivery.attempts,
            created_at: delivery.created_at,
            next_attempt_at: delivery.next_attempt_at,
            ended_at: delivery.ended_at,
            last_error: delivery.last_error,
            // It was JSON when it was stored.
            data: serde_json::from_str(&delivery.data).unwrap_or_default(),
        }
    }
}

impl From<DeliveryWord> for DeliveryStatus {
    fn from(word: DeliveryWord) -> DeliveryStatus {
        match word {
            DeliveryWord::Pending => DeliveryStatus::Pending,
            DeliveryWord::Delivered => DeliveryStatus::Delivered,
            DeliveryWord::Dead => DeliveryStatus::Dead,
        }
    }
}

impl From<DeliveryStatus> for DeliveryWord {
    fn from(status: DeliveryStatus) -> DeliveryWord {
        match status {
            DeliveryStatus::Pending => DeliveryWord::Pending,
            DeliveryStatus::Delivered => DeliveryWord::Delivered,
            DeliveryStatus::Dead => DeliveryWord::Dead,
        }
    }
}
