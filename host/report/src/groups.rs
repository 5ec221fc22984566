//! The findings a person is shown: by check, worst first, a bounded number of them.

use std::collections::BTreeMap;

use plumb_model::check::Severity;
use plumb_model::outcome::{Finding, Verdict};

use crate::report::{Report, ReportError};

/// What a person has to do with a finding. Passes and what does not apply are counted, never listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Violation,
    NotEvaluated,
    Manual,
    Muted,
}

impl Class {
    fn of(finding: &Finding) -> Option<Class> {
        match finding.verdict {
            Verdict::Fail if finding.muted.is_some() => Some(Class::Muted),
            Verdict::Fail => Some(Class::Violation),
            Verdict::NotEvaluated => Some(Class::NotEvaluated),
            Verdict::Manual => Some(Class::Manual),
            Verdict::NotApplicable | Verdict::Pass => None,
        }
    }

    /// One word for programs.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Class::Violation => "fail",
            Class::NotEvaluated => "not-evaluated",
            Class::Manual => "manual",
            Class::Muted => "muted",
        }
    }
}

/// How many findings are kept to be shown; the others are counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Of one check.
    pub(crate) per_check: usize,
    /// Of one class and severity.
    pub(crate) per_severity: usize,
}

/// The findings of one class, severity and check.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) class: Class,
    pub(crate) severity: Severity,
    pub(crate) check_id: String,
    pub(crate) total: u64,
    /// The first of them, as many as the limits let through.
    pub(crate) shown: Vec<Finding>,
}

impl Group {
    /// How many are not among the shown.
    pub(crate) fn left_out(&self) -> u64 {
        self.total.saturating_sub(self.shown.len() as u64)
    }
}

/// Walks the findings once. Groups come by class, worst severity first, most findings first. What is kept is bounded by
/// the limits and by the number of checks, never by the number of findings.
pub(crate) fn collect(
    report: &Report<'_>,
    limits: Limits,
    wanted: impl Fn(Class) -> bool,
) -> Result<Vec<Group>, ReportError> {
    let mut groups: BTreeMap<(Class, Severity, String), Group> = BTreeMap::new();
    let mut kept: BTreeMap<(Class, Severity), usize> = BTreeMap::new();
    report.findings.each_listed(&mut |finding| {
        let Some(class) = Class::of(finding).filter(|class| wanted(*class)) else { return Ok(()) };
        let severity = finding.severity;
        let group = groups.entry((class, severity, finding.check_id.clone())).or_insert_with(|| Group {
            class,
            severity,
            check_id: finding.check_id.clone(),
            total: 0,
            shown: Vec::new(),
        });
        group.total += 1;
        let kept = kept.entry((class, severity)).or_default();
        if group.shown.len() < limits.per_check && *kept < limits.per_severity {
            group.shown.push(finding.clone());
            *kept += 1;
        }
        Ok(())
    })?;
    let mut groups: Vec<Group> = groups.into_values().collect();
    groups.sort_by(|a, b| {
        (a.class.cmp(&b.class))
            .then(b.severity.cmp(&a.severity))
            .then(b.total.cmp(&a.total))
            .then_with(|| a.check_id.cmp(&b.check_id))
    });
    Ok(groups)
}
