//! `/v1/audit`: what was done in a tenant, and by whom.

use axum::Json;
use axum::extract::State;
use plumb_model::access::{Actor, Scope};
use plumb_store::AuditEntry;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::access::Access;
use crate::extract::{Page, Query, WholeNumber};
use crate::family::Family;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::state::AppState;
use crate::views::hex;

const PAGE: u64 = 50;

pub(crate) fn routes() -> Routes {
    Routes::new().get("/v1/audit", Scope::AuditRead, Family::Native, list).documented(Documented::openapi())
}

#[derive(OpenApi)]
#[openapi(paths(list))]
struct Documented;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Up to 100; 50 by default.
    limit: Option<WholeNumber>,
    /// Only entries with a smaller sequence: the last one of the page before.
    before: Option<WholeNumber>,
}

/// One thing that was done or tried.
#[derive(Serialize, ToSchema)]
struct EntryView {
    /// Counts the tenant's entries from 1.
    sequence: u64,
    at: String,
    /// `token`, `cli` or `system`.
    actor: &'static str,
    /// The token's id, if it was one.
    token: Option<String>,
    #[schema(example = "POST /v1/tokens")]
    action: String,
    object: String,
    /// `done`: committed in one transaction with what was done. `begun`: written before something that takes its time, such as
    /// stopping a scan. Otherwise the HTTP status of the answer
    #[schema(example = "done")]
    result: String,
    request_id: Option<String>,
    /// More than one where refusals were too frequent to keep apart.
    count: u64,
    /// BLAKE3 of the previous entry's hash and this entry, in hexadecimal digits.
    hash: String,
}

/// Where the log ends. Whoever notes it down can tell later whether the log was altered.
#[derive(Serialize, ToSchema)]
struct HeadView {
    length: u64,
    hash: String,
}

#[derive(Serialize, ToSchema)]
struct AuditPage {
    entries: Vec<EntryView>,
    head: HeadView,
    /// The size used.
    limit: u64,
    has_more: bool,
}

impl From<AuditEntry> for EntryView {
    fn from(entry: AuditEntry) -> EntryView {
        let AuditEntry { sequence, event, hash } = entry;
        let (actor, token) = match event.actor {
            Actor::Token(id) => ("token", Some(uuid::Uuid::from_bytes(id).to_string())),
            Actor::Cli => ("cli", None),
            Actor::System => ("system", None),
        };
        EntryView {
            sequence,
            at: event.at,
            actor,
            token,
            action: event.action,
            object: event.object,
            result: event.result,
            request_id: event.request_id,
            count: event.count,
            hash: hex(hash),
        }
    }
}

/// Read the tenant's audit log, the latest entry first.
#[utoipa::path(get, path = "/v1/audit", tag = "audit", params(ListQuery),
    responses((status = 200, description = "A page of the log", body = AuditPage)))]
async fn list(
    State(state): State<AppState>,
    access: Access,
    Query(query): Query<ListQuery>,
) -> Result<Json<AuditPage>, Problem> {
    let page = Page::by_offset(None, query.limit, PAGE);
    let (_, limit) = page.range();
    let tenant = access.tenant;
    let read = move |ledger: &plumb_store::Ledger| {
        Ok((ledger.audit(&tenant, query.before.map(WholeNumber::get), limit)?, ledger.audit_head(&tenant)?))
    };
    let (entries, head) = state.read(read).await?;
    let has_more = entries.last().is_some_and(|entry| entry.sequence > 1);
    let entries = entries.into_iter().map(EntryView::from).collect();
    Ok(Json(AuditPage {
        entries,
        head: HeadView { length: head.length, hash: hex(head.hash) },
        limit: page.limit,
        has_more,
    }))
}
