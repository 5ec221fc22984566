//! Measures parts of the program: one JSON object a line, each ratio from repetitions that took turns in one run.
//!
//! - `sandbox STATE [CHECKS]`: what the sandbox costs. Takes the path of a Terraform state (`synthetic.py` writes one) and, to try a
//!   change to the SDK, that of a component of checks-aws to measure instead of the bundled one.
//! - `drift`: comparing resources with their baseline.
//! - `service`: the server with a long history.
//! - `aws-server RESOURCES [MILLISECONDS [LIST]]`: a cloud with one account, each of whose answers takes so long, of all kinds or of one
//!   list alone. Its first line says where it is.
//! - `aws-client URL`: what that cloud counted, and how long the same requests take a client that does nothing else.
//!
//! `run.py` runs this and judges the figures.

mod aws;
mod drift;
mod evaluation;
mod instance;
mod resources;
mod rules;
mod samples;
mod service;
mod typed;

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use plumb_runtime::{Plugin, Runtime, Settings};
use serde_json::Value as Json;

const USAGE: &str = "usage: plumb-bench sandbox STATE.tfstate [CHECKS.wasm] | drift | service \
                     | aws-server RESOURCES [MILLISECONDS [LIST]] | aws-client URL";

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let what = arguments.next().context(USAGE)?;
    match what.to_str() {
        Some("sandbox") => {
            let path = arguments.next().map(PathBuf::from).context(USAGE)?;
            // One thread: what runs beside the measured code would be measured too.
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(run(path, arguments.next().map(PathBuf::from)))
        }
        Some("drift") => drift::run()?.iter().try_for_each(print),
        Some("service") => tokio::runtime::Runtime::new()?.block_on(service::run(print)),
        Some("aws-server") => {
            let mut number = || arguments.next().and_then(|text| text.to_str()?.parse::<u64>().ok());
            let resources = usize::try_from(number().context(USAGE)?)?;
            let delay = Duration::from_millis(number().unwrap_or_default());
            let only = arguments.next().and_then(|list| list.into_string().ok());
            tokio::runtime::Runtime::new()?.block_on(aws::serve(resources, delay, only.as_deref()))
        }
        Some("aws-client") => {
            let url = arguments.next().and_then(|url| url.into_string().ok()).context(USAGE)?;
            print(&tokio::runtime::Runtime::new()?.block_on(aws::repeat(&url))?)
        }
        _ => bail!(USAGE),
    }
}

fn print(figure: &Json) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{figure}")?)
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
