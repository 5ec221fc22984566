//! `/api/scans/{id}/results`: how each control came out.

use axum::Json;
use axum::extract::State;
use plumb_model::framework::{ControlResult, ControlStatus};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::access::Access;
use crate::extract::{PathParams, Query, RecordId};
use crate::problem::Problem;
use crate::state::AppState;
use crate::views::{find_scan, frameworks_named, uuid};

/// Check ids that a finding names; the others are counted.
const NAMED: usize = 5;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    status: Option<ControlStatusWord>,
    /// An id, a name such as `soc2`, or the UUID that `/v1/frameworks` shows
    framework_id: Option<String>,
    control_id: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ControlStatusWord {
    Pass,
    Fail,
    NotApplicable,
    Manual,
    NotEvaluated,
}

impl From<ControlStatusWord> for ControlStatus {
    fn from(word: ControlStatusWord) -> ControlStatus {
        match word {
            ControlStatusWord::Pass => ControlStatus::Pass,
            ControlStatusWord::Fail => ControlStatus::Fail,
            ControlStatusWord::NotApplicable => ControlStatus::NotApplicable,
            ControlStatusWord::Manual => ControlStatus::Manual,
            ControlStatusWord::NotEvaluated => ControlStatus::NotEvaluated,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResultOfControl {
    control_id: String,
    control_title: String,
    framework_id: String,
    #[schema(example = "pass")]
    status: &'static str,
    finding: String,
    /// Under which `/api/evidence` has what was seen.
    evidence_key: String,
}

/// How each control came out, by framework. Only for a scan that has ended.
#[utoipa::path(get, path = "/api/scans/{scan_id}/results", tag = "control results",
    params(("scan_id" = String, Path, description = "UUID or number"), Parameters),
    responses(
        (status = 200, description = "The controls", body = [ResultOfControl]),
        (status = 409, description = "The scan has not ended", body = crate::errors::ProblemDocument, content_type = "application/problem+json"),
    ))]
pub(crate) async fn list(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Vec<ResultOfControl>>, Problem> {
    let head = find_scan(&state, &access, id).await?;
    let id = head.scan.id;
    let stored = state.read(move |ledger| ledger.scan(&id)).await?.ok_or_else(Problem::not_found)?;
    let Some(summary) = stored.summary else {
        return Err(Problem::conflict("The scan has no results yet; wait until it has ended."));
    };
    let wanted = parameters.framework_id.map(|id| frameworks_named(&state, &id));
    let mut results = Vec::new();
    for framework in &summary.frameworks {
        if wanted.as_ref().is_some_and(|wanted| !wanted.contains(&framework.id)) {
            continue;
        }
        for control in &framework.controls {
            let fits = parameters.status.is_none_or(|status| control.status == status.into())
                && parameters.control_id.as_ref().is_none_or(|id| control.id == *id);
            if fits {
                results.push(ResultOfControl {
                    control_id: control.id.clone(),
                    control_title: control.title.clone(),
                    framework_id: framework.id.clone(),
                    status: control.status.as_str(),
                    finding: finding(control),
                    evidence_key: format!("scans/{}/{}/{}", uuid(id), framework.id, control.id),
                });
            }
        }
    }
    Ok(Json(results))
}

/// Why a control came out as it did, in a sentence.
fn finding(control: &ControlResult) -> String {
    let checks = listed(&control.checks);
    match control.status {
        ControlStatus::Fail => {
            let noun = if control.failures == 1 { "violation" } else { "violations" };
            format!("{} {noun} of {checks}", control.failures)
        }
        ControlStatus::Pass => format!("nothing was found by {checks}"),
        ControlStatus::NotApplicable => format!("nothing to look at for {checks}"),
        ControlStatus::Manual if control.checks.is_empty() => "assessed by hand".to_owned(),
        ControlStatus::Manual => format!("a person has to look at what {checks} could not decide"),
        ControlStatus::NotEvaluated if control.checks.is_empty() => {
            format!(
                "none of its checks took part: {}",
                listed(&[control.missing_checks.as_slice(), control.excluded_checks.as_slice()].concat())
            )
        }
        ControlStatus::NotEvaluated => format!("not everything could be looked at by {checks}"),
    }
}

fn listed(checks: &[String]) -> String {
    let named: Vec<&str> = checks.iter().take(NAMED).map(String::as_str).collect();
    match checks.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
