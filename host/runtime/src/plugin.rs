//! The second life: linked against what it was granted.

use std::sync::Arc;

use plumb_model::check::PluginRef;
use wasmtime::component::{HasSelf, Linker};

use crate::bindings::checks::ChecksPluginPre;
use crate::bindings::checks::plumbline::plugin as shared;
use crate::bindings::framework::FrameworkPluginPre;
use crate::bindings::provider::ProviderPluginPre;
use crate::bindings::provider::plumbline::plugin as provider_only;
use crate::bindings::remediation::RemediationPluginPre;
use crate::call::State;
use crate::compiled::Compiled;
use crate::engine::Inner;
use crate::error::LoadError;
use crate::grant::Grant;
use crate::manifest::{Capability, Export, Manifest};

/// A plugin, ready to be called. Cheap to clone.
#[derive(Clone)]
pub struct Plugin {
    pub(crate) inner: Arc<Linked>,
}

pub(crate) struct Linked {
    pub(crate) runtime: Arc<Inner>,
    pub(crate) manifest: Manifest,
    pub(crate) digest: [u8; 32],
    pub(crate) size: usize,
    pub(crate) grant: Grant,
    pub(crate) checks: Option<ChecksPluginPre<State>>,
    pub(crate) framework: Option<FrameworkPluginPre<State>>,
    pub(crate) provider: Option<ProviderPluginPre<State>>,
    pub(crate) remediation: Option<RemediationPluginPre<State>>,
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plugin").field("manifest", &self.inner.manifest).finish_non_exhaustive()
    }
}

impl Plugin {
    pub(crate) fn link(runtime: Arc<Inner>, compiled: Compiled, grant: Grant) -> Result<Plugin, LoadError> {
        let wrong = |error: wasmtime::Error| LoadError::WrongTypes(format!("{error:#}"));
        let linker = linker(&runtime, &grant).map_err(wrong)?;
        let pre = linker.instantiate_pre(&compiled.component).map_err(wrong)?;
        let inspected = compiled.inspected;
        let exports = |export| inspected.manifest.exports.contains(&export);
        let checks = exports(Export::Checks).then(|| ChecksPluginPre::new(pre.clone())).transpose().map_err(wrong)?;
        let framework =
            exports(Export::Framework).then(|| FrameworkPluginPre::new(pre.clone())).transpose().map_err(wrong)?;
        let provider =
            exports(Export::Provider).then(|| ProviderPluginPre::new(pre.clone())).transpose().map_err(wrong)?;
        let remediation =
            exports(Export::Remediation).then(|| RemediationPluginPre::new(pre)).transpose().map_err(wrong)?;
        Ok(Plugin {
            inner: Arc::new(Linked {
                runtime,
                digest: inspected.digest,
                size: inspected.size,
                manifest: inspected.manifest,
                grant,
                checks,
                framework,
                provider,
                remediation,
            }),
        })
    }

    pub fn manifest(&self) -> &Manifest {
        &self.inner.manifest
    }

    pub fn grant(&self) -> &Grant {
        &self.inner.grant
    }

    /// Bytes of the component.
    pub fn size(&self) -> usize {
        self.inner.size
    }

    /// How records name this plugin.
    pub fn reference(&self) -> PluginRef {
        PluginRef {
            id: self.inner.manifest.id.clone(),
            version: self.inner.manifest.version.clone(),
            digest: self.inner.digest,
        }
    }

    /// Whether it exports the interface.
    pub fn exports(&self, export: Export) -> bool {
        self.inner.manifest.exports.contains(&export)
    }
}

/// The granted interfaces and no others.
fn linker(runtime: &Inner, grant: &Grant) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(&runtime.engine);
    shared::types::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
    for capability in grant.capabilities() {
        match capability {
            Capability::Log => shared::log::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?,
            Capability::Snapshot => {
                shared::snapshot::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
            }
            Capability::Files => {
                provider_only::files::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
            }
            Capability::Inventory => {
                provider_only::inventory::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
            }
            Capability::Http => {
                provider_only::http::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
            }
            Capability::Wasi => crate::host::wasi::add_to_linker(&mut linker)?,
        }
    }
    Ok(linker)
}
