//! `/api/v1/drifts`: resources that are not as they were captured, and what people do about them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use plumb_engine::service::order::Order;
use plumb_model::access::Scope;
use plumb_model::check::Severity;
use plumb_model::drift::{Difference, Drift, DriftId, DriftStatus, DriftType};
use plumb_model::scan::{ScanStatus, ScanType, Trigger};
use plumb_model::tenant::TenantId;
use plumb_store::{DriftFilter, Numbered};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::access::Access;
use crate::extract::{JsonBody, NoParameters, Page, PathParams, Query, RecordId, WholeNumber};
use crate::family::Family;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::state::AppState;
use crate::time::now;
use crate::views::{SeverityWord, uuid};

const DEFAULT: u64 = 20;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/drifts/detect", Scope::ScansTrigger, Family::S5, detect)
        .triggering()
        .creating()
        .get("/api/v1/drifts", Scope::DriftsRead, Family::S5, list)
        .get("/api/v1/drifts/summary", Scope::DriftsRead, Family::S5, summary)
        .get("/api/v1/drifts/{id}", Scope::DriftsRead, Family::S5, show)
        .patch("/api/v1/drifts/{id}", Scope::DriftsWrite, Family::S5, update)
        .post("/api/v1/drifts/{id}/resolve", Scope::DriftsWrite, Family::S5, resolve)
        .documented(Documented::openapi())
}

