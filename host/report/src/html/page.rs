//! What the page shows, ready to be shown: every text escaped visibly, every number as people write it.

use plumb_model::outcome::Verdict;
use plumb_model::scan::ScanStatus;
use serde::Serialize;

use super::finding::{GroupView, Tokens};
use super::framework::{FrameworkView, Ring};
use crate::figures::{FOR_ALL, by_severity, changes, count, percent, saw_everything, sentence, thousands};
use crate::groups::{Class, Group, Limits};
use crate::report::{Report, uuid};
use crate::{escape, moment};

/// Gaps listed on the page.
const GAPS: usize = 500;

#[derive(Serialize)]
pub(super) struct Assets {
    pub(super) style: &'static str,
    pub(super) style_hash: String,
    pub(super) script: &'static str,
    pub(super) script_hash: String,
}

#[derive(Serialize)]
pub(super) struct Page {
    assets: Assets,
    tool_version: String,
    target: String,
    facts: Vec<Fact>,
    /// What keeps the figures from telling everything; empty where nothing does.
    warnings: Vec<String>,
    sentence: String,
    /// `good`, `bad` or `unsure`.
    mood: &'static str,
    ring: Ring,
    severities: Vec<Card>,
    verdicts: Vec<Card>,
    changes: Option<String>,
    frameworks: Vec<FrameworkView>,
    classes: Vec<ClassView>,
    gaps: Vec<GapView>,
    gaps_left_out: Option<String>,
    limits: String,
    for_all: &'static str,
}

#[derive(Serialize)]
struct Fact {
    name: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Card {
    name: &'static str,
    count: String,
}

#[derive(Serialize)]
struct ClassView {
    id: &'static str,
    title: &'static str,
    about: &'static str,
    total: String,
    groups: Vec<GroupView>,
}

#[derive(Serialize)]
struct GapView {
    kind: String,
    place: String,
    task: String,
    reason: String,
    permission: Option<String>,
}

/// The order of the sections, their titles and what they mean.
const CLASSES: [(Class, &str, &str); 4] = [
    (Class::Violation, "Violations", "What breaks a rule. The worst come first."),
    (
        Class::NotEvaluated,
        "Not evaluated",
        "Something the check needed could not be read, so nobody knows. This is not a pass.",
    ),
    (Class::Manual, "To assess by hand", "No program can decide this; a person has to."),
    (Class::Muted, "Muted", "Failures that somebody has accepted, with the reason given."),
];

impl Page {
    pub(super) fn new(report: &Report<'_>, groups: &[Group], limits: Limits, assets: Assets) -> Page {
        let summary = report.summary;
        let tokens = Tokens::new(report);
        let gaps = report.gaps;
        let left_out = gaps.len().saturating_sub(GAPS) as u64;
        Page {
            assets,
            tool_version: escape::line(report.tool_version).into_owned(),
            target: escape::line(&report.scan.target).into_owned(),
            facts: facts(report),
            warnings: warnings(report),
            sentence: sentence(report),
            mood: mood(report),
            ring: Ring::new(summary.score()),
            severities: by_severity(summary)
                .map(|(severity, count)| Card { name: severity.as_str(), count: thousands(count) })
                .collect(),
            verdicts: verdicts(report),
            changes: changes(summary),
            frameworks: summary
                .frameworks
                .iter()
                .enumerate()
                .map(|(at, framework)| FrameworkView::new(framework, at))
                .collect(),
            classes: CLASSES
                .into_iter()
                .filter_map(|(class, title, about)| class_view(report, groups, &tokens, class, title, about))
                .collect(),
            gaps: gaps.iter().take(GAPS).map(gap).collect(),
            gaps_left_out: (left_out > 0).then(|| thousands(left_out)),
            limits: format!(
                "at most {} of one severity and {} of one check",
                thousands(limits.per_severity as u64),
                thousands(limits.per_check as u64)
            ),
            for_all: FOR_ALL,
        }
    }
}

fn facts(report: &Report<'_>) -> Vec<Fact> {
    let (scan, summary) = (report.scan, report.summary);
    let from = scan.started_at.as_deref().unwrap_or(&scan.created_at);
    let took = moment::elapsed_millis(from, report.at()).map_or_else(|| "–".to_owned(), moment::length);
    let mut facts = vec![
        ("Scan", uuid(scan.id)),
        ("Status", scan.status.as_str().to_owned()),
        ("Started", moment::human(from)),
        ("Took", took),
        ("Provider", escape::line(&scan.provider).into_owned()),
        ("Resources", thousands(summary.resources)),
        (
            "Outcomes",
            format!(
                "{} evaluated in this scan, {} known from before",
                thousands(summary.evaluated_now),
                thousands(summary.reused)
            ),
        ),
    ];
    if let Some(previous) = scan.previous {
        facts.push(("Compared with", uuid(previous)));
    }
    facts.into_iter().map(|(name, value)| Fact { name, value }).collect()
}

fn warnings(report: &Report<'_>) -> Vec<String> {
    let scan = report.scan;
    let mut warnings = Vec::new();
    if scan.status != ScanStatus::Completed {
        let reason = scan.status_reason.as_deref().map(|reason| format!(": {}", escape::short(reason, 1_000)));
        let status = scan.status;
        warnings
            .push(format!("This scan is {status}{}. The figures hold for a part of it.", reason.unwrap_or_default()));
    }
    let coverage = &scan.coverage;
    if coverage.percent() < 100.0 {
        let missed = coverage.evaluable.saturating_sub(coverage.evaluated);
        let broken = coverage.tasks.saturating_sub(coverage.tasks_done);
        warnings.push(format!(
            "Coverage is {}: {} could not be evaluated, {} of {} not finished. What was not looked at may be wrong.",
            percent(coverage.percent()),
            count(missed, "outcome"),
            thousands(broken),
            count(coverage.tasks, "task"),
        ));
    }
    warnings
}

fn mood(report: &Report<'_>) -> &'static str {
    match report.summary.violations() {
        0 if saw_everything(report) => "good",
        0 => "unsure",
        _ => "bad",
    }
}

fn verdicts(report: &Report<'_>) -> Vec<Card> {
    let counts = &report.summary.outcomes_by_verdict;
    let all = Verdict::ALL.into_iter().map(|verdict| Card {
        name: verdict.as_str(),
        count: thousands(counts.get(&verdict).copied().unwrap_or_default()),
    });
    all.chain([Card { name: "muted", count: thousands(report.summary.muted) }]).collect()
}

fn class_view(
    report: &Report<'_>,
    groups: &[Group],
    tokens: &Tokens,
    class: Class,
    title: &'static str,
    about: &'static str,
) -> Option<ClassView> {
    let of_class: Vec<&Group> = groups.iter().filter(|group| group.class == class).collect();
    let total: u64 = of_class.iter().map(|group| group.total).sum();
    (total > 0).then(|| ClassView {
        id: class.as_str(),
        title,
        about,
        total: thousands(total),
        groups: of_class.into_iter().map(|group| GroupView::new(report, group, tokens)).collect(),
    })
}

fn gap(gap: &plumb_model::resource::ScanGap) -> GapView {
    let place: Vec<&str> =
        [gap.account.as_str(), gap.region.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
    GapView {
        kind: escape::line(&gap.kind).into_owned(),
        place: escape::line(&place.join(" ")).into_owned(),
        task: escape::line(&gap.task).into_owned(),
        reason: escape::short(&gap.reason, 1_000).into_owned(),
        permission: gap.permission.as_deref().map(|right| escape::line(right).into_owned()),
    }
}
