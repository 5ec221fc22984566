//! `/scans/{id}/findings/{fingerprint}`: one finding, what it rests on, how to mend it, and the way to accept it.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use plumb_engine::drift::document::Document;
use plumb_engine::remediation::{Filled, fill};
use plumb_model::check::Check;
use plumb_model::outcome::{ControlRef, Finding};
use plumb_model::scan::ScanId;
use plumb_store::{FoundFinding, Ledger, StoreError, evidence_key};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::browser::{Visitor, see_other};
use crate::dashboard::form::Form;
use crate::dashboard::render::{Frame, page};
use crate::dashboard::scans::{name, path};
use crate::extract::{JsonBody, NoParameters, PathParams, RecordId};
use crate::problem::Problem;
use crate::state::AppState;
use crate::v1::findings::{Control, FindingAnswer};
use crate::v1::mutes::{NewMute, create};
use crate::views::{find_scan, hex};

/// Bytes of a document that the page shows: as much as somebody looks through. The rest is cut off, and the page says so.
const DOCUMENT_BYTES: usize = 200_000;

/// Characters of an attribute's value beside its name; the whole of it stands in the document.
const VALUE_CHARS: usize = 400;

#[derive(Serialize)]
struct FindingPage {
    scan: String,
    scan_name: String,
    number: u64,
    at: String,
    finding: FindingAnswer,
    check: CheckView,
    /// Attribute paths that the verdict rests on, with what was found there.
    reads: Vec<Read>,
    gaps: Vec<Gap>,
    digest: Option<String>,
    document: Option<String>,
    document_cut: bool,
    controls: Vec<ControlView>,
    path: String,
}

#[derive(Serialize)]
struct CheckView {
    title: String,
    description: String,
    risk: String,
    steps: String,
    terraform: String,
    command: String,
    missing: Vec<String>,
    effort_minutes: u32,
    references: Vec<String>,
    plugin: String,
    plugin_version: String,
    plugin_digest: String,
}

#[derive(Serialize)]
struct Read {
    path: String,
    /// JSON; none where the resource does not set it.
    value: Option<String>,
}

#[derive(Serialize)]
struct Gap {
    path: String,
    reason: String,
    permission: Option<String>,
}

#[derive(Serialize)]
struct ControlView {
    framework: String,
    id: String,
    path: String,
    evidence_key: String,
}

/// What the page is made of, as the ledger has it.
struct Found {
    finding: Finding,
    check: Check,
    controls: Vec<ControlRef>,
    document: Option<Document>,
}

pub(crate) async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    PathParams((id, fingerprint)): PathParams<(RecordId, String)>,
    _: NoParameters,
) -> Result<Response, Problem> {
    let head = find_scan(&state, &visitor.access, id).await?;
    let scan = head.scan.id;
    let wanted = fingerprint.clone();
    let found = state.read(move |ledger| find(ledger, &scan, &wanted)).await?.ok_or_else(Problem::not_found)?;
    let place = path(&head.scan);
    let config = found.document.as_ref().map(|document| &document.config);
    let (document, document_cut) = config.map(shown).unzip();
    let controls = found.controls.iter();
    let answer = FindingAnswer::new(
        &found.finding,
        controls.clone().map(|own| Control { framework: own.framework.clone(), id: own.control.clone() }).collect(),
    );
    let control = |own: &ControlRef| ControlView {
        framework: own.framework.clone(),
        id: own.control.clone(),
        path: format!("{place}/frameworks/{}", own.framework),
        evidence_key: evidence_key(&scan, &own.framework, &own.control),
    };
    let gaps = found.document.as_ref().map(Document::gaps).unwrap_or_default().into_iter();
    let content = FindingPage {
        controls: controls.map(control).collect(),
        reads: found.check.reads.iter().map(|path| Read::new(path, config)).collect(),
        gaps: gaps.map(|gap| Gap { path: gap.path, reason: gap.reason, permission: gap.permission }).collect(),
        digest: found.finding.resource_digest.map(hex),
        document,
        document_cut: document_cut.unwrap_or_default(),
        check: CheckView::new(&found.check, &found.finding, config),
        finding: answer,
        scan_name: name(&head.scan).to_owned(),
        number: head.scan.number,
        at: head.scan.completed_at.clone().unwrap_or_else(|| head.scan.created_at.clone()),
        path: format!("{place}/findings/{fingerprint}"),
        scan: place,
    };
    let title = format!("{} – {}", content.check.title, found.finding.resource.id);
    page("finding.html", &Frame::new(&state, &visitor, "/scans", title), &content)
}

/// The finding of a scan with a fingerprint, and what stands around it.
fn find(ledger: &Ledger, scan: &ScanId, fingerprint: &str) -> Result<Option<Found>, StoreError> {
    // What is no fingerprint is nobody's.
    let Ok(fingerprint) = fingerprint.parse() else { return Ok(None) };
    let Some(FoundFinding { finding, check, controls }) = ledger.finding(scan, &fingerprint)? else { return Ok(None) };
    let document = match &finding.resource_digest {
        Some(digest) => ledger.document(digest)?,
        None => None,
    };
    let document = document.and_then(|bytes| Document::read(&bytes).ok());
    Ok(Some(Found { finding, check, controls, document }))
}

