//! `plumb evidence`.

mod verify;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use plumb_model::evidence::Evidence;
use plumb_model::tenant::DEFAULT;
use plumb_store::{EvidenceFilter, Ledger, Numbered, StoreError};
use serde_json::json;

use crate::arguments::{Common, Evidence as Arguments, EvidenceList};
use crate::commands::scan::find as find_scan;
use crate::exit::{Exit, usage};
use crate::{context, print};

/// The most that one list shows: a screen ends long before.
const MOST: usize = 10_000;

pub(crate) async fn run(common: &Common, arguments: Arguments) -> anyhow::Result<Exit> {
    match arguments {
        Arguments::List(wanted) => list(common, &wanted),
        Arguments::Export { id, file } => {
            let ledger = context::ledger(common)?;
            export(&ledger, &id, file.as_deref())
        }
        Arguments::Verify(wanted) => verify::run(common, &wanted).await,
    }
}

fn list(common: &Common, wanted: &EvidenceList) -> anyhow::Result<Exit> {
    let ledger = context::ledger(common)?;
    let filter = EvidenceFilter {
        kind: wanted.kind,
        scan: wanted.scan.as_deref().map(|scan| find_scan(&ledger, scan)).transpose()?,
        framework: wanted.framework.clone(),
        control_id: wanted.control.clone(),
    };
    let (rows, total) = ledger.list_evidence(&DEFAULT, &filter, wanted.offset, wanted.limit.clamp(1, MOST))?;
    if wanted.output == "json" {
        let rows: Vec<serde_json::Value> = rows.iter().map(as_json).collect();
        print::json(&json!({ "evidence": rows, "total": total, "offset": wanted.offset }))?;
    } else if rows.is_empty() {
        print::out("No evidence. A scan that completes is some: plumb scan terraform PATH")?;
    } else {
        let mut table = print::table(&["NUMBER", "KIND", "FRAMEWORK", "CONTROL", "SIZE", "WHEN", "ID"]);
        for row in &rows {
            let (number, size) = (row.number.to_string(), row.size.to_string());
            let when: String = row.created_at.replace('T', " ").chars().take(16).collect();
            let none = "–";
            table.add_row(print::row([
                &number,
                row.kind.as_str(),
                row.framework.as_deref().unwrap_or(none),
                row.control_id.as_deref().unwrap_or(none),
                &size,
                &when,
                &uuid(&row.id),
            ]));
        }
        print::out(&table.to_string())?;
        print::out(&format!("{} of {total}", rows.len()))?;
    }
    Ok(Exit::Success)
}

fn export(ledger: &Ledger, id: &str, file: Option<&Path>) -> anyhow::Result<Exit> {
    let evidence = find(ledger, id)?;
    match file {
        None => {
            let mut stdout = BufWriter::new(std::io::stdout().lock());
            copy(ledger, &evidence, &mut stdout)?;
        }
        Some(path) => {
            let named = || format!("the file {}", path.display());
            // Beside its place first: what has the name is whole and has its digest.
            let mut part = path.as_os_str().to_owned();
            part.push(".part");
            let mut out = BufWriter::new(File::create(&part).with_context(named)?);
            let copied = copy(ledger, &evidence, &mut out).and_then(|()| Ok(out.get_ref().sync_all()?));
            if let Err(error) = copied {
                std::fs::remove_file(&part).with_context(named)?;
                return Err(error);
            }
            std::fs::rename(&part, path).with_context(named)?;
            eprintln!("{} bytes, sha256:{}: {}", evidence.size, print::hex(&evidence.digest), path.display());
        }
    }
    Ok(Exit::Success)
}

fn copy(ledger: &Ledger, evidence: &Evidence, out: &mut impl Write) -> anyhow::Result<()> {
    /// Why copying ended early.
    enum Stop {
        Store(StoreError),
        Write(std::io::Error),
    }
    impl From<StoreError> for Stop {
        fn from(error: StoreError) -> Stop {
            Stop::Store(error)
        }
    }
    let copied = ledger.evidence_content(evidence, |chunk| out.write_all(chunk).map_err(Stop::Write));
    match copied {
        Ok(()) => Ok(out.flush()?),
        Err(Stop::Store(error)) => Err(error.into()),
        Err(Stop::Write(error)) => Err(error.into()),
    }
}

/// A piece of evidence by its id, number or key.
fn find(ledger: &Ledger, text: &str) -> anyhow::Result<Evidence> {
    let number = text.parse::<u64>().ok();
    let id = match number {
        Some(number) => ledger.by_number(&DEFAULT, Numbered::Evidence, number)?,
        None => text.parse::<uuid::Uuid>().ok().map(uuid::Uuid::into_bytes),
    };
    let found = match id {
        Some(id) => ledger.evidence(&DEFAULT, &id)?,
        None => ledger.evidence_by_key(&DEFAULT, text)?,
    };
    found.ok_or_else(|| usage(format!("there is no evidence '{text}'; `plumb evidence list` lists what there is")))
}

/// Everything there is of one scan, or of all.
fn all(ledger: &Arc<Ledger>, scan: Option<&str>) -> anyhow::Result<Vec<Evidence>> {
    let scan = scan.map(|scan| find_scan(ledger, scan)).transpose()?;
    let filter = EvidenceFilter { scan, ..EvidenceFilter::default() };
    Ok(ledger.list_evidence(&DEFAULT, &filter, 0, usize::MAX)?.0)
}

fn as_json(row: &Evidence) -> serde_json::Value {
    json!({
        "id": uuid(&row.id),
        "number": row.number,
        "type": row.kind.as_str(),
        "scan_id": row.scan.as_ref().map(uuid),
        "framework_id": row.framework,
        "control_id": row.control_id,
        "evidence_key": row.key,
        "digest": format!("sha256:{}", print::hex(&row.digest)),
        "size_bytes": row.size,
        "media_type": row.media_type,
        "file_name": row.file_name,
        "description": row.description,
        "created_at": row.created_at,
        "created_by": row.created_by,
    })
}

fn uuid(id: &[u8; 16]) -> String {
    uuid::Uuid::from_bytes(*id).to_string()
}
