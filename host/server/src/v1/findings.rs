//! `/v1/findings` and `/v1/resources`: what one scan found, and what it looked at.

use axum::Json;
use axum::extract::State;
use plumb_model::access::Scope;
use plumb_model::mute::glob;
use plumb_model::outcome::{Finding, Verdict};
use plumb_model::resource::ResourceRef;
use plumb_store::{ResourceRow, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::access::Access;
use crate::extract::{Page, Query, RecordId, WholeNumber};
use crate::family::Family;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::state::AppState;
use crate::views::{SeverityWord, find_scan};

const DEFAULT: u64 = 20;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/v1/findings", Scope::ScansRead, Family::Native, findings)
        .get("/v1/resources", Scope::ScansRead, Family::Native, resources)
        .documented(Documented::openapi())
}

#[derive(OpenApi)]
#[openapi(paths(findings, resources), components(schemas(SeverityWord, VerdictWord, DeltaWord)))]
struct Documented;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FindingParameters {
    /// A scan's UUID or number
    #[param(value_type = String, pattern = "^([0-9]{1,18}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$")]
    pub(crate) scan_id: RecordId,
    #[param(value_type = Option<SeverityWord>)]
    pub(crate) severity: Option<SeverityWord>,
    /// `fail` by default
    pub(crate) verdict: Option<VerdictWord>,
    pub(crate) check_id: Option<String>,
    /// Glob over resource ids
    pub(crate) resource: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) framework: Option<String>,
    pub(crate) control: Option<String>,
    pub(crate) delta: Option<DeltaWord>,
    pub(crate) muted: Option<bool>,
    /// 20 by default, 100 at most
    pub(crate) limit: Option<WholeNumber>,
    pub(crate) offset: Option<WholeNumber>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum VerdictWord {
    Fail,
    NotEvaluated,
    Manual,
    NotApplicable,
    Pass,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DeltaWord {
    New,
    Unchanged,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ResourceParameters {
    /// A scan's UUID or number
    #[param(value_type = String, pattern = "^([0-9]{1,18}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$")]
    scan_id: RecordId,
    /// Glob over resource ids
    resource: Option<String>,
    kind: Option<String>,
    account: Option<String>,
    region: Option<String>,
    /// 20 by default, 100 at most
    limit: Option<WholeNumber>,
    offset: Option<WholeNumber>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FindingList {
    pub(crate) findings: Vec<FindingAnswer>,
    pub(crate) pagination: OpenPagination,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResourceList {
    resources: Vec<ResourceAnswer>,
    pagination: OpenPagination,
}

/// A list is walked as far as the page, so it does not say how long it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpenPagination {
    /// The size used.
    limit: u64,
    offset: u64,
    pub(crate) has_more: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FindingAnswer {
    check_id: String,
    #[schema(example = "high")]
    severity: &'static str,
    #[schema(example = "fail")]
    verdict: &'static str,
    resource: Resource,
    message: String,
    controls: Vec<Control>,
    /// Stays the same when it is seen again.
    fingerprint: String,
    /// Against the previous scan; for failures only.
    delta: Option<&'static str>,
    /// Why it is accepted.
    muted: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Control {
    pub(crate) framework: String,
    pub(crate) id: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Resource {
    id: String,
    kind: String,
    name: String,
    account: String,
    region: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResourceAnswer {
    #[serde(flatten)]
    resource: Resource,
    /// BLAKE3 of its document, in hexadecimal.
    digest: String,
}

/// Findings of a scan: failures from the worst severity down, then the others.
#[utoipa::path(get, path = "/v1/findings", tag = "findings", params(FindingParameters), responses(
    (status = 200, description = "A page of findings", body = FindingList),
))]
pub(crate) async fn findings(
    State(state): State<AppState>,
    access: Access,
    Query(parameters): Query<FindingParameters>,
) -> Result<Json<FindingList>, Problem> {
    let scan = find_scan(&state, &access, parameters.scan_id).await?.scan.id;
    let page = Page::by_offset(parameters.offset, parameters.limit, DEFAULT);
    let (found, has_more) = state
        .read(move |ledger| {
            let catalogue = ledger.catalogue(&scan)?;
            let controls = |check: &str| catalogue.controls.get(check).map(Vec::as_slice).unwrap_or_default();
            let mut walk = Walk::new(page);
            let walked = ledger.findings(&scan, |finding| {
                let counts_for = |framework: &Option<String>, control: &Option<String>| {
                    framework.is_none() && control.is_none()
                        || controls(&finding.check_id).iter().any(|own| {
                            framework.as_ref().is_none_or(|wanted| own.framework == *wanted)
                                && control.as_ref().is_none_or(|wanted| own.control == *wanted)
                        })
                };
                let fits = parameters.fit(&finding) && counts_for(&parameters.framework, &parameters.control);
                walk.visit(fits, || {
                    let controls = controls(&finding.check_id).iter();
                    let controls =
                        controls.map(|own| Control { framework: own.framework.clone(), id: own.control.clone() });
                    FindingAnswer::new(&finding, controls.collect())
                })
            });
            walk.end(walked)
        })
        .await?;
    Ok(Json(FindingList { findings: found, pagination: pagination(page, has_more) }))
}

/// Resources that a scan looked at.
#[utoipa::path(get, path = "/v1/resources", tag = "findings", params(ResourceParameters), responses(
    (status = 200, description = "A page of resources", body = ResourceList),
))]
pub(crate) async fn resources(
    State(state): State<AppState>,
    access: Access,
    Query(parameters): Query<ResourceParameters>,
) -> Result<Json<ResourceList>, Problem> {
    let scan = find_scan(&state, &access, parameters.scan_id).await?.scan.id;
    let page = Page::by_offset(parameters.offset, parameters.limit, DEFAULT);
    let (found, has_more) = state
        .read(move |ledger| {
            let mut walk = Walk::new(page);
            let walked =
                ledger.resources(&scan, |row| walk.visit(parameters.fit(&row.resource), || ResourceAnswer::new(&row)));
            walk.end(walked)
        })
        .await?;
    Ok(Json(ResourceList { resources: found, pagination: pagination(page, has_more) }))
}

fn pagination(page: Page, has_more: bool) -> OpenPagination {
    OpenPagination { limit: page.limit, offset: page.offset, has_more }
}

/// A walk that ends with its page.
struct Walk<T> {
    skip: usize,
    most: usize,
    found: Vec<T>,
    more: bool,
}

/// Why a walk ended.
enum Stop {
    PageIsFull,
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Stop {
        Stop::Store(error)
    }
}

impl<T> Walk<T> {
    fn new(page: Page) -> Walk<T> {
        let (skip, most) = page.range();
        Walk { skip, most, found: Vec::new(), more: false }
    }

    fn visit(&mut self, fits: bool, make: impl FnOnce() -> T) -> Result<(), Stop> {
        if !fits {
            return Ok(());
        }
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.found.len() < self.most {
            self.found.push(make());
        } else {
            self.more = true;
            return Err(Stop::PageIsFull);
        }
        Ok(())
    }

    fn end(self, walked: Result<(), Stop>) -> Result<(Vec<T>, bool), StoreError> {
        match walked {
            Ok(()) | Err(Stop::PageIsFull) => Ok((self.found, self.more)),
            Err(Stop::Store(error)) => Err(error),
        }
    }
}

impl FindingParameters {
    /// The violations of a scan: its failures, whatever they are of.
    pub(crate) fn of(scan_id: RecordId) -> FindingParameters {
        FindingParameters {
            scan_id,
            severity: None,
            verdict: None,
            check_id: None,
            resource: None,
            kind: None,
            account: None,
            region: None,
            framework: None,
            control: None,
            delta: None,
            muted: None,
            limit: None,
            offset: None,
        }
    }

    fn fit(&self, finding: &Finding) -> bool {
        let same = |wanted: &Option<String>, own: &str| wanted.as_deref().is_none_or(|wanted| wanted == own);
        let delta = |wanted: DeltaWord| finding.delta == Some(wanted.into());
        self.severity.is_none_or(|wanted| finding.severity == wanted.into())
            && finding.verdict == self.verdict.map_or(Verdict::Fail, Into::into)
            && same(&self.check_id, &finding.check_id)
            && self.resource.as_deref().is_none_or(|pattern| glob(pattern, &finding.resource.id))
            && same(&self.kind, &finding.resource.kind)
            && same(&self.account, &finding.resource.account)
            && same(&self.region, &finding.resource.region)
            && self.delta.is_none_or(delta)
            && self.muted.is_none_or(|muted| finding.muted.is_some() == muted)
    }
}

impl ResourceParameters {
    fn fit(&self, resource: &ResourceRef) -> bool {
        let same = |wanted: &Option<String>, own: &str| wanted.as_deref().is_none_or(|wanted| wanted == own);
        self.resource.as_deref().is_none_or(|pattern| glob(pattern, &resource.id))
            && same(&self.kind, &resource.kind)
            && same(&self.account, &resource.account)
            && same(&self.region, &resource.region)
    }
}

impl FindingAnswer {
    pub(crate) fn new(finding: &Finding, controls: Vec<Control>) -> FindingAnswer {
        FindingAnswer {
            check_id: finding.check_id.clone(),
            severity: finding.severity.as_str(),
            verdict: finding.verdict.as_str(),
            resource: Resource::from(&finding.resource),
            message: finding.message.clone(),
            controls,
            fingerprint: finding.fingerprint.to_string(),
            delta: finding.delta.map(plumb_model::delta::Delta::as_str),
            muted: finding.muted.clone(),
        }
    }
}

impl ResourceAnswer {
    fn new(row: &ResourceRow) -> ResourceAnswer {
        ResourceAnswer {
            resource: Resource::from(&row.resource),
            digest: blake3::Hash::from_bytes(row.digest).to_hex().to_string(),
        }
    }
}

impl From<&ResourceRef> for Resource {
    fn from(resource: &ResourceRef) -> Resource {
        let ResourceRef { id, kind, name, account, region } = resource.clone();
        Resource { id, kind, name, account, region }
    }
}

impl From<VerdictWord> for Verdict {
    fn from(word: VerdictWord) -> Verdict {
        match word {
            VerdictWord::Fail => Verdict::Fail,
            VerdictWord::NotEvaluated => Verdict::NotEvaluated,
            VerdictWord::Manual => Verdict::Manual,
            VerdictWord::NotApplicable => Verdict::NotApplicable,
            VerdictWord::Pass => Verdict::Pass,
        }
    }
}

impl From<DeltaWord> for plumb_model::delta::Delta {
    fn from(word: DeltaWord) -> plumb_model::delta::Delta {
        match word {
            DeltaWord::New => plumb_model::delta::Delta::New,
            DeltaWord::Unchanged => plumb_model::delta::Delta::Unchanged,
        }
    }
}
