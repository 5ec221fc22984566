//! How each policy did over time.

use std::collections::HashMap;
use std::sync::Arc;

use plumb_model::check::Severity;
use plumb_model::target::{Policy, PolicyId};
use plumb_store::StoredScanHead;
use serde::Serialize;

use crate::dashboard::chart::{Line, Part, bar};
use crate::dashboard::scans::path;

/// Policies shown: those that were scanned last.
const SHOWN: usize = 12;

/// Scans in a policy's line: what still tells something at the width of a card.
const POINTS: usize = 30;

#[derive(Serialize)]
pub(super) struct PolicyRow {
    name: String,
    score: Option<f64>,
    /// Against the scan before, where there is one.
    change: Option<Change>,
    coverage: f64,
    violations: u64,
    by_severity: Vec<Part>,
    latest: String,
    latest_at: String,
    line: Option<Line>,
    /// The latest first.
    points: Vec<Point>,
}

#[derive(Serialize)]
struct Change {
    text: String,
    /// `better`, `worse` or `same`.
    word: &'static str,
}

#[derive(Serialize)]
struct Point {
    path: String,
    number: u64,
    at: String,
    score: Option<f64>,
    coverage: f64,
    violations: u64,
}

/// What scans are of one line: those of a policy, or of the same things on a command line.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Series<'a> {
    Policy(PolicyId),
    Named(&'a str),
}

/// From completed scans, the newest first.
pub(super) fn rows(completed: &[Arc<StoredScanHead>], policies: &[Policy]) -> Vec<PolicyRow> {
    let mut order = Vec::new();
    let mut series: HashMap<Series<'_>, Vec<&StoredScanHead>> = HashMap::new();
    for head in completed {
        let key = head.scan.about.policy.map_or(Series::Named(&head.scan.target), Series::Policy);
        let scans = series.entry(key.clone()).or_default();
        if scans.is_empty() {
            order.push(key);
        }
        if scans.len() < POINTS {
            scans.push(head);
        }
    }
    let row = |key: &Series<'_>| {
        let scans = series.get(key)?;
        let known = |id: &PolicyId| policies.iter().find(|policy| policy.id == *id).map(|policy| policy.name.clone());
        let name = match key {
            Series::Policy(id) => known(id),
            Series::Named(_) => None,
        };
        PolicyRow::new(name, scans)
    };
    order.iter().take(SHOWN).filter_map(row).collect()
}

impl PolicyRow {
    fn new(name: Option<String>, scans: &[&StoredScanHead]) -> Option<PolicyRow> {
        let latest = scans.first()?;
        let score = |head: &StoredScanHead| head.figures.and_then(|figures| figures.score);
        let violations = latest.figures.unwrap_or_default().violations;
        let words: Vec<_> = Severity::WORST_FIRST.map(Severity::as_str).into_iter().zip(violations).collect();
        let timed = |head: &&StoredScanHead| score(head).map(|score| (head.scan.created_at.clone(), score));
        let timed: Vec<(String, f64)> = scans.iter().rev().filter_map(timed).collect();
        let timed: Vec<(&str, f64)> = timed.iter().map(|(time, score)| (time.as_str(), *score)).collect();
        Some(PolicyRow {
            name: name.unwrap_or_else(|| latest.scan.target.clone()),
            score: score(latest),
            change: scans.get(1).and_then(|before| Change::new(score(before)?, score(latest)?)),
            coverage: latest.scan.coverage.percent(),
            violations: violations.iter().sum(),
            by_severity: bar(&words),
            latest: path(&latest.scan),
            latest_at: latest.scan.created_at.clone(),
            line: Line::of_scores(&timed),
            points: scans.iter().map(|head| Point::new(head)).collect(),
        })
    }
}

impl Change {
    fn new(before: f64, now: f64) -> Option<Change> {
        let tenths = ((now - before) * 10.0).round();
        let word = match tenths {
            tenths if tenths > 0.0 => "better",
            tenths if tenths < 0.0 => "worse",
            _ => "same",
        };
        (tenths.is_finite()).then(|| Change { text: format!("{:.1}", tenths.abs() / 10.0), word })
    }
}

impl Point {
    fn new(head: &StoredScanHead) -> Point {
        let figures = head.figures.unwrap_or_default();
        Point {
            path: path(&head.scan),
            number: head.scan.number,
            at: head.scan.created_at.clone(),
            score: figures.score,
            coverage: head.scan.coverage.percent(),
            violations: figures.violations.iter().sum(),
        }
    }
}
