//! Puts the program together: folders, runtime, plugins, ledger.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use plumb_engine::library::{Library, Source};
use plumb_runtime::grant::Operator;
use plumb_runtime::manifest::Capability;
use plumb_runtime::{Runtime, Settings};
use plumb_store::Ledger;

use crate::arguments::Common;
use crate::commands::compile;
use crate::exit::usage;

/// The program's name in the XDG folders.
const NAME: &str = "plumb";
/// The built-in plugins that send requests.
const CLOUD_READERS: [&str; 1] = ["provider-aws"];

/// The ledger's folder.
pub(crate) fn data(common: &Common) -> anyhow::Result<PathBuf> {
    match &common.data {
        Some(folder) => Ok(folder.clone()),
        None => xdg("XDG_DATA_HOME", ".local/share"),
    }
}

/// The folder of compiled plugins.
pub(crate) fn cache() -> anyhow::Result<PathBuf> {
    Ok(xdg("XDG_CACHE_HOME", ".cache")?.join("compiled"))
}

fn xdg(variable: &str, otherwise: &str) -> anyhow::Result<PathBuf> {
    let set = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(otherwise));
    let base = set.or_else(home);
    base.map(|base| base.join(NAME))
        .ok_or_else(|| usage(format!("neither {variable} nor HOME is set; name a folder with --data")))
}

/// Opens the ledger.
pub(crate) fn ledger(common: &Common) -> anyhow::Result<Arc<Ledger>> {
    let folder = data(common)?;
    let ledger = Ledger::open(&folder).with_context(|| format!("the ledger in {}", folder.display()))?;
    Ok(Arc::new(ledger))
}

/// Starts the runtime.
pub(crate) fn runtime(common: &Common) -> anyhow::Result<Runtime> {
    Ok(Runtime::new(settings(common)?)?)
}

/// What the runtime is started with. Nobody may write: who mends adds what was granted for it.
pub(crate) fn settings(common: &Common) -> anyhow::Result<Settings> {
    Ok(Settings { cache: cache().ok(), operator: operator(&common.grant)?, compiler: compile::compiler() })
}

fn operator(grants: &[String]) -> anyhow::Result<Operator> {
    let mut plugins: BTreeMap<String, BTreeSet<Capability>> = BTreeMap::new();
    for grant in grants {
        let wrong = || {
            let known = Capability::ALL.map(Capability::as_str).join(", ");
            usage(format!("--grant {grant}: write PLUGIN=CAPABILITY, where a capability is one of {known}"))
        };
        let (plugin, names) = grant.split_once('=').ok_or_else(wrong)?;
        for name in names.split(',') {
            let capability = Capability::ALL.into_iter().find(|capability| capability.as_str() == name);
            plugins.entry(plugin.to_owned()).or_default().insert(capability.ok_or_else(wrong)?);
        }
    }
    Ok(Operator { plugins, components: built_in_grants(), ..Operator::default() })
}

/// The plugins that came along to read clouds may send requests; what replaces one of them has to be granted that.
fn built_in_grants() -> BTreeMap<[u8; 32], BTreeSet<Capability>> {
    let readers = plumb_bundle::PLUGINS.iter().filter(|plugin| CLOUD_READERS.contains(&plugin.id));
    readers.map(|plugin| (*blake3::hash(plugin.bytes).as_bytes(), BTreeSet::from([Capability::Http]))).collect()
}

/// Loads the built-in plugins and those of the folders, and says on standard error which could not be.
pub(crate) async fn library(common: &Common) -> anyhow::Result<Arc<Library>> {
    let library = quiet_library(common).await?;
    for problem in &library.problems {
        eprintln!(
            "warning: plugin {}: {}",
            crate::print::plain(&problem.source),
            crate::print::plain(&problem.message)
        );
    }
    Ok(library)
}

/// The same without the words.
pub(crate) async fn quiet_library(common: &Common) -> anyhow::Result<Arc<Library>> {
    Ok(Arc::new(Library::load(&runtime(common)?, sources(common)?).await))
}

/// The built-in components and those of the folders; of two with the same plugin id the later one counts.
pub(crate) fn sources(common: &Common) -> anyhow::Result<Vec<Source>> {
    let built_in = plumb_bundle::PLUGINS
        .iter()
        .map(|plugin| Source { name: "built in".to_owned(), bytes: Cow::Borrowed(plugin.bytes) });
    let mut sources: Vec<Source> = built_in.collect();
    for folder in &common.plugins {
        sources.extend(from_folder(folder)?);
    }
    Ok(sources)
}

fn from_folder(folder: &Path) -> anyhow::Result<Vec<Source>> {
    let named = || format!("the plugin folder {}", folder.display());
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| usage(format!("{}: {error}", named())))? {
        let path = entry.with_context(named)?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            paths.push(path);
        }
    }
    paths.sort();
    paths.into_iter().map(|path| from_file(&path)).collect()
}

/// One component file. Its size is bounded before it is read.
pub(crate) fn from_file(path: &Path) -> anyhow::Result<Source> {
    let named = || format!("the plugin {}", path.display());
    let size = std::fs::metadata(path).with_context(named)?.len();
    let bound = plumb_runtime::limits::COMPONENT_BYTES as u64;
    let bytes = if size > bound { Vec::new() } else { std::fs::read(path).with_context(named)? };
    if size > bound {
        eprintln!("warning: {}: {size} bytes; {bound} is the bound", named());
    }
    Ok(Source { name: path.display().to_string(), bytes: Cow::Owned(bytes) })
}
