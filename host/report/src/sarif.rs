//! SARIF 2.1.0 for code scanning.
//!
//! Results are violations, the muted among them with a suppression. Everything else stays out: code scanning shows any
//! result as an alert, whatever its `kind`. What was not evaluated and what could not be looked at is said in the
//! notifications of the invocation.
//!
//! GitHub takes up to 25,000 results in a run and 20 runs in a file, each with its own category; beyond that results
//! are left out, worst kept, and the last run says how many.

mod document;
mod location;

use std::io::Write;

use plumb_model::outcome::{Finding, Verdict};
use serde_json::Value;

use crate::report::{Report, ReportError};
use crate::stream;

/// Results that GitHub takes in one run.
const RESULTS_PER_RUN: u64 = 25_000;
/// Runs that GitHub takes in one file.
const RUNS: u64 = 20;

pub(crate) fn write(report: &Report<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
    write_bounded(report, out, RESULTS_PER_RUN)
}

fn write_bounded(report: &Report<'_>, out: &mut dyn Write, per_run: u64) -> Result<(), ReportError> {
    let rules = document::Rules::new(report);
    let mut runs = Runs { report, out, rules: &rules.values, per_run, run: 0, results: 0, left_out: 0 };
    runs.out.write_all(document::HEAD.as_bytes())?;
    runs.open()?;
    report.findings.each(&mut |finding| {
        if finding.verdict != Verdict::Fail {
            return Ok(());
        }
        runs.push(finding, rules.index(&finding.check_id))
    })?;
    runs.close()?;
    out.write_all(b"\n]}\n")?;
    Ok(())
}

/// The runs of a file, written one after the other.
struct Runs<'a, 'r> {
    report: &'a Report<'r>,
    out: &'a mut dyn Write,
    rules: &'a [Value],
    per_run: u64,
    /// Position of the open run.
    run: u64,
    /// Results in the open run.
    results: u64,
    left_out: u64,
}

impl Runs<'_, '_> {
    fn open(&mut self) -> Result<(), ReportError> {
        self.results = 0;
        self.out.write_all(if self.run == 0 { b"\n{\"tool\":" } else { b",\n{\"tool\":" })?;
        stream::value(self.out, &document::tool(self.report, self.rules))?;
        self.out.write_all(b",\n\"automationDetails\":")?;
        stream::value(self.out, &document::automation(self.report, self.run))?;
        self.out.write_all(b",\n\"columnKind\":\"unicodeCodePoints\",\n\"results\":[")?;
        Ok(())
    }

    fn push(&mut self, finding: &Finding, rule: Option<usize>) -> Result<(), ReportError> {
        if self.results == self.per_run && self.run + 1 == RUNS {
            self.left_out += 1;
            return Ok(());
        }
        if self.results == self.per_run {
            self.close()?;
            self.run += 1;
            self.open()?;
        }
        self.out.write_all(if self.results == 0 { b"\n" } else { b",\n" })?;
        self.results += 1;
        stream::value(self.out, &document::result(self.report, finding, rule))
    }

    fn close(&mut self) -> Result<(), ReportError> {
        self.out.write_all(b"\n],\n\"invocations\":[")?;
        stream::value(self.out, &document::invocation(self.report, self.run, self.left_out))?;
        self.out.write_all(b"]}")?;
        Ok(())
    }
}
