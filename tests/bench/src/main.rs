//! Measures what the sandbox costs: one JSON object a line, each ratio from repetitions that took turns in one run.
//!
//! Takes the path of a Terraform state (`synthetic.py` writes one) and, to try a change to the SDK, that of a component of
//! checks-aws to measure instead of the bundled one. `run.py` runs this and judges the figures.

mod evaluation;
mod instance;
mod resources;
mod rules;
mod samples;
mod typed;

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow};
use plumb_runtime::{Plugin, Runtime, Settings};

fn main() -> Result<()> {
    let path =
        std::env::args_os().nth(1).map(PathBuf::from).context("usage: plumb-bench STATE.tfstate [CHECKS.wasm]")?;
    let checks = std::env::args_os().nth(2).map(PathBuf::from);
    // One thread: what runs beside the measured code would be measured too.
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run(path, checks))
}

async fn run(path: PathBuf, checks: Option<PathBuf>) -> Result<()> {
    let runtime = Runtime::new(Settings::default())?;
    let provider = load(&runtime, "provider-terraform").await?;
    let checks = match checks {
        Some(component) => runtime.load(std::fs::read(component)?).await?,
        None => load(&runtime, "checks-aws").await?,
    };
    let batches = resources::batches(&provider, path).await?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", evaluation::against_native(&checks, &batches).await?)?;
    writeln!(out, "{}", evaluation::against_structs(&checks, &batches).await?)?;
    let empty = instance::against_bare(&checks).await.map_err(|error| anyhow!("{error:#}"))?;
    writeln!(out, "{empty}")?;
    Ok(())
}

async fn load(runtime: &Runtime, id: &str) -> Result<Plugin> {
    let bundled = plumb_bundle::PLUGINS.iter().find(|plugin| plugin.id == id);
    let bundled = bundled.with_context(|| format!("no plugin {id} is bundled"))?;
    Ok(runtime.load(bundled.bytes).await?)
}
