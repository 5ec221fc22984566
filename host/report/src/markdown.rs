//! For a comment on a pull request: short, in tables, and harmless whatever the resources are called.

mod text;

use std::io::Write;

use plumb_model::delta::Delta;
use plumb_model::framework::ControlStatus;
use plumb_model::outcome::Finding;
use plumb_model::scan::ScanStatus;

use crate::figures::{FOR_ALL, by_severity, changes, count, score, sentence, thousands};
use crate::groups::{self, Class, Group, Limits};
use crate::report::{Report, ReportError, uuid};
use crate::{escape, moment};
use text::{code, plain};

/// A comment holds 65,536 characters; this stays well below and is as much as a reviewer reads.
const LIMITS: Limits = Limits { per_check: 5, per_severity: 40 };
const ROWS: usize = 60;
const ROWS_NOT_EVALUATED: usize = 15;
const GAPS: usize = 10;
const MESSAGE: usize = 200;

pub(crate) fn write(report: &Report<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
    let groups = groups::collect(report, LIMITS, |class| matches!(class, Class::Violation | Class::NotEvaluated))?;
    writeln!(out, "## Plumbline: {}\n", plain(&sentence(report)))?;
    head(report, out)?;
    table(report, &groups, Class::Violation, ROWS, out)?;
    table(report, &groups, Class::NotEvaluated, ROWS_NOT_EVALUATED, out)?;
    frameworks(report, out)?;
    gaps(report, out)?;
    let from = moment::human(report.at());
    writeln!(out, "\nScan {} at {from}, Plumbline {}", code(&uuid(report.scan.id)), plain(report.tool_version))?;
    Ok(())
}

fn head(report: &Report<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
    let (scan, summary) = (report.scan, report.summary);
    writeln!(out, "Target {}, {}.", code(&scan.target), count(summary.resources, "resource"))?;
    if scan.status != ScanStatus::Completed {
        let reason = scan.status_reason.as_deref().map(|reason| format!(": {}", plain(reason))).unwrap_or_default();
        writeln!(out, "**The scan is {}**{reason}.", scan.status)?;
    }
    if let Some(changes) = changes(summary) {
        writeln!(out, "Since the scan before: {changes}.")?;
    }
    if summary.muted > 0 {
        writeln!(out, "{} muted.", count(summary.muted, "failure"))?;
    }
    if summary.violations() > 0 {
        let counts: Vec<_> = by_severity(summary).collect();
        let names: Vec<String> = counts.iter().map(|(severity, _)| format!(" {severity} |")).collect();
        let figures: Vec<String> = counts.iter().map(|(_, count)| format!(" {} |", thousands(*count))).collect();
        let rule = " --: |".repeat(counts.len());
        writeln!(out, "\n|{}\n|{rule}\n|{}", names.concat(), figures.concat())?;
    }
    Ok(())
}

fn table(
    report: &Report<'_>,
    groups: &[Group],
    class: Class,
    rows: usize,
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    let of_class = || groups.iter().filter(|group| group.class == class);
    let total: u64 = of_class().map(|group| group.total).sum();
    if total == 0 {
        return Ok(());
    }
    let title = if class == Class::Violation { "Violations" } else { "Not evaluated" };
    writeln!(out, "\n### {title}\n\n| | Check | Resource | Why |\n| --- | --- | --- | --- |")?;
    let mut written = 0;
    for group in of_class() {
        for finding in group.shown.iter().take(rows.saturating_sub(written)) {
            row(report, finding, out)?;
            written += 1;
        }
    }
    if let more @ 1.. = total.saturating_sub(written as u64) {
        writeln!(out, "\nand {} more: {}", thousands(more), code(FOR_ALL))?;
    }
    Ok(())
}

fn row(report: &Report<'_>, finding: &Finding, out: &mut dyn Write) -> Result<(), ReportError> {
    let new = if finding.delta == Some(Delta::New) { " **new**" } else { "" };
    let why = if finding.message.is_empty() { report.title(&finding.check_id) } else { &finding.message };
    writeln!(
        out,
        "| {}{new} | {} | {} | {} |",
        finding.severity,
        code(&finding.check_id),
        code(&finding.resource.id),
        plain(&escape::short(why, MESSAGE))
    )?;
    Ok(())
}

fn frameworks(report: &Report<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
    if report.summary.frameworks.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n### Frameworks\n\n\
         | Framework | Score | Passed | Failed | Not evaluated | Manual | Not applicable | Controls |\n\
         | --- | --: | --: | --: | --: | --: | --: | --: |"
    )?;
    for framework in &report.summary.frameworks {
        let of = |status| thousands(framework.count(status));
        writeln!(
            out,
            "| {} {} | {} | {} | {} | {} | {} | {} | {} |",
            plain(&framework.title),
            plain(&framework.version),
            score(framework.score()),
            of(ControlStatus::Pass),
            of(ControlStatus::Fail),
            of(ControlStatus::NotEvaluated),
            of(ControlStatus::Manual),
            of(ControlStatus::NotApplicable),
            thousands(framework.controls.len() as u64)
        )?;
    }
    Ok(())
}

fn gaps(report: &Report<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
    if report.gaps.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n### Could not be looked at\n\n| Where | Reason | Missing right |\n| --- | --- | --- |")?;
    for gap in report.gaps.iter().take(GAPS) {
        let parts = [&gap.kind, &gap.account, &gap.region, &gap.task];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).map(|part| code(part)).collect();
        let place = if parts.is_empty() { "the whole scan".to_owned() } else { parts.join(" ") };
        let permission = gap.permission.as_deref().map(code).unwrap_or_default();
        writeln!(out, "| {place} | {} | {permission} |", plain(&escape::short(&gap.reason, MESSAGE)))?;
    }
    if let more @ 1.. = report.gaps.len().saturating_sub(GAPS) {
        writeln!(out, "\nand {} more: {}", thousands(more as u64), code(FOR_ALL))?;
    }
    Ok(())
}
