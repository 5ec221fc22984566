//! `/v1/mutes`: violations that the tenant has accepted. They hold from its next scan on.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use plumb_model::access::Scope;
use plumb_model::mute::Mute;
use plumb_store::KeptMute;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use crate::access::Access;
use crate::audit;
use crate::extract::{JsonBody, NoParameters, PathParams, RecordId};
use crate::family::Family;
use crate::problem::{Detail, Problem};
use crate::routes::Routes;
use crate::state::AppState;
use crate::time::now;
use crate::views::uuid;

/// Characters of a glob, a reason or an owner.
const TEXT_CHARS: usize = 2_000;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/v1/mutes", Scope::ScansRead, Family::Native, list)
        .post("/v1/mutes", Scope::TargetsWrite, Family::Native, create)
        .creating()
        .delete("/v1/mutes/{id}", Scope::TargetsWrite, Family::Native, delete)
        .documented(Documented::openapi())
}

#[derive(OpenApi)]
#[openapi(paths(list, create, delete))]
struct Documented;

/// `*` stands for any characters, `?` for one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMute {
    /// Glob over check ids
    #[schema(example = "s3_bucket_*", min_length = 1)]
    pub(crate) check: String,
    /// Glob over resource ids; all by default
    #[serde(default = "everything")]
    pub(crate) resource: String,
    #[serde(default = "everything")]
    pub(crate) account: String,
    #[serde(default = "everything")]
    pub(crate) region: String,
    /// Why it is accepted
    #[schema(min_length = 1)]
    pub(crate) reason: String,
    #[serde(default)]
    pub(crate) owner: String,
    /// The last day it holds
    #[schema(example = "2026-12-31")]
    pub(crate) expires: Option<String>,
}

fn everything() -> String {
    "*".to_owned()
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MuteAnswer {
    id: String,
    check: String,
    resource: String,
    account: String,
    region: String,
    reason: String,
    owner: String,
    pub(crate) expires: Option<String>,
    created_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MuteList {
    pub(crate) mutes: Vec<MuteAnswer>,
}

/// All mutes of the tenant, in the order they were made in.
#[utoipa::path(get, path = "/v1/mutes", tag = "mutes", responses((status = 200, description = "The mutes", body = MuteList)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    access: Access,
    _: NoParameters,
) -> Result<Json<MuteList>, Problem> {
    let mutes = state.read(move |ledger| ledger.mutes(&access.tenant)).await?;
    Ok(Json(MuteList { mutes: mutes.into_iter().map(MuteAnswer::from).collect() }))
}

/// Accepts violations.
#[utoipa::path(post, path = "/v1/mutes", tag = "mutes", request_body = NewMute, responses(
    (status = 201, description = "The mute", body = MuteAnswer),
))]
pub(crate) async fn create(
    State(state): State<AppState>,
    access: Access,
    _: NoParameters,
    JsonBody(body): JsonBody<NewMute>,
) -> Result<(StatusCode, Json<MuteAnswer>), Problem> {
    let kept = body.kept()?;
    let stored = kept.clone();
    audit::makes("/v1/mutes", kept.id);
    state.write(move |ledger| ledger.put_mute(&access.tenant, &stored)).await?;
    Ok((StatusCode::CREATED, Json(kept.into())))
}

/// Takes a mute away.
#[utoipa::path(delete, path = "/v1/mutes/{id}", tag = "mutes", params(("id" = String, Path, description = "UUID")),
    responses((status = 204, description = "The mute is gone")))]
pub(crate) async fn delete(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<StatusCode, Problem> {
    let RecordId::Uuid(id) = id else { return Err(Problem::not_found()) };
    // Looked for first: what changes nothing is not written down as if it had.
    let known = state.read(move |ledger| ledger.mutes(&access.tenant)).await?;
    if !known.iter().any(|mute| mute.id == id) {
        return Err(Problem::not_found());
    }
    let deleted = state.write(move |ledger| ledger.delete_mute(&access.tenant, &id)).await?;
    if deleted { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

impl NewMute {
    fn kept(self) -> Result<KeptMute, Problem> {
        let NewMute { check, resource, account, region, reason, owner, expires } = self;
        let mut problems = Vec::new();
        let mut wrong = |field: &str, message: &str| {
            problems.push(Detail { field: field.to_owned(), message: message.to_owned() });
        };
        let texts = [
            ("check", &check),
            ("resource", &resource),
            ("account", &account),
            ("region", &region),
            ("reason", &reason),
            ("owner", &owner),
        ];
        for (field, text) in texts {
            if text.chars().count() > TEXT_CHARS || text.chars().any(char::is_control) {
                wrong(field, "it is too long, or has control characters in it");
            }
        }
        if check.is_empty() {
            wrong("check", "name a check, or * for all");
        }
        if reason.trim().is_empty() {
            wrong("reason", "say why it is accepted");
        }
        if expires.as_deref().is_some_and(|day| day.len() != 10 || day.parse::<jiff::civil::Date>().is_err()) {
            wrong("expires", "write a date such as 2026-12-31");
        }
        if !problems.is_empty() {
            return Err(Problem::invalid_fields(problems));
        }
        let mute = Mute { check, resource, account, region, reason, owner, expires };
        Ok(KeptMute { id: *uuid::Uuid::now_v7().as_bytes(), mute, created_at: now() })
    }
}

impl From<KeptMute> for MuteAnswer {
    fn from(kept: KeptMute) -> MuteAnswer {
        let Mute { check, resource, account, region, reason, owner, expires } = kept.mute;
        MuteAnswer {
            id: uuid(kept.id),
            check,
            resource,
            account,
            region,
            reason,
            owner,
            expires,
            created_at: kept.created_at,
        }
    }
}
