//! `plumb doctor`.

mod aws;

use plumb_runtime::manifest::Export;

use crate::arguments::Common;
use crate::arguments::cloud::Doctor;
use crate::exit::Exit;
use crate::{context, mutes, print};

/// One thing looked at: whether it is well, and what there is to say.
type Finding = (bool, String);

pub(crate) async fn run(common: &Common, about: Option<Doctor>) -> anyhow::Result<Exit> {
    match about {
        Some(Doctor::Aws(arguments)) => aws::run(common, &arguments).await,
        None => program(common).await,
    }
}

async fn program(common: &Common) -> anyhow::Result<Exit> {
    let mut findings = vec![ledger(common), cache(), mute_file(common), toolchain()];
    findings.extend(plugins(common).await);
    for (well, words) in &findings {
        print::out(&print::plain(&format!("{}  {words}", if *well { "ok     " } else { "PROBLEM" })))?;
    }
    Ok(if findings.iter().all(|(well, _)| *well) { Exit::Success } else { Exit::Failure })
}

fn ledger(common: &Common) -> Finding {
    let opened = context::data(common).and_then(|folder| Ok((folder, context::ledger(common)?.scans(None, 1)?)));
    match opened {
        Ok((folder, _)) => (true, format!("ledger: {}", folder.display())),
        Err(error) => (false, format!("ledger: {error:#}")),
    }
}

fn cache() -> Finding {
    match context::cache() {
        Ok(folder) => (true, format!("compiled plugins: {}", folder.display())),
        Err(error) => (false, format!("compiled plugins are not kept: {error:#}")),
    }
}

fn mute_file(common: &Common) -> Finding {
    let read = mutes::path(common, None).and_then(|path| mutes::read(&path, false));
    match read {
        Ok(mutes) => (true, format!("accepted findings: {} entries", mutes.len())),
        Err(error) => (false, format!("accepted findings: {error:#}")),
    }
}

/// Only plugin authors need it, so its absence is no problem.
fn toolchain() -> Finding {
    match plumbline_build::Toolchain::find() {
        Ok(toolchain) => (true, format!("building plugins: {}", toolchain.describe())),
        Err(error) => (true, format!("building plugins is not possible here, scanning is: {error}")),
    }
}

async fn plugins(common: &Common) -> Vec<Finding> {
    let library = match context::quiet_library(common).await {
        Ok(library) => library,
        Err(error) => return vec![(false, format!("plugins: {error:#}"))],
    };
    let problems =
        library.problems.iter().map(|problem| (false, format!("plugin {}: {}", problem.source, problem.message)));
    let mut findings: Vec<Finding> = problems.collect();
    let providers = library.plugins.values().filter(|loaded| loaded.plugin.exports(Export::Provider)).count();
    let (checks, frameworks) = (library.checks().count(), library.frameworks().count());
    let words =
        format!("{} plugins: {providers} providers, {checks} checks, {frameworks} frameworks", library.plugins.len());
    findings.push((providers > 0 && checks > 0, words));
    findings
}
