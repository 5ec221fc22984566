//! `plumb db`.

use serde_json::json;

use crate::arguments::{Common, Db as Arguments};
use crate::exit::Exit;
use crate::{context, print};

pub(crate) fn run(common: &Common, arguments: &Arguments) -> anyhow::Result<Exit> {
    match arguments {
        Arguments::Check(format) => {
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
    }
}
