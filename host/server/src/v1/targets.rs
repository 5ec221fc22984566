//! `/v1/targets`: what is scanned again and again.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{AppendHeaders, IntoResponse};
use plumb_engine::drift::settings::RepositorySettings;
use plumb_model::access::Scope;
use plumb_model::scan::ScanStatus;
use plumb_model::target::{CredentialReference, Target};
use plumb_store::{Numbered, StoredScanHead};
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

/// Characters of a name, a label or a reference.
const TEXT_CHARS: usize = 200;
const LABELS: usize = 64;

/// Files and folders of one target.
const PATHS: usize = 1_000;

/// Bytes of settings as JSON; those of a provider are a few lines.
const SETTINGS_BYTES: usize = 64 << 10;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/v1/targets", Scope::TargetsRead, Family::Native, list)
        .post("/v1/targets", Scope::TargetsWrite, Family::Native, create)
        .creating()
        .get("/v1/targets/{id}", Scope::TargetsRead, Family::Native, show)
        .put("/v1/targets/{id}", Scope::TargetsWrite, Family::Native, replace)
        .delete("/v1/targets/{id}", Scope::TargetsWrite, Family::Native, delete)
        .post("/v1/targets/{id}/baseline", Scope::DriftsWrite, Family::Native, capture)
        .documented(Documented::openapi())
}

#[derive(OpenApi)]
#[openapi(paths(list, create, show, replace, delete, capture))]
struct Documented;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTarget {
    /// Unique within the tenant
    #[schema(example = "org/terraform-infra", max_length = 200)]
    name: String,
    /// `terraform`, or a provider plugin's id
    #[schema(example = "terraform")]
    provider: String,
    /// What the provider wants to know; for terraform a list `paths` of files and folders on the server. Code may name another target
    /// as its `reality`: its state is then the baseline, and what scans see of that target is held against it
    #[schema(value_type = Object, example = json!({"paths": ["/srv/infrastructure"]}))]
    settings: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    credentials: Option<Credentials>,
    /// For example `environment`
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

/// Where the server finds the credentials: exactly one of these. Never the credentials.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Credentials {
    /// Variables of the server's environment that begin with this
    #[schema(example = "AWS")]
    Environment(String),
    /// A file on the server
    File(String),
    /// A profile of the cloud's own command line
    Profile(String),
    /// A file with a token that the cloud exchanges for credentials
    WebIdentity(String),
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TargetAnswer {
    id: String,
    /// The tenant's number of it.
    number: u64,
    name: String,
    provider: String,
    #[schema(value_type = Object)]
    settings: serde_json::Value,
    credentials: Option<Credentials>,
    labels: BTreeMap<String, String>,
    created_at: String,
    updated_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TargetList {
    targets: Vec<TargetAnswer>,
}

/// All targets of the tenant, in the order they were made in.
#[utoipa::path(get, path = "/v1/targets", tag = "targets", responses((status = 200, description = "The targets", body = TargetList)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    access: Access,
    _: NoParameters,
) -> Result<Json<TargetList>, Problem> {
    let targets = state.read(move |ledger| ledger.targets(&access.tenant)).await?;
    Ok(Json(TargetList { targets: targets.into_iter().map(TargetAnswer::from).collect() }))
}

/// Makes a target.
#[utoipa::path(post, path = "/v1/targets", tag = "targets", request_body = NewTarget, responses(
    (status = 201, description = "The target", body = TargetAnswer),
    (status = 409, description = "Another target has the name", body = crate::errors::ProblemDocument, content_type = "application/problem+json"),
))]
pub(crate) async fn create(
    State(state): State<AppState>,
    access: Access,
    _: NoParameters,
    JsonBody(body): JsonBody<NewTarget>,
) -> Result<impl IntoResponse, Problem> {
    body.check_reality(&state, &access).await?;
    let target = body.target(&state, &access, *uuid::Uuid::now_v7().as_bytes())?;
    audit::makes("/v1/targets", target.id);
    let stored = state.write(move |ledger| ledger.put_target(&target)).await?;
    let answer = TargetAnswer::from(stored);
    let location = AppendHeaders([(LOCATION, format!("/v1/targets/{}", answer.id))]);
    Ok((StatusCode::CREATED, location, Json(answer)))
}

/// One target.
#[utoipa::path(get, path = "/v1/targets/{id}", tag = "targets", params(("id" = String, Path, description = "UUID or number")),
    responses((status = 200, description = "The target", body = TargetAnswer)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Json<TargetAnswer>, Problem> {
    find(&state, &access, id).await.map(|target| Json(target.into()))
}

/// Puts another description in the place of a target's.
#[utoipa::path(put, path = "/v1/targets/{id}", tag = "targets", params(("id" = String, Path, description = "UUID or number")),
    request_body = NewTarget, responses(
        (status = 200, description = "The target", body = TargetAnswer),
        (status = 409, description = "Another target has the name", body = crate::errors::ProblemDocument, content_type = "application/problem+json"),
    ))]
