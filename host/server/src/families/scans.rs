//! `/api/scans`: drift scans of repositories, and control results. Two documents describe these paths, one with camelCase keys and one
//! with snake_case keys; every answer serves both.

mod answers;
mod results;

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use plumb_engine::service::order::{Order, Wanted};
use plumb_engine::service::register::SortBy;
use plumb_model::access::Scope;
use plumb_model::scan::{ScanStatus, ScanType, Trigger};
use plumb_model::target::TargetId;
use plumb_store::{Numbered, StoredScanHead};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::access::Access;
use crate::extract::{JsonBody, NoParameters, Page, PathParams, Query, RecordId, WholeNumber};
use crate::family::Family;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::state::AppState;
use crate::views::{StatusFilter, find_scan, framework_id, queued, uuid};
use answers::{
    Answer, Dashboard, Listed, NumberedPagination, OneScan, Paged, QueuedScan, RepositoryScan, Started, WithDrifts,
};

const DEFAULT: u64 = 20;

/// Entries of the dashboard's list, and days of its trend.
const RECENT: usize = 10;
const TREND_DAYS: i64 = 30;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/scans", Scope::ScansRead, Family::S1, list)
        .get("/api/scans/", Scope::ScansRead, Family::S1, list_with_slash)
        .get("/api/scans/dashboard", Scope::ScansRead, Family::S1, dashboard)
        .post("/api/scans/trigger", Scope::ScansTrigger, Family::S4, trigger_all)
        .triggering()
        .creating()
        .post("/api/scans/trigger/{repository_config_id}", Scope::ScansTrigger, Family::S1, trigger_one)
        .triggering()
        .creating()
        .get("/api/scans/repository/{repository_config_id}", Scope::ScansRead, Family::S1, of_repository)
        .get("/api/scans/repository/{repository_config_id}/latest", Scope::ScansRead, Family::S1, latest)
        .get("/api/scans/{scan_id}", Scope::ScansRead, Family::S1, show)
        .get("/api/scans/{scan_id}/details", Scope::ScansRead, Family::S1, details)
        .get("/api/scans/{scan_id}/results", Scope::ScansRead, Family::S4, results::list)
        .post("/api/scans/{scan_id}/cancel", Scope::ScansTrigger, Family::S1, cancel)
        .delete("/api/scans/{scan_id}", Scope::ScansTrigger, Family::S1, delete)
        .documented(Documented::openapi())
}

#[derive(OpenApi)]
#[openapi(
    paths(
        list,
        list_with_slash,
        dashboard,
        trigger_all,
        trigger_one,
        of_repository,
        latest,
        show,
        details,
        results::list,
        cancel,
        delete
    ),
    components(schemas(results::ControlStatusWord))
)]
struct Documented;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// From 1; not together with `offset`
    page: Option<WholeNumber>,
    /// 20 by default, 100 at most
    limit: Option<WholeNumber>,
    offset: Option<WholeNumber>,
    #[param(value_type = Option<String>, pattern = "^(pending|queued|running|completed|failed|cancelled)$")]
    status: Option<StatusFilter>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParameters {
    /// From 1
    page: Option<WholeNumber>,
    /// 20 by default, 100 at most
    limit: Option<WholeNumber>,
}

/// What to scan; everything if there is no body.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TriggerBody {
    /// Clouds, or names of providers; all targets if none is given
    integration_types: Vec<String>,
    /// All that fit if none is given
    framework_id: Option<String>,
}

/// All scans of the tenant, the newest first.
#[utoipa::path(get, path = "/api/scans", tag = "repository scans", params(Parameters), responses(
    (status = 200, description = "A page of scans", body = Paged),
))]
pub(crate) async fn list(
    State(state): State<AppState>,
    access: Access,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Paged>, Problem> {
    let Parameters { page, limit, offset, status } = parameters;
    let page = match (page, offset) {
        (Some(_), Some(_)) => return Err(Problem::invalid_parameter("offset", "give `page` or `offset`, not both")),
        (None, Some(_)) => Page::by_offset(offset, limit, DEFAULT),
        (page, None) => Page::by_number(page, limit, DEFAULT),
    };
    paged(&state, &access, page, status.map(|status| move |head: &StoredScanHead| head.scan.status == status.0)).await
}

/// The same.
#[utoipa::path(get, path = "/api/scans/", tag = "repository scans", params(Parameters), responses(
    (status = 200, description = "A page of scans", body = Paged),
))]
pub(crate) async fn list_with_slash(
    state: State<AppState>,
    access: Access,
    parameters: Query<Parameters>,
) -> Result<Json<Paged>, Problem> {
    list(state, access, parameters).await
}

