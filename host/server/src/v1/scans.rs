//! `/v1/scans`: a scan's whole life.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse};
use jiff::SignedDuration;
use plumb_engine::service::log::Standing;
use plumb_engine::service::order::{Order, OrderScope, Wanted};
use plumb_engine::service::register::SortBy;
use plumb_model::access::Scope;
use plumb_model::scan::{ScanStatus, ScanType, Trigger};
use plumb_store::{Figures, StoredScanHead};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::access::Access;
use crate::extract::{JsonBody, NoParameters, Page, PathParams, Query, RecordId, WholeNumber};
use crate::family::Family;
use crate::problem::{Detail, Problem};
use crate::routes::Routes;
use crate::state::AppState;
use crate::time::Time;
use crate::v1::Pagination;
use crate::views::{StatusFilter, find_scan, hours, own_urls, some, span, took, uuid};

const DEFAULT: u64 = 20;

/// A scan may be given between a second and a day.
const TIMEOUTS: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(24);

/// Characters of a name.
const NAME_CHARS: usize = 200;

/// Globs in one list of a scope, and characters of one. Each is tried on each resource.
const GLOBS: usize = 1_000;
const GLOB_CHARS: usize = 2_048;

const CHANNELS: [&str; 3] = ["email", "slack", "webhook"];

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

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ScanTypeWord {
    Full,
    Incremental,
    PolicySpecific,
    ResourceSpecific,
    Drift,
}

