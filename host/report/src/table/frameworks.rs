//! How each framework stands.

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle, presets};
use plumb_model::framework::{ControlStatus, FrameworkResult};

use super::page::Page;
use crate::escape;
use crate::figures::{score, thousands};
use crate::report::{Report, ReportError};

const STATUSES: [(&str, ControlStatus); 5] = [
    ("passed", ControlStatus::Pass),
    ("failed", ControlStatus::Fail),
    ("not eval.", ControlStatus::NotEvaluated),
    ("manual", ControlStatus::Manual),
    ("n/a", ControlStatus::NotApplicable),
];

/// A rule beneath the header and nothing else.
const STYLE: TableStyle = presets::NOTHING.header_separator(LineStyle::none().fill('─').junction('─'));

pub(super) fn write(report: &Report<'_>, page: &mut Page<'_>) -> Result<(), ReportError> {
    let frameworks = &report.summary.frameworks;
    if frameworks.is_empty() {
        return Ok(());
    }
    page.heading("Frameworks", "controls")?;
    let mut table = Table::new();
    table.load_style(STYLE);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(page.width()).unwrap_or(u16::MAX));
    let header = ["framework", "score"].into_iter().chain(STATUSES.iter().map(|(word, _)| *word)).chain(["of"]);
    table.set_header(header);
    table.add_rows(frameworks.iter().map(row));
    page.block(&table.to_string())
}

fn row(framework: &FrameworkResult) -> Vec<Cell> {
    let FrameworkResult { id, title, version, controls } = framework;
    let name = if title.is_empty() { id } else { title };
    let mut cells = vec![Cell::new(format!("{} {}", escape::line(name), escape::line(version)))];
    let mut figure = |text: String| cells.push(Cell::new(text).set_alignment(CellAlignment::Right));
    figure(score(framework.score()));
    for (_, status) in STATUSES {
        figure(thousands(framework.count(status)));
    }
    figure(thousands(controls.len() as u64));
    cells
}
