//! From core module to component, and the manifest in its custom section.

use std::collections::BTreeSet;
use std::path::Path;

use wasm_encoder::{ComponentSection, CustomSection};
use wasmparser::{Parser, Payload};
use wit_component::ComponentEncoder;

use crate::error::BuildError;
use crate::manifest::{EXPORTS, Manifest};

/// The custom section that holds the text of `plugin.toml`. It stands last, so that it can be read and replaced
/// without touching code.
pub const SECTION: &str = "plumbline:manifest";

/// Wraps a core module that holds the contract's types (Rust and C bindings write them; for others see
/// [`contract::embed`](crate::contract::embed)), checks the result, and attaches the manifest.
pub fn componentize(core: &[u8], manifest: &str) -> Result<Vec<u8>, BuildError> {
    let plugin = name_in(manifest)?;
    attach_manifest(&encode(core, &plugin)?, manifest)
}

/// The component alone, without a manifest. `plugin` is only named in errors.
pub fn encode(core: &[u8], plugin: &str) -> Result<Vec<u8>, BuildError> {
    wrap(core, plugin, None)
}

pub(crate) fn wrap(core: &[u8], plugin: &str, adapter: Option<(&str, &[u8])>) -> Result<Vec<u8>, BuildError> {
    if !Parser::is_core_wasm(core) {
        let reason =
            if Parser::is_component(core) { "it is a component already" } else { "it does not begin like one" };
        return Err(BuildError::NotAModule { what: plugin.to_owned(), reason: reason.to_owned() });
    }
    let encode = || -> anyhow::Result<Vec<u8>> {
        let mut encoder = ComponentEncoder::default();
        encoder.validate(true).module(core)?;
        if let Some((name, bytes)) = adapter {
            encoder.adapter(name, bytes)?;
        }
        encoder.encode()
    };
    encode().map_err(|error| BuildError::Componentize { plugin: plugin.to_owned(), reason: format!("{error:#}") })
}

/// Appends the manifest to a component, however it was made. The component must export what the manifest says.
pub fn attach_manifest(component: &[u8], manifest: &str) -> Result<Vec<u8>, BuildError> {
    let plugin = name_in(manifest)?;
    let outside = Outside::read(component, &plugin)?;
    if outside.manifest.is_some() {
        return Err(BuildError::HasManifest { plugin });
    }
    let declared = Manifest::parse(Path::new("plugin.toml"), manifest)?.exports;
    let found: Vec<&str> = EXPORTS.into_iter().filter(|export| outside.exports_interface(export)).collect();
    let agree = found.iter().copied().collect::<BTreeSet<_>>() == declared.iter().map(String::as_str).collect();
    if !agree {
        let found = if found.is_empty() { "none of the contract's interfaces".to_owned() } else { found.join(", ") };
        return Err(BuildError::Exports { plugin, declared: format!("{declared:?}"), found });
    }
    Ok(append_section(component, manifest))
}

/// The section alone, without a look at the component.
#[must_use]
pub fn append_section(component: &[u8], manifest: &str) -> Vec<u8> {
    let mut bytes = component.to_vec();
    CustomSection { name: SECTION.into(), data: manifest.as_bytes().into() }.append_to_component(&mut bytes);
    bytes
}

/// The names a component imports, in its own order. A pure plugin's all begin with `plumbline:plugin/`.
pub fn imports(component: &[u8]) -> Result<Vec<String>, BuildError> {
    Ok(Outside::read(component, "the component")?.imports)
}

/// The text of the manifest a component carries.
pub fn manifest_of(component: &[u8]) -> Result<Option<String>, BuildError> {
    let manifest = Outside::read(component, "the component")?.manifest;
    Ok(manifest.map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
}

/// `id version`, for errors.
fn name_in(manifest: &str) -> Result<String, BuildError> {
    let manifest = Manifest::parse(Path::new("plugin.toml"), manifest)?;
    Ok(format!("{} {}", manifest.id, manifest.version))
}

/// What shows of a component without looking into its modules.
#[derive(Default)]
struct Outside<'a> {
    imports: Vec<String>,
    exports: Vec<String>,
    manifest: Option<&'a [u8]>,
}

impl<'a> Outside<'a> {
    fn read(component: &'a [u8], what: &str) -> Result<Outside<'a>, BuildError> {
        if Parser::is_core_wasm(component) {
            let reason = "it is a core module; wrap it first".to_owned();
            return Err(BuildError::NotAComponent { what: what.to_owned(), reason });
        }
        Outside::parse(component)
            .map_err(|error| BuildError::NotAComponent { what: what.to_owned(), reason: error.to_string() })
    }

    fn parse(component: &'a [u8]) -> Result<Outside<'a>, wasmparser::BinaryReaderError> {
        let mut outside = Outside::default();
        // Payloads of nested modules and components come in between; only the outermost level counts.
        let mut depth = 0usize;
        for payload in Parser::new(0).parse_all(component) {
            match payload? {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(section) if depth == 0 => {
                    for import in section {
                        outside.imports.push(import?.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(section) if depth == 0 => {
                    for export in section {
                        outside.exports.push(export?.name.name.to_owned());
                    }
                }
                Payload::CustomSection(section) if depth == 0 && section.name() == SECTION => {
                    outside.manifest = Some(section.data());
                }
                _ => {}
            }
        }
        Ok(outside)
    }

    fn exports_interface(&self, interface: &str) -> bool {
        let ours = format!("plumbline:plugin/{interface}@");
        self.exports.iter().any(|export| export.starts_with(&ours))
    }
}