/// A document as text, and whether it was cut.
fn shown(config: &Map<String, Value>) -> (String, bool) {
    // What was JSON becomes JSON again.
    let mut text = serde_json::to_string_pretty(config).unwrap_or_default();
    let end = text.floor_char_boundary(DOCUMENT_BYTES);
    let cut = end < text.len();
    text.truncate(end);
    (text, cut)
}

impl CheckView {
    fn new(check: &Check, finding: &Finding, config: Option<&Map<String, Value>>) -> CheckView {
        let mend = check.remediation.clone();
        let Filled { command, missing } = fill(&mend.command, &finding.resource, config);
        let mut references = check.references.clone();
        if !mend.url.is_empty() && !references.contains(&mend.url) {
            references.insert(0, mend.url);
        }
        // Anything else is text that a browser is not to follow.
        references.retain(|reference| reference.starts_with("https://"));
        CheckView {
            title: check.title.clone(),
            description: check.description.clone(),
            risk: check.risk.clone(),
            steps: mend.text,
            terraform: mend.terraform,
            command,
            missing,
            effort_minutes: mend.effort_minutes,
            references,
            plugin: check.plugin.id.clone(),
            plugin_version: check.plugin.version.clone(),
            plugin_digest: hex(check.plugin.digest),
        }
    }
}

impl Read {
    fn new(path: &str, config: Option<&Map<String, Value>>) -> Read {
        let mut values: Vec<&Value> = Vec::new();
        let names: Vec<&str> = path.split('.').collect();
        if let (Some((first, rest)), Some(config)) = (names.split_first(), config) {
            config.get(*first).into_iter().for_each(|value| collect(value, rest, &mut values));
        }
        let value = match values.as_slice() {
            [] => None,
            [one] => Some((*one).to_string()),
            many => Some(many.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
        };
        let value = value.map(|value| match value.char_indices().nth(VALUE_CHARS) {
            Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
            None => value,
        });
        Read { path: path.to_owned(), value }
    }
}

/// What stands at a path, in every element of the lists on the way.
fn collect<'a>(value: &'a Value, names: &[&str], into: &mut Vec<&'a Value>) {
    match (value, names.split_first()) {
        (Value::Array(elements), Some(_)) => elements.iter().for_each(|element| collect(element, names, into)),
        (_, None) => into.push(value),
        (Value::Object(map), Some((first, rest))) => {
            map.get(*first).into_iter().for_each(|value| collect(value, rest, into));
        }
        _ => {}
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MuteForm {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    owner: String,
    expires: Option<String>,
    /// `resource` or `check`.
    covers: Covers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Covers {
    Resource,
    Check,
}

/// Accepts the violation from the next scan on: on this resource, or wherever the check fails.
pub(crate) async fn mute(
    State(state): State<AppState>,
    visitor: Visitor,
    PathParams((id, fingerprint)): PathParams<(RecordId, String)>,
    _: NoParameters,
    Form(form): Form<MuteForm>,
) -> Result<Response, Problem> {
    let head = find_scan(&state, &visitor.access, id).await?;
    let (scan, wanted) = (head.scan.id, fingerprint.clone());
    let found = state.read(move |ledger| find(ledger, &scan, &wanted)).await?.ok_or_else(Problem::not_found)?;
    let resource = found.finding.resource;
    let whole = |text: &str| if text.is_empty() { "*".to_owned() } else { literal(text) };
    let here = form.covers == Covers::Resource;
    let mute = NewMute {
        check: literal(&found.finding.check_id),
        resource: if here { whole(&resource.id) } else { "*".to_owned() },
        account: if here { whole(&resource.account) } else { "*".to_owned() },
        region: if here { whole(&resource.region) } else { "*".to_owned() },
        reason: form.reason,
        owner: form.owner,
        expires: form.expires,
    };
    let (_, Json(_)) = create(State(state.clone()), visitor.access, NoParameters, JsonBody(mute)).await?;
    visitor.leave_notice(&state, "Muted. It counts from the next scan on; this scan's record stays as it is.");
    Ok(see_other(&format!("{}/findings/{fingerprint}", path(&head.scan))))
}

/// A glob for one text: what a glob would read as a star, and what it may not hold, stands for any one character.
fn literal(text: &str) -> String {
    text.chars().map(|c| if c == '*' || c.is_control() { '?' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_mute_of_one_resource_covers_no_other_whatever_it_is_called() {
        let pattern = literal("web*\u{1b}[0]");
        assert!(plumb_model::mute::glob(&pattern, "web*\u{1b}[0]"));
        assert!(!plumb_model::mute::glob(&pattern, "website"));
    }

    #[test]
    fn what_a_verdict_rests_on_is_read_through_lists() {
        let config = json!({"rule": [{"port": 22}, {"port": 443}], "name": "web"});
        let value = |path| Read::new(path, config.as_object()).value;
        assert_eq!(value("rule.port").as_deref(), Some("22, 443"));
        assert_eq!(value("name").as_deref(), Some("\"web\""));
        assert_eq!((value("rule.host"), value("name.first"), value("none")), (None, None, None));
    }
}
