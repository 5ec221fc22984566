//! What a client orders, and which of a tenant's targets it means.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use plumb_model::notification::ScanNotifications;
use plumb_model::scan::{ScanId, ScanType, Trigger};
use plumb_model::target::{Target, TargetId};
use plumb_model::tenant::TenantId;
use plumb_runtime::manifest::Export;
use plumb_store::Fired;

use crate::choice::in_families;
use crate::error::EngineError;
use crate::library::Library;
use crate::request::{Selection, TargetRequest};

/// Clouds that clients may name although no plugin for them is loaded: nothing of theirs is found then.
pub const CLOUDS: [&str; 3] = ["aws", "azure", "gcp"];

/// A scan somebody wants.
#[derive(Clone, Debug, Default)]
pub struct Order {
    pub tenant: TenantId,
    pub name: String,
    pub scan_type: ScanType,
    pub trigger: Trigger,
    pub audit_name: Option<String>,
    pub targets: Wanted,
    /// Ids, or names such as `soc2` that stand for all frameworks whose ids begin so.
    pub frameworks: Vec<String>,
    pub scope: OrderScope,
    pub timeout: Option<Duration>,
    /// Tasks run one after the other.
    pub serial: bool,
    /// What whoever orders it wants to be told.
    pub notifications: ScanNotifications,
    /// The schedule that orders it.
    pub fired: Option<Fired>,
    /// The scan's id, a UUIDv7; one is made where none is given.
    pub id: Option<ScanId>,
}

/// Globs; what is excluded wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderScope {
    pub include_policies: Vec<String>,
    pub exclude_policies: Vec<String>,
    pub include_resources: Vec<String>,
    pub exclude_resources: Vec<String>,
}

/// Which targets. What is not said does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub ids: Option<BTreeSet<TargetId>>,
    /// The label `environment`.
    pub environment: Option<String>,
    /// Providers by name, or families of clouds.
    pub providers: Vec<String>,
}

/// Something in an order that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct OrderProblem {
    /// A path into the request, for example `scope.include_policies`.
    pub field: &'static str,
    pub message: String,
}

pub(super) fn problem(field: &'static str, message: impl Into<String>) -> OrderProblem {
    OrderProblem { field, message: message.into() }
}

