//! `plumb db`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressDrawTarget};
use plumb_server::{AdminCommand, TokenKey};
use plumb_store::{CheckReport, Ledger, StoreError};
use serde_json::json;

use crate::administer::administer;
use crate::arguments::{Common, Db as Arguments, Json};
use crate::exit::Exit;
use crate::{context, print};

pub(crate) fn run(common: &Common, arguments: &Arguments) -> anyhow::Result<Exit> {
    match arguments {
        Arguments::Check(format) => check(common, *format),
        Arguments::Backup { file, format } => backup(common, file, *format),
        Arguments::Restore { file, format } => restore(common, file, *format),
        Arguments::Prune(format) => prune(common, *format),
        Arguments::Compact(format) => compact(common, *format),
    }
}

fn check(common: &Common, format: Json) -> anyhow::Result<Exit> {
    let ledger = context::ledger(common)?;
    show(common, &ledger.check()?, format)
}

/// What was read, and what of it is damaged.
fn show(common: &Common, report: &CheckReport, format: Json) -> anyhow::Result<Exit> {
    let problems: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    if format.json {
        print::json(&json!({
            "scans": report.scans, "records": report.records, "documents": report.documents,
            "problems": problems, "more_problems": report.more_problems,
        }))?;
    } else {
        problems.iter().try_for_each(|problem| print::out(&print::plain(problem)))?;
        let folder = context::data(common)?;
        let verdict = match problems.len() as u64 + report.more_problems {
            0 => "everything is whole".to_owned(),
            count => format!("{count} damaged"),
        };
        print::out(&format!(
            "{}: {} scans, {} records and {} documents read, {verdict}",
            folder.display(),
            report.scans,
            report.records,
            report.documents
        ))?;
    }
    Ok(if problems.is_empty() { Exit::Success } else { Exit::Failure })
}

/// Where a backup has the key that tokens are known by.
fn key_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".key");
    name.into()
}

/// Copies a key, for its owner alone; there is none where no token was ever made.
fn copy_key(from: &Path, to: &Path) -> anyhow::Result<()> {
    if !from.exists() {
        return Ok(());
    }
    let bytes = std::fs::read(from).with_context(|| from.display().to_string())?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(to).and_then(|mut file| file.write_all(&bytes).and_then(|()| file.sync_all()));
    written.with_context(|| to.display().to_string())
}

fn restore(common: &Common, file: &Path, format: Json) -> anyhow::Result<Exit> {
    let folder = context::data(common)?;
    let report = Ledger::restore(file, &folder)?;
    copy_key(&key_of(file), &TokenKey::path(&folder))?;
    show(common, &report, format)
}

fn backup(common: &Common, file: &Path, format: Json) -> anyhow::Result<Exit> {
    let exit = copy(common, file, format)?;
    copy_key(&TokenKey::path(&context::data(common)?), &key_of(file))?;
    Ok(exit)
}

fn copy(common: &Common, file: &Path, format: Json) -> anyhow::Result<Exit> {
    let folder = context::data(common)?;
    let ledger = match Ledger::open(&folder) {
        Ok(ledger) => ledger,
        Err(StoreError::InUse { .. }) => return backup_by_server(&folder, file, format),
        Err(error) => return Err(error.into()),
    };
    // Shows nothing where standard error is no terminal.
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    let backup = ledger.backup(file, |progress| {
        bar.set_length(progress.of_records);
        bar.set_position(progress.records);
    });
    bar.finish_and_clear();
    let backup = backup?;
    if format.json {
        print::json(&json!({ "file": file, "records": backup.records, "bytes": backup.bytes }))?;
    } else {
        print::out(&format!("{}: {} records, {} bytes", file.display(), backup.records, backup.bytes))?;
    }
    Ok(Exit::Success)
}

/// The server that has the ledger open writes the copy, and goes on serving.
fn backup_by_server(folder: &Path, file: &Path, format: Json) -> anyhow::Result<Exit> {
    let file = std::path::absolute(file).with_context(|| file.display().to_string())?;
    let made = administer(folder, &AdminCommand::Backup { file: file.clone() })?;
    let number = |name| made.get(name).and_then(serde_json::Value::as_u64).unwrap_or_default();
    if format.json {
        print::json(&made)?;
    } else {
        print::out(&format!("{}: {} records, {} bytes", file.display(), number("records"), number("bytes")))?;
    }
    Ok(Exit::Success)
}

fn prune(common: &Common, format: Json) -> anyhow::Result<Exit> {
    let ledger = context::ledger(common)?;
    let (pruned, files) = (ledger.prune()?, ledger.collect_blobs()?);
    if format.json {
        print::json(&json!({ "documents": pruned.documents, "verdicts": pruned.verdicts, "files": files }))?;
    } else {
        print::out(&format!(
            "removed {} documents, {} cached verdicts and {files} files of uploads; `plumb db compact` gives their room back",
            pruned.documents, pruned.verdicts
        ))?;
    }
    Ok(Exit::Success)
}

fn compact(common: &Common, format: Json) -> anyhow::Result<Exit> {
    let compacted = context::ledger(common)?.compact()?;
    if format.json {
        print::json(&json!({ "bytes_before": compacted.bytes_before, "bytes_after": compacted.bytes_after }))?;
    } else {
        print::out(&format!("{} bytes instead of {}", compacted.bytes_after, compacted.bytes_before))?;
    }
    Ok(Exit::Success)
}