pub(crate) async fn replace(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
    JsonBody(body): JsonBody<NewTarget>,
) -> Result<Json<TargetAnswer>, Problem> {
    let known = find(&state, &access, id).await?;
    body.check_reality(&state, &access).await?;
    let target = body.target(&state, &access, known.id)?;
    let stored = state.write(move |ledger| ledger.put_target(&target)).await?;
    Ok(Json(stored.into()))
}

/// Deletes a target. Scans and drifts of it stay.
#[utoipa::path(delete, path = "/v1/targets/{id}", tag = "targets", params(("id" = String, Path, description = "UUID or number")),
    responses((status = 204, description = "The target is gone")))]
pub(crate) async fn delete(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<StatusCode, Problem> {
    let known = find(&state, &access, id).await?;
    let deleted = state.write(move |ledger| ledger.delete_target(&known.tenant, &known.id)).await?;
    if deleted { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewBaseline {
    /// A completed scan of the target, by its id or number; the newest one if none is given
    #[schema(value_type = Option<String>)]
    scan_id: Option<RecordId>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BaselineAnswer {
    target_id: String,
    /// What it was captured from.
    scan_id: String,
    resources: u64,
    captured_at: String,
}

/// Makes what a completed scan saw of a target its baseline: later scans are held against it.
#[utoipa::path(post, path = "/v1/targets/{id}/baseline", tag = "targets", params(("id" = String, Path, description = "UUID or number")),
    request_body = Option<NewBaseline>, responses(
        (status = 200, description = "The baseline", body = BaselineAnswer),
        (status = 409, description = "There is no completed scan of the target", body = crate::errors::ProblemDocument, content_type = "application/problem+json"),
    ))]
pub(crate) async fn capture(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
    body: Option<JsonBody<NewBaseline>>,
) -> Result<Json<BaselineAnswer>, Problem> {
    let target = find(&state, &access, id).await?;
    let scan = if let Some(scan) = body.and_then(|JsonBody(body)| body.scan_id) {
        scan.uuid(&state, &access, Numbered::Scan).await?
    } else {
        let of_target = |head: &StoredScanHead| {
            head.scan.status == ScanStatus::Completed && head.scan.about.targets.contains(&target.id)
        };
        let newest = state.service().newest_scans(&access.tenant, of_target, 0, 1);
        let newest = newest.first().map(|head| head.scan.id);
        newest.ok_or_else(|| Problem::conflict("No scan of this target has completed; scan it first.".to_owned()))?
    };
    let (engine, tenant) = (state.changing().changing_engine(), access.tenant);
    let head = state
        .write(move |_| Ok(engine.capture_baselines(&tenant, &target.id, &scan)))
        .await?
        .map_err(Problem::engine)?;
    Ok(Json(BaselineAnswer {
        target_id: uuid(target.id),
        scan_id: uuid(head.scan),
        resources: head.count,
        captured_at: head.captured_at,
    }))
}

/// The caller's target under an id or a number.
pub(crate) async fn find(state: &AppState, access: &Access, id: RecordId) -> Result<Target, Problem> {
    let id = id.uuid(state, access, Numbered::Target).await?;
    let tenant = access.tenant;
    state.read(move |ledger| ledger.target(&tenant, &id)).await?.ok_or_else(Problem::not_found)
}

impl NewTarget {
    /// What code is held against has to be a target: a name that is none would leave its drift unseen.
    async fn check_reality(&self, state: &AppState, access: &Access) -> Result<(), Problem> {
        let wrong = |message: String| Problem::invalid_body("settings.reality", message);
        let name = match self.settings.get("reality") {
            None | Some(serde_json::Value::Null) => return Ok(()),
            Some(serde_json::Value::String(name)) if *name != self.name => name.clone(),
            Some(_) => return Err(wrong("give the name of another target".to_owned())),
        };
        let (tenant, wanted) = (access.tenant, name.clone());
        match state.read(move |ledger| ledger.target_by_name(&tenant, &wanted)).await? {
            Some(_) => Ok(()),
            None => Err(wrong(format!("there is no target '{name}'; make that one first"))),
        }
    }

    fn target(self, state: &AppState, access: &Access, id: [u8; 16]) -> Result<Target, Problem> {
        let problems = self.problems(state);
        if !problems.is_empty() {
            return Err(Problem::invalid_fields(problems));
        }
        let now = now();
        Ok(Target {
            id,
            tenant: access.tenant,
            number: 0,
            name: self.name,
            provider: self.provider,
            settings: serde_json::Value::Object(self.settings).to_string(),
            credentials: self.credentials.map(Into::into),
            labels: self.labels,
            created_at: now.clone(),
            updated_at: now,
        })
    }

    fn problems(&self, state: &AppState) -> Vec<Detail> {
        let mut problems = Vec::new();
        let mut wrong = |field: &str, message: String| problems.push(Detail { field: field.to_owned(), message });
        // A target's name stands in front of resource ids and file names, with a slash or a hash behind it.
        if !is_text(&self.name) || self.name.contains('#') {
            wrong("name", format!("a name has 1 to {TEXT_CHARS} characters, no control characters and no '#'"));
        }
        if state.service().engine().library().provider(&self.provider).is_err() {
            wrong("provider", format!("no plugin scans '{}'", self.provider));
        }
        if serde_json::to_string(&self.settings).map_or(usize::MAX, |text| text.len()) > SETTINGS_BYTES {
            wrong("settings", format!("they have more than {SETTINGS_BYTES} bytes"));
        }
        if self.settings.contains_key("repository") {
            if let Err(error) = RepositorySettings::check(&self.settings) {
                wrong("settings.repository", error.to_string());
            }
        } else if let Err(message) = check_paths(&state.scans().allowed_paths, &self.settings) {
            wrong("settings.paths", message);
        }
        let label = |(name, value): (&String, &String)| is_text(name) && is_text(value);
        if self.labels.len() > LABELS || !self.labels.iter().all(label) {
            wrong("labels", format!("up to {LABELS} labels, names and values of 1 to {TEXT_CHARS} characters"));
        }
        if let Some(
            Credentials::Environment(text)
            | Credentials::File(text)
            | Credentials::Profile(text)
            | Credentials::WebIdentity(text),
        ) = &self.credentials
            && !is_text(text)
        {
            wrong("credentials", format!("a reference has 1 to {TEXT_CHARS} characters and no control characters"));
        }
        problems
    }
}

/// Paths of files and folders on the server: absolute, and in the folders that the operator allows. That they are there is seen
/// when the target is scanned.
fn check_paths(allowed: &[PathBuf], settings: &serde_json::Map<String, serde_json::Value>) -> Result<(), String> {
    let Some(paths) = settings.get("paths") else { return Ok(()) };
    let list = paths.as_array().filter(|list| !list.is_empty() && list.len() <= PATHS);
    let list = list.ok_or_else(|| format!("give a list of 1 to {PATHS} paths"))?;
    for path in list {
        let path = path.as_str().map(Path::new).filter(|path| path.is_absolute());
        let path = path.ok_or("every path is text and begins with /")?;
        let climbs = path.components().any(|part| part == Component::ParentDir);
        if climbs || !allowed.is_empty() && !allowed.iter().any(|folder| path.starts_with(folder)) {
            return Err(format!("{} lies outside the folders that this server may scan", path.display()));
        }
    }
    Ok(())
}

/// Not empty, not long, and nothing in it that moves a cursor.
fn is_text(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= TEXT_CHARS && !text.chars().any(char::is_control)
}

impl From<Target> for TargetAnswer {
    fn from(target: Target) -> TargetAnswer {
        TargetAnswer {
            id: uuid(target.id),
            number: target.number,
            name: target.name,
            provider: target.provider,
            // It was JSON when it was stored.
            settings: serde_json::from_str(&target.settings).unwrap_or_default(),
            credentials: target.credentials.map(Into::into),
            labels: target.labels,
            created_at: target.created_at,
            updated_at: target.updated_at,
        }
    }
}

impl From<Credentials> for CredentialReference {
    fn from(credentials: Credentials) -> CredentialReference {
        match credentials {
            Credentials::Environment(text) => CredentialReference::Environment(text),
            Credentials::File(text) => CredentialReference::File(text),
            Credentials::Profile(text) => CredentialReference::Profile(text),
            Credentials::WebIdentity(text) => CredentialReference::WebIdentity(text),
        }
    }
}

impl From<CredentialReference> for Credentials {
    fn from(reference: CredentialReference) -> Credentials {
        match reference {
            CredentialReference::Environment(text) => Credentials::Environment(text),
            CredentialReference::File(text) => Credentials::File(text),
            CredentialReference::Profile(text) => Credentials::Profile(text),
            CredentialReference::WebIdentity(text) => Credentials::WebIdentity(text),
        }
    }
}
