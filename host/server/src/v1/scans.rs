//! `/v1/scans`: a scan's whole life.

use axum::Json;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse};
use plumb_engine::service::Ordered;
use plumb_engine::service::log::Standing;
use plumb_engine::service::order::Order;
use plumb_engine::service::register::SortBy;
use plumb_model::access::Scope;
use plumb_model::scan::ScanStatus;
use plumb_store::{Figures, StoredScanHead};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::access::Access;
use crate::extract::{JsonBody, NoParameters, Page, PathParams, Query, RecordId, WholeNumber};
use crate::family::Family;
use crate::problem::{Detail, Problem};
use crate::routes::Routes;
use crate::rows::Row;
use crate::state::AppState;
use crate::time::Time;
use crate::v1::Pagination;
use crate::v1::scan_config::{Execution, NAME_CHARS, NewScope, Notifications, ScanConfigBody, ScanTypeWord};
use crate::views::{StatusFilter, find_scan, hours, own_urls, some, span, took, uuid};

const DEFAULT: u64 = 20;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/v1/scans", Scope::ScansRead, Family::S3, list)
        .post("/v1/scans", Scope::ScansTrigger, Family::S3, trigger)
        .triggering()
        .creating()
        .get("/v1/scans/{scan_id}", Scope::ScansRead, Family::S3, show)
        .delete("/v1/scans/{scan_id}", Scope::ScansTrigger, Family::S3, cancel)
        .documented(Documented::openapi())
}

