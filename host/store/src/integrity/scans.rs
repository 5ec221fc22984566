//! Every scan's rows are as many as were written, name checks and documents that are there, and add up to its summary.

use std::collections::BTreeMap;

use plumb_model::check::Severity;
use plumb_model::outcome::{Fingerprint, Verdict};
use plumb_model::scan::{ScanId, ScanStatus, Summary};
use redb::{ReadOnlyTable, ReadTransaction};

use crate::batch::{Digest, OutcomeRow};
use crate::blocks::{self, Expected};
use crate::catalogues::{self, Positions};
use crate::completion;
use crate::error::StoreError;
use crate::integrity::CheckReport;
use crate::integrity::records::each;
use crate::key::{hex, scan_name};
use crate::rank::RANKS;
use crate::records::scan::ScanRecord;
use crate::tables::{COMPLETED, DOCUMENTS, OUTCOMES, RESOURCES, SCANS, SUMMARIES};

/// What a scan's rows come to.
#[derive(Default)]
struct Sums {
    resources: u64,
    verdicts: BTreeMap<Verdict, u64>,
    violations: BTreeMap<Severity, u64>,
    muted: u64,
}

impl Sums {
    fn count(&mut self, verdict: Verdict, number: usize) {
        *self.verdicts.entry(verdict).or_default() += number as u64;
    }
}

pub(super) fn walk(transaction: &ReadTransaction, report: &mut CheckReport) {
    let mut heads = Vec::new();
    each(&SCANS, transaction, report, |_, id, head| heads.push((**id, head)));
    report.scans = heads.len() as u64;
    // The walk of the records has counted these.
    report.records = report.records.saturating_sub(heads.len() as u64);
    for (id, head) in heads {
        if let Err(error) = check_scan(transaction, &id, &head, report) {
            report.error(error);
        }
    }
}

fn check_scan(
    transaction: &ReadTransaction,
    id: &ScanId,
    head: &ScanRecord,
    report: &mut CheckReport,
) -> Result<(), StoreError> {
    let expected = Expected::new(transaction, id, head)?;
    let catalogue = catalogues::of_scan(transaction, head)?;
    let positions = Positions::new(&catalogue.checks);
    let documents = DOCUMENTS.read(transaction)?;
    let mut sums = Sums::default();
    blocks::gaps(transaction, id, &expected)?;
    completion::resolved(transaction, id, head.resolved)?;
    for rank in 0..RANKS {
        blocks::each_outcome(transaction, id, rank, &expected, |row| {
            check_outcome(&row, &positions, &documents, report)?;
            count_outcome(&row, &mut sums);
            Ok::<_, StoreError>(())
        })?;
    }
    blocks::each_resource(transaction, id, &expected, |_, row| {
        let checks = row.passes.iter().chain(row.not_applicable.iter().map(|(check, _)| check));
        for problem in checks.filter_map(|check| positions.get(*check).err()) {
            report.problem(RESOURCES.name, row.resource.id.clone(), problem);
        }
        check_document(&documents, RESOURCES.name, &row.resource.id, &row.digest, report)?;
        sums.resources += 1;
        sums.count(Verdict::Pass, row.passes.len());
        sums.count(Verdict::NotApplicable, row.not_applicable.len());
        Ok::<_, StoreError>(())
    })?;
    if head.status() == ScanStatus::Completed { check_summary(transaction, id, head, &sums, report) } else { Ok(()) }
}

fn check_outcome(
    row: &OutcomeRow,
    positions: &Positions<'_>,
    documents: &ReadOnlyTable<&'static [u8; 32], &'static [u8]>,
    report: &mut CheckReport,
) -> Result<(), StoreError> {
    match positions.get(row.check) {
        Ok(check) if Fingerprint::new(&check.id, &row.resource.account, &row.resource.id) != row.fingerprint => {
            report.problem(OUTCOMES.name, row.resource.id.clone(), "its fingerprint is that of something else");
        }
        Ok(_) => {}
        Err(problem) => report.problem(OUTCOMES.name, row.resource.id.clone(), problem),
    }
    row.digest.map_or(Ok(()), |digest| check_document(documents, OUTCOMES.name, &row.resource.id, &digest, report))
}

fn check_document(
    documents: &ReadOnlyTable<&'static [u8; 32], &'static [u8]>,
    table: &'static str,
    resource: &str,
    digest: &Digest,
    report: &mut CheckReport,
) -> Result<(), StoreError> {
    if documents.get(digest)?.is_none() {
        report.problem(table, resource, format!("its document {} is missing", hex(digest)));
    }
    Ok(())
}

fn count_outcome(row: &OutcomeRow, sums: &mut Sums) {
    sums.count(row.verdict, 1);
    match (row.verdict, &row.muted) {
        (Verdict::Fail, Some(_)) => sums.muted += 1,
        (Verdict::Fail, None) => *sums.violations.entry(row.severity).or_default() += 1,
        _ => {}
    }
}

fn check_summary(
    transaction: &ReadTransaction,
    id: &ScanId,
    head: &ScanRecord,
    sums: &Sums,
    report: &mut CheckReport,
) -> Result<(), StoreError> {
    if !head.narrowed && COMPLETED.get(&COMPLETED.read(transaction)?, &(&head.scope_key.0, id))?.is_none() {
        report.problem(COMPLETED.name, scan_name(id), "a completed scan is missing in the index");
    }
    let stored = SUMMARIES.get(&SUMMARIES.read(transaction)?, &id)?;
    let summary = Summary::from(stored.ok_or_else(|| SUMMARIES.damaged(&id, "it is missing"))?);
    let mut differ = |what: String, stated: u64, found: u64| {
        if stated != found {
            report.problem(SUMMARIES.name, scan_name(id), format!("it states {stated} {what}, and there are {found}"));
        }
    };
    differ("resources".into(), summary.resources, sums.resources);
    differ("muted failures".into(), summary.muted, sums.muted);
    for verdict in Verdict::ALL {
        let of = |counts: &BTreeMap<Verdict, u64>| counts.get(&verdict).copied().unwrap_or(0);
        differ(format!("outcomes that are {verdict}"), of(&summary.outcomes_by_verdict), of(&sums.verdicts));
    }
    for severity in Severity::WORST_FIRST {
        let of = |counts: &BTreeMap<Severity, u64>| counts.get(&severity).copied().unwrap_or(0);
        differ(format!("{severity} violations"), of(&summary.violations_by_severity), of(&sums.violations));
    }
    Ok(())
}