/// The scans of one target, the newest first.
#[utoipa::path(get, path = "/api/scans/repository/{repository_config_id}", tag = "repository scans",
    params(("repository_config_id" = String, Path, description = "A target's UUID or number"), PageParameters),
    responses((status = 200, description = "A page of scans", body = Paged)))]
pub(crate) async fn of_repository(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    Query(PageParameters { page, limit }): Query<PageParameters>,
) -> Result<Json<Paged>, Problem> {
    let target = target(&state, &access, id).await?;
    let page = Page::by_number(page, limit, DEFAULT);
    paged(&state, &access, page, Some(move |head: &StoredScanHead| head.scan.about.targets.contains(&target))).await
}

/// The newest scan of one target.
#[utoipa::path(get, path = "/api/scans/repository/{repository_config_id}/latest", tag = "repository scans",
    params(("repository_config_id" = String, Path, description = "A target's UUID or number")),
    responses((status = 200, description = "The scan", body = Answer<RepositoryScan>)))]
pub(crate) async fn latest(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Json<Answer<RepositoryScan>>, Problem> {
    let target = target(&state, &access, id).await?;
    let of_target = move |head: &StoredScanHead| head.scan.about.targets.contains(&target);
    let newest = state.service().newest_scans(&access.tenant, of_target, 0, 1);
    let head = newest.first().ok_or_else(Problem::not_found)?;
    Ok(Json(Answer::new(RepositoryScan::of(&state, head).await?)))
}

/// Figures over all scans and drifts of the tenant.
#[utoipa::path(get, path = "/api/scans/dashboard", tag = "repository scans", responses(
    (status = 200, description = "The figures", body = Answer<Dashboard>),
))]
pub(crate) async fn dashboard(
    State(state): State<AppState>,
    access: Access,
    _: NoParameters,
) -> Result<Json<Answer<Dashboard>>, Problem> {
    let page = state.service().all_scans(&access.tenant, 0, RECENT);
    Dashboard::new(&state, &access, &page, TREND_DAYS).await.map(|dashboard| Json(Answer::new(dashboard)))
}

/// Scans one target.
#[utoipa::path(post, path = "/api/scans/trigger/{repository_config_id}", tag = "repository scans",
    params(("repository_config_id" = String, Path, description = "A target's UUID or number")),
    responses((status = 201, description = "The scan waits or has begun", body = Answer<Started>)))]
pub(crate) async fn trigger_one(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<(StatusCode, Json<Answer<Started>>), Problem> {
    let target = target(&state, &access, id).await?;
    let order = Order {
        tenant: access.tenant,
        scan_type: ScanType::Drift,
        trigger: Trigger::Manual,
        targets: Wanted { ids: Some(BTreeSet::from([target])), ..Wanted::default() },
        ..Order::default()
    };
    let ordered = state.order(order).await?;
    Ok((StatusCode::CREATED, Json(Answer::new(Started::new(&ordered.head)))))
}

/// Scans all targets, or those of some kinds, against all frameworks or one.
#[utoipa::path(post, path = "/api/scans/trigger", tag = "control results", request_body = Option<TriggerBody>, responses(
    (status = 202, description = "The scan waits or has begun", body = QueuedScan),
))]
pub(crate) async fn trigger_all(
    State(state): State<AppState>,
    access: Access,
    _: NoParameters,
    body: Option<JsonBody<TriggerBody>>,
) -> Result<(StatusCode, Json<QueuedScan>), Problem> {
    let TriggerBody { integration_types, framework_id: framework } =
        body.map(|JsonBody(body)| body).unwrap_or_default();
    let order = Order {
        tenant: access.tenant,
        trigger: Trigger::Manual,
        targets: Wanted { providers: integration_types, ..Wanted::default() },
        frameworks: framework.iter().map(|id| framework_id(&state, id)).collect(),
        ..Order::default()
    };
    let ordered = state.order(order).await?;
    let answer = QueuedScan {
        scan_job_id: uuid(ordered.head.scan.id),
        status: queued(ScanStatus::Pending),
        created_at: ordered.head.scan.created_at.clone(),
    };
    Ok((StatusCode::ACCEPTED, Json(answer)))
}

