//! `/api/scan/history`: completed scans with what was new, resolved and unchanged in them.

use axum::Json;
use axum::extract::State;
use plumb_engine::service::register::SortBy;
use plumb_model::access::Scope;
use plumb_model::scan::ScanStatus;
use plumb_model::target::PolicyId;
use plumb_store::{Numbered, StoredScanHead};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::access::Access;
use crate::extract::{Page, Query, RecordId, WholeNumber};
use crate::family::Family;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::state::AppState;
use crate::time::Time;
use crate::views::uuid;

/// Scans of a page, unless the client says otherwise.
const DEFAULT: u64 = 100;

/// Characters of an audit name.
const AUDIT_NAME: usize = 200;

pub(crate) fn routes() -> Routes {
    Routes::new().get("/api/scan/history", Scope::ScansRead, Family::S2, history).documented(Documented::openapi())
}

#[derive(OpenApi)]
#[openapi(paths(history), components(schemas(Sort, Direction)))]
struct Documented;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// Only scans of this policy
    #[param(value_type = Option<String>, pattern = "^([0-9]{1,18}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$")]
    policy_id: Option<RecordId>,
    /// Only scans whose audit name contains this, in whatever case
    #[param(max_length = 200)]
    audit_name: Option<String>,
    /// Only scans created at or after this date or time
    #[param(value_type = Option<String>)]
    from_date: Option<Time>,
    /// Only scans created at or before this time; of a date, before the day begins
    #[param(value_type = Option<String>)]
    to_date: Option<Time>,
    /// Only scans with at least this score
    min_score: Option<f64>,
    /// Only scans with at most this score
    max_score: Option<f64>,
    /// `created_at` by default
    sort: Option<Sort>,
    /// `desc` by default
    order: Option<Direction>,
    /// 100 by default and at most
    limit: Option<WholeNumber>,
    /// 0 by default
    offset: Option<WholeNumber>,
}

#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sort {
    CreatedAt,
    Score,
    ViolationCount,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    Asc,
    Desc,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct History {
    scans: Vec<CompletedScan>,
}

/// A violation is counted once for each check and account, so `new_violations + unchanged_count = violation_count`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CompletedScan {
    id: String,
    /// None for scans from the command line.
    policy_id: Option<String>,
    /// Per cent of the controls that were decided; none where none was.
    score: Option<f64>,
    /// Per cent of what could be evaluated that was.
    coverage: f64,
    violation_count: u64,
    new_violations: u64,
    resolved_violations: u64,
    unchanged_count: u64,
    #[schema(example = "completed")]
    status: &'static str,
    created_at: String,
    completed_at: Option<String>,
    audit_name: Option<String>,
}

/// Completed scans, the newest first.
#[utoipa::path(get, path = "/api/scan/history", tag = "scan history", params(Parameters), responses(
    (status = 200, description = "Completed scans", body = History),
))]
pub(crate) async fn history(
    State(state): State<AppState>,
    access: Access,
    Query(parameters): Query<Parameters>,
) -> Result<Json<History>, Problem> {
    let policy = match parameters.policy_id {
        None => None,
        Some(id) => Some(id.uuid(&state, &access, Numbered::Policy).await?),
    };
    let filter = parameters.filter(policy)?;
    let sort = match parameters.sort {
        None | Some(Sort::CreatedAt) => SortBy::CreatedAt,
        Some(Sort::Score) => SortBy::Score,
        Some(Sort::ViolationCount) => SortBy::ViolationCount,
    };
    let ascending = parameters.order == Some(Direction::Asc);
    let (offset, limit) = Page::by_offset(parameters.offset, parameters.limit, DEFAULT).range();
    let page = state.service().scans(&access.tenant, filter, sort, ascending, offset, limit);
    Ok(Json(History { scans: page.scans.iter().map(|head| completed(head)).collect() }))
}

impl Parameters {
    fn filter(&self, policy: Option<PolicyId>) -> Result<impl Fn(&StoredScanHead) -> bool + use<>, Problem> {
        if self.audit_name.as_ref().is_some_and(|name| name.chars().count() > AUDIT_NAME) {
            let words = format!("it has more than {AUDIT_NAME} characters, and no name has");
            return Err(Problem::invalid_parameter("audit_name", words));
        }
        for (name, score) in [("min_score", self.min_score), ("max_score", self.max_score)] {
            if score.is_some_and(|score| !(0.0..=100.0).contains(&score)) {
                return Err(Problem::invalid_parameter(name, "a score is a number from 0 to 100"));
            }
        }
        let audit_name = self.audit_name.as_ref().map(|name| name.to_lowercase());
        let (from, to) = (self.from_date.map(Time::stored), self.to_date.map(Time::stored));
        let (least, most) = (self.min_score, self.max_score);
        Ok(move |head: &StoredScanHead| {
            let about = &head.scan.about;
            let score = head.figures.and_then(|figures| figures.score);
            let named =
                |wanted: &String| about.audit_name.as_ref().is_some_and(|name| name.to_lowercase().contains(wanted));
            head.scan.status == ScanStatus::Completed
                && policy.is_none_or(|policy| about.policy == Some(policy))
                && audit_name.as_ref().is_none_or(named)
                && from.as_ref().is_none_or(|from| head.scan.created_at >= *from)
                && to.as_ref().is_none_or(|to| head.scan.created_at <= *to)
                && least.is_none_or(|least| score.is_some_and(|score| score >= least))
                && most.is_none_or(|most| score.is_some_and(|score| score <= most))
        })
    }
}

fn completed(head: &StoredScanHead) -> CompletedScan {
    let signatures = head.figures.and_then(|figures| figures.signatures).unwrap_or_default();
    CompletedScan {
        id: uuid(head.scan.id),
        policy_id: head.scan.about.policy.map(uuid),
        score: head.figures.and_then(|figures| figures.score),
        coverage: head.scan.coverage.percent(),
        violation_count: signatures.violations,
        new_violations: signatures.delta.new,
        resolved_violations: signatures.delta.resolved,
        unchanged_count: signatures.delta.unchanged,
        status: head.scan.status.as_str(),
        created_at: head.scan.created_at.clone(),
        completed_at: head.scan.completed_at.clone(),
        audit_name: head.scan.about.audit_name.clone(),
    }
}
