//! One row per finding: RFC 4180, every cell quoted, CRLF at the end of a row, UTF-8.
//!
//! The columns are [`COLUMNS`], in this order; columns may be added at the end, none goes or moves. A cell is one line:
//! line breaks and other characters that cannot be seen are written out. A cell that a spreadsheet would take for a
//! formula has a `'` in front. `controls` is `FRAMEWORK:CONTROL`, several joined by `; `.

use std::borrow::Cow;
use std::io::Write;

use ::csv::{QuoteStyle, Terminator, WriterBuilder};
use plumb_model::check::Remediation;
use plumb_model::delta::Delta;
use plumb_model::outcome::{ControlRef, Finding};

use crate::escape;
use crate::report::{Report, ReportError, uuid};

const COLUMNS: [&str; 20] = [
    "check_id",
    "check_title",
    "severity",
    "verdict",
    "delta",
    "muted",
    "mute_reason",
    "message",
    "resource_id",
    "resource_kind",
    "resource_name",
    "account",
    "region",
    "controls",
    "remediation",
    "remediation_url",
    "fingerprint",
    "target",
    "scan_id",
    "scan_time",
];

pub(crate) fn write(report: &Report<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
    let mut rows = WriterBuilder::new().quote_style(QuoteStyle::Always).terminator(Terminator::CRLF).from_writer(out);
    rows.write_record(COLUMNS)?;
    let scan = uuid(report.scan.id);
    report.findings.each(&mut |finding| {
        let controls = controls(report.controls(&finding.check_id));
        let fingerprint = finding.fingerprint.to_string();
        let cells = cells(report, finding, &controls, &fingerprint, &scan);
        rows.write_record(cells.map(|text| cell(text).into_owned()))?;
        Ok(())
    })?;
    rows.flush().map_err(ReportError::Write)
}

/// The texts of a row, in the order of [`COLUMNS`].
fn cells<'a>(
    report: &Report<'a>,
    finding: &'a Finding,
    controls: &'a str,
    fingerprint: &'a str,
    scan: &'a str,
) -> [&'a str; COLUMNS.len()] {
    let resource = &finding.resource;
    let Remediation { text, url, .. } =
        report.check(&finding.check_id).map_or(const { &NO_REMEDIATION }, |check| &check.remediation);
    [
        &finding.check_id,
        report.title(&finding.check_id),
        finding.severity.as_str(),
        finding.verdict.as_str(),
        finding.delta.map_or("", Delta::as_str),
        if finding.muted.is_some() { "true" } else { "false" },
        finding.muted.as_deref().unwrap_or_default(),
        &finding.message,
        &resource.id,
        &resource.kind,
        &resource.name,
        &resource.account,
        &resource.region,
        controls,
        text,
        url,
        fingerprint,
        &report.scan.target,
        scan,
        report.at(),
    ]
}

const NO_REMEDIATION: Remediation = Remediation {
    text: String::new(),
    url: String::new(),
    command: String::new(),
    terraform: String::new(),
    effort_minutes: 0,
};

fn controls(controls: &[ControlRef]) -> String {
    let pairs: Vec<String> = controls.iter().map(|at| format!("{}:{}", at.framework, at.control)).collect();
    pairs.join("; ")
}

/// One line that no spreadsheet runs. Besides the ASCII signs, some programs take their full-width forms for the start
/// of a formula.
fn cell(text: &str) -> Cow<'_, str> {
    let line = escape::line(text);
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        Cow::Owned(format!("'{line}"))
    } else {
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_taken_for_a_formula() {
        for (text, cell_text) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\\t=1"),
            ("\r\n=1", "'\\r\\n=1"),
            ("＝1", "'＝1"),
            ("a=1", "a=1"),
        ] {
            assert_eq!(cell(text), cell_text);
        }
    }
}
