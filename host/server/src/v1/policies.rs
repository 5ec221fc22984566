//! `/v1/policies`: which targets are scanned against which frameworks. A scan makes its policy if there is none yet.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use plumb_model::access::Scope;
use plumb_model::target::Policy;
use plumb_store::Numbered;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use crate::access::Access;
use crate::extract::{JsonBody, NoParameters, PathParams, RecordId};
use crate::family::Family;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::state::AppState;
use crate::views::uuid;

const NAME_CHARS: usize = 200;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/v1/policies", Scope::TargetsRead, Family::Native, list)
        .get("/v1/policies/{id}", Scope::TargetsRead, Family::Native, show)
        .patch("/v1/policies/{id}", Scope::TargetsWrite, Family::Native, rename)
        .documented(Documented::openapi())
}

#[derive(OpenApi)]
#[openapi(paths(list, show, rename))]
struct Documented;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PolicyAnswer {
    id: String,
    /// The tenant's number of it.
    number: u64,
    name: String,
    /// Ids of targets.
    targets: Vec<String>,
    /// Ids; empty for all that fit.
    frameworks: BTreeSet<String>,
    labels: BTreeMap<String, String>,
    created_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PolicyList {
    policies: Vec<PolicyAnswer>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewName {
    #[schema(max_length = 200)]
    name: String,
}

/// All policies of the tenant, in the order they were made in.
#[utoipa::path(get, path = "/v1/policies", tag = "policies", responses((status = 200, description = "The policies", body = PolicyList)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    access: Access,
    _: NoParameters,
) -> Result<Json<PolicyList>, Problem> {
    let policies = state.read(move |ledger| ledger.policies(&access.tenant)).await?;
    Ok(Json(PolicyList { policies: policies.into_iter().map(PolicyAnswer::from).collect() }))
}

/// One policy.
#[utoipa::path(get, path = "/v1/policies/{id}", tag = "policies", params(("id" = String, Path, description = "UUID or number")),
    responses((status = 200, description = "The policy", body = PolicyAnswer)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Json<PolicyAnswer>, Problem> {
    let id = id.uuid(&state, &access, Numbered::Policy).await?;
    let found = state.read(move |ledger| ledger.policy(&access.tenant, &id)).await?;
    found.map(|policy| Json(policy.into())).ok_or_else(Problem::not_found)
}

/// Gives a policy another name.
#[utoipa::path(patch, path = "/v1/policies/{id}", tag = "policies", params(("id" = String, Path, description = "UUID or number")),
    request_body = NewName, responses((status = 200, description = "The policy", body = PolicyAnswer)))]
pub(crate) async fn rename(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
    JsonBody(NewName { name }): JsonBody<NewName>,
) -> Result<Json<PolicyAnswer>, Problem> {
    let wrong = name.trim().is_empty() || name.chars().count() > NAME_CHARS || name.chars().any(char::is_control);
    if wrong {
        return Err(Problem::invalid_body(
            "name",
            format!("a name has 1 to {NAME_CHARS} characters and no control characters"),
        ));
    }
    let id = id.uuid(&state, &access, Numbered::Policy).await?;
    let renamed = state.write(move |ledger| ledger.rename_policy(&access.tenant, &id, &name)).await?;
    renamed.map(|policy| Json(policy.into())).ok_or_else(Problem::not_found)
}

impl From<Policy> for PolicyAnswer {
    fn from(policy: Policy) -> PolicyAnswer {
        PolicyAnswer {
            id: uuid(policy.id),
            number: policy.number,
            name: policy.name,
            targets: policy.targets.into_iter().map(uuid).collect(),
            frameworks: policy.frameworks,
            labels: policy.labels,
            created_at: policy.created_at,
        }
    }
}
