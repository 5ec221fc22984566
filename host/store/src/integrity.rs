//! Whether the ledger is whole: every record decodes, nothing points at what is not there, nothing is there that nothing points
//! at, every scan's rows add up to its figures, and all evidence is what it was.

mod access;
mod account_verdicts;
mod documents;
mod drifts;
mod evidence;
mod indexes;
mod records;
mod remediations;
mod scans;
mod schedules;
mod targets;

use std::fmt;

use redb::ReadTransaction;

use crate::blobs::Blobs;
use crate::error::StoreError;
use crate::ledger::Ledger;

/// A file that is broken through and through has as many problems as rows; nobody reads more than these.
const MAX_PROBLEMS: usize = 1_000;

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// How many scans, records and documents were looked at.
    pub scans: u64,
    pub records: u64,
    pub documents: u64,
    /// The first thousand.
    pub problems: Vec<Problem>,
    /// How many more there were.
    pub more_problems: u64,
}

/// Something that cannot be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub table: &'static str,
    pub key: String,
    pub problem: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table '{}', key {}: {}", self.table, self.key, self.problem)
    }
}

impl CheckReport {
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    fn problem(&mut self, table: &'static str, key: impl Into<String>, problem: impl Into<String>) {
        if self.problems.len() >= MAX_PROBLEMS {
            self.more_problems += 1;
            return;
        }
        let problem = Problem { table, key: key.into(), problem: problem.into() };
        // Several walks come past the same record.
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn error(&mut self, error: StoreError) {
        match error {
            StoreError::Damaged { table, key, problem } => self.problem(table, key, problem),
            other => self.problem("file", "-", other.to_string()),
        }
    }
}

impl Ledger {
    /// Reads everything and compares it. Has the ledger for itself meanwhile; takes as long as reading the file some three times.
    /// Where the database's own structure is broken it is mended as far as the database can, after everything was read: a
    /// problem says so.
    pub fn check(&self) -> Result<CheckReport, StoreError> {
        let mut report = CheckReport::default();
        let walked = self.read(|transaction| {
            walk(transaction, self.shared.blobs.as_ref(), &mut report);
            Ok::<_, StoreError>(())
        });
        if let Err(error) = walked {
            report.error(error);
        }
        match self.alone(|database| Ok(database.check_integrity()?)) {
            Ok(true) => {}
            Ok(false) => {
                report.problem("file", "-", "its pages were inconsistent; the database has mended what it could");
            }
            Err(error) => report.error(error),
        }
        Ok(report)
    }
}

fn walk(transaction: &ReadTransaction, blobs: Option<&Blobs>, report: &mut CheckReport) {
    records::walk(transaction, report);
    let documents = documents::walk(transaction, report);
    account_verdicts::walk(transaction, report);
    scans::walk(transaction, &documents, report);
    drifts::walk(transaction, &documents, report);
    targets::walk(transaction, report);
    schedules::walk(transaction, report);
    evidence::walk(transaction, blobs, report);
    remediations::walk(transaction, report);
    access::walk(transaction, report);
}
