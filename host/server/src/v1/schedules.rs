//! `/v1/scans/schedules`: what is scanned again and again, by the clock or when something happens.

pub(crate) mod body;
pub(crate) mod view;

use axum::Json;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use plumb_engine::service::Ordered;
use plumb_engine::service::order::Order;
use plumb_model::access::Scope;
use plumb_model::schedule::{EventTrigger, Schedule, ScheduleId};
use plumb_store::Numbered;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::access::Access;
use crate::audit;
use crate::extract::{JsonBody, NoParameters, Page, PathParams, Query, RecordId, WholeNumber};
use crate::family::Family;
use crate::idempotency::WithoutSecret;
use crate::problem::{Detail, Problem};
use crate::routes::Routes;
use crate::state::AppState;
use crate::time::now;
use crate::v1::Pagination;
use crate::v1::scans::TriggeredScan;
use crate::views::own_urls;
use body::NewSchedule;
use view::ScheduleAnswer;

const DEFAULT: u64 = 20;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/v1/scans/schedules", Scope::SchedulesRead, Family::S3, list)
        .post("/v1/scans/schedules", Scope::SchedulesWrite, Family::S3, create)
        .creating()
        .get("/v1/scans/schedules/{id}", Scope::SchedulesRead, Family::S3, show)
        .put("/v1/scans/schedules/{id}", Scope::SchedulesWrite, Family::S3, replace)
        .delete("/v1/scans/schedules/{id}", Scope::SchedulesWrite, Family::S3, delete)
        .post("/v1/scans/schedules/{id}/enable", Scope::SchedulesWrite, Family::S3, enable)
        .post("/v1/scans/schedules/{id}/disable", Scope::SchedulesWrite, Family::S3, disable)
        .post("/v1/scans/schedules/{id}/secret", Scope::SchedulesWrite, Family::S3, renew_secret)
        .post("/v1/scans/schedules/{id}/run", Scope::ScansTrigger, Family::S3, run)
        .triggering()
        .creating()
        .documented(Documented::openapi())
}

#[derive(OpenApi)]
#[openapi(paths(list, create, show, replace, delete, enable, disable, renew_secret, run))]
struct Documented;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    enabled: Option<bool>,
    /// 20 by default, 100 at most
    limit: Option<WholeNumber>,
    offset: Option<WholeNumber>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScheduleList {
    schedules: Vec<ScheduleAnswer>,
    pagination: Pagination,
}

/// A schedule, with the secret of its webhook if it has just got one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeSchedule {
    #[serde(flatten)]
    schedule: ScheduleAnswer,
    /// What calls of its webhook are signed with (Standard Webhooks), shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "whsec_…")]
    webhook_secret: Option<String>,
}

/// The tenant's schedules, in the order they were made in.
#[utoipa::path(get, path = "/v1/scans/schedules", tag = "schedules", params(Parameters),
    responses((status = 200, description = "A page of schedules", body = ScheduleList)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    access: Access,
    headers: HeaderMap,
    Query(parameters): Query<Parameters>,
) -> Result<Json<ScheduleList>, Problem> {
    let Parameters { enabled, limit, offset } = parameters;
    let page = Page::by_offset(offset, limit, DEFAULT);
    let (offset, limit) = page.range();
    let all = state.read(move |ledger| ledger.schedules(&access.tenant)).await?;
    let fits = |schedule: &Schedule| enabled.is_none_or(|enabled| schedule.enabled == enabled);
    let fitting: Vec<Schedule> = all.into_iter().filter(fits).collect();
    let total = fitting.len() as u64;
    let shown = fitting.into_iter().skip(offset).take(limit);
    let schedules = shown.map(|schedule| answer(&state, &headers, schedule)).collect();
    Ok(Json(ScheduleList { schedules, pagination: Pagination::new(page, total) }))
}

/// Makes a schedule.
///
/// An expression that never fires is refused. Times are those of the zone's wall clock: an hour that a change of the clock skips fires
/// once after it, one that comes twice fires once. After a standstill of the server the last time that passed fires.
#[utoipa::path(post, path = "/v1/scans/schedules", tag = "schedules", request_body = NewSchedule,
    responses((status = 201, description = "The schedule", body = MadeSchedule)))]
pub(crate) async fn create(
    State(state): State<AppState>,
    access: Access,
    headers: HeaderMap,
    _: NoParameters,
    JsonBody(body): JsonBody<NewSchedule>,
) -> Result<Response, Problem> {
    let (made, secret) = make(&state, &access, body).await?;
    with_secret(StatusCode::CREATED, answer(&state, &headers, made), secret)
}

