//! `/scans/{id}/findings`: what a scan found, worst first.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use plumb_model::check::Severity;
use plumb_model::outcome::Verdict;
use serde::{Deserialize, Serialize};

use crate::browser::Visitor;
use crate::dashboard::form::Choice;
use crate::dashboard::render::{Frame, page};
use crate::dashboard::scans::{Pager, name, path};
use crate::extract::{Page, PathParams, Query, RecordId, WholeNumber};
use crate::problem::Problem;
use crate::state::AppState;
use crate::v1::findings::{DeltaWord, FindingAnswer, FindingParameters, VerdictWord, findings};
use crate::views::{SeverityWord, find_scan};

const DEFAULT: u64 = 50;

/// As `/v1/findings` has them. What a form leaves empty is not asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Parameters {
    severity: Choice<SeverityWord>,
    verdict: Choice<VerdictWord>,
    check_id: Option<String>,
    resource: Option<String>,
    framework: Option<String>,
    control: Option<String>,
    delta: Choice<DeltaWord>,
    offset: Option<WholeNumber>,
}

#[derive(Serialize)]
struct FindingsPage {
    scan: String,
    scan_name: String,
    number: u64,
    findings: Vec<FindingAnswer>,
    chosen: Chosen,
    severities: [&'static str; 5],
    verdicts: [&'static str; 5],
    pager: Pager,
}

/// What the form shows as chosen.
#[derive(Serialize)]
struct Chosen {
    severity: &'static str,
    verdict: &'static str,
    delta: &'static str,
    check_id: String,
    resource: String,
    framework: String,
    control: String,
}

pub(crate) async fn list(
    State(state): State<AppState>,
    visitor: Visitor,
    PathParams(id): PathParams<RecordId>,
    Query(parameters): Query<Parameters>,
) -> Result<Response, Problem> {
    let head = find_scan(&state, &visitor.access, id).await?;
    let text = |text: Option<String>| text.filter(|text| !text.is_empty());
    let at = Page::by_offset(parameters.offset, None, DEFAULT);
    let wanted = FindingParameters {
        severity: parameters.severity.0,
        verdict: parameters.verdict.0,
        check_id: text(parameters.check_id),
        resource: text(parameters.resource),
        framework: text(parameters.framework),
        control: text(parameters.control),
        delta: parameters.delta.0,
        limit: Some(WholeNumber::new(at.limit)),
        offset: Some(WholeNumber::new(at.offset)),
        ..FindingParameters::of(id)
    };
    let chosen = Chosen::new(&wanted);
    let Json(list) = findings(State(state.clone()), visitor.access, Query(wanted)).await?;
    let place = path(&head.scan);
    let query = [
        ("severity", chosen.severity),
        ("verdict", chosen.verdict),
        ("check_id", &chosen.check_id),
        ("resource", &chosen.resource),
        ("framework", &chosen.framework),
        ("control", &chosen.control),
        ("delta", chosen.delta),
    ];
    let content = FindingsPage {
        pager: Pager::new(
            &format!("{place}/findings"),
            &query,
            at,
            list.findings.len(),
            None,
            list.pagination.has_more,
        ),
        scan: place,
        scan_name: name(&head.scan).to_owned(),
        number: head.scan.number,
        findings: list.findings,
        chosen,
        severities: Severity::WORST_FIRST.map(Severity::as_str),
        verdicts: Verdict::ALL.map(Verdict::as_str),
    };
    let title = format!("Findings of scan {}", head.scan.number);
    page("findings.html", &Frame::new(&state, &visitor, "/scans", title), &content)
}

impl Chosen {
    fn new(wanted: &FindingParameters) -> Chosen {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Chosen {
            severity: wanted.severity.map_or("", |word| Severity::from(word).as_str()),
            verdict: Verdict::as_str(wanted.verdict.map_or(Verdict::Fail, Into::into)),
            delta: wanted.delta.map_or("", |word| plumb_model::delta::Delta::from(word).as_str()),
            check_id: text(&wanted.check_id),
            resource: text(&wanted.resource),
            framework: text(&wanted.framework),
            control: text(&wanted.control),
        }
    }
}
