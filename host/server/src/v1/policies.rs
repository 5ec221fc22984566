//! `/v1/policies`: which targets are scanned against which frameworks. A scan makes its policy if there is none yet.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use plumb_engine::service::order::frameworks_named;
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
        .post("/v1/policies", Scope::TargetsWrite, Family::Native, create)
        .creating()
        .get("/v1/policies/{id}", Scope::TargetsRead, Family::Native, show)
        .patch("/v1/policies/{id}", Scope::TargetsWrite, Family::Native, rename)
        .documented(Documented::openapi())
}

#[derive(OpenApi)]
#[openapi(paths(list, create, show, rename))]
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
pub(crate) struct NewPolicy {
    /// Ids or numbers of targets
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 1000)]
    targets: Vec<RecordId>,
    /// Ids, or names such as `soc2`; all that fit if none is given
    #[serde(default)]
    frameworks: Vec<String>,
    /// Left out: made of the names of both
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewName {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
}

/// Targets of one policy.
const TARGETS: usize = 1_000;

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

/// Makes the policy of some targets and frameworks, or finds it: there is one for each such pair, and scans of the same pair are of it.
#[utoipa::path(post, path = "/v1/policies", tag = "policies", request_body = NewPolicy,
    responses((status = 201, description = "The policy", body = PolicyAnswer)))]
pub(crate) async fn create(
    State(state): State<AppState>,
    access: Access,
    _: NoParameters,
    JsonBody(NewPolicy { targets, frameworks, name }): JsonBody<NewPolicy>,
) -> Result<(StatusCode, Json<PolicyAnswer>), Problem> {
    if let Some(name) = &name {
        check_name(name)?;
    }
    if targets.is_empty() || targets.len() > TARGETS {
        return Err(Problem::invalid_body("targets", format!("name 1 to {TARGETS} targets")));
    }
    let mut ids = BTreeSet::new();
    for target in targets {
        let found = target.uuid(&state, &access, Numbered::Target).await;
        ids.insert(found.map_err(|_| Problem::invalid_body("targets", "one of them is no target"))?);
    }
    let mut named = BTreeSet::new();
    for framework in &frameworks {
        let meant = frameworks_named(state.service().engine().library(), framework);
        if meant.is_empty() {
            return Err(Problem::invalid_body(
                "frameworks",
                format!("'{framework}' is no framework that is known here"),
            ));
        }
        named.extend(meant);
    }
    let (service, tenant) = (state.changing(), access.tenant);
    let made = state.write(move |ledger| {
        let targets: Vec<_> = ledger.targets(&tenant)?.into_iter().filter(|target| ids.contains(&target.id)).collect();
        if targets.len() < ids.len() {
            return Ok(Err(Problem::invalid_body("targets", "one of them is no target")));
        }
        let policy = match service.policy(&tenant, &targets, named.into_iter().collect()) {
            Ok(policy) => policy,
            Err(error) => return Ok(Err(Problem::engine(error))),
        };
        let renamed = name.map_or(Ok(None), |name| ledger.rename_policy(&tenant, &policy.id, &name))?;
        Ok(Ok(renamed.unwrap_or(policy)))
    });
    Ok((StatusCode::CREATED, Json(made.await??.into())))
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
    check_name(&name)?;
    let id = id.uuid(&state, &access, Numbered::Policy).await?;
    if state.read(move |ledger| ledger.policy(&access.tenant, &id)).await?.is_none() {
        return Err(Problem::not_found());
    }
    let renamed = state.write(move |ledger| ledger.rename_policy(&access.tenant, &id, &name)).await?;
    renamed.map(|policy| Json(policy.into())).ok_or_else(Problem::not_found)
}

fn check_name(name: &str) -> Result<(), Problem> {
    let wrong = name.trim().is_empty() || name.chars().count() > NAME_CHARS || name.chars().any(char::is_control);
    let words = || format!("a name has 1 to {NAME_CHARS} characters and no control characters");
    if wrong { Err(Problem::invalid_body("name", words())) } else { Ok(()) }
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