#[derive(OpenApi)]
#[openapi(
    paths(detect, list, summary, show, update, resolve),
    components(schemas(DriftTypeWord, DriftStatusWord, SeverityWord))
)]
struct Documented;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// A target's number or UUID
    #[param(value_type = Option<String>, pattern = "^([0-9]{1,18}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$")]
    pub(crate) provider_id: Option<RecordId>,
    /// A resource's number
    pub(crate) resource_id: Option<WholeNumber>,
    pub(crate) severity: Option<SeverityWord>,
    pub(crate) r#type: Option<DriftTypeWord>,
    pub(crate) status: Option<DriftStatusWord>,
    /// From 1
    pub(crate) page: Option<WholeNumber>,
    /// 20 by default, 100 at most
    pub(crate) per_page: Option<WholeNumber>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DriftTypeWord {
    Configuration,
    Security,
    Compliance,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DriftStatusWord {
    Detected,
    Investigating,
    Resolved,
}

/// A drift detection that was started.
#[derive(Debug, Serialize, ToSchema)]
#[allow(clippy::struct_field_names, reason = "the document's names")]
pub(crate) struct Job {
    /// The scan's number.
    pub(crate) job_id: u64,
    pub(crate) scan_id: String,
    #[schema(example = "running")]
    pub(crate) status: &'static str,
    pub(crate) message: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DriftList {
    pub(crate) data: Vec<DriftHead>,
    pub(crate) meta: Meta,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Meta {
    pub(crate) total: u64,
    page: u64,
    /// The size used.
    per_page: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DriftHead {
    /// The tenant's number of it; every path takes it or the UUID.
    pub(crate) id: u64,
    uuid: String,
    provider_id: u64,
    resource_id: u64,
    resource_name: String,
    #[schema(example = "aws_s3_bucket")]
    resource_type: String,
    /// The Terraform address, modules included.
    resource_address: String,
    /// `changed`, `missing` or `unmanaged`
    kind: &'static str,
    #[schema(example = "security")]
    drift_type: &'static str,
    #[schema(example = "critical")]
    severity: &'static str,
    #[schema(example = "detected")]
    pub(crate) status: &'static str,
    summary: String,
    /// Of the attribute that matters most; nothing where the whole resource is meant.
    baseline_value: Value,
    current_value: Value,
    detected_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DriftAnswer {
    #[serde(flatten)]
    pub(crate) head: DriftHead,
    /// RFC 6902: makes the baseline's attributes the current ones.
    diff: Value,
    differences: Vec<DifferenceAnswer>,
    /// A check that passed on the baseline and fails now.
    failing_check: Option<String>,
    scan_id: Option<String>,
    /// The resolved drift of the same resource that came before.
    previous_id: Option<String>,
    updated_at: String,
    resolved_at: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DifferenceAnswer {
    path: String,
    baseline: Value,
    current: Value,
    /// How much a change of it matters to security.
    security: Option<&'static str>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DriftSummary {
    total: u64,
    by_severity: BySeverity,
    by_status: ByStatus,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BySeverity {
    critical: u64,
    high: u64,
    medium: u64,
    low: u64,
    informational: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ByStatus {
    detected: u64,
    investigating: u64,
    resolved: u64,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStatus {
    /// `investigating` or `resolved`
    pub(crate) status: DriftStatusWord,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Resolution {
    /// Whether the current configuration becomes the baseline
    pub(crate) capture_baseline: bool,
}

/// Compares every target with its baseline.
#[utoipa::path(post, path = "/api/v1/drifts/detect", tag = "drifts", responses(
    (status = 202, description = "The scan waits or has begun", body = Job),
))]
pub(crate) async fn detect(
    State(state): State<AppState>,
    access: Access,
    _: NoParameters,
) -> Result<(StatusCode, Json<Job>), Problem> {
    let order =
        Order { tenant: access.tenant, scan_type: ScanType::Drift, trigger: Trigger::Manual, ..Order::default() };
    let ordered = state.order(order).await?;
    let status = if ordered.position == 0 { ScanStatus::Running } else { ScanStatus::Pending };
    let job = Job {
        job_id: ordered.head.scan.number,
        scan_id: uuid(ordered.head.scan.id),
        status: status.as_str(),
        message: "Drift detection scan started",
    };
    Ok((StatusCode::ACCEPTED, Json(job)))
}

/// Drifts, the newest first.
#[utoipa::path(get, path = "/api/v1/drifts", tag = "drifts", params(Parameters), responses(
    (status = 200, description = "A page of drifts", body = DriftList),
))]
pub(crate) async fn list(
    State(state): State<AppState>,
    access: Access,
    Query(parameters): Query<Parameters>,
) -> Result<Json<DriftList>, Problem> {
    let page = Page::by_number(parameters.page, parameters.per_page, DEFAULT);
    let target = match parameters.provider_id {
        None => None,
        // A target that is not there has no drifts.
        Some(id) => match id.uuid(&state, &access, Numbered::Target).await {
            Ok(id) => Some(id),
            Err(_) => Some([0; 16]),
        },
    };
    let filter = DriftFilter {
        target,
        resource: parameters.resource_id.map(WholeNumber::get),
        severity: parameters.severity.map(Into::into),
        drift_type: parameters.r#type.map(Into::into),
        status: parameters.status.map(Into::into),
    };
    let (_, limit) = page.range();
    let found = state.read(move |ledger| ledger.drifts(&access.tenant, &filter, page.offset, limit)).await?;
    Ok(Json(DriftList {
        data: found.drifts.iter().map(DriftHead::from).collect(),
        meta: Meta { total: found.total, page: page.number(), per_page: page.limit },
    }))
}

/// How many drifts there are, by severity and by status.
#[utoipa::path(get, path = "/api/v1/drifts/summary", tag = "drifts", responses(
    (status = 200, description = "The counts", body = DriftSummary),
))]
pub(crate) async fn summary(
    State(state): State<AppState>,
    access: Access,
    _: NoParameters,
) -> Result<Json<DriftSummary>, Problem> {
    let counts = state.read(move |ledger| ledger.drift_counts(&access.tenant, &DriftFilter::default())).await?;
    let [critical, high, medium, low, informational] = counts.by_severity;
    let [detected, investigating, resolved] = counts.by_status;
    Ok(Json(DriftSummary {
        total: counts.total,
        by_severity: BySeverity { critical, high, medium, low, informational },
        by_status: ByStatus { detected, investigating, resolved },
    }))
}

/// One drift with all its differences.
#[utoipa::path(get, path = "/api/v1/drifts/{id}", tag = "drifts", params(("id" = String, Path, description = "Number or UUID")),
    responses((status = 200, description = "The drift", body = DriftAnswer)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Json<DriftAnswer>, Problem> {
    let (tenant, id) = find(&state, &access, id).await?;
    let found = state.read(move |ledger| ledger.drift(&tenant, &id)).await?;
    found.map(|drift| Json(drift.into())).ok_or_else(Problem::not_found)
}

/// Moves a drift on: detected, investigating, resolved.
#[utoipa::path(patch, path = "/api/v1/drifts/{id}", tag = "drifts", params(("id" = String, Path, description = "Number or UUID")),
    request_body = NewStatus, responses(
        (status = 200, description = "The drift", body = DriftAnswer),
        (status = 409, description = "The drift cannot move there", body = crate::errors::ProblemDocument, content_type = "application/problem+json"),
    ))]
