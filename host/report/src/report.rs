//! What a report is made from, and how it fails.

use std::error::Error;
use std::fmt;
use std::io;

use plumb_model::check::Check;
use plumb_model::outcome::{ControlRef, Finding, Verdict};
use plumb_model::resource::ScanGap;
use plumb_model::scan::{Catalogue, Scan, ScanId, Summary};

/// One scan, ready to be written in any format.
#[derive(Clone, Copy)]
pub struct Report<'a> {
    pub scan: &'a Scan,
    pub summary: &'a Summary,
    pub catalogue: &'a Catalogue,
    pub gaps: &'a [ScanGap],
    pub findings: &'a dyn Findings,
    /// Version of the program that writes the report.
    pub tool_version: &'a str,
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report").field("scan", &self.scan).field("summary", &self.summary).finish_non_exhaustive()
    }
}

impl<'a> Report<'a> {
    /// What the check says of itself; none where the catalogue does not know it.
    pub(crate) fn check(&self, id: &str) -> Option<&'a Check> {
        self.catalogue.checks.get(id)
    }

    /// The title of a check, or its id where it has none.
    pub(crate) fn title<'b>(&self, id: &'b str) -> &'b str
    where
        'a: 'b,
    {
        self.check(id).map(|check| check.title.as_str()).filter(|title| !title.is_empty()).unwrap_or(id)
    }

    /// The controls a check counts for.
    pub(crate) fn controls(&self, check: &str) -> &'a [ControlRef] {
        self.catalogue.controls.get(check).map_or(&[], Vec::as_slice)
    }

    /// Whether the resources are code rather than parts of an account, so that a finding has a file.
    pub(crate) fn is_terraform(&self) -> bool {
        self.scan.provider.contains("terraform")
    }

    /// The moment the figures hold for: when the scan ended, or the latest moment known of one that did not.
    pub(crate) fn at(&self) -> &'a str {
        let scan = self.scan;
        scan.completed_at.as_deref().or(scan.started_at.as_deref()).unwrap_or(&scan.created_at)
    }
}

/// A scan id as people and programs write it.
pub(crate) fn uuid(id: ScanId) -> String {
    uuid::Uuid::from_bytes(id).to_string()
}

/// All findings, worst first: failures by severity, then not-evaluated, manual, not-applicable, pass. They may be
/// walked several times, and every walk gives the same findings in the same order.
pub trait Findings {
    /// Calls `visit` on each finding and ends with its first error.
    fn each(&self, visit: &mut dyn FnMut(&Finding) -> Result<(), ReportError>) -> Result<(), ReportError>;

    /// The same without passes and what does not apply, which are most of them.
    fn each_listed(&self, visit: &mut dyn FnMut(&Finding) -> Result<(), ReportError>) -> Result<(), ReportError> {
        self.each(&mut |finding| if is_listed(finding) { visit(finding) } else { Ok(()) })
    }
}

/// Whether it is neither a pass nor not-applicable.
#[must_use]
pub fn is_listed(finding: &Finding) -> bool {
    !matches!(finding.verdict, Verdict::Pass | Verdict::NotApplicable)
}

/// How a report for people looks. Formats for programs take no notice of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether the reader is a terminal that shows ANSI colours.
    pub color: bool,
    /// Columns of the terminal; 0 where nobody knows.
    pub width: u16,
}

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// Where it goes refused the bytes.
    #[error("the report could not be written: {0}")]
    Write(#[source] io::Error),
    /// The ledger could not be read.
    #[error("the findings could not be read for the report: {0}")]
    Read(#[source] Box<dyn Error + Send + Sync>),
    /// A value of the scan does not fit the format.
    #[error("the report could not be encoded: {0}")]
    Encode(#[source] Box<dyn Error + Send + Sync>),
}

impl From<io::Error> for ReportError {
    fn from(error: io::Error) -> ReportError {
        ReportError::Write(error)
    }
}

impl From<serde_json::Error> for ReportError {
    fn from(error: serde_json::Error) -> ReportError {
        if error.is_io() { ReportError::Write(error.into()) } else { ReportError::Encode(Box::new(error)) }
    }
}

impl From<::csv::Error> for ReportError {
    fn from(error: ::csv::Error) -> ReportError {
        if !error.is_io_error() {
            return ReportError::Encode(Box::new(error));
        }
        match error.into_kind() {
            ::csv::ErrorKind::Io(error) => ReportError::Write(error),
            other => ReportError::Encode(format!("{other:?}").into()),
        }
    }
}

impl From<minijinja::Error> for ReportError {
    fn from(error: minijinja::Error) -> ReportError {
        ReportError::Encode(Box::new(error))
    }
}
