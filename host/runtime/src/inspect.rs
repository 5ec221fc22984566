//! Reads a component without compiling or running any of it: what it is, what it asks for, what it exports.

use std::collections::BTreeSet;

use wasmparser::{Encoding, Parser, Payload};

use crate::error::LoadError;
use crate::limits::{COMPONENT_BYTES, COMPONENT_FUNCTIONS};
use crate::manifest::{Capability, Export, Manifest, SECTION};

/// The contract's package.
const PACKAGE: &str = "plumbline:plugin/";
/// The packages of WASI 0.2 that the operator may grant; `wasi:http` is none of them.
const WASI: [&str; 6] = ["cli", "clocks", "filesystem", "io", "random", "sockets"];
const WASI_VERSION: &str = "0.2.";
/// The contract's versions that this host speaks: 0.1.x.
const VERSION: &str = "0.1.";

/// A component, read and found to keep the contract as far as can be seen from outside.
#[derive(Clone, Debug)]
pub struct Inspected {
    pub manifest: Manifest,
    /// BLAKE3 of the component's bytes.
    pub digest: [u8; 32],
    /// What it imports of the host; `types` is nothing.
    pub imports: BTreeSet<Capability>,
    pub size: usize,
}

/// Reads a component.
pub fn inspect(bytes: &[u8]) -> Result<Inspected, LoadError> {
    if bytes.len() > COMPONENT_BYTES {
        return Err(LoadError::TooLarge(bytes.len()));
    }
    if !Parser::is_component(bytes) {
        return Err(if Parser::is_core_wasm(bytes) {
            LoadError::CoreModule
        } else {
            LoadError::NotAComponent("it does not begin like one".to_owned())
        });
    }
    let outside = read_outside(bytes)?;
    let manifest = Manifest::parse(outside.manifest.ok_or(LoadError::NoManifest)?)?;
    let mut imports = BTreeSet::new();
    for name in &outside.imports {
        if is_wasi(name) {
            if !manifest.capabilities.contains(&Capability::Wasi) {
                return Err(LoadError::WasiNotAsked(crate::output::line(name)));
            }
            imports.insert(Capability::Wasi);
            continue;
        }
        match interface(name)? {
            Some("types") => {}
            Some(interface) => {
                let capability = Capability::ALL.into_iter().find(|capability| capability.as_str() == interface);
                imports.insert(capability.ok_or_else(|| LoadError::ForeignImport(crate::output::line(name)))?);
            }
            None => return Err(LoadError::ForeignImport(crate::output::line(name))),
        }
    }
    let exports = known_exports(&outside.exports)?;
    if let Some(missing) = manifest.exports.difference(&exports).next() {
        return Err(LoadError::NotExported(missing.as_str().to_owned()));
    }
    if let Some(undeclared) = exports.difference(&manifest.exports).next() {
        return Err(LoadError::Undeclared(undeclared.as_str().to_owned()));
    }
    Ok(Inspected { manifest, digest: *blake3::hash(bytes).as_bytes(), imports, size: bytes.len() })
}

/// What can be seen of a component without looking into its modules.
struct Outside<'a> {
    manifest: Option<&'a [u8]>,
    imports: Vec<String>,
    exports: Vec<String>,
}

fn read_outside(bytes: &[u8]) -> Result<Outside<'_>, LoadError> {
    let broken = |error: wasmparser::BinaryReaderError| LoadError::NotAComponent(error.to_string());
    let mut outside = Outside { manifest: None, imports: Vec::new(), exports: Vec::new() };
    let mut functions = 0usize;
    // How deep within nested modules and components the reader stands; imports and exports count at the top only.
    let mut depth = 0usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(broken)? {
            Payload::Version { encoding, .. } if depth == 0 && encoding == Encoding::Module => {
                return Err(LoadError::CoreModule);
            }
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CodeSectionStart { count, .. } => {
                functions = functions.saturating_add(usize::try_from(count).unwrap_or(usize::MAX));
                if functions > COMPONENT_FUNCTIONS {
                    return Err(LoadError::TooManyFunctions);
                }
            }
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    outside.imports.push(import.map_err(broken)?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    outside.exports.push(export.map_err(broken)?.name.name.to_owned());
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

/// Whether an import is of WASI, as far as it can be granted.
fn is_wasi(name: &str) -> bool {
    let package = name.strip_prefix("wasi:").and_then(|rest| rest.split_once('/'));
    package.is_some_and(|(package, rest)| {
        let version = rest.split_once('@').map(|(_, version)| version);
        WASI.contains(&package) && version.is_some_and(|version| version.starts_with(WASI_VERSION))
    })
}

/// The interface's short name, where it is of our contract and of a version we speak.
fn interface(name: &str) -> Result<Option<&str>, LoadError> {
    let Some(rest) = name.strip_prefix(PACKAGE) else {
        return match name.strip_prefix("plumbline:") {
            Some(_) => Err(LoadError::UnknownContract(crate::output::line(name))),
            None => Ok(None),
        };
    };
    match rest.split_once('@') {
        Some((interface, version)) if version.starts_with(VERSION) => Ok(Some(interface)),
        _ => Err(LoadError::UnknownContract(crate::output::line(name))),
    }
}

/// The plugin interfaces among the exports. Toolchains export items of their own beside them; nobody calls those.
fn known_exports(names: &[String]) -> Result<BTreeSet<Export>, LoadError> {
    let mut exports = BTreeSet::new();
    for name in names {
        match interface(name)? {
            Some("provider") => exports.insert(Export::Provider),
            Some("remediation") => exports.insert(Export::Remediation),
            Some("checks") => exports.insert(Export::Checks),
            Some("framework") => exports.insert(Export::Framework),
            _ => false,
        };
    }
    Ok(exports)
}
