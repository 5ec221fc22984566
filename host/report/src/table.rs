//! For people at a terminal: what was scanned, what is wrong and how to mend it, how each framework stands, what could
//! not be seen, and one closing line with the figures.

mod findings;
mod frameworks;
mod gaps;
mod page;

use std::io::Write;

use plumb_model::outcome::Verdict;
use plumb_model::scan::ScanStatus;

use crate::figures::{changes, count, percent, saw_everything, sentence, thousands};
use crate::groups::{self, Class, Limits};
use crate::report::{Report, ReportError, Style, uuid};
use crate::{escape, moment};
use page::{Ink, Page};

/// Enough of a check's findings to see what they have in common; a terminal is no place for all of them.
const LIMITS: Limits = Limits { per_check: 8, per_severity: 2_000 };

pub(crate) fn write(report: &Report<'_>, style: Style, out: &mut dyn Write) -> Result<(), ReportError> {
    let groups = groups::collect(report, LIMITS, |class| class != Class::Muted)?;
    let mut page = Page::new(style, out);
    head(report, &mut page)?;
    findings::write(report, &groups, &mut page)?;
    frameworks::write(report, &mut page)?;
    gaps::write(report, &mut page)?;
    close(report, &mut page)
}

fn head(report: &Report<'_>, page: &mut Page<'_>) -> Result<(), ReportError> {
    let (scan, summary) = (report.scan, report.summary);
    page.line(&[(Ink::Strong, "Plumbline "), (Ink::Strong, report.tool_version)])?;
    page.blank()?;
    page.fact("target", &escape::line(&scan.target))?;
    let state = match scan.status {
        ScanStatus::Completed => String::new(),
        status => format!(", {}", status.as_str().to_uppercase()),
    };
    page.fact("scan", &format!("{}{state}", uuid(scan.id)))?;
    if let Some(reason) = &scan.status_reason {
        page.fact("", &escape::short(reason, 300))?;
    }
    let from = scan.started_at.as_deref().unwrap_or(&scan.created_at);
    let took = moment::elapsed_millis(from, report.at()).map(|millis| format!(", took {}", moment::length(millis)));
    page.fact("started", &format!("{}{}", moment::human(from), took.unwrap_or_default()))?;
    let outcomes = summary.outcomes_by_verdict.values().sum::<u64>();
    page.fact(
        "looked at",
        &format!(
            "{}, {}: {} evaluated in this scan, {} known from before",
            count(summary.resources, "resource"),
            count(outcomes, "outcome"),
            thousands(summary.evaluated_now),
            thousands(summary.reused)
        ),
    )?;
    page.fact("coverage", &coverage(report))?;
    if let Some(changes) = changes(summary) {
        page.fact("changes", &changes)?;
    }
    Ok(())
}

/// The share, and what it is a share of where it is not all.
fn coverage(report: &Report<'_>) -> String {
    let coverage = &report.scan.coverage;
    let mut words = vec![percent(coverage.percent())];
    let missed = coverage.evaluable.saturating_sub(coverage.evaluated);
    if missed > 0 {
        words.push(format!("{} not evaluated", count(missed, "outcome")));
    }
    let broken = coverage.tasks.saturating_sub(coverage.tasks_done);
    if broken > 0 {
        words.push(format!("{} of {} not finished", thousands(broken), count(coverage.tasks, "task")));
    }
    words.join(", ")
}

fn close(report: &Report<'_>, page: &mut Page<'_>) -> Result<(), ReportError> {
    let summary = report.summary;
    page.heading("Summary", "")?;
    let outcomes = Verdict::ALL
        .iter()
        .filter_map(|verdict| summary.outcomes_by_verdict.get(verdict).map(|count| (verdict, *count)))
        .filter(|(_, count)| *count > 0)
        .map(|(verdict, count)| format!("{} {verdict}", thousands(count)));
    let outcomes: Vec<String> = outcomes.collect();
    if !outcomes.is_empty() {
        page.fact("outcomes", &outcomes.join(", "))?;
    }
    if summary.muted > 0 {
        page.fact("muted", &format!("{}, accepted and not shown", count(summary.muted, "failure")))?;
    }
    page.fact("reports", "plumb scan … -o html=FILE for a page to share, -o csv=FILE for a spreadsheet")?;
    page.blank()?;
    let ink = match report.summary.violations() {
        0 if saw_everything(report) => Ink::Good,
        0 => Ink::Medium,
        _ => Ink::Bad,
    };
    page.line(&[(ink, &sentence(report))])
}
