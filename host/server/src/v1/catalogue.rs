//! `/v1/frameworks`, `/v1/checks`, `/v1/plugins`: what the server scans with.

use axum::Json;
use axum::extract::State;
use plumb_model::access::Scope;
use plumb_model::check::{Check, Remediation, Scope as CheckScope};
use plumb_model::framework::Framework;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use crate::access::Access;
use crate::extract::{NoParameters, PathParams};
use crate::family::Family;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::state::AppState;
use crate::views::framework_uuid;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/v1/frameworks", Scope::PluginsRead, Family::Native, frameworks)
        .get("/v1/frameworks/{id}", Scope::PluginsRead, Family::Native, framework)
        .get("/v1/checks", Scope::PluginsRead, Family::Native, checks)
        .get("/v1/checks/{id}", Scope::PluginsRead, Family::Native, check)
        .get("/v1/plugins", Scope::PluginsRead, Family::Native, plugins)
        .documented(Documented::openapi())
}

#[derive(OpenApi)]
#[openapi(paths(frameworks, framework, checks, check, plugins))]
struct Documented;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FrameworkList {
    frameworks: Vec<FrameworkHead>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FrameworkHead {
    #[schema(example = "soc2_aws")]
    id: String,
    /// The same for clients that know frameworks by UUID.
    uuid: String,
    title: String,
    version: String,
    publisher: String,
    url: String,
    /// Families of resource kinds it is written for; empty for all.
    families: Vec<String>,
    controls: usize,
    plugin: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FrameworkAnswer {
    #[serde(flatten)]
    head: FrameworkHead,
    requirements: Vec<Requirement>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Requirement {
    id: String,
    title: String,
    /// From the outside in.
    section: Vec<String>,
    /// Check ids; empty where it is assessed by hand.
    checks: Vec<String>,
    guidance: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckList {
    checks: Vec<CheckHead>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckHead {
    id: String,
    title: String,
    #[schema(example = "high")]
    severity: &'static str,
    service: String,
    /// `resource` or `account`
    scope: &'static str,
    kinds: Vec<String>,
    categories: Vec<String>,
    plugin: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckAnswer {
    #[serde(flatten)]
    head: CheckHead,
    description: String,
    risk: String,
    /// Of a check of accounts, the kinds whose resources it judges one by one.
    subjects: Vec<String>,
    /// Attribute paths its verdict rests on.
    reads: Vec<String>,
    time_dependent: bool,
    references: Vec<String>,
    remediation: RemediationAnswer,
    /// Controls it counts for, as `framework:control`.
    controls: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RemediationAnswer {
    text: String,
    url: String,
    command: String,
    terraform: String,
    effort_minutes: u32,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PluginList {
    plugins: Vec<PluginAnswer>,
    /// Plugins that are not loaded, or only in part.
    problems: Vec<PluginProblem>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PluginAnswer {
    id: String,
    version: String,
    title: String,
    publisher: String,
    /// BLAKE3 of the component, in hexadecimal.
    digest: String,
    /// Bytes of the component.
    size: u64,
    /// `provider`, `remediation`, `checks`, `framework`
    exports: Vec<&'static str>,
    checks: usize,
    frameworks: usize,
    /// What it asks for of what the host offers
    permissions: Vec<Permission>,
    /// Where its `http` may go: names, or `*.` and a domain for all below it
    hosts: Vec<String>,
    /// What the steps of its plans to mend would do. A server sends none of them: each run of `plumb remediate apply` grants its own
    writes: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Permission {
    #[schema(example = "files")]
    capability: &'static str,
    /// What it lets a plugin do.
    meaning: &'static str,
    granted: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PluginProblem {
    plugin: String,
    message: String,
}

/// All frameworks.
#[utoipa::path(get, path = "/v1/frameworks", tag = "catalogue", responses((status = 200, description = "The frameworks", body = FrameworkList)))]
pub(crate) async fn frameworks(State(state): State<AppState>, _: Access, _: NoParameters) -> Json<FrameworkList> {
    let frameworks = state.service().engine().library().frameworks().map(framework_head).collect();
    Json(FrameworkList { frameworks })
}

/// One framework with its requirements.
#[utoipa::path(get, path = "/v1/frameworks/{id}", tag = "catalogue", params(("id" = String, Path)),
    responses((status = 200, description = "The framework", body = FrameworkAnswer)))]
pub(crate) async fn framework(
    State(state): State<AppState>,
    _: Access,
    PathParams(id): PathParams<String>,
    _: NoParameters,
) -> Result<Json<FrameworkAnswer>, Problem> {
    let found = state
        .service()
        .engine()
        .library()
        .frameworks()
        .find(|framework| framework.id == id || framework_uuid(&framework.id).to_string() == id);
    let framework = found.ok_or_else(Problem::not_found)?;
    let requirements = framework.controls.iter().map(|control| Requirement {
        id: control.id.clone(),
        title: control.title.clone(),
        section: control.section.clone(),
        checks: control.checks.clone(),
        guidance: control.guidance.clone(),
    });
    Ok(Json(FrameworkAnswer { head: framework_head(framework), requirements: requirements.collect() }))
}

/// All checks.
#[utoipa::path(get, path = "/v1/checks", tag = "catalogue", responses((status = 200, description = "The checks", body = CheckList)))]
pub(crate) async fn checks(State(state): State<AppState>, _: Access, _: NoParameters) -> Json<CheckList> {
    let checks = state.service().engine().library().checks().map(check_head).collect();
    Json(CheckList { checks })
}

/// One check.
#[utoipa::path(get, path = "/v1/checks/{id}", tag = "catalogue", params(("id" = String, Path)),
    responses((status = 200, description = "The check", body = CheckAnswer)))]
pub(crate) async fn check(
    State(state): State<AppState>,
    _: Access,
    PathParams(id): PathParams<String>,
    _: NoParameters,
) -> Result<Json<CheckAnswer>, Problem> {
    let library = state.service().engine().library();
    let check = library.checks().find(|check| check.id == id).ok_or_else(Problem::not_found)?;
    let controls = library.frameworks().flat_map(|framework| {
        let own = framework.controls.iter().filter(|control| control.checks.contains(&id));
        own.map(|control| format!("{}:{}", framework.id, control.id))
    });
    let Remediation { text, url, command, terraform, effort_minutes } = check.remediation.clone();
    Ok(Json(CheckAnswer {
        head: check_head(check),
        description: check.description.clone(),
        risk: check.risk.clone(),
        subjects: check.subjects.clone(),
        reads: check.reads.clone(),
        time_dependent: check.time_dependent,
        references: check.references.clone(),
        remediation: RemediationAnswer { text, url, command, terraform, effort_minutes },
        controls: controls.collect(),
    }))
}

/// The loaded plugins.
#[utoipa::path(get, path = "/v1/plugins", tag = "catalogue", responses((status = 200, description = "The plugins", body = PluginList)))]
pub(crate) async fn plugins(State(state): State<AppState>, _: Access, _: NoParameters) -> Json<PluginList> {
    let library = state.service().engine().library();
    let plugins = library.plugins.values().map(|loaded| {
        let (reference, manifest, grant) = (loaded.plugin.reference(), loaded.plugin.manifest(), loaded.plugin.grant());
        // Their type is the runtime's, which this crate does not know.
        let permissions = manifest.capabilities.iter().map(|capability| Permission {
            capability: capability.as_str(),
            meaning: capability.meaning(),
            granted: grant.has(*capability),
        });
        PluginAnswer {
            id: reference.id.clone(),
            version: reference.version.clone(),
            title: manifest.title.clone(),
            publisher: manifest.publisher.clone(),
            size: loaded.plugin.size() as u64,
            exports: manifest.exports.iter().map(|export| export.as_str()).collect(),
            permissions: permissions.collect(),
            hosts: grant.hosts().patterns().map(str::to_owned).collect(),
            writes: manifest.writes.actions().map(str::to_owned).collect(),
            digest: blake3::Hash::from_bytes(reference.digest).to_hex().to_string(),
            checks: loaded.checks.len(),
            frameworks: loaded.frameworks.len(),
        }
    });
    let problems = library.problems.iter();
    let problems =
        problems.map(|problem| PluginProblem { plugin: problem.source.clone(), message: problem.message.clone() });
    Json(PluginList { plugins: plugins.collect(), problems: problems.collect() })
}

fn framework_head(framework: &Framework) -> FrameworkHead {
    FrameworkHead {
        id: framework.id.clone(),
        uuid: framework_uuid(&framework.id).to_string(),
        title: framework.title.clone(),
        version: framework.version.clone(),
        publisher: framework.publisher.clone(),
        url: framework.url.clone(),
        families: framework.families.clone(),
        controls: framework.controls.len(),
        plugin: framework.plugin.id.clone(),
    }
}

fn check_head(check: &Check) -> CheckHead {
    CheckHead {
        id: check.id.clone(),
        title: check.title.clone(),
        severity: check.severity.as_str(),
        service: check.service().to_owned(),
        scope: match check.scope {
            CheckScope::Resource => "resource",
            CheckScope::Account => "account",
        },
        kinds: check.kinds.clone(),
        categories: check.categories.clone(),
        plugin: check.plugin.id.clone(),
    }
}
