//! How frameworks and their controls stand.

use plumb_model::framework::{ControlResult, ControlStatus, FrameworkResult};
use serde::Serialize;

use super::finding::{control_token, framework_token};
use crate::escape;
use crate::figures::{score, thousands};

/// A score as a ring. Its circumference is 100, so a score is an arc's length.
#[derive(Serialize)]
pub(super) struct Ring {
    words: String,
    arc: String,
}

impl Ring {
    pub(super) fn new(value: Option<f64>) -> Ring {
        Ring { words: score(value), arc: format!("{:.1} 100", value.unwrap_or_default()) }
    }
}

#[derive(Serialize)]
pub(super) struct FrameworkView {
    token: String,
    id: String,
    title: String,
    version: String,
    ring: Ring,
    total: String,
    /// By status; those that do not occur are left out.
    statuses: Vec<StatusView>,
    controls: Vec<ControlView>,
}

/// How many controls have a status, and where its part of the bar begins and how wide it is, in hundredths.
#[derive(Serialize)]
struct StatusView {
    status: &'static str,
    count: String,
    from: String,
    width: String,
}

#[derive(Serialize)]
struct ControlView {
    token: String,
    id: String,
    title: String,
    section: String,
    status: &'static str,
    failures: String,
    /// Whether the page may list findings for it.
    listed: bool,
    checks: String,
    missing: String,
    excluded: String,
}

const STATUSES: [ControlStatus; 5] = [
    ControlStatus::Pass,
    ControlStatus::Fail,
    ControlStatus::NotEvaluated,
    ControlStatus::Manual,
    ControlStatus::NotApplicable,
];

impl FrameworkView {
    pub(super) fn new(framework: &FrameworkResult, at: usize) -> FrameworkView {
        let FrameworkResult { id, title, version, controls } = framework;
        FrameworkView {
            token: framework_token(at),
            id: escape::line(id).into_owned(),
            title: escape::line(if title.is_empty() { id } else { title }).into_owned(),
            version: escape::line(version).into_owned(),
            ring: Ring::new(framework.score()),
            total: thousands(controls.len() as u64),
            statuses: statuses(framework),
            controls: controls
                .iter()
                .enumerate()
                .map(|(number, control)| ControlView::new(control, control_token(at, number)))
                .collect(),
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "a bar is some hundred pixels wide")]
fn statuses(framework: &FrameworkResult) -> Vec<StatusView> {
    let all = framework.controls.len().max(1) as f64;
    let mut from = 0.0;
    let mut views = Vec::new();
    for status in STATUSES {
        let count = framework.count(status);
        if count == 0 {
            continue;
        }
        let width = 100.0 * count as f64 / all;
        views.push(StatusView {
            status: status.as_str(),
            count: thousands(count),
            from: format!("{from:.2}"),
            width: format!("{width:.2}"),
        });
        from += width;
    }
    views
}

impl ControlView {
    fn new(control: &ControlResult, token: String) -> ControlView {
        let ControlResult { id, title, section, status, checks, missing_checks, excluded_checks, failures } = control;
        let list = |ids: &[String]| escape::line(&ids.join(", ")).into_owned();
        ControlView {
            token,
            id: escape::line(id).into_owned(),
            title: escape::line(title).into_owned(),
            section: escape::line(&section.join(" › ")).into_owned(),
            status: status.as_str(),
            failures: thousands(*failures),
            listed: !checks.is_empty()
                && matches!(status, ControlStatus::Fail | ControlStatus::NotEvaluated | ControlStatus::Manual),
            checks: list(checks),
            missing: list(missing_checks),
            excluded: list(excluded_checks),
        }
    }
}
