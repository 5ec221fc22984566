//! What is wrong, what could not be evaluated and what a person must assess: by check, the worst first.

use plumb_model::check::Severity;
use plumb_model::delta::Delta;
use plumb_model::outcome::Finding;

use super::page::{Ink, Page};
use crate::escape;
use crate::figures::{count, thousands};
use crate::groups::{Class, Group};
use crate::report::{Report, ReportError};

/// A message longer than this is somebody's document; the file formats have it whole.
const MESSAGE: usize = 300;
/// Controls named beside a check.
const CONTROLS: usize = 6;
/// Where every violation of a check is listed, for how many are not shown here.
const WHERE: &str = "plumb scan … -o csv=FILE for all";

pub(super) fn write(report: &Report<'_>, groups: &[Group], page: &mut Page<'_>) -> Result<(), ReportError> {
    for (class, title) in [
        (Class::Violation, "Violations"),
        (Class::NotEvaluated, "Not evaluated: nobody knows"),
        (Class::Manual, "To assess by hand"),
    ] {
        let of_class: Vec<&Group> = groups.iter().filter(|group| group.class == class).collect();
        if of_class.is_empty() {
            continue;
        }
        page.heading(title, &thousands(of_class.iter().map(|group| group.total).sum()))?;
        for (at, group) in of_class.iter().enumerate() {
            if at > 0 {
                page.blank()?;
            }
            head(report, group, page)?;
            rows(&group.shown, page)?;
            if group.left_out() > 0 {
                let more = format!("… and {} more; {WHERE}", thousands(group.left_out()));
                page.entry((Ink::Plain, ""), (Ink::Faint, &more), 0)?;
            }
            if class == Class::Violation {
                fix(report, group, page)?;
            }
        }
    }
    Ok(())
}

fn head(report: &Report<'_>, group: &Group, page: &mut Page<'_>) -> Result<(), ReportError> {
    let label = match group.severity {
        Severity::Informational => "INFO".to_owned(),
        severity => severity.as_str().to_uppercase(),
    };
    let ink = if group.class == Class::Violation { Ink::of(group.severity) } else { Ink::Faint };
    let title = escape::line(report.title(&group.check_id));
    page.entry((ink, &label), (Ink::Strong, &title), 0)?;
    let controls = report.controls(&group.check_id);
    let mut about = vec![escape::line(&group.check_id).into_owned(), count(group.total, "resource")];
    let named = controls.iter().take(CONTROLS);
    about.extend(named.map(|at| format!("{} {}", escape::line(&at.framework), escape::line(&at.control))));
    if controls.len() > CONTROLS {
        about.push(format!("{} more", controls.len() - CONTROLS));
    }
    page.entry((Ink::Plain, ""), (Ink::Faint, &about.join(" · ")), 0)
}

/// Where several in a row have the same message, it stands once, beneath the last of them.
fn rows(findings: &[Finding], page: &mut Page<'_>) -> Result<(), ReportError> {
    let mut rest = findings.iter().peekable();
    while let Some(finding) = rest.next() {
        row(finding, page)?;
        let repeated = rest.peek().is_some_and(|next| next.message == finding.message);
        if !repeated && !finding.message.is_empty() {
            page.entry((Ink::Plain, ""), (Ink::Faint, &escape::short(&finding.message, MESSAGE)), 2)?;
        }
    }
    Ok(())
}

fn row(finding: &Finding, page: &mut Page<'_>) -> Result<(), ReportError> {
    let resource = &finding.resource;
    let mark = if finding.delta == Some(Delta::New) { "     new" } else { "" };
    let subject = if resource.kind.is_empty() { "account " } else { "" };
    let told = [&resource.account, &resource.region].into_iter();
    let told = told.filter(|part| !part.is_empty() && !resource.id.contains(part.as_str()));
    let place: Vec<_> = std::iter::once(&resource.id).chain(told).map(|part| escape::line(part)).collect();
    let place = format!("{subject}{}", place.join(" · "));
    page.entry((Ink::Bad, mark), (Ink::Plain, &place), 0)
}

fn fix(report: &Report<'_>, group: &Group, page: &mut Page<'_>) -> Result<(), ReportError> {
    let Some(check) = report.check(&group.check_id) else { return Ok(()) };
    let remediation = &check.remediation;
    let advice = if remediation.text.is_empty() { &remediation.command } else { &remediation.text };
    if advice.is_empty() {
        return Ok(());
    }
    page.entry((Ink::Good, "     fix"), (Ink::Plain, &escape::short(advice, MESSAGE)), 0)
}
