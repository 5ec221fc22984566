//! Every scan's rows are as many as were written, name checks and documents that are there, and add up to its summary.

use std::collections::BTreeMap;

use plumb_model::check::Severity;
use plumb_model::outcome::{Fingerprint, Verdict};
use plumb_model::scan::{ScanId, ScanStatus, Summary};
use redb::ReadTransaction;

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
use crate::scans::Figures;
use crate::tables::{COMPLETED, OUTCOMES, RESOURCES, SCANS, SUMMARIES};

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

/// The digests of all documents are ascending.
pub(super) fn walk(transaction: &ReadTransaction, documents: &[Digest], report: &mut CheckReport) {
    let mut heads = Vec::new();
    each(&SCANS, transaction, report, |_, id, head| heads.push((**id, head)));
    report.scans = heads.len() as u64;
    // The walk of the records has counted these.
    report.records = report.records.saturating_sub(heads.len() as u64);
    for (id, head) in heads {
        if let Err(error) = check_scan(transaction, &id, &head, documents, report) {
            report.error(error);
        }
    }
}

fn check_scan(
    transaction: &ReadTransaction,
    id: &ScanId,
    head: &ScanRecord,
    documents: &[Digest],
    report: &mut CheckReport,
) -> Result<(), StoreError> {
    let expected = Expected::new(transaction, id, head)?;
    let catalogue = catalogues::of_scan(transaction, head)?;
    let positions = Positions::new(&catalogue.checks);
    let mut sums = Sums::default();
    blocks::gaps(transaction, id, &expected)?;
    completion::resolved(transaction, id, head.resolved)?;
    for rank in 0..RANKS {
        blocks::each_outcome(transaction, id, rank, &expected, |row| {
            check_outcome(&row, &positions, documents, report);
            count_outcome(&row, &mut sums);
            Ok::<_, StoreError>(())
        })?;
    }
    blocks::each_resource(transaction, id, &expected, |_, row| {
        let checks = row.passes.iter().chain(row.not_applicable.iter().map(|(check, _)| check));
        for problem in checks.filter_map(|check| positions.get(*check).err()) {
            report.problem(RESOURCES.name, row.resource.id.clone(), problem);
        }
        check_document(documents, RESOURCES.name, &row.resource.id, &row.digest, report);
        sums.resources += 1;
        sums.count(Verdict::Pass, row.passes.len());
        sums.count(Verdict::NotApplicable, row.not_applicable.len());
        Ok::<_, StoreError>(())
    })?;
    check_index(transaction, id, head, report)?;
    check_summary(transaction, id, head, expected.is_counted().then_some(&sums), report)
}

fn check_outcome(row: &OutcomeRow, positions: &Positions<'_>, documents: &[Digest], report: &mut CheckReport) {
    match positions.get(row.check) {
        Ok(check) if Fingerprint::new(&check.id, &row.resource.account, &row.resource.id) != row.fingerprint => {
            report.problem(OUTCOMES.name, row.resource.id.clone(), "its fingerprint is that of something else");
        }
        Ok(_) => {}
        Err(problem) => report.problem(OUTCOMES.name, row.resource.id.clone(), problem),
    }
    if let Some(digest) = &row.digest {
        check_document(documents, OUTCOMES.name, &row.resource.id, digest, report);
    }
}

fn check_document(
    documents: &[Digest],
    table: &'static str,
    resource: &str,
    digest: &Digest,
    report: &mut CheckReport,
) {
    if documents.binary_search(digest).is_err() {
        report.problem(table, resource, format!("its document {} is missing", hex(digest)));
    }
}

fn count_outcome(row: &OutcomeRow, sums: &mut Sums) {
    sums.count(row.verdict, 1);
    match (row.verdict, &row.muted) {
        (Verdict::Fail, Some(_)) => sums.muted += 1,
        (Verdict::Fail, None) => *sums.violations.entry(row.severity).or_default() += 1,
        _ => {}
    }
}

/// The index of completed scans has those, save narrowed ones, and no others.
fn check_index(
    transaction: &ReadTransaction,
    id: &ScanId,
    head: &ScanRecord,
    report: &mut CheckReport,
) -> Result<(), StoreError> {
    let listed = COMPLETED.get(&COMPLETED.read(transaction)?, &(&head.scope_key.0, id))?.is_some();
    match (head.status() == ScanStatus::Completed && !head.narrowed, listed) {
        (true, false) => report.problem(COMPLETED.name, scan_name(id), "a completed scan is missing in the index"),
        (false, true) => {
            report.problem(COMPLETED.name, scan_name(id), format!("a scan that is {} is in the index", head.status()));
        }
        _ => {}
    }
    Ok(())
}

/// A scan that has ended in order has a summary, which its rows add up to; one that failed or was cancelled has none where the
/// program that ran it was cut off. A task that was cut off then has rows nobody has counted: no sums are given for such a scan.
fn check_summary(
    transaction: &ReadTransaction,
    id: &ScanId,
    head: &ScanRecord,
    sums: Option<&Sums>,
    report: &mut CheckReport,
) -> Result<(), StoreError> {
    let stored = SUMMARIES.get(&SUMMARIES.read(transaction)?, &id)?;
    let Some(summary) = stored.map(Summary::from) else {
        if head.status() == ScanStatus::Completed || head.figures.is_some() {
            report.problem(SUMMARIES.name, scan_name(id), "it is missing");
        }
        return Ok(());
    };
    if matches!(head.status(), ScanStatus::Pending | ScanStatus::Running) {
        report.problem(SUMMARIES.name, scan_name(id), format!("a scan that is {} has none yet", head.status()));
        return Ok(());
    }
    let mut figures = Figures::from(&summary);
    let own = head.figures.map(Figures::from);
    if own.is_some_and(|own| own.controls == 0 && own.signatures.is_none()) {
        // Heads from before controls were counted in them have none.
        (figures.controls, figures.passed_controls, figures.failed_controls, figures.effort_minutes) = (0, 0, 0, 0);
    }
    if own != Some(figures) {
        report.problem(SUMMARIES.name, scan_name(id), "the scan's own record has other figures");
    }
    if let Some(sums) = sums {
        compare(id, &summary, sums, report);
    }
    Ok(())
}

fn compare(id: &ScanId, summary: &Summary, sums: &Sums, report: &mut CheckReport) {
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
}