#[derive(OpenApi)]
#[openapi(paths(list, trigger, show, cancel))]
struct Documented;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    #[param(value_type = Option<String>, pattern = "^(pending|queued|running|completed|failed|cancelled)$")]
    status: Option<StatusFilter>,
    environment: Option<String>,
    #[param(value_type = Option<ScanTypeWord>)]
    scan_type: Option<ScanTypeWord>,
    /// Only scans created at or after this
    #[param(value_type = Option<String>)]
    from_date: Option<Time>,
    /// Only scans created at or before this
    #[param(value_type = Option<String>)]
    to_date: Option<Time>,
    /// 20 by default, 100 at most
    limit: Option<WholeNumber>,
    offset: Option<WholeNumber>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScanList {
    #[schema(value_type = Vec<ListedScan>)]
    scans: Vec<Row>,
    pagination: Pagination,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListedScan {
    #[serde(flatten)]
    head: Head,
    results_summary: Option<ResultsSummary>,
}

/// What every answer about a scan begins with.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Head {
    id: String,
    /// The tenant's number of it.
    number: u64,
    name: String,
    #[schema(example = "full")]
    scan_type: &'static str,
    #[schema(example = "completed")]
    status: &'static str,
    environment: Option<String>,
    cloud_providers: Vec<String>,
    /// As asked for; none means all that fit.
    frameworks: Vec<String>,
    policy_id: Option<String>,
    /// The schedule that ordered it.
    schedule_id: Option<String>,
    audit_name: Option<String>,
    #[schema(example = "manual")]
    triggered_by: &'static str,
    created_at: String,
    started_at: Option<String>,
    completed_at: Option<String>,
    #[schema(example = "45m32s")]
    duration: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResultsSummary {
    compliance_score: Option<f64>,
    total_violations: u64,
    critical_violations: u64,
    high_violations: u64,
    resources_scanned: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScanDetails {
    #[serde(flatten)]
    head: Head,
    /// Why it failed or was cancelled.
    status_reason: Option<String>,
    /// Its place in the queue, from 1.
    queue_position: Option<usize>,
    progress: Progress,
    results: Option<Results>,
    remediation: Option<Remediation>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Progress {
    /// An estimate until the scan has ended.
    total_resources: u64,
    scanned_resources: u64,
    percentage: f64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Results {
    compliance_score: Option<f64>,
    previous_score: Option<f64>,
    /// Per cent of what could be evaluated that was.
    coverage: f64,
    total_violations: u64,
    new_violations: u64,
    resolved_violations: u64,
    violation_breakdown: Breakdown,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Breakdown {
    critical: u64,
    high: u64,
    medium: u64,
    low: u64,
    informational: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Remediation {
    /// Violations that a remediation run has mended.
    auto_remediated: u64,
    manual_required: u64,
    /// By the checks' own estimates.
    #[schema(example = "14.5h")]
    estimated_effort: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewScan {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    scan_type: ScanTypeWord,
    /// The label `environment` of the targets to scan
    #[schema(min_length = 1)]
    environment: String,
    /// Clouds, or names of providers
    #[schema(min_items = 1)]
    cloud_providers: Vec<String>,
    /// Ids, or names such as `soc2`; all that fit if none is given
    #[serde(default)]
    frameworks: Vec<String>,
    #[serde(default)]
    scope: Option<NewScope>,
    #[serde(default)]
    execution: Option<Execution>,
    #[serde(default)]
    notifications: Option<Notifications>,
    #[schema(max_length = 200)]
    audit_name: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TriggeredScan {
    id: String,
    number: u64,
    name: String,
    scan_type: &'static str,
    #[schema(example = "pending")]
    status: &'static str,
    environment: Option<String>,
    created_at: String,
    #[schema(example = "25m0s")]
    estimated_duration: String,
    estimated_resources: u64,
    /// Its place in the queue, from 1; 0 if it begins at once
    queue_position: usize,
    monitoring: Monitoring,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Monitoring {
    progress_url: String,
    websocket_url: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CancelledScan {
    id: String,
    #[schema(example = "cancelled")]
    status: &'static str,
    cancelled_at: Option<String>,
    partial_results: PartialResults,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartialResults {
    resources_scanned: u64,
    total_resources: u64,
    completion_percentage: f64,
    violations_found: u64,
    data_available: bool,
}

/// The tenant's scans, the newest first.
#[utoipa::path(get, path = "/v1/scans", tag = "scans", params(Parameters), responses(
    (status = 200, description = "A page of scans", body = ScanList),
))]
pub(crate) async fn list(
    State(state): State<AppState>,
    access: Access,
    Query(parameters): Query<Parameters>,
) -> Result<Json<ScanList>, Problem> {
    let Parameters { status, environment, scan_type, from_date, to_date, limit, offset } = parameters;
    let (from, to) = (from_date.map(Time::stored), to_date.map(Time::stored));
    let everything = status.is_none() && environment.is_none() && scan_type.is_none() && from.is_none() && to.is_none();
    let filter = move |head: &StoredScanHead| {
        let about = &head.scan.about;
        status.is_none_or(|status| head.scan.status == status.0)
            && environment.as_ref().is_none_or(|environment| about.environment == *environment)
            && scan_type.is_none_or(|scan_type| about.scan_type == scan_type.into())
            && from.as_ref().is_none_or(|from| head.scan.created_at >= *from)
            && to.as_ref().is_none_or(|to| head.scan.created_at <= *to)
    };
    let page = Page::by_offset(offset, limit, DEFAULT);
    let (offset, limit) = page.range();
    let service = state.service();
    let found = if everything {
        service.all_scans(&access.tenant, offset, limit)
    } else {
        service.scans(&access.tenant, filter, SortBy::CreatedAt, false, offset, limit)
    };
    let total = found.total as u64;
    let listed = |head: &StoredScanHead| ListedScan {
        head: self::head(head),
        results_summary: head.figures.as_ref().map(results_summary),
    };
    Ok(Json(ScanList { scans: state.rows.of(&found.scans, listed)?, pagination: Pagination::new(page, total) }))
}

/// A scan, with its progress while it runs and its results once it has ended.
#[utoipa::path(get, path = "/v1/scans/{scan_id}", tag = "scans", params(("scan_id" = String, Path, description = "UUID or number")),
    responses((status = 200, description = "The scan", body = ScanDetails)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Json<ScanDetails>, Problem> {
    let found = find_scan(&state, &access, id).await?;
    let service = state.service();
    let previous = found.scan.previous.and_then(|previous| service.scan(&access.tenant, &previous));
    let previous_score = previous.and_then(|previous| previous.figures).and_then(|figures| figures.score);
    let id = found.scan.id;
    let mended = state.read(move |ledger| ledger.fixed_violations(&access.tenant, &id)).await?;
    Ok(Json(ScanDetails {
        status_reason: found.scan.status_reason.clone(),
        queue_position: service.position(&found.scan.id),
        progress: progress(&found, service.standing(&found.scan.id)),
        results: found.figures.map(|figures| results(&found, &figures, previous_score)),
        remediation: found.figures.map(|figures| Remediation {
            auto_remediated: mended,
            manual_required: figures.violations.iter().sum::<u64>().saturating_sub(mended),
            estimated_effort: hours(figures.effort_minutes),
        }),
        head: head(&found),
    }))
}

/// Orders a scan. It begins as soon as there is a place for it.
#[utoipa::path(post, path = "/v1/scans", tag = "scans", request_body = NewScan, responses(
    (status = 201, description = "The scan waits or has begun", body = TriggeredScan),
))]
pub(crate) async fn trigger(
    State(state): State<AppState>,
    access: Access,
    headers: HeaderMap,
    _: NoParameters,
    JsonBody(body): JsonBody<NewScan>,
) -> Result<impl IntoResponse, Problem> {
    let order = body.order(&state, &access).await?;
    let ordered = state.order(order).await?;
    let (answer, path) = TriggeredScan::new(&ordered, &headers);
    Ok((StatusCode::CREATED, AppendHeaders([(LOCATION, path)]), Json(answer)))
}

impl TriggeredScan {
    /// What whoever ordered a scan is told, and the path of the scan.
    pub(crate) fn new(ordered: &Ordered, headers: &HeaderMap) -> (TriggeredScan, String) {
        let scan = &ordered.head.scan;
        let id = uuid(scan.id);
        let (http, ws) = own_urls(headers);
        let path = format!("/v1/scans/{id}");
        let answer = TriggeredScan {
            number: scan.number,
            name: scan.about.name.clone(),
            scan_type: scan.about.scan_type.as_str(),
            // It may run already; it was pending when it was taken.
            status: ScanStatus::Pending.as_str(),
            environment: some(&scan.about.environment),
            created_at: scan.created_at.clone(),
            estimated_duration: span(ordered.estimated_duration),
            estimated_resources: ordered.estimated_resources,
            queue_position: ordered.position,
            monitoring: Monitoring {
                progress_url: format!("{http}{path}"),
                websocket_url: format!("{ws}{path}/stream"),
            },
            id,
        };
        (answer, path)
    }
}

/// Cancels a scan that waits or runs. What it has found so far is kept.
#[utoipa::path(delete, path = "/v1/scans/{scan_id}", tag = "scans", params(("scan_id" = String, Path, description = "UUID or number")),
    responses(
        (status = 200, description = "The scan is cancelled", body = CancelledScan),
        (status = 409, description = "The scan has ended", body = crate::errors::ScanError),
    ))]
pub(crate) async fn cancel(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Json<CancelledScan>, Problem> {
    let found = find_scan(&state, &access, id).await?;
    let standing = state.service().standing(&found.scan.id);
    let cancelled = state.changing().cancel(&access.tenant, &found.scan.id).await?;
    let figures = cancelled.figures.unwrap_or_default();
    let total = standing.map_or(0, |standing| standing.total_resources).max(figures.resources);
    let done = Standing { scanned_resources: figures.resources, total_resources: total, ..Standing::default() };
    Ok(Json(CancelledScan {
        id: uuid(cancelled.scan.id),
        status: cancelled.scan.status.as_str(),
        cancelled_at: cancelled.scan.completed_at.clone(),
        partial_results: PartialResults {
            resources_scanned: figures.resources,
            total_resources: total,
            completion_percentage: done.percentage(),
            violations_found: figures.violations.iter().sum(),
            data_available: figures.resources > 0,
        },
    }))
}

fn head(head: &StoredScanHead) -> Head {
    let (scan, about) = (&head.scan, &head.scan.about);
    let providers = || scan.provider.split(", ").map(str::to_owned).collect();
    Head {
        id: uuid(scan.id),
        number: scan.number,
        // A scan from the command line is known by what it looked at.
        name: some(&about.name).unwrap_or_else(|| scan.target.clone()),
        scan_type: about.scan_type.as_str(),
        status: scan.status.as_str(),
        environment: some(&about.environment),
        cloud_providers: if about.cloud_providers.is_empty() { providers() } else { about.cloud_providers.clone() },
        frameworks: about.frameworks.clone(),
        policy_id: about.policy.map(uuid),
        schedule_id: about.schedule.map(uuid),
        audit_name: about.audit_name.clone(),
        triggered_by: about.trigger.as_str(),
        created_at: scan.created_at.clone(),
        started_at: scan.started_at.clone(),
        completed_at: scan.completed_at.clone(),
        duration: took(head),
    }
}

fn results_summary(figures: &Figures) -> ResultsSummary {
    let [critical, high, ..] = figures.violations;
    ResultsSummary {
        compliance_score: figures.score,
        total_violations: figures.violations.iter().sum(),
        critical_violations: critical,
        high_violations: high,
        resources_scanned: figures.resources,
    }
}

fn results(head: &StoredScanHead, figures: &Figures, previous_score: Option<f64>) -> Results {
    let [critical, high, medium, low, informational] = figures.violations;
    let total = figures.violations.iter().sum();
    Results {
        compliance_score: figures.score,
        previous_score,
        coverage: head.scan.coverage.percent(),
        total_violations: total,
        // Without a predecessor everything is new.
        new_violations: figures.delta.map_or(total, |delta| delta.new),
        resolved_violations: figures.delta.map_or(0, |delta| delta.resolved),
        violation_breakdown: Breakdown { critical, high, medium, low, informational },
    }
}

fn progress(head: &StoredScanHead, standing: Option<Standing>) -> Progress {
    let ended = head.figures.map(|figures| Standing {
        scanned_resources: figures.resources,
        total_resources: figures.resources,
        tasks_done: head.scan.coverage.tasks_done,
        tasks: head.scan.coverage.tasks,
        ..Standing::default()
    });
    // What is recorded is the whole; the standing may be of a scan that has just ended.
    let standing = ended.or(standing).unwrap_or_default();
    let whole = head.scan.status == ScanStatus::Completed;
    Progress {
        total_resources: standing.total_resources,
        scanned_resources: standing.scanned_resources,
        percentage: if whole { 100.0 } else { standing.percentage() },
    }
}

impl NewScan {
    async fn order(self, state: &AppState, access: &Access) -> Result<Order, Problem> {
        let mut problems: Vec<Detail> = Vec::new();
        let NewScan { name, scan_type, environment, cloud_providers, frameworks, scope, execution, audit_name, .. } =
            self;
        if name.trim().is_empty() || name.chars().count() > NAME_CHARS {
            let message = format!("A name has 1 to {NAME_CHARS} characters");
            problems.push(Detail { field: "name".to_owned(), message });
        }
        let config =
            ScanConfigBody { scan_type, environment, cloud_providers, frameworks, scope, execution, audit_name };
        let config = config.read("", &mut problems);
        let tenant = access.tenant;
        let known = state.read(move |ledger| ledger.channels(&tenant)).await?;
        let notifications = self.notifications.unwrap_or_default().read(&known, &mut problems);
        if !problems.is_empty() {
            return Err(Problem::invalid_fields(problems));
        }
        Ok(Order { tenant: access.tenant, name, notifications, ..Order::from(config) })
    }
}
