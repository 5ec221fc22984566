//! Calls the `provider` interface and checks what it answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use plumb_model::check::Severity;
use plumb_model::drift::{AttributeHint, Meaning};
use tokio::sync::mpsc::Sender;

use crate::bindings::provider::exports::plumbline::plugin::provider as wire;
use crate::bindings::types::{self, Document};
use crate::call::{self, State};
use crate::egress::Egress;
use crate::error::{CallError, Failure};
use crate::host::Attachments;
use crate::host::files::Files;
pub use crate::host::inventory::Emission;
use crate::host::inventory::{Memory, Sink};
use crate::limits::{HINTS, ID_BYTES, PERMISSIONS, RESOURCE_BYTES, TASKS};
use crate::manifest::{Encoding, Export};
use crate::output::{is_bounded_id, line, text};
use crate::plugin::Plugin;

/// What a provider says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderInfo {
    /// Families of the kinds it reports; empty means any.
    pub families: Vec<String>,
    /// What it does not find in an account is not there.
    pub whole_accounts: bool,
    /// What attributes mean when two versions of a resource are compared.
    pub attributes: Vec<AttributeHint>,
    /// For each kind the rights that reading it takes, in the cloud's own words; for the empty kind those of planning.
    pub permissions: BTreeMap<String, BTreeSet<String>>,
    /// JSON Schema of the target settings.
    pub settings_schema: String,
}

/// What to look at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    pub name: String,
    pub settings: serde_json::Value,
    pub regions: Vec<String>,
    pub services: Vec<String>,
    pub kinds: Vec<String>,
    /// RFC 3339, UTC.
    pub scan_time: String,
}

/// The unit of concurrency, progress, retry and resume.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    pub id: String,
    pub service: String,
    pub account: String,
    pub region: String,
    pub kinds: Vec<String>,
    /// As MessagePack, for the plugin alone.
    pub payload: Vec<u8>,
}

/// Where a provider may read.
#[derive(Clone, Debug)]
pub struct Sources {
    pub files: Arc<dyn Files>,
    /// None where the target is not one that requests are sent for.
    pub egress: Option<Arc<dyn Egress>>,
    /// None where nothing is taken over from an earlier scan, nor by a later one.
    pub memory: Option<Arc<dyn Memory>>,
}

/// A provider has to report a gap for every request that failed: what it could not read must not look like what is not there.
fn honest(state: &State) -> Result<(), types::Error> {
    let reported = (state.reported_gaps + state.emitted_gaps) as u64;
    // What it did not wait for it cannot have seen.
    let failed = state.traffic.failed + state.exchange.untaken() as u64;
    if failed <= reported {
        return Ok(());
    }
    Err(types::Error::Internal(format!("{failed} of its requests failed, and it reported {reported} gaps")))
}

impl Plugin {
    fn document(&self, value: &serde_json::Value) -> Document {
        match self.manifest().encoding {
            Encoding::Json => Document::Json(value.to_string()),
            // Only a value that serde_json could not hold fails to encode.
            Encoding::Msgpack => Document::Msgpack(rmp_serde::to_vec(value).unwrap_or_default()),
        }
    }

    fn wire_target(&self, target: &Target) -> wire::Target {
        wire::Target {
            name: target.name.clone(),
            settings: self.document(&target.settings),
            regions: target.regions.clone(),
            services: target.services.clone(),
            kinds: target.kinds.clone(),
            scan_time: target.scan_time.clone(),
        }
    }

    /// What the provider says of itself; none where the plugin is no provider.
    pub async fn provider_info(&self) -> Result<Option<ProviderInfo>, CallError> {
        const FUNCTION: &str = "provider.describe";
        let Some(pre) = &self.inner.provider else { return Ok(None) };
        let info = call::run(self, Export::Provider, FUNCTION, Attachments::default(), async |store| {
            let bindings = pre.instantiate_async(&mut *store).await?;
            Ok(Ok(bindings.plumbline_plugin_provider().call_describe(store).await?))
        })
        .await?;
        let wrong = |reason| CallError {
            plugin: self.manifest().id.clone(),
            version: self.manifest().version.clone(),
            function: FUNCTION,
            failure: Failure::BadOutput(reason),
        };
        let attributes = info.attributes.into_iter().map(hint).collect::<Option<Vec<AttributeHint>>>();
        let attributes = attributes
            .filter(|hints| hints.len() <= HINTS)
            .ok_or_else(|| wrong(format!("more than {HINTS} attribute hints, or one out of bounds")))?;
        let permissions = permissions(info.permissions)
            .ok_or_else(|| wrong(format!("more than {PERMISSIONS} permissions, or one out of bounds")))?;
        Ok(Some(ProviderInfo {
            attributes,
            permissions,
            families: info.families.iter().map(|family| text(family)).collect(),
            whole_accounts: info.whole_accounts,
            settings_schema: text(&info.settings_schema),
        }))
    }

