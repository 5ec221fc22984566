//! `/v1/notifications/channels`: where people are told, and of what.

pub(crate) mod body;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use plumb_model::access::Scope;
use plumb_model::notification::{Channel, ChannelKind};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use crate::access::Access;
use crate::audit;
use crate::extract::{JsonBody, NoParameters, PathParams, RecordId};
use crate::family::Family;
use crate::idempotency::WithoutSecret;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::state::AppState;
use crate::time::now;
use crate::views::uuid;
use body::{ChannelAnswer, NewChannel};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/v1/notifications/channels", Scope::SchedulesRead, Family::Native, list)
        .post("/v1/notifications/channels", Scope::SchedulesWrite, Family::Native, create)
        .creating()
        .get("/v1/notifications/channels/{id}", Scope::SchedulesRead, Family::Native, show)
        .put("/v1/notifications/channels/{id}", Scope::SchedulesWrite, Family::Native, replace)
        .delete("/v1/notifications/channels/{id}", Scope::SchedulesWrite, Family::Native, delete)
        .post("/v1/notifications/channels/{id}/secret", Scope::SchedulesWrite, Family::Native, renew_secret)
        .documented(Documented::openapi())
}

#[derive(OpenApi)]
#[openapi(paths(list, create, show, replace, delete, renew_secret))]
struct Documented;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChannelList {
    channels: Vec<ChannelAnswer>,
}

/// A channel, with the secret of its signatures if it has just got one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeChannel {
    #[serde(flatten)]
    channel: ChannelAnswer,
    /// What messages to a webhook are signed with (Standard Webhooks), shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "whsec_…")]
    webhook_secret: Option<String>,
}

/// All channels of the tenant, in the order they were made in.
#[utoipa::path(get, path = "/v1/notifications/channels", tag = "notifications",
    responses((status = 200, description = "The channels", body = ChannelList)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    access: Access,
    _: NoParameters,
) -> Result<Json<ChannelList>, Problem> {
    let channels = state.read(move |ledger| ledger.channels(&access.tenant)).await?;
    Ok(Json(ChannelList { channels: channels.into_iter().map(ChannelAnswer::from).collect() }))
}

/// Makes a channel.
///
/// Mail goes through the operator's SMTP server. A Slack URL lets whoever has it write there, so the operator keeps it and the channel
/// names it; so may the URL of a webhook. Messages to a webhook are CloudEvents 1.0, signed as Standard Webhooks has it.
#[utoipa::path(post, path = "/v1/notifications/channels", tag = "notifications", request_body = NewChannel, responses(
    (status = 201, description = "The channel", body = MadeChannel),
    (status = 409, description = "Another channel has the name", body = crate::errors::ProblemDocument, content_type = "application/problem+json"),
))]
pub(crate) async fn create(
    State(state): State<AppState>,
    access: Access,
    _: NoParameters,
    JsonBody(body): JsonBody<NewChannel>,
) -> Result<Response, Problem> {
    let (made, secret) = make(&state, &access, body).await?;
    with_secret(StatusCode::CREATED, made, secret)
}

/// Makes the channel that a body describes; with the secret of its signatures, if it is a webhook.
pub(crate) async fn make(
    state: &AppState,
    access: &Access,
    body: NewChannel,
) -> Result<(Channel, Option<String>), Problem> {
    let channel = body.channel(state, access, *uuid::Uuid::now_v7().as_bytes())?;
    audit::makes("/v1/notifications/channels", channel.id);
    let stored = state.write(move |ledger| ledger.put_channel(&channel)).await?;
    let secret = is_webhook(&stored).then(|| secret(state, &stored));
    Ok((stored, secret))
}