pub(crate) async fn update(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
    JsonBody(NewStatus { status }): JsonBody<NewStatus>,
) -> Result<Json<DriftAnswer>, Problem> {
    let (tenant, id) = find(&state, &access, id).await?;
    let moved = state.write(move |ledger| ledger.move_drift(&tenant, &id, status.into(), &now())).await?;
    Ok(Json(moved.into()))
}

/// Resolves a drift, whether somebody has begun to investigate it or not.
#[utoipa::path(post, path = "/api/v1/drifts/{id}/resolve", tag = "drifts", params(("id" = String, Path, description = "Number or UUID")),
    request_body = Option<Resolution>, responses(
        (status = 200, description = "The drift", body = DriftAnswer),
        (status = 409, description = "The drift is resolved already", body = crate::errors::ProblemDocument, content_type = "application/problem+json"),
    ))]
pub(crate) async fn resolve(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
    body: Option<JsonBody<Resolution>>,
) -> Result<Json<DriftAnswer>, Problem> {
    let Resolution { capture_baseline } = body.map(|JsonBody(body)| body).unwrap_or_default();
    let (tenant, id) = find(&state, &access, id).await?;
    let resolved = state.write(move |ledger| ledger.resolve_drift(&tenant, &id, &now(), capture_baseline)).await?;
    Ok(Json(resolved.into()))
}

/// The caller's drift under an id or a number.
pub(crate) async fn find(state: &AppState, access: &Access, id: RecordId) -> Result<(TenantId, DriftId), Problem> {
    let (tenant, id) = (access.tenant, id.uuid(state, access, Numbered::Drift).await?);
    let found = state.read(move |ledger| ledger.drift(&tenant, &id)).await?;
    found.map(|drift| (tenant, drift.id)).ok_or_else(Problem::not_found)
}

/// JSON text as a value; what was shortened is no JSON any more and is given as the text it is.
fn value(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)) }
}

impl From<&Drift> for DriftHead {
    fn from(drift: &Drift) -> DriftHead {
        DriftHead {
            id: drift.number,
            uuid: uuid(drift.id),
            provider_id: drift.target_number,
            resource_id: drift.resource_number,
            resource_name: drift.resource.name.clone(),
            resource_type: drift.resource.kind.clone(),
            resource_address: drift.address.clone(),
            kind: drift.kind.as_str(),
            drift_type: drift.drift_type.as_str(),
            severity: drift.severity.as_str(),
            status: drift.status.as_str(),
            summary: drift.summary.clone(),
            baseline_value: value(&drift.baseline_value),
            current_value: value(&drift.current_value),
            detected_at: drift.detected_at.clone(),
        }
    }
}

impl From<Drift> for DriftAnswer {
    fn from(drift: Drift) -> DriftAnswer {
        DriftAnswer {
            head: DriftHead::from(&drift),
            diff: value(&drift.patch),
            differences: drift.differences.iter().map(DifferenceAnswer::from).collect(),
            failing_check: drift.failing_check,
            scan_id: drift.scan.map(uuid),
            previous_id: drift.previous.map(uuid),
            updated_at: drift.updated_at,
            resolved_at: drift.resolved_at,
        }
    }
}

impl From<&Difference> for DifferenceAnswer {
    fn from(difference: &Difference) -> DifferenceAnswer {
        DifferenceAnswer {
            path: difference.path.clone(),
            baseline: value(&difference.baseline),
            current: value(&difference.current),
            security: difference.security.map(Severity::as_str),
        }
    }
}

impl From<DriftTypeWord> for DriftType {
    fn from(word: DriftTypeWord) -> DriftType {
        match word {
            DriftTypeWord::Configuration => DriftType::Configuration,
            DriftTypeWord::Security => DriftType::Security,
            DriftTypeWord::Compliance => DriftType::Compliance,
        }
    }
}

impl From<DriftStatusWord> for DriftStatus {
    fn from(word: DriftStatusWord) -> DriftStatus {
        match word {
            DriftStatusWord::Detected => DriftStatus::Detected,
            DriftStatusWord::Investigating => DriftStatus::Investigating,
            DriftStatusWord::Resolved => DriftStatus::Resolved,
        }
    }
}
