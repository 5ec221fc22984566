//! `/scans/{id}/frameworks/{framework}`: how each control of a framework came out.

use axum::extract::State;
use axum::response::Response;
use plumb_model::framework::{ControlResult, ControlStatus};
use serde::Serialize;

use crate::browser::Visitor;
use crate::dashboard::chart::Part;
use crate::dashboard::render::{Frame, page};
use crate::dashboard::scan::parts;
use crate::dashboard::scans::{name, path};
use crate::extract::{NoParameters, PathParams, RecordId};
use crate::problem::Problem;
use crate::state::AppState;
use crate::views::find_scan;

#[derive(Serialize)]
struct Controls {
    scan: String,
    scan_name: String,
    number: u64,
    framework: String,
    title: String,
    version: String,
    score: Option<f64>,
    parts: Vec<Part>,
    sections: Vec<Section>,
}

#[derive(Serialize)]
struct Section {
    name: String,
    controls: Vec<Control>,
}

#[derive(Serialize)]
struct Control {
    id: String,
    title: String,
    status: &'static str,
    checks: Vec<String>,
    missing: Vec<String>,
    failures: u64,
    /// Where the failures are listed.
    findings: Option<String>,
}

pub(crate) async fn list(
    State(state): State<AppState>,
    visitor: Visitor,
    PathParams((id, framework)): PathParams<(RecordId, String)>,
    _: NoParameters,
) -> Result<Response, Problem> {
    let head = find_scan(&state, &visitor.access, id).await?;
    let scan = head.scan.id;
    let stored = state.read(move |ledger| ledger.scan(&scan)).await?;
    let frameworks = stored.and_then(|stored| stored.summary).map(|summary| summary.frameworks).unwrap_or_default();
    let result = frameworks.into_iter().find(|result| result.id == framework).ok_or_else(Problem::not_found)?;
    let place = path(&head.scan);
    let mut sections: Vec<Section> = Vec::new();
    for control in &result.controls {
        let name = control.section.join(" / ");
        let control = Control::new(&place, &result.id, control);
        match sections.last_mut().filter(|section| section.name == name) {
            Some(section) => section.controls.push(control),
            None => sections.push(Section { name, controls: vec![control] }),
        }
    }
    let content = Controls {
        scan_name: name(&head.scan).to_owned(),
        number: head.scan.number,
        score: result.score(),
        parts: parts(&result),
        framework: result.id,
        title: result.title,
        version: result.version,
        sections,
        scan: place,
    };
    let title = format!("{} – scan {}", content.title, content.number);
    page("controls.html", &Frame::new(&state, &visitor, "/scans", title), &content)
}

impl Control {
    fn new(scan: &str, framework: &str, control: &ControlResult) -> Control {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("framework", framework)
            .append_pair("control", &control.id)
            .finish();
        Control {
            id: control.id.clone(),
            title: control.title.clone(),
            status: control.status.as_str(),
            checks: control.checks.clone(),
            missing: control.missing_checks.clone(),
            failures: control.failures,
            findings: (control.status == ControlStatus::Fail).then(|| format!("{scan}/findings?{query}")),
        }
    }
}
