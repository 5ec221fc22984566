//! `/targets`: what is scanned again and again, and the way to scan it now.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::response::Response;
use plumb_engine::service::order::{Order, Wanted};
use plumb_engine::service::register::SortBy;
use plumb_model::scan::Trigger;
use plumb_model::target::{Target, TargetId};
use plumb_store::StoredScanHead;
use serde::Serialize;

use crate::browser::{Visitor, see_other};
use crate::dashboard::render::{Frame, page};
use crate::dashboard::scans::{Row, path};
use crate::extract::{NoParameters, PathParams, RecordId};
use crate::problem::Problem;
use crate::state::AppState;
use crate::v1::targets::find;
use crate::views::uuid;

/// Scans that the latest of each target is looked for among.
const LOOKED_AT: usize = 1_000;

#[derive(Serialize)]
struct TargetsPage {
    targets: Vec<TargetRow>,
}

#[derive(Serialize)]
struct TargetRow {
    id: String,
    number: u64,
    name: String,
    provider: String,
    paths: Vec<String>,
    labels: Vec<(String, String)>,
    credentials: Option<String>,
    baselines: Option<u64>,
    captured_at: Option<String>,
    latest: Option<Row>,
}

pub(crate) async fn list(
    State(state): State<AppState>,
    visitor: Visitor,
    _: NoParameters,
) -> Result<Response, Problem> {
    let tenant = visitor.access.tenant;
    let targets = state
        .read(move |ledger| {
            let with_baselines = |target: Target| {
                let baselines = ledger.baseline_head(&tenant, &target.id)?;
                Ok((target, baselines))
            };
            ledger.targets(&tenant)?.into_iter().map(with_baselines).collect::<Result<Vec<_>, _>>()
        })
        .await?;
    let recent = state.service().scans(&tenant, |_| true, SortBy::CreatedAt, false, 0, LOOKED_AT).scans;
    let latest = |target: &TargetId| {
        let found = recent.iter().find(|head| head.scan.about.targets.contains(target));
        found.map(|head: &std::sync::Arc<StoredScanHead>| Row::new(head))
    };
    let row = |(target, baselines): (Target, Option<plumb_store::BaselineHead>)| TargetRow {
        latest: latest(&target.id),
        paths: paths(&target),
        id: uuid(target.id),
        number: target.number,
        name: target.name,
        provider: target.provider,
        labels: target.labels.into_iter().collect(),
        credentials: target.credentials.map(|reference| reference.to_string()),
        baselines: baselines.as_ref().map(|head| head.count),
        captured_at: baselines.map(|head| head.captured_at),
    };
    let content = TargetsPage { targets: targets.into_iter().map(row).collect() };
    page("targets.html", &Frame::new(&state, &visitor, "/targets", "Targets"), &content)
}

fn paths(target: &Target) -> Vec<String> {
    let settings: serde_json::Value = serde_json::from_str(&target.settings).unwrap_or_default();
    let paths = settings.get("paths").and_then(serde_json::Value::as_array).into_iter().flatten();
    paths.filter_map(|path| path.as_str().map(str::to_owned)).collect()
}

/// Scans one target.
pub(crate) async fn scan_one(
    State(state): State<AppState>,
    visitor: Visitor,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Response, Problem> {
    let target = find(&state, &visitor.access, id).await?.id;
    scan(&state, &visitor, Some(BTreeSet::from([target]))).await
}

/// Scans all targets.
pub(crate) async fn scan_all(
    State(state): State<AppState>,
    visitor: Visitor,
    _: NoParameters,
) -> Result<Response, Problem> {
    scan(&state, &visitor, None).await
}

async fn scan(state: &AppState, visitor: &Visitor, ids: Option<BTreeSet<TargetId>>) -> Result<Response, Problem> {
    let order = Order {
        tenant: visitor.access.tenant,
        trigger: Trigger::Manual,
        targets: Wanted { ids, ..Wanted::default() },
        ..Order::default()
    };
    let ordered = state.order(order).await?;
    Ok(see_other(&path(&ordered.head.scan)))
}
