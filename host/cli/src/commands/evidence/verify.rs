//! `plumb evidence verify`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use plumb_engine::EngineError;
use plumb_engine::library::Source;
use plumb_engine::replay::{Replay, replay};
use plumb_model::evidence::{Evidence, EvidenceKind};
use plumb_model::scan::ScanId;
use plumb_runtime::Runtime;
use plumb_store::{Ledger, StoreError};
use serde_json::json;

use crate::arguments::{Common, EvidenceVerify};
use crate::commands::evidence::{all, find, uuid};
use crate::exit::Exit;
use crate::{context, print};

/// What came of everything.
#[derive(Default)]
struct Verified {
    evidence: u64,
    reproduced: u64,
    undecided: u64,
    differences: Vec<String>,
    more_differences: u64,
    /// What stands in the way, each reason once.
    unverified: BTreeSet<String>,
}

impl Verified {
    fn exit(&self) -> Exit {
        if !self.differences.is_empty() {
            Exit::Findings
        } else if !self.unverified.is_empty() {
            Exit::Failure
        } else {
            Exit::Success
        }
    }

    /// A ledger that is damaged is not what it was; every other error is the program's.
    fn damage(&mut self, what: &str, error: StoreError) -> anyhow::Result<()> {
        match error {
            StoreError::Damaged { .. } | StoreError::DamagedFile { .. } => {
                self.differences.push(format!("{what}: {error}"));
                Ok(())
            }
            other => Err(other.into()),
        }
    }

    fn replayed(&mut self, scan: &str, replay: Replay) {
        self.reproduced += replay.reproduced;
        self.undecided += replay.undecided;
        self.more_differences += replay.more_differences;
        self.differences.extend(
            replay
                .differences
                .iter()
                .map(|at| format!("scan {scan}: {} on {}: {}", at.check_id, at.resource_id, at.problem)),
        );
        self.unverified.extend(replay.missing.into_values());
    }
}

pub(crate) async fn run(common: &Common, wanted: &EvidenceVerify) -> anyhow::Result<Exit> {
    let ledger = context::ledger(common)?;
    let mut verified = Verified::default();
    let listed = if wanted.all {
        all(&ledger, wanted.scan.as_deref())
    } else {
        wanted.ids.iter().map(|id| find(&ledger, id)).collect()
    };
    match listed {
        Ok(rows) => verify(&ledger, common, rows, &mut verified).await?,
        Err(error) => verified.damage("evidence", error.downcast::<StoreError>()?)?,
    }
    tell(&verified, wanted.json.json)?;
    Ok(verified.exit())
}

async fn verify(
    ledger: &Arc<Ledger>,
    common: &Common,
    rows: Vec<Evidence>,
    verified: &mut Verified,
) -> anyhow::Result<()> {
    let (runtime, sources) = (context::runtime(common)?, context::sources(common)?);
    let mut by_scan: BTreeMap<ScanId, Vec<Evidence>> = BTreeMap::new();
    for row in rows {
        verified.evidence += 1;
        match row.scan.filter(|_| row.kind == EvidenceKind::Auto) {
            Some(scan) => by_scan.entry(scan).or_default().push(row),
            None => {
                if let Err(error) = ledger.evidence_content(&row, |_| Ok::<_, StoreError>(())) {
                    verified.damage(&format!("evidence {}", uuid(&row.id)), error)?;
                }
            }
        }
    }
    for (scan, rows) in by_scan {
        if let Err(error) = scan_evidence(ledger, &runtime, &sources, &scan, &rows, verified).await {
            verified.damage(&format!("scan {}", uuid(&scan)), error.downcast::<StoreError>()?)?;
        }
    }
    Ok(())
}

/// Some evidence of one scan: the bytes first, then the verdicts they speak of.
async fn scan_evidence(
    ledger: &Arc<Ledger>,
    runtime: &Runtime,
    sources: &[Source],
    scan: &ScanId,
    rows: &[Evidence],
    verified: &mut Verified,
) -> anyhow::Result<()> {
    let asked: BTreeSet<_> = rows.iter().map(|row| row.id).collect();
    for id in ledger.check_evidence(scan)?.into_iter().filter(|id| asked.contains(id)) {
        verified.differences.push(format!("evidence {}: its content is not what it was", uuid(&id)));
    }
    let summary = ledger.scan(scan)?.and_then(|kept| kept.summary).unwrap_or_default();
    let controls: BTreeSet<(Option<&str>, Option<&str>)> =
        rows.iter().map(|row| (row.framework.as_deref(), row.control_id.as_deref())).collect();
    let mut checks = BTreeSet::new();
    for framework in &summary.frameworks {
        let own = framework.controls.iter();
        let own = own.filter(|control| controls.contains(&(Some(framework.id.as_str()), Some(control.id.as_str()))));
        checks.extend(own.flat_map(|control| control.checks.iter().cloned()));
    }
    match replay(ledger, runtime, sources.to_vec(), scan, &checks).await {
        Ok(replay) => verified.replayed(&uuid(scan), replay),
        Err(EngineError::Store(error)) => return Err(error.into()),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

fn tell(verified: &Verified, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return print::json(&json!({
            "evidence": verified.evidence,
            "reproduced": verified.reproduced,
            "undecided": verified.undecided,
            "differences": verified.differences,
            "more_differences": verified.more_differences,
            "unverified": verified.unverified,
        }));
    }
    verified.differences.iter().try_for_each(|difference| print::out(&print::plain(difference)))?;
    if verified.more_differences > 0 {
        print::out(&format!("and {} more", verified.more_differences))?;
    }
    verified.unverified.iter().try_for_each(|reason| print::out(&format!("not verified: {}", print::plain(reason))))?;
    let undecided = match verified.undecided {
        0 => String::new(),
        count => format!(", {count} left out where a plugin had failed"),
    };
    let verdict = match verified.exit() {
        Exit::Success => "everything is as it was".to_owned(),
        Exit::Findings => {
            format!("{} differences", verified.differences.len() as u64 + verified.more_differences)
        }
        _ => "not all of it could be verified".to_owned(),
    };
    print::out(&format!(
        "{} pieces of evidence, {} verdicts replayed and the same{undecided}: {verdict}",
        verified.evidence, verified.reproduced
    ))?;
    Ok(())
}
