//! Numbers and the sentences around them, the same in every format for people.

use plumb_model::check::Severity;
use plumb_model::scan::{ScanStatus, Summary};

use crate::report::Report;

/// `1204567` as `1,204,567`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 violation`, `2,000 violations`.
pub(crate) fn count(number: u64, one: &str) -> String {
    format!("{} {one}{}", thousands(number), if number == 1 { "" } else { "s" })
}

/// A score, or a dash where nothing was decided.
pub(crate) fn score(score: Option<f64>) -> String {
    score.map_or_else(|| "–".to_owned(), |score| format!("{score:.1}"))
}

/// A share of all.
pub(crate) fn percent(percent: f64) -> String {
    format!("{percent:.1} %")
}

/// Violations by severity, worst first, those that occur.
pub(crate) fn by_severity(summary: &Summary) -> impl Iterator<Item = (Severity, u64)> {
    let counts = &summary.violations_by_severity;
    Severity::WORST_FIRST
        .into_iter()
        .filter_map(|severity| counts.get(&severity).copied().filter(|count| *count > 0).map(|count| (severity, count)))
}

/// Where to find what a report for people leaves out.
pub(crate) const FOR_ALL: &str = "plumb scan … -o json=FILE or -o csv=FILE";

/// Whether the scan ended well, looked at something, and looked at all of it. Only then may "no violations" read as
/// good news.
pub(crate) fn saw_everything(report: &Report<'_>) -> bool {
    let outcomes: u64 = report.summary.outcomes_by_verdict.values().sum();
    report.scan.status == ScanStatus::Completed
        && report.scan.coverage.percent() >= 100.0
        && report.gaps.is_empty()
        && outcomes > 0
}

/// `23 violations (3 critical, 20 high), score 71.4, coverage 98.2 %`. A scan that did not see everything never reads
/// as clean.
pub(crate) fn sentence(report: &Report<'_>) -> String {
    let summary = report.summary;
    let parts: Vec<String> =
        by_severity(summary).map(|(severity, count)| format!("{} {severity}", thousands(count))).collect();
    let violations = match summary.violations() {
        0 if summary.outcomes_by_verdict.values().sum::<u64>() == 0 => "Nothing was evaluated".to_owned(),
        0 if saw_everything(report) => "No violations".to_owned(),
        0 => "No violations in what was looked at".to_owned(),
        some => format!("{} ({})", count(some, "violation"), parts.join(", ")),
    };
    let score = summary.score().map_or_else(|| "no score".to_owned(), |value| format!("score {}", score(Some(value))));
    format!("{violations}, {score}, coverage {}", percent(report.scan.coverage.percent()))
}

/// `4 new, 19 unchanged, 2 resolved, 1 not comparable`; none on a first scan.
pub(crate) fn changes(summary: &Summary) -> Option<String> {
    let delta = summary.delta?;
    let parts = [
        (delta.new, "new"),
        (delta.unchanged, "unchanged"),
        (delta.resolved, "resolved"),
        (delta.incomparable, "not comparable"),
    ];
    let said = parts.into_iter().filter(|(count, word)| *count > 0 || *word != "not comparable");
    Some(said.map(|(count, word)| format!("{} {word}", thousands(count))).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_nouns_agree() {
        for (number, words) in [(0, "0 gaps"), (1, "1 gap"), (999, "999 gaps"), (1_204_567, "1,204,567 gaps")] {
            assert_eq!(count(number, "gap"), words);
        }
    }
}
