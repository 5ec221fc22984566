//! `plumb plugin`.

mod new;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use plumb_engine::library::Loaded;
use plumb_runtime::inspect::{Inspected, inspect};
use plumb_runtime::manifest::{Capability, Manifest};
use plumbline_build::compile::workspace_of;
use plumbline_build::{Build, Progress, Toolchain};
use serde_json::json;

use crate::arguments::{Common, Plugin as Arguments};
use crate::exit::{Exit, usage};
use crate::{context, print};

pub(crate) async fn run(common: &Common, arguments: Arguments) -> anyhow::Result<Exit> {
    match arguments {
        Arguments::New { id, directory } => new::run(&id, &directory),
        Arguments::Build { directory, out } => build(&directory, out),
        Arguments::List(format) => {
            let library = context::library(common).await?;
            let loaded: Vec<&Loaded> = library.plugins.values().collect();
            if format.json {
                let rows: Vec<serde_json::Value> = loaded.iter().map(|loaded| loaded_json(loaded)).collect();
                print::json(&json!({ "plugins": rows }))?;
            } else {
                list(&loaded)?;
            }
            Ok(Exit::Success)
        }
        Arguments::Inspect { file, json } => {
            let source = context::from_file(&file)?;
            let inspected = inspect(&source.bytes).with_context(|| file.display().to_string())?;
            if json.json {
                print::json(&inspected_json(&inspected))?;
            } else {
                show(&inspected)?;
            }
            Ok(Exit::Success)
        }
    }
}

fn build(directory: &Path, out: Option<PathBuf>) -> anyhow::Result<Exit> {
    let folder = directory.canonicalize().map_err(|error| usage(format!("{}: {error}", directory.display())))?;
    let toolchain = Toolchain::find()?;
    let manifest = plumbline_build::Manifest::read(&folder)?;
    let target = folder.join("target");
    let modules = Build {
        workspace: &workspace_of(&toolchain, &folder)?,
        folders: std::slice::from_ref(&folder),
        // Not cargo's own folder: another run of cargo on this project would make this one wait.
        target_dir: &target.join("wasm"),
        features: &[],
        locked: false,
        progress: Progress::Shown,
    }
    .run(&toolchain)?;
    let core = modules.first().context("cargo built nothing")?;
    let core = std::fs::read(&core.core).with_context(|| core.core.display().to_string())?;
    let component = plumbline_build::componentize(&core, &manifest.text)?;
    let inspected = inspect(&component).context("the component that was built does not keep the contract")?;
    let path = out.unwrap_or_else(|| target.join("plugin").join(format!("{}.wasm", inspected.manifest.id)));
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        std::fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
    }
    std::fs::write(&path, &component).with_context(|| path.display().to_string())?;
    show(&inspected)?;
    eprintln!("built {}", path.display());
    Ok(Exit::Success)
}

fn list(loaded: &[&Loaded]) -> anyhow::Result<()> {
    let mut table = print::table(&["PLUGIN", "VERSION", "TITLE", "CHECKS", "FRAMEWORKS", "MAY", "FROM"]);
    for loaded in loaded {
        let manifest = loaded.plugin.manifest();
        let may: Vec<&str> = loaded.plugin.grant().capabilities().map(Capability::as_str).collect();
        table.add_row(print::row([
            &manifest.id,
            &manifest.version,
            &manifest.title,
            &count(loaded.checks.len()),
            &count(loaded.frameworks.len()),
            &may.join(", "),
            &loaded.source,
        ]));
    }
    print::out(&table.to_string())?;
    Ok(())
}

fn count(number: usize) -> String {
    if number == 0 { String::new() } else { number.to_string() }
}

fn show(inspected: &Inspected) -> anyhow::Result<()> {
    let manifest = &inspected.manifest;
    let exports: Vec<&str> = manifest.exports.iter().map(|export| export.as_str()).collect();
    let lines = [
        format!("{} {}: {}", manifest.id, manifest.version, manifest.title),
        format!("publisher  {}", manifest.publisher),
        format!("exports    {}", exports.join(", ")),
        format!("digest     blake3:{}", print::hex(&inspected.digest)),
        format!("size       {} bytes", inspected.size),
        format!("memory     at most {} MiB", manifest.limits.memory >> 20),
        format!("time       at most {} s a call", manifest.limits.call.as_secs()),
    ];
    lines.iter().try_for_each(|line| print::out(&print::plain(line)))?;
    if manifest.capabilities.is_empty() && inspected.imports.is_empty() {
        print::out("asks for nothing: it can only compute")?;
    }
    for capability in &manifest.capabilities {
        let used = if inspected.imports.contains(capability) { "" } else { " (not used)" };
        print::out(&format!("asks for   {:<10} {}{used}", capability.as_str(), capability.meaning()))?;
    }
    for action in manifest.writes.actions() {
        print::out(&format!(
            "could do   {action}, in steps that `plumb remediate apply` shows, where that is granted"
        ))?;
    }
    for import in inspected.imports.difference(&manifest.capabilities) {
        print::out(&format!("imports    {import}, which its manifest does not ask for: it will be refused"))?;
    }
    Ok(())
}

fn manifest_json(manifest: &Manifest) -> serde_json::Value {
    let names = |capabilities: &std::collections::BTreeSet<Capability>| -> Vec<&'static str> {
        capabilities.iter().map(|capability| capability.as_str()).collect()
    };
    json!({
        "id": manifest.id,
        "version": manifest.version,
        "title": manifest.title,
        "publisher": manifest.publisher,
        "exports": manifest.exports.iter().map(|export| export.as_str()).collect::<Vec<_>>(),
        "capabilities": names(&manifest.capabilities),
        "writes": manifest.writes.actions().collect::<Vec<_>>(),
        "limits": { "memory_bytes": manifest.limits.memory, "call_seconds": manifest.limits.call.as_secs() },
    })
}

fn inspected_json(inspected: &Inspected) -> serde_json::Value {
    let imports: Vec<&str> = inspected.imports.iter().map(|import| import.as_str()).collect();
    let fields = [
        ("digest", format!("blake3:{}", print::hex(&inspected.digest)).into()),
        ("size_bytes", inspected.size.into()),
        ("imports", imports.into()),
    ];
    print::with(manifest_json(&inspected.manifest), fields)
}

fn loaded_json(loaded: &Loaded) -> serde_json::Value {
    let granted: Vec<&str> = loaded.plugin.grant().capabilities().map(Capability::as_str).collect();
    let frameworks: Vec<&str> = loaded.frameworks.iter().map(|framework| framework.id.as_str()).collect();
    let fields = [
        ("digest", format!("blake3:{}", print::hex(&loaded.plugin.reference().digest)).into()),
        ("source", loaded.source.clone().into()),
        ("granted", granted.into()),
        ("checks", loaded.checks.len().into()),
        ("frameworks", frameworks.into()),
    ];
    print::with(manifest_json(loaded.plugin.manifest()), fields)
}
