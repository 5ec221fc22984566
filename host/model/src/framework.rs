//! Requirements, and how they came out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::check::PluginRef;
use crate::outcome::Verdict;

/// One requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    pub id: String,
    pub title: String,
    /// From the outside in.
    pub section: Vec<String>,
    /// Check ids; empty means it is assessed by hand.
    pub checks: Vec<String>,
    pub guidance: String,
}

/// A catalogue of requirements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Framework {
    pub id: String,
    pub title: String,
    pub version: String,
    pub publisher: String,
    /// Families it is written for; empty means all.
    pub families: Vec<String>,
    pub url: String,
    pub controls: Vec<Control>,
    pub plugin: PluginRef,
}

impl Framework {
    /// Check ids its controls name that are not in `known`, each once.
    pub fn missing_checks(&self, known: impl Fn(&str) -> bool) -> BTreeSet<&str> {
        let named = self.controls.iter().flat_map(|control| &control.checks);
        named.map(String::as_str).filter(|id| !known(id)).collect()
    }
}

/// How a control came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ControlStatus {
    Fail,
    NotEvaluated,
    Manual,
    NotApplicable,
    Pass,
}

impl ControlStatus {
    /// The same words as for verdicts.
    pub fn as_str(self) -> &'static str {
        match self {
            ControlStatus::Fail => "fail",
            ControlStatus::NotEvaluated => "not-evaluated",
            ControlStatus::Manual => "manual",
            ControlStatus::NotApplicable => "not-applicable",
            ControlStatus::Pass => "pass",
        }
    }
}

impl fmt::Display for ControlStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How often a check gave each verdict, muted failures apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckTally {
    pub pass: u64,
    pub fail: u64,
    pub manual: u64,
    pub not_applicable: u64,
    pub not_evaluated: u64,
    pub muted: u64,
    /// Something in the check's scope could not be looked at at all, so absence proves nothing.
    pub degraded: bool,
}

impl CheckTally {
    /// Counts one outcome.
    pub fn add(&mut self, verdict: Verdict, muted: bool, count: u64) {
        let counter = match verdict {
            Verdict::Fail if muted => &mut self.muted,
            Verdict::Fail => &mut self.fail,
            Verdict::Pass => &mut self.pass,
            Verdict::Manual => &mut self.manual,
            Verdict::NotApplicable => &mut self.not_applicable,
            Verdict::NotEvaluated => &mut self.not_evaluated,
        };
        *counter += count;
    }
}

/// How one control came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlResult {
    pub id: String,
    pub title: String,
    pub section: Vec<String>,
    pub status: ControlStatus,
    /// The checks it rests on that took part in the scan.
    pub checks: Vec<String>,
    /// Check ids it rests on that no loaded plugin brings.
    pub missing_checks: Vec<String>,
    /// Check ids it rests on that were left out of this scan.
    pub excluded_checks: Vec<String>,
    /// Failures that are not muted.
    pub failures: u64,
}

/// How a framework came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameworkResult {
    pub id: String,
    pub title: String,
    pub version: String,
    pub controls: Vec<ControlResult>,
}

impl FrameworkResult {
    /// Puts together how each control came out from how its checks did. `tally` answers for checks that took part; `known`
    /// says which checks exist at all.
    pub fn assess(
        framework: &Framework,
        tallies: &BTreeMap<String, CheckTally>,
        known: impl Fn(&str) -> bool,
    ) -> FrameworkResult {
        let controls = framework.controls.iter().map(|control| assess_control(control, tallies, &known)).collect();
        FrameworkResult {
            id: framework.id.clone(),
            title: framework.title.clone(),
            version: framework.version.clone(),
            controls,
        }
    }

    /// How many controls have a status.
    pub fn count(&self, status: ControlStatus) -> u64 {
        self.controls.iter().map(|control| u64::from(control.status == status)).sum()
    }

    /// `100 × passed / (passed + failed)`, one decimal; none where nothing was decided.
    pub fn score(&self) -> Option<f64> {
        score(self.count(ControlStatus::Pass), self.count(ControlStatus::Fail))
    }
}

/// `100 × passed / (passed + failed)`, rounded to one decimal; none where both are zero.
#[allow(clippy::cast_precision_loss)]
pub fn score(passed: u64, failed: u64) -> Option<f64> {
    let decided = passed + failed;
    (decided > 0).then(|| (1000.0 * passed as f64 / decided as f64).round() / 10.0)
}

/// A control fails if any check failed on anything; it is not-evaluated if any check could not decide something, if something in
/// a check's scope could not be looked at, or if none of its checks is there to ask; it passes only if something passed and
/// nothing stood in the way.
fn assess_control(
    control: &Control,
    tallies: &BTreeMap<String, CheckTally>,
    known: &impl Fn(&str) -> bool,
) -> ControlResult {
    let (mut checks, mut missing_checks, mut excluded_checks) = (Vec::new(), Vec::new(), Vec::new());
    let mut sum = CheckTally::default();
    for id in &control.checks {
        match tallies.get(id) {
            Some(tally) => {
                checks.push(id.clone());
                sum.pass += tally.pass;
                sum.fail += tally.fail;
                sum.manual += tally.manual;
                sum.not_evaluated += tally.not_evaluated;
                sum.muted += tally.muted;
                sum.degraded |= tally.degraded;
            }
            None if known(id) => excluded_checks.push(id.clone()),
            None => missing_checks.push(id.clone()),
        }
    }
    let status = if control.checks.is_empty() {
        ControlStatus::Manual
    } else if sum.fail > 0 {
        ControlStatus::Fail
    } else if sum.not_evaluated > 0 || sum.degraded || checks.is_empty() {
        ControlStatus::NotEvaluated
    } else if sum.manual > 0 {
        ControlStatus::Manual
    } else if sum.pass > 0 {
        ControlStatus::Pass
    } else {
        ControlStatus::NotApplicable
    };
    ControlResult {
        id: control.id.clone(),
        title: control.title.clone(),
        section: control.section.clone(),
        status,
        checks,
        missing_checks,
        excluded_checks,
        failures: sum.fail,
    }
}