/// One scan.
#[utoipa::path(get, path = "/api/scans/{scan_id}", tag = "repository scans",
    params(("scan_id" = String, Path, description = "UUID or number")),
    responses((status = 200, description = "The scan", body = OneScan)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Json<OneScan>, Problem> {
    let head = find_scan(&state, &access, id).await?;
    let data = RepositoryScan::of(&state, &head).await?;
    Ok(Json(OneScan::new(&head, data)))
}

/// One scan with all drifts it found.
#[utoipa::path(get, path = "/api/scans/{scan_id}/details", tag = "repository scans",
    params(("scan_id" = String, Path, description = "UUID or number")),
    responses((status = 200, description = "The scan and its drifts", body = Answer<WithDrifts>)))]
pub(crate) async fn details(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Json<Answer<WithDrifts>>, Problem> {
    let head = find_scan(&state, &access, id).await?;
    WithDrifts::of(&state, &head).await.map(|data| Json(Answer::new(data)))
}

/// Cancels a scan that waits or runs.
#[utoipa::path(post, path = "/api/scans/{scan_id}/cancel", tag = "repository scans",
    params(("scan_id" = String, Path, description = "UUID or number")),
    responses(
        (status = 200, description = "The scan is cancelled", body = Answer<RepositoryScan>),
        (status = 409, description = "The scan has ended", body = crate::errors::ScansError),
    ))]
pub(crate) async fn cancel(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Json<Answer<RepositoryScan>>, Problem> {
    let head = find_scan(&state, &access, id).await?;
    let cancelled = state.changing().cancel(&access.tenant, &head.scan.id).await?;
    Ok(Json(Answer::new(RepositoryScan::of(&state, &cancelled).await?)))
}

/// Deletes a scan with its drifts.
#[utoipa::path(delete, path = "/api/scans/{scan_id}", tag = "repository scans",
    params(("scan_id" = String, Path, description = "UUID or number")),
    responses(
        (status = 200, description = "The scan is gone", body = Answer<answers::Deleted>),
        (status = 409, description = "The scan is running", body = crate::errors::ScansError),
    ))]
pub(crate) async fn delete(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Json<Answer<answers::Deleted>>, Problem> {
    let head = find_scan(&state, &access, id).await?;
    state.changing().delete(&access.tenant, &head.scan.id).await?;
    Ok(Json(Answer::new(answers::Deleted { id: uuid(head.scan.id), deleted: true })))
}

async fn paged(
    state: &AppState,
    access: &Access,
    page: Page,
    filter: Option<impl Fn(&StoredScanHead) -> bool>,
) -> Result<Json<Paged>, Problem> {
    let (offset, limit) = page.range();
    let found = match filter {
        None => state.service().all_scans(&access.tenant, offset, limit),
        Some(filter) => state.service().scans(&access.tenant, filter, SortBy::CreatedAt, false, offset, limit),
    };
    let total = found.total as u64;
    let ids: Vec<_> = found.scans.iter().map(|head| head.scan.id).collect();
    let drifts = state.read(move |ledger| ids.iter().map(|id| ledger.drift_count(id)).collect::<Result<Vec<_>, _>>());
    let data = found.scans.iter().zip(drifts.await?).map(|(head, drifts)| Listed::new(head, drifts)).collect();
    let pagination = NumberedPagination {
        page: page.number(),
        limit: page.limit,
        offset: page.offset,
        total,
        has_more: page.has_more(total),
    };
    Ok(Json(Paged { success: true, data, pagination }))
}

/// The caller's target under an id or a number.
async fn target(state: &AppState, access: &Access, id: RecordId) -> Result<TargetId, Problem> {
    let id = id.uuid(state, access, Numbered::Target).await?;
    let tenant = access.tenant;
    let found = state.read(move |ledger| ledger.target(&tenant, &id)).await?;
    found.map(|target| target.id).ok_or_else(Problem::not_found)
}
