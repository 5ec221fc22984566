//! `plumb compile`: the process in which plugins are compiled. Nobody types it.

use std::path::PathBuf;

use plumb_runtime::Compiler;

use crate::exit::Exit;

/// How to start it.
pub(crate) fn compiler() -> Option<Compiler> {
    // The program that runs, even where an update has put another in its place.
    let running = PathBuf::from("/proc/self/exe");
    let program = if running.exists() { running } else { std::env::current_exe().ok()? };
    Some(Compiler { program, arguments: vec!["compile".into()] })
}

pub(crate) fn run() -> anyhow::Result<Exit> {
    plumb_runtime::serve_compiler(std::io::stdin(), std::io::stdout().lock()).map_err(anyhow::Error::msg)?;
    Ok(Exit::Success)
}