impl From<ScanTypeWord> for ScanType {
    fn from(word: ScanTypeWord) -> ScanType {
        match word {
            ScanTypeWord::Full => ScanType::Full,
            ScanTypeWord::Incremental => ScanType::Incremental,
            ScanTypeWord::PolicySpecific => ScanType::PolicySpecific,
            ScanTypeWord::ResourceSpecific => ScanType::ResourceSpecific,
            ScanTypeWord::Drift => ScanType::Drift,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScanList {
    scans: Vec<ListedScan>,
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

/// Globs; what is excluded wins.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NewScope {
    /// Of checks, controls, frameworks, and categories of checks
    include_policies: Vec<String>,
    exclude_policies: Vec<String>,
    include_resources: Vec<String>,
    exclude_resources: Vec<String>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[allow(clippy::struct_field_names, reason = "the document's names")]
pub(crate) struct Execution {
    /// Always true: what is to run later belongs into a schedule
    immediate: Option<bool>,
    /// Whether tasks run side by side; true by default
    parallel_execution: Option<bool>,
    #[schema(example = "1h")]
    timeout: Option<String>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Notifications {
    on_completion: bool,
    on_failure: bool,
    /// `email`, `slack` or `webhook`
    channels: Vec<String>,
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
    let found = state.service().scans(&access.tenant, filter, SortBy::CreatedAt, false, offset, limit);
    let total = found.total as u64;
    let listed = |head: &std::sync::Arc<StoredScanHead>| ListedScan {
        head: self::head(head),
        results_summary: head.figures.as_ref().map(results_summary),
    };
    Ok(Json(ScanList { scans: found.scans.iter().map(listed).collect(), pagination: Pagination::new(page, total) }))
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
    Ok(Json(ScanDetails {
        status_reason: found.scan.status_reason.clone(),
        queue_position: service.position(&found.scan.id),
        progress: progress(&found, service.standing(&found.scan.id)),
        results: found.figures.map(|figures| results(&found, &figures, previous_score)),
        remediation: found.figures.map(|figures| Remediation {
            auto_remediated: 0,
            manual_required: figures.violations.iter().sum(),
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
    let order = body.order(&access)?;
    let ordered = state.service().order(order).await?;
    let id = uuid(ordered.head.scan.id);
    let (http, ws) = own_urls(&headers);
    let path = format!("/v1/scans/{id}");
    let location = AppendHeaders([(LOCATION, path.clone())]);
    let answer = TriggeredScan {
        number: ordered.head.scan.number,
        name: ordered.head.scan.about.name.clone(),
        scan_type: ordered.head.scan.about.scan_type.as_str(),
        // It may run already; it was pending when it was taken.
        status: ScanStatus::Pending.as_str(),
        environment: some(&ordered.head.scan.about.environment),
        created_at: ordered.head.scan.created_at.clone(),
        estimated_duration: span(ordered.estimated_duration),
        estimated_resources: ordered.estimated_resources,
        queue_position: ordered.position,
        monitoring: Monitoring { progress_url: format!("{http}{path}"), websocket_url: format!("{ws}{path}/stream") },
        id,
    };
    Ok((StatusCode::CREATED, location, Json(answer)))
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
    let cancelled = state.service().cancel(&access.tenant, &found.scan.id).await?;
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
    fn order(self, access: &Access) -> Result<Order, Problem> {
        let mut problems: Vec<Detail> = Vec::new();
        let mut wrong = |field: &str, message: String| problems.push(Detail { field: field.to_owned(), message });
        let (scope, execution) = (self.scope.unwrap_or_default(), self.execution.unwrap_or_default());
        let notifications = self.notifications.unwrap_or_default();
        if self.name.trim().is_empty() || self.name.chars().count() > NAME_CHARS {
            wrong("name", format!("A name has 1 to {NAME_CHARS} characters"));
        }
        if self.environment.trim().is_empty() {
            wrong("environment", "An environment must be specified".to_owned());
        }
        if self.cloud_providers.is_empty() {
            wrong("cloud_providers", "At least one cloud provider must be specified".to_owned());
        }
        if execution.immediate == Some(false) {
            wrong("execution.immediate", "A triggered scan begins as soon as there is a place for it".to_owned());
        }
        let timeout = execution.timeout.as_deref().map(timeout);
        if let Some(Err(message)) = &timeout {
            wrong("execution.timeout", message.clone());
        }
        for channel in notifications.channels.iter().filter(|channel| !CHANNELS.contains(&channel.as_str())) {
            wrong("notifications.channels", format!("'{channel}' is no channel; use {}", CHANNELS.join(", ")));
        }
        if self.audit_name.as_ref().is_some_and(|name| name.chars().count() > NAME_CHARS) {
            wrong("audit_name", format!("A name has up to {NAME_CHARS} characters"));
        }
        let lists = [
            ("scope.include_policies", &scope.include_policies),
            ("scope.exclude_policies", &scope.exclude_policies),
            ("scope.include_resources", &scope.include_resources),
            ("scope.exclude_resources", &scope.exclude_resources),
            ("cloud_providers", &self.cloud_providers),
            ("frameworks", &self.frameworks),
        ];
        for (field, globs) in lists {
            if globs.len() > GLOBS || globs.iter().any(|glob| glob.len() > GLOB_CHARS) {
                wrong(field, format!("Give at most {GLOBS}, each of at most {GLOB_CHARS} bytes"));
            }
        }
        if !problems.is_empty() {
            return Err(Problem::invalid_fields(problems));
        }
        Ok(Order {
            tenant: access.tenant,
            name: self.name,
            scan_type: self.scan_type.into(),
            trigger: Trigger::Manual,
            audit_name: self.audit_name,
            targets: Wanted {
                ids: None::<BTreeSet<_>>,
                environment: Some(self.environment),
                providers: self.cloud_providers,
            },
            frameworks: self.frameworks,
            scope: OrderScope {
                include_policies: scope.include_policies,
                exclude_policies: scope.exclude_policies,
                include_resources: scope.include_resources,
                exclude_resources: scope.exclude_resources,
            },
            timeout: timeout.and_then(Result::ok),
            serial: execution.parallel_execution == Some(false),
        })
    }
}

/// `1h`, `90m`, `45m30s`.
fn timeout(text: &str) -> Result<Duration, String> {
    let wrong = || "Write a time from 1s to 24h such as 1h, 90m or 45m30s".to_owned();
    let parsed: SignedDuration = text.parse().map_err(|_| wrong())?;
    let parsed = Duration::try_from(parsed).map_err(|_| wrong())?;
    if TIMEOUTS.contains(&parsed) { Ok(parsed) } else { Err(wrong()) }
}