/// Makes the schedule that a body describes; with the secret of its webhook, if it has one.
pub(crate) async fn make(
    state: &AppState,
    access: &Access,
    body: NewSchedule,
) -> Result<(Schedule, Option<String>), Problem> {
    let schedule = read(body, state, access, *uuid::Uuid::now_v7().as_bytes()).await?;
    audit::makes("/v1/scans/schedules", schedule.id);
    let stored = state.write(move |ledger| ledger.put_schedule(&schedule)).await?;
    state.scheduler().wake();
    let secret = has_webhook(&stored).then(|| secret(state, &stored));
    Ok((stored, secret))
}

/// One schedule, with the next five times it fires.
#[utoipa::path(get, path = "/v1/scans/schedules/{id}", tag = "schedules", params(("id" = String, Path, description = "UUID or number")),
    responses((status = 200, description = "The schedule", body = ScheduleAnswer)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    access: Access,
    headers: HeaderMap,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Json<ScheduleAnswer>, Problem> {
    let found = find(&state, &access, id).await?;
    Ok(Json(answer(&state, &headers, found)))
}

/// Puts another description in the place of a schedule's. What it has done stays; another timing begins from now.
#[utoipa::path(put, path = "/v1/scans/schedules/{id}", tag = "schedules", params(("id" = String, Path, description = "UUID or number")),
    request_body = NewSchedule, responses((status = 200, description = "The schedule", body = MadeSchedule)))]
pub(crate) async fn replace(
    State(state): State<AppState>,
    access: Access,
    headers: HeaderMap,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
    JsonBody(body): JsonBody<NewSchedule>,
) -> Result<Response, Problem> {
    let known = find(&state, &access, id).await?;
    let (changed, secret) = change(&state, &access, &known, body).await?;
    with_secret(StatusCode::OK, answer(&state, &headers, changed), secret)
}

/// Puts what a body describes in the place of a schedule; with the secret of its webhook, if it has just got one.
pub(crate) async fn change(
    state: &AppState,
    access: &Access,
    known: &Schedule,
    body: NewSchedule,
) -> Result<(Schedule, Option<String>), Problem> {
    let schedule = read(body, state, access, known.id).await?;
    let stored = state.write(move |ledger| ledger.put_schedule(&schedule)).await?;
    state.scheduler().wake();
    let secret = (has_webhook(&stored) && !has_webhook(known)).then(|| secret(state, &stored));
    Ok((stored, secret))
}

/// Deletes a schedule. Its scans stay.
#[utoipa::path(delete, path = "/v1/scans/schedules/{id}", tag = "schedules", params(("id" = String, Path, description = "UUID or number")),
    responses((status = 204, description = "The schedule is gone")))]
pub(crate) async fn delete(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<StatusCode, Problem> {
    let known = find(&state, &access, id).await?;
    let deleted = state.write(move |ledger| ledger.delete_schedule(&known.tenant, &known.id)).await?;
    if deleted { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

/// Lets a schedule fire, from now on.
#[utoipa::path(post, path = "/v1/scans/schedules/{id}/enable", tag = "schedules", params(("id" = String, Path, description = "UUID or number")),
    responses((status = 200, description = "The schedule", body = ScheduleAnswer)))]
pub(crate) async fn enable(
    State(state): State<AppState>,
    access: Access,
    headers: HeaderMap,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Json<ScheduleAnswer>, Problem> {
    let switched = switch(&state, &access, id, true).await?;
    Ok(Json(answer(&state, &headers, switched)))
}

/// Keeps a schedule from firing. It can still be run.
#[utoipa::path(post, path = "/v1/scans/schedules/{id}/disable", tag = "schedules", params(("id" = String, Path, description = "UUID or number")),
    responses((status = 200, description = "The schedule", body = ScheduleAnswer)))]
pub(crate) async fn disable(
    State(state): State<AppState>,
    access: Access,
    headers: HeaderMap,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Json<ScheduleAnswer>, Problem> {
    let switched = switch(&state, &access, id, false).await?;
    Ok(Json(answer(&state, &headers, switched)))
}

/// Gives a schedule's webhook another secret; the one before is not taken any more.
#[utoipa::path(post, path = "/v1/scans/schedules/{id}/secret", tag = "schedules", params(("id" = String, Path, description = "UUID or number")),
    responses(
        (status = 200, description = "The schedule with the secret, shown this once", body = MadeSchedule),
        (status = 409, description = "The schedule has no webhook", body = crate::errors::ScanError),
    ))]
