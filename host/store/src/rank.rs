//! The order people read findings in, as the first part of a key.

use plumb_model::check::Severity;
use plumb_model::outcome::Verdict;

/// Failures by severity, then not-evaluated, manual, not-applicable, pass.
pub(crate) const RANKS: u8 = 9;

/// Ranks that hold failures come first.
pub(crate) const FAIL_RANKS: u8 = 5;

/// Outcomes that are nobody's to act on come after these; the same kind of outcome also stands in the resource blocks.
pub(crate) const NOT_APPLICABLE: u8 = 7;

/// The last rank.
pub(crate) const PASS: u8 = 8;

/// Where an outcome stands in reading order.
pub(crate) fn rank(verdict: Verdict, severity: Severity) -> u8 {
    match (verdict, severity) {
        (Verdict::Fail, Severity::Critical) => 0,
        (Verdict::Fail, Severity::High) => 1,
        (Verdict::Fail, Severity::Medium) => 2,
        (Verdict::Fail, Severity::Low) => 3,
        (Verdict::Fail, Severity::Informational) => 4,
        (Verdict::NotEvaluated, _) => 5,
        (Verdict::Manual, _) => 6,
        (Verdict::NotApplicable, _) => NOT_APPLICABLE,
        (Verdict::Pass, _) => PASS,
    }
}
