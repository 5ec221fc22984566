//! `plumb db`.

use std::path::Path;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressDrawTarget};
use plumb_server::AdminCommand;
use plumb_store::{Ledger, StoreError};
use serde_json::json;

use crate::administer::administer;
use crate::arguments::{Common, Db as Arguments, Json};
use crate::exit::Exit;
use crate::{context, print};

pub(crate) fn run(common: &Common, arguments: &Arguments) -> anyhow::Result<Exit> {
    match arguments {
        Arguments::Check(format) => check(common, *format),
        Arguments::Backup { file, format } => backup(common, file, *format),
        Arguments::Prune(format) => prune(common, *format),
        Arguments::Compact(format) => compact(common, *format),
    }
}

fn check(common: &Common, format: Json) -> anyhow::Result<Exit> {
    let ledger = context::ledger(common)?;
    let report = ledger.check()?;
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

fn backup(common: &Common, file: &Path, format: Json) -> anyhow::Result<Exit> {
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
