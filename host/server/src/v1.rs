//! This server's own routes under `/v1`: one file for each kind of thing. `/v1/scans` and its stream are a family that another
//! document describes; they stand here because of their path.

pub(crate) mod catalogue;
pub(crate) mod channels;
pub(crate) mod deliveries;
pub(crate) mod findings;
mod hooks;
pub(crate) mod mutes;
mod policies;
pub(crate) mod scan_config;
pub(crate) mod scans;
mod stream;
pub(crate) mod targets;

pub(crate) mod audit;
pub(crate) mod schedules;
pub(crate) mod tenants;
pub(crate) mod tokens;

use serde::Serialize;
use utoipa::ToSchema;

use crate::administration::AdministrationError;
use crate::extract::Page;
use crate::problem::Problem;
use crate::routes::Routes;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .merge(scans::routes())
        .merge(stream::routes())
        .merge(schedules::routes())
        .merge(hooks::routes())
        .merge(channels::routes())
        .merge(deliveries::routes())
        .merge(targets::routes())
        .merge(policies::routes())
        .merge(mutes::routes())
        .merge(findings::routes())
        .merge(catalogue::routes())
        .merge(tokens::routes())
        .merge(tenants::routes())
        .merge(audit::routes())
}

/// Where a page lies in its list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Pagination {
    pub(crate) total: u64,
    /// The size used: 1 to 100.
    limit: u64,
    offset: u64,
    has_more: bool,
}

impl Pagination {
    pub(crate) fn new(page: Page, total: u64) -> Pagination {
        Pagination { total, limit: page.limit, offset: page.offset, has_more: page.has_more(total) }
    }
}

/// What the client did is told; what the ledger did is not.
impl From<AdministrationError> for Problem {
    fn from(error: AdministrationError) -> Problem {
        use plumb_store::StoreError;
        match &error {
            AdministrationError::Name | AdministrationError::TenantName => {
                Problem::invalid_body("name", error.to_string())
            }
            AdministrationError::NoScope | AdministrationError::OperatorScope(_) | AdministrationError::Grant(_) => {
                Problem::invalid_body("scopes", error.to_string())
            }
            AdministrationError::Expired | AdministrationError::FarFuture => {
                Problem::invalid_body("expires_at", error.to_string())
            }
            AdministrationError::Zero | AdministrationError::Schedule(_) => {
                Problem::invalid_body("", error.to_string())
            }
            AdministrationError::NoTenant(_)
            | AdministrationError::NoSchedule(_)
            | AdministrationError::AmbiguousSchedule(_)
            | AdministrationError::NoToken(_)
            | AdministrationError::AmbiguousToken(_) => Problem::not_found(),
            AdministrationError::Store(StoreError::TenantExists(_)) => Problem::conflict(format!("{error}.")),
            AdministrationError::Random(_) | AdministrationError::Store(_) => {
                tracing::error!(%error, "administration failed");
                Problem::internal()
            }
        }
    }
}
