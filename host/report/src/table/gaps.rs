//! What could not be looked at.

use super::page::{Ink, Page};
use crate::escape;
use crate::figures::{FOR_ALL, thousands};
use crate::report::{Report, ReportError};

/// Gaps shown; a broken permission makes hundreds that say the same.
const SHOWN: usize = 20;
const REASON: usize = 300;

pub(super) fn write(report: &Report<'_>, page: &mut Page<'_>) -> Result<(), ReportError> {
    if report.gaps.is_empty() {
        return Ok(());
    }
    page.heading("Could not be looked at", &thousands(report.gaps.len() as u64))?;
    for gap in report.gaps.iter().take(SHOWN) {
        let parts = [&gap.kind, &gap.account, &gap.region, &gap.task];
        let parts = parts.into_iter().filter(|part| !part.is_empty()).map(|part| escape::line(part));
        let place = parts.collect::<Vec<_>>().join(" · ");
        let place = if place.is_empty() { "the whole scan" } else { &place };
        page.entry((Ink::Medium, "     gap"), (Ink::Plain, place), 0)?;
        page.entry((Ink::Plain, ""), (Ink::Faint, &escape::short(&gap.reason, REASON)), 2)?;
        if let Some(permission) = &gap.permission {
            let needs = format!("needs {}", escape::line(permission));
            page.entry((Ink::Plain, ""), (Ink::Faint, &needs), 2)?;
        }
    }
    if let more @ 1.. = report.gaps.len().saturating_sub(SHOWN) {
        let more = format!("… and {} more; {FOR_ALL}", thousands(more as u64));
        page.entry((Ink::Plain, ""), (Ink::Faint, &more), 0)?;
    }
    Ok(())
}
