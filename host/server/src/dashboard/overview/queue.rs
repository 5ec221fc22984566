//! What runs and what waits.

use plumb_model::tenant::TenantId;
use serde::Serialize;

use crate::dashboard::scans::{name, path};
use crate::state::AppState;
use crate::views::uuid;

/// Scans shown. A browser keeps six connections to a server, and each running scan that is shown is followed over one.
const SHOWN: usize = 5;
/// Of these, how many are followed.
const FOLLOWED: usize = 3;

#[derive(Serialize)]
pub(super) struct Queued {
    id: String,
    path: String,
    name: String,
    status: &'static str,
    /// From 1; none for one that runs.
    position: Option<usize>,
    percentage: f64,
    followed: bool,
}

/// Running scans first, then those that wait in their order; and how many more there are.
pub(super) fn of(state: &AppState, tenant: &TenantId) -> (Vec<Queued>, usize) {
    let service = state.service();
    let (line, more) = service.line(tenant, SHOWN);
    let found = line.into_iter().filter_map(|(id, position)| Some((position, service.scan(tenant, &id)?)));
    let shown = found.enumerate().map(|(place, (position, head))| Queued {
        id: uuid(head.scan.id),
        path: path(&head.scan),
        name: name(&head.scan).to_owned(),
        status: head.scan.status.as_str(),
        position,
        percentage: service.standing(&head.scan.id).unwrap_or_default().percentage(),
        followed: place < FOLLOWED,
    });
    (shown.collect(), more)
}