pub(crate) async fn renew_secret(
    State(state): State<AppState>,
    access: Access,
    headers: HeaderMap,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Response, Problem> {
    let (renewed, secret) = renew(&state, &access, id).await?;
    with_secret(StatusCode::OK, answer(&state, &headers, renewed), Some(secret))
}

/// The schedule with its webhook's next secret, and that.
pub(crate) async fn renew(state: &AppState, access: &Access, id: RecordId) -> Result<(Schedule, String), Problem> {
    let known = find(state, access, id).await?;
    if !has_webhook(&known) {
        return Err(Problem::conflict("The schedule has no webhook among its triggers."));
    }
    let renewed = state.write(move |ledger| ledger.renew_schedule_secret(&known.tenant, &known.id, &now())).await?;
    let renewed = renewed.ok_or_else(Problem::not_found)?;
    let secret = secret(state, &renewed);
    Ok((renewed, secret))
}

/// Orders a scan of a schedule now, enabled or not. Its times stay what they are.
#[utoipa::path(post, path = "/v1/scans/schedules/{id}/run", tag = "schedules", params(("id" = String, Path, description = "UUID or number")),
    responses((status = 201, description = "The scan waits or has begun", body = TriggeredScan)))]
pub(crate) async fn run(
    State(state): State<AppState>,
    access: Access,
    headers: HeaderMap,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<impl IntoResponse, Problem> {
    let ordered = run_now(&state, &access, id).await?;
    let (answer, path) = TriggeredScan::new(&ordered, &headers);
    Ok((StatusCode::CREATED, AppendHeaders([(LOCATION, path)]), Json(answer)))
}

pub(crate) async fn run_now(state: &AppState, access: &Access, id: RecordId) -> Result<Ordered, Problem> {
    let known = find(state, access, id).await?;
    state.changing_scheduler().run_now(&known.tenant, &known.id).await?.ok_or_else(Problem::not_found)
}

pub(crate) async fn switch(
    state: &AppState,
    access: &Access,
    id: RecordId,
    enabled: bool,
) -> Result<Schedule, Problem> {
    let known = find(state, access, id).await?;
    let schedule = Schedule { enabled, updated_at: now(), ..known };
    let stored = state.write(move |ledger| ledger.put_schedule(&schedule)).await?;
    state.scheduler().wake();
    Ok(stored)
}

pub(crate) async fn find(state: &AppState, access: &Access, id: RecordId) -> Result<Schedule, Problem> {
    let id = id.uuid(state, access, Numbered::Schedule).await?;
    let tenant = access.tenant;
    state.read(move |ledger| ledger.schedule(&tenant, &id)).await?.ok_or_else(Problem::not_found)
}

/// The schedule that a body describes.
async fn read(body: NewSchedule, state: &AppState, access: &Access, id: ScheduleId) -> Result<Schedule, Problem> {
    let tenant = access.tenant;
    let channels = state.read(move |ledger| ledger.channels(&tenant)).await?;
    let now = state.service().engine().clock().now();
    let schedule = body.read(tenant, id, &channels, now).map_err(Problem::invalid_fields)?;
    let wrong = state.service().check(&Order::from(schedule.config.clone())).err().unwrap_or_default();
    let details: Vec<Detail> = wrong
        .into_iter()
        .map(|problem| Detail { field: format!("scan_config.{}", problem.field), message: problem.message })
        .collect();
    if details.is_empty() { Ok(schedule) } else { Err(Problem::invalid_fields(details)) }
}

fn has_webhook(schedule: &Schedule) -> bool {
    schedule.trigger(|trigger| *trigger == EventTrigger::Webhook).is_some()
}

fn secret(state: &AppState, schedule: &Schedule) -> String {
    state.scheduler().notifier().signing().schedule_secret(schedule).text()
}

/// An answer that shows a secret once: a request that is sent again is answered without it.
fn with_secret(status: StatusCode, schedule: ScheduleAnswer, secret: Option<String>) -> Result<Response, Problem> {
    let location = [(LOCATION, schedule.path())];
    let without = MadeSchedule { schedule, webhook_secret: None };
    let kept = serde_json::to_vec(&without).map_err(|_| Problem::internal())?;
    let mut response = (status, Json(MadeSchedule { webhook_secret: secret, ..without })).into_response();
    response.extensions_mut().insert(WithoutSecret(kept.into()));
    if status == StatusCode::CREATED {
        let [(name, place)] = location;
        response.headers_mut().insert(name, place.parse().map_err(|_| Problem::internal())?);
    }
    Ok(response)
}

pub(crate) fn answer(state: &AppState, headers: &HeaderMap, schedule: Schedule) -> ScheduleAnswer {
    ScheduleAnswer::new(schedule, state.service().engine().clock().now(), &own_urls(headers).0)
}
