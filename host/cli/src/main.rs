//! The command line: parses, calls, prints. One file for each verb in `commands`; [`arguments`] says what can be typed,
//! [`context`] puts the program together, [`egress`] says what requests of providers are sent with, [`service`] reads what the server is
//! started with, [`notifications`] what it says of messages to people, [`administer`] finds who has the ledger open, [`exit`] holds the
//! exit codes, [`mutes`] reads the file of accepted findings,
//! [`progress`] shows a scan at work, [`print`] is for lists.

mod administer;
mod arguments;
mod commands;
mod context;
mod egress;
mod exit;
mod mutes;
mod notifications;
mod print;
mod progress;
mod service;
mod user;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};

/// The C library's allocator keeps a heap for each thread and gives little of it back; `.cargo/config.toml` says how this one
/// is set.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let form = match &arguments.command {
        Command::Serve(serve) => service::log_form(serve),
        _ => Ok(None),
    };
    match form {
        Ok(form) => progress::start_log(arguments.verbose, form),
        Err(error) => return exit::failed(&error),
    }
    quiet_database();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::failed(&anyhow::Error::new(error)),
    };
    let ended = runtime.block_on(run(arguments));
    // Threads that still compile for nobody must not keep the program.
    runtime.shutdown_background();
    match ended {
        Ok(code) => code.into(),
        Err(error) => exit::failed(&error),
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<exit::Exit> {
    let common = arguments.common;
    match arguments.command {
        Command::Scan(scan) => commands::scan::run(&common, *scan).await,
        Command::History(history) => commands::history::run(&common, &history),
        Command::Diff(diff) => commands::diff::run(&common, &diff),
        Command::Drift(drift) => commands::drift::run(&common, drift).await,
        Command::Framework(framework) => commands::framework::run(&common, framework).await,
        Command::Check(check) => commands::check::run(&common, check).await,
        Command::Plugin(plugin) => commands::plugin::run(&common, plugin).await,
        Command::Mute(mute) => commands::mute::run(&common, mute),
        Command::Evidence(evidence) => commands::evidence::run(&common, evidence).await,
        Command::Remediate(remediate) => commands::remediate::run(&common, remediate).await,
        Command::Db(db) => commands::db::run(&common, &db),
        Command::Serve(serve) => commands::serve::run(&common, service::read(&serve)?).await,
        Command::Token(token) => commands::token::run(&common, token),
        Command::Tenant(tenant) => commands::tenant::run(&common, tenant),
        Command::Schedule(schedule) => commands::schedule::run(&common, schedule).await,
        Command::Doctor { about } => commands::doctor::run(&common, about).await,
        Command::Completions { shell } => commands::completions::run(shell),
        Command::Compile => commands::compile::run(),
    }
}

/// The database panics where it meets damaged pages; the ledger catches that and gives an error that names the damage, so the
/// panic's own words would only frighten.
fn quiet_database() {
    let loud = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let database = panic.location().is_some_and(|location| location.file().contains("redb-"));
        if database {
            tracing::debug!("{panic}");
        } else {
            loud(panic);
        }
    }));
}
