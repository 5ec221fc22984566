//! `/v1/tenants`: for the operator, whose tenant is the default one.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use plumb_model::access::Scope;
use plumb_model::tenant::Tenant;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use crate::administration::{NewTenant, create_tenant};
use crate::extract::{JsonBody, NoParameters};
use crate::family::Family;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::state::AppState;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/v1/tenants", Scope::TenantsWrite, Family::Native, list)
        .post("/v1/tenants", Scope::TenantsWrite, Family::Native, create)
        .creating()
        .documented(Documented::openapi())
}

#[derive(OpenApi)]
#[openapi(paths(list, create))]
struct Documented;

#[derive(Serialize, ToSchema)]
pub(crate) struct TenantView {
    /// UUIDv7, or all zeros for the default tenant.
    id: String,
    name: String,
    /// Null for the default tenant, which is as old as the ledger.
    created_at: Option<String>,
    /// Scans older than this are removed with their evidence; null keeps them.
    retention_days: Option<u32>,
    /// Null leaves it to the server.
    max_concurrent_scans: Option<u32>,
}

impl From<&Tenant> for TenantView {
    fn from(tenant: &Tenant) -> TenantView {
        TenantView {
            id: uuid::Uuid::from_bytes(tenant.id).to_string(),
            name: tenant.name.clone(),
            created_at: tenant.created_at.clone(),
            retention_days: tenant.retention_days,
            max_concurrent_scans: tenant.max_concurrent_scans,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct TenantList {
    tenants: Vec<TenantView>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTenantBody {
    /// Small letters, digits and dashes.
    #[schema(example = "acme")]
    name: String,
    #[schema(minimum = 1)]
    retention_days: Option<u32>,
    #[schema(minimum = 1)]
    max_concurrent_scans: Option<u32>,
}

/// List all tenants, the default one first.
///
/// They are few, so there are no pages.
#[utoipa::path(get, path = "/v1/tenants", tag = "tenants",
    responses((status = 200, description = "The tenants", body = TenantList)))]
async fn list(_: NoParameters, State(state): State<AppState>) -> Result<Json<TenantList>, Problem> {
    let tenants = state.read(plumb_store::Ledger::tenants).await?;
    Ok(Json(TenantList { tenants: tenants.iter().map(TenantView::from).collect() }))
}

/// Make a tenant.
///
/// Its first token is made with `plumb token create --tenant NAME`.
#[utoipa::path(post, path = "/v1/tenants", tag = "tenants", request_body = NewTenantBody,
    responses((status = 201, description = "The tenant", body = TenantView)))]
async fn create(
    _: NoParameters,
    State(state): State<AppState>,
    JsonBody(body): JsonBody<NewTenantBody>,
) -> Result<(StatusCode, Json<TenantView>), Problem> {
    let NewTenantBody { name, retention_days, max_concurrent_scans } = body;
    let new = NewTenant { name, retention_days, max_concurrent_scans };
    let tenant = state.write(move |ledger| Ok(create_tenant(ledger, &new))).await??;
    Ok((StatusCode::CREATED, Json((&tenant).into())))
}
