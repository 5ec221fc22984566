//! The figures of a scan: `summary`.

use std::collections::BTreeMap;

use plumb_model::check::Severity;
use plumb_model::framework::{ControlResult, ControlStatus, FrameworkResult};
use plumb_model::outcome::Verdict;
use plumb_model::scan::Summary;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct SummaryValue<'a> {
    score: Option<f64>,
    resources: u64,
    violations: u64,
    muted: u64,
    by_severity: SeverityCounts,
    by_verdict: VerdictCounts,
    delta: Option<DeltaCountsValue>,
    evaluated_now: u64,
    reused: u64,
    frameworks: Vec<FrameworkValue<'a>>,
}

#[derive(Serialize)]
struct SeverityCounts {
    critical: u64,
    high: u64,
    medium: u64,
    low: u64,
    informational: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct VerdictCounts {
    fail: u64,
    not_evaluated: u64,
    manual: u64,
    not_applicable: u64,
    pass: u64,
}

#[derive(Serialize)]
struct DeltaCountsValue {
    new: u64,
    unchanged: u64,
    resolved: u64,
    incomparable: u64,
}

#[derive(Serialize)]
struct FrameworkValue<'a> {
    id: &'a str,
    title: &'a str,
    version: &'a str,
    score: Option<f64>,
    by_status: VerdictCounts,
    controls: Vec<ControlValue<'a>>,
}

#[derive(Serialize)]
struct ControlValue<'a> {
    id: &'a str,
    title: &'a str,
    section: &'a [String],
    status: &'static str,
    failures: u64,
    checks: &'a [String],
    missing_checks: &'a [String],
    excluded_checks: &'a [String],
}

impl<'a> SummaryValue<'a> {
    pub(super) fn new(summary: &'a Summary) -> SummaryValue<'a> {
        let delta = summary.delta.map(|delta| DeltaCountsValue {
            new: delta.new,
            unchanged: delta.unchanged,
            resolved: delta.resolved,
            incomparable: delta.incomparable,
        });
        SummaryValue {
            score: summary.score(),
            resources: summary.resources,
            violations: summary.violations(),
            muted: summary.muted,
            by_severity: SeverityCounts::new(&summary.violations_by_severity),
            by_verdict: VerdictCounts::of_outcomes(&summary.outcomes_by_verdict),
            delta,
            evaluated_now: summary.evaluated_now,
            reused: summary.reused,
            frameworks: summary.frameworks.iter().map(FrameworkValue::new).collect(),
        }
    }
}

impl SeverityCounts {
    fn new(counts: &BTreeMap<Severity, u64>) -> SeverityCounts {
        let of = |severity| counts.get(&severity).copied().unwrap_or_default();
        SeverityCounts {
            critical: of(Severity::Critical),
            high: of(Severity::High),
            medium: of(Severity::Medium),
            low: of(Severity::Low),
            informational: of(Severity::Informational),
        }
    }
}

impl VerdictCounts {
    fn of_outcomes(counts: &BTreeMap<Verdict, u64>) -> VerdictCounts {
        let of = |verdict| counts.get(&verdict).copied().unwrap_or_default();
        VerdictCounts {
            fail: of(Verdict::Fail),
            not_evaluated: of(Verdict::NotEvaluated),
            manual: of(Verdict::Manual),
            not_applicable: of(Verdict::NotApplicable),
            pass: of(Verdict::Pass),
        }
    }

    fn of_controls(framework: &FrameworkResult) -> VerdictCounts {
        VerdictCounts {
            fail: framework.count(ControlStatus::Fail),
            not_evaluated: framework.count(ControlStatus::NotEvaluated),
            manual: framework.count(ControlStatus::Manual),
            not_applicable: framework.count(ControlStatus::NotApplicable),
            pass: framework.count(ControlStatus::Pass),
        }
    }
}

impl<'a> FrameworkValue<'a> {
    fn new(framework: &'a FrameworkResult) -> FrameworkValue<'a> {
        let FrameworkResult { id, title, version, controls } = framework;
        FrameworkValue {
            id,
            title,
            version,
            score: framework.score(),
            by_status: VerdictCounts::of_controls(framework),
            controls: controls.iter().map(ControlValue::new).collect(),
        }
    }
}

impl<'a> ControlValue<'a> {
    fn new(control: &'a ControlResult) -> ControlValue<'a> {
        let ControlResult { id, title, section, status, checks, missing_checks, excluded_checks, failures } = control;
        ControlValue {
            id,
            title,
            section,
            status: status.as_str(),
            failures: *failures,
            checks,
            missing_checks,
            excluded_checks,
        }
    }
}