    /// The tasks of a target, in the provider's order.
    pub async fn plan(&self, target: &Target, sources: Sources) -> Result<Vec<Task>, CallError> {
        const FUNCTION: &str = "provider.plan";
        let Some(pre) = &self.inner.provider else { return Ok(Vec::new()) };
        let asked = self.wire_target(target);
        let attachments = Attachments {
            files: Some(sources.files),
            egress: sources.egress,
            scan_time: Some(target.scan_time.clone()),
            ..Attachments::default()
        };
        let tasks = call::run(self, Export::Provider, FUNCTION, attachments, async |store| {
            let bindings = pre.instantiate_async(&mut *store).await?;
            bindings.plumbline_plugin_provider().call_plan(store, &asked).await
        })
        .await?;
        let wrong = |reason| CallError {
            plugin: self.manifest().id.clone(),
            version: self.manifest().version.clone(),
            function: FUNCTION,
            failure: Failure::BadOutput(reason),
        };
        if tasks.len() > TASKS {
            return Err(wrong(format!("{} tasks; {TASKS} is the bound", tasks.len())));
        }
        let mut seen = BTreeSet::new();
        tasks
            .into_iter()
            .map(|task| {
                if !is_bounded_id(&task.id) || !seen.insert(task.id.clone()) {
                    return Err(wrong(format!("task '{}' stands twice, or its id is out of bounds", line(&task.id))));
                }
                let payload = match task.payload {
                    Document::Msgpack(bytes) => bytes,
                    Document::Json(text) => text.into_bytes(),
                };
                let texts = [&task.service, &task.account, &task.region];
                if payload.len() > RESOURCE_BYTES || texts.iter().any(|text| text.len() > ID_BYTES) {
                    return Err(wrong(format!("task '{}' holds a text or payload out of bounds", line(&task.id))));
                }
                Ok(Task {
                    id: task.id,
                    service: task.service,
                    account: task.account,
                    region: task.region,
                    kinds: task.kinds,
                    payload,
                })
            })
            .collect()
    }

    /// Runs one task. What it finds goes to `sender`, also what it finds before it fails.
    pub async fn collect(
        &self,
        target: &Target,
        task: &Task,
        sources: Sources,
        sender: Sender<Emission>,
    ) -> Result<(), CallError> {
        let Some(pre) = &self.inner.provider else { return Ok(()) };
        let asked = self.wire_target(target);
        let payload = match self.manifest().encoding {
            Encoding::Msgpack => Document::Msgpack(task.payload.clone()),
            Encoding::Json => Document::Json(String::from_utf8_lossy(&task.payload).into_owned()),
        };
        let wire_task = wire::Task {
            id: task.id.clone(),
            service: task.service.clone(),
            account: task.account.clone(),
            region: task.region.clone(),
            kinds: task.kinds.clone(),
            payload,
        };
        let sink = Sink {
            sender,
            task: task.id.clone(),
            account: task.account.clone(),
            memory: sources.memory,
            recalled: Vec::new(),
        };
        let attachments = Attachments {
            files: Some(sources.files),
            egress: sources.egress,
            inventory: Some(sink),
            scan_time: Some(target.scan_time.clone()),
            ..Attachments::default()
        };
        call::run(self, Export::Provider, "provider.collect", attachments, async |store| {
            let bindings = pre.instantiate_async(&mut *store).await?;
            let collected = bindings.plumbline_plugin_provider().call_collect(&mut *store, &asked, &wire_task).await?;
            Ok(collected.and_then(|()| honest(store.data())))
        })
        .await
    }
}

/// None where there are too many, or a text is out of bounds.
fn permissions(told: Vec<wire::Permission>) -> Option<BTreeMap<String, BTreeSet<String>>> {
    let is_bounded = told.iter().map(|of| of.actions.len()).sum::<usize>() <= PERMISSIONS
        && told.iter().flat_map(|of| of.actions.iter().chain([&of.kind])).all(|text| text.len() <= ID_BYTES);
    let mut permissions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for of in told {
        permissions.entry(of.kind).or_default().extend(of.actions);
    }
    is_bounded.then_some(permissions)
}

/// None where a text is out of bounds.
fn hint(hint: wire::AttributeHint) -> Option<AttributeHint> {
    let meaning = match hint.meaning {
        wire::Meaning::Security(severity) => Meaning::Security(match severity {
            types::Severity::Informational => Severity::Informational,
            types::Severity::Low => Severity::Low,
            types::Severity::Medium => Severity::Medium,
            types::Severity::High => Severity::High,
            types::Severity::Critical => Severity::Critical,
        }),
        wire::Meaning::IdentityKey => Meaning::IdentityKey,
        wire::Meaning::Unordered => Meaning::Unordered,
        wire::Meaning::ProviderNoise => Meaning::ProviderNoise,
        wire::Meaning::Sensitive => Meaning::Sensitive,
    };
    let is_bounded = hint.kind.len() <= ID_BYTES && hint.path.len() <= ID_BYTES;
    is_bounded.then_some(AttributeHint { kind: hint.kind, path: hint.path, meaning })
}