/// One channel.
#[utoipa::path(get, path = "/v1/notifications/channels/{id}", tag = "notifications", params(("id" = String, Path, description = "UUID")),
    responses((status = 200, description = "The channel", body = ChannelAnswer)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Json<ChannelAnswer>, Problem> {
    find(&state, &access, id).await.map(|channel| Json(channel.into()))
}

/// Puts another description in the place of a channel's. What is on its way goes where the new one leads.
#[utoipa::path(put, path = "/v1/notifications/channels/{id}", tag = "notifications", params(("id" = String, Path, description = "UUID")),
    request_body = NewChannel, responses(
        (status = 200, description = "The channel", body = MadeChannel),
        (status = 409, description = "Another channel has the name", body = crate::errors::ProblemDocument, content_type = "application/problem+json"),
    ))]
pub(crate) async fn replace(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
    JsonBody(body): JsonBody<NewChannel>,
) -> Result<Response, Problem> {
    let known = find(&state, &access, id).await?;
    let channel = body.channel(&state, &access, known.id)?;
    let stored = state.write(move |ledger| ledger.put_channel(&channel)).await?;
    let secret = (is_webhook(&stored) && !is_webhook(&known)).then(|| secret(&state, &stored));
    with_secret(StatusCode::OK, stored, secret)
}

/// Deletes a channel. What is on its way over it is given up.
#[utoipa::path(delete, path = "/v1/notifications/channels/{id}", tag = "notifications", params(("id" = String, Path, description = "UUID")),
    responses((status = 204, description = "The channel is gone")))]
pub(crate) async fn delete(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<StatusCode, Problem> {
    let known = find(&state, &access, id).await?;
    let deleted = state.write(move |ledger| ledger.delete_channel(&known.tenant, &known.id)).await?;
    if deleted { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

/// Gives a webhook another secret; messages are signed with it from now on.
#[utoipa::path(post, path = "/v1/notifications/channels/{id}/secret", tag = "notifications", params(("id" = String, Path, description = "UUID")),
    responses(
        (status = 200, description = "The channel with the secret, shown this once", body = MadeChannel),
        (status = 409, description = "The channel is no webhook", body = crate::errors::ProblemDocument, content_type = "application/problem+json"),
    ))]
pub(crate) async fn renew_secret(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Response, Problem> {
    let known = find(&state, &access, id).await?;
    if !is_webhook(&known) {
        return Err(Problem::conflict("The channel is no webhook, so nothing is signed."));
    }
    let renewed = state.write(move |ledger| ledger.renew_channel_secret(&known.tenant, &known.id, &now())).await?;
    let renewed = renewed.ok_or_else(Problem::not_found)?;
    let secret = secret(&state, &renewed);
    with_secret(StatusCode::OK, renewed, Some(secret))
}

async fn find(state: &AppState, access: &Access, id: RecordId) -> Result<Channel, Problem> {
    let RecordId::Uuid(id) = id else { return Err(Problem::not_found()) };
    let tenant = access.tenant;
    state.read(move |ledger| ledger.channel(&tenant, &id)).await?.ok_or_else(Problem::not_found)
}

fn is_webhook(channel: &Channel) -> bool {
    channel.destination.kind() == ChannelKind::Webhook
}

fn secret(state: &AppState, channel: &Channel) -> String {
    state.scheduler().notifier().signing().channel_secret(channel).text()
}

/// An answer that shows a secret once: a request that is sent again is answered without it.
fn with_secret(status: StatusCode, channel: Channel, secret: Option<String>) -> Result<Response, Problem> {
    let place = format!("/v1/notifications/channels/{}", uuid(channel.id));
    let without = MadeChannel { channel: channel.into(), webhook_secret: None };
    let kept = serde_json::to_vec(&without).map_err(|_| Problem::internal())?;
    let mut response = (status, Json(MadeChannel { webhook_secret: secret, ..without })).into_response();
    response.extensions_mut().insert(WithoutSecret(kept.into()));
    if status == StatusCode::CREATED {
        response.headers_mut().insert(LOCATION, place.parse().map_err(|_| Problem::internal())?);
    }
    Ok(response)
}
