//! Findings, by check.

use std::collections::HashMap;

use plumb_model::check::Check;
use plumb_model::delta::Delta;
use plumb_model::outcome::Finding;
use serde::Serialize;

use crate::escape;
use crate::figures::thousands;
use crate::groups::{Class, Group};
use crate::report::Report;

/// A message longer than this is somebody's document; the file formats have it whole.
const MESSAGE: usize = 2_000;
/// A message longer than this is folded.
const FOLDED: usize = 300;

/// Names for frameworks and controls in the page's markup: short, and never made of somebody's text.
pub(super) struct Tokens {
    of_control: HashMap<(String, String), String>,
}

pub(super) fn framework_token(at: usize) -> String {
    format!("f{at}")
}

pub(super) fn control_token(framework: usize, at: usize) -> String {
    format!("f{framework}c{at}")
}

impl Tokens {
    pub(super) fn new(report: &Report<'_>) -> Tokens {
        let mut of_control = HashMap::new();
        for (at, framework) in report.summary.frameworks.iter().enumerate() {
            for (number, control) in framework.controls.iter().enumerate() {
                let tokens = format!("{} {}", framework_token(at), control_token(at, number));
                of_control.insert((framework.id.clone(), control.id.clone()), tokens);
            }
        }
        Tokens { of_control }
    }
}

#[derive(Serialize)]
pub(super) struct GroupView {
    severity: &'static str,
    class: &'static str,
    check_id: String,
    title: String,
    /// Tokens of the controls it counts for, for the filter.
    tokens: String,
    controls: Vec<String>,
    total: String,
    shown: String,
    left_out: Option<String>,
    about: Option<About>,
    rows: Vec<Row>,
}

/// What the check says of itself.
#[derive(Serialize)]
struct About {
    description: String,
    risk: String,
    text: String,
    command: String,
    terraform: String,
    /// Minutes.
    effort: u32,
    links: Vec<String>,
}

#[derive(Serialize)]
struct Row {
    resource: String,
    kind: String,
    place: String,
    message: String,
    /// How a folded message begins; none where it is not folded.
    start: Option<String>,
    new: bool,
    mute_reason: Option<String>,
    fingerprint: String,
}

impl GroupView {
    pub(super) fn new(report: &Report<'_>, group: &Group, tokens: &Tokens) -> GroupView {
        let controls = report.controls(&group.check_id);
        let known = controls
            .iter()
            .filter_map(|at| tokens.of_control.get(&(at.framework.clone(), at.control.clone())).map(String::as_str));
        GroupView {
            severity: group.severity.as_str(),
            class: group.class.as_str(),
            check_id: escape::line(&group.check_id).into_owned(),
            title: escape::line(report.title(&group.check_id)).into_owned(),
            tokens: known.collect::<Vec<_>>().join(" "),
            controls: controls
                .iter()
                .map(|at| escape::line(&format!("{} {}", at.framework, at.control)).into_owned())
                .collect(),
            total: thousands(group.total),
            shown: thousands(group.shown.len() as u64),
            left_out: (group.left_out() > 0).then(|| thousands(group.left_out())),
            about: report.check(&group.check_id).and_then(About::new),
            rows: group.shown.iter().map(|finding| Row::new(finding, group.class)).collect(),
        }
    }
}

impl About {
    /// None where the check says nothing.
    fn new(check: &Check) -> Option<About> {
        let remediation = &check.remediation;
        let block = |text: &str| escape::block(text).into_owned();
        let links = std::iter::once(&remediation.url).chain(&check.references);
        let mut links: Vec<String> = links.filter(|url| is_web(url)).map(|url| block(url)).collect();
        links.dedup();
        let about = About {
            description: block(&check.description),
            risk: block(&check.risk),
            text: block(&remediation.text),
            command: block(&remediation.command),
            terraform: block(&remediation.terraform),
            effort: remediation.effort_minutes,
            links,
        };
        let texts = [&about.description, &about.risk, &about.text, &about.command, &about.terraform];
        (texts.into_iter().any(|text| !text.is_empty()) || !about.links.is_empty()).then_some(about)
    }
}

/// A link is followed with one click, so it may lead to the web only.
fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

impl Row {
    fn new(finding: &Finding, class: Class) -> Row {
        let resource = &finding.resource;
        let place = [resource.account.as_str(), resource.region.as_str()].into_iter();
        let place: Vec<&str> = place.filter(|part| !part.is_empty() && *part != resource.id).collect();
        let folded = finding.message.chars().nth(FOLDED).is_some();
        Row {
            resource: escape::line(&resource.id).into_owned(),
            kind: escape::line(&resource.kind).into_owned(),
            place: escape::line(&place.join(" ")).into_owned(),
            message: escape::short(&finding.message, MESSAGE).into_owned(),
            start: folded.then(|| escape::short(&finding.message, FOLDED).into_owned()),
            new: class == Class::Violation && finding.delta == Some(Delta::New),
            mute_reason: finding.muted.as_deref().map(|reason| escape::line(reason).into_owned()),
            fingerprint: finding.fingerprint.to_string(),
        }
    }
}