impl Order {
    /// Everything that can be said to be wrong without looking at a target.
    pub(crate) fn check(&self, library: &Library) -> Result<(), Vec<OrderProblem>> {
        let mut problems = Vec::new();
        let OrderScope { include_policies, include_resources, .. } = &self.scope;
        if self.scan_type == ScanType::PolicySpecific && include_policies.is_empty() {
            problems.push(problem("scope.include_policies", "a policy_specific scan needs at least one"));
        }
        if self.scan_type == ScanType::ResourceSpecific && include_resources.is_empty() {
            problems.push(problem("scope.include_resources", "a resource_specific scan needs at least one"));
        }
        for provider in &self.targets.providers {
            if !CLOUDS.contains(&provider.as_str()) && library.provider(provider).is_err() {
                let message = format!("'{provider}' is neither a cloud nor a provider that is known here");
                problems.push(problem("cloud_providers", message));
            }
        }
        for name in &self.frameworks {
            if frameworks_named(library, name).is_empty() {
                problems.push(problem("frameworks", format!("there is no framework '{name}'")));
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Which checks, with framework names made ids.
    pub(super) fn selection(&self, library: &Library) -> Selection {
        let ids: BTreeSet<String> = self.frameworks.iter().flat_map(|name| frameworks_named(library, name)).collect();
        let clouds = self.targets.providers.iter().filter(|name| CLOUDS.contains(&name.as_str()));
        let all_are_clouds = self.targets.providers.iter().all(|name| CLOUDS.contains(&name.as_str()));
        let clouds: Vec<String> = if all_are_clouds { clouds.cloned().collect() } else { Vec::new() };
        // Clouds that leave no check out make no narrower scan: it is compared with the others of its policy.
        let narrower = library.checks().any(|check| !in_families(check, &clouds));
        Selection {
            frameworks: ids.into_iter().collect(),
            families: if narrower { clouds } else { Vec::new() },
            include_policies: self.scope.include_policies.clone(),
            exclude_policies: self.scope.exclude_policies.clone(),
            include_resources: self.scope.include_resources.clone(),
            exclude_resources: self.scope.exclude_resources.clone(),
            ..Selection::default()
        }
    }

    /// The targets that are meant; an error names the field that leaves none.
    pub(crate) async fn pick(&self, library: &Library, all: Vec<Target>) -> Result<Vec<Target>, OrderProblem> {
        let Wanted { ids, environment, providers } = &self.targets;
        if let Some(missing) = ids.iter().flatten().find(|id| !all.iter().any(|target| target.id == **id)) {
            let id = uuid::Uuid::from_bytes(*missing);
            return Err(problem("targets", format!("there is no target {id}")));
        }
        let all: Vec<Target> =
            all.into_iter().filter(|target| ids.as_ref().is_none_or(|ids| ids.contains(&target.id))).collect();
        if all.is_empty() {
            return Err(problem("targets", "there is no target to scan; create one first"));
        }
        let here = |target: &Target| environment.as_deref().is_none_or(|wanted| target.environment() == Some(wanted));
        let all: Vec<Target> = all.into_iter().filter(here).collect();
        if all.is_empty() {
            let wanted = environment.as_deref().unwrap_or_default();
            return Err(problem("environment", format!("no target has the label environment={wanted}")));
        }
        let families = families(library).await;
        let fits = |target: &Target| {
            let own = families.get(&target.provider).map(Vec::as_slice).unwrap_or_default();
            // A provider without families, such as terraform, may have resources of any cloud.
            providers.is_empty()
                || providers.contains(&target.provider)
                || own.is_empty() && providers.iter().any(|name| CLOUDS.contains(&name.as_str()))
                || own.iter().any(|family| providers.contains(family))
        };
        let picked: Vec<Target> = all.into_iter().filter(fits).collect();
        if picked.is_empty() {
            return Err(problem("cloud_providers", format!("no target is of {}", providers.join(", "))));
        }
        Ok(picked)
    }
}

/// Provider name → the families of resource kinds it gives.
async fn families(library: &Library) -> BTreeMap<String, Vec<String>> {
    let mut families = BTreeMap::new();
    for (id, loaded) in library.plugins.iter().filter(|(_, loaded)| loaded.plugin.exports(Export::Provider)) {
        let info = loaded.plugin.provider_info().await.ok().flatten().unwrap_or_default();
        families.insert(id.strip_prefix("provider-").unwrap_or(id).to_owned(), info.families.clone());
        families.insert(id.clone(), info.families);
    }
    families
}

/// The ids of the frameworks that a name means: one of that id, else all whose ids begin with it and an underscore.
pub fn frameworks_named(library: &Library, name: &str) -> Vec<String> {
    let ids = || library.frameworks().map(|framework| framework.id.clone());
    if let Some(exact) = ids().find(|id| id == name) {
        return vec![exact];
    }
    let begins = |id: &String| id.strip_prefix(name).is_some_and(|rest| rest.starts_with('_'));
    // `iso27001` stands for `iso27001_2022_aws`, `nist` for `nist_800_53_revision_5_aws`.
    ids().filter(begins).collect()
}

/// A stored target as the engine scans it.
pub fn target_request(target: &Target) -> Result<TargetRequest, EngineError> {
    let wrong = |problem: String| EngineError::Target(format!("target {}: {problem}", target.name));
    let settings: serde_json::Value =
        serde_json::from_str(&target.settings).map_err(|error| wrong(format!("its settings are no JSON: {error}")))?;
    let serde_json::Value::Object(mut settings) = settings else {
        return Err(wrong("its settings are no JSON object".to_owned()));
    };
    let paths = match settings.remove("paths") {
        None => Vec::new(),
        Some(serde_json::Value::Array(paths)) => paths,
        Some(_) => return Err(wrong("`paths` is no list".to_owned())),
    };
    let paths: Option<Vec<PathBuf>> = paths.iter().map(|path| path.as_str().map(PathBuf::from)).collect();
    let paths = paths.ok_or_else(|| wrong("`paths` holds something that is no text".to_owned()))?;
    Ok(TargetRequest {
        name: target.name.clone(),
        id: Some(target.id),
        provider: target.provider.clone(),
        paths,
        settings,
        credentials: target.credentials.clone(),
    })
}
