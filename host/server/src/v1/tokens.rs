//! `/v1/tokens`: a tenant's tokens. A token makes no token that may do more than itself.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use plumb_model::access::{Grant, Role, Scope, Token};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::access::Access;
use crate::administration::{NewToken, create_token};
use crate::audit;
use crate::extract::{JsonBody, NoParameters, Page, PathParams, Query, RecordId, WholeNumber};
use crate::family::Family;
use crate::idempotency::WithoutSecret;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::state::AppState;
use crate::time::Time;
use crate::v1::Pagination;

const PAGE: u64 = 20;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/v1/tokens", Scope::TokensWrite, Family::Native, list)
        .post("/v1/tokens", Scope::TokensWrite, Family::Native, create)
        .creating()
        .delete("/v1/tokens/{id}", Scope::TokensWrite, Family::Native, revoke)
        .documented(Documented::openapi())
}

#[derive(OpenApi)]
#[openapi(paths(list, create, revoke))]
struct Documented;

/// A token as it is shown: never its text.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenView {
    /// UUIDv7.
    id: String,
    name: String,
    /// `admin`, `member` or `viewer`; null for a token with scopes of its own.
    role: Option<&'static str>,
    #[schema(value_type = Vec<String>, example = json!(["scans:read", "scans:trigger"]))]
    scopes: Vec<&'static str>,
    /// The token's first characters.
    #[schema(example = "plumb_q4Zt0a")]
    prefix: String,
    created_at: String,
    expires_at: Option<String>,
    revoked_at: Option<String>,
    /// To the minute.
    last_used_at: Option<String>,
}

impl From<&Token> for TokenView {
    fn from(token: &Token) -> TokenView {
        TokenView {
            id: uuid::Uuid::from_bytes(token.id).to_string(),
            name: token.name.clone(),
            role: if let Grant::Role(role) = token.grant { Some(role.as_str()) } else { None },
            scopes: token.grant.scopes(&token.tenant).iter().map(Scope::as_str).collect(),
            prefix: token.prefix.clone(),
            created_at: token.created_at.clone(),
            expires_at: token.expires_at.clone(),
            revoked_at: token.revoked_at.clone(),
            last_used_at: token.last_used_at.clone(),
        }
    }
}

#[derive(Serialize, ToSchema)]
struct TokenList {
    tokens: Vec<TokenView>,
    pagination: Pagination,
}

/// A token that was just made.
#[derive(Serialize, ToSchema)]
struct CreatedToken {
    #[serde(flatten)]
    view: TokenView,
    /// The token itself, shown this once: not even the same request with the same `Idempotency-Key` shows it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Up to 100; 20 by default.
    limit: Option<WholeNumber>,
    offset: Option<WholeNumber>,
}

/// A role or scopes, not both.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTokenBody {
    /// For people: who or what uses it.
    #[schema(min_length = 1, max_length = 100, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$")]
    name: String,
    /// `admin`, `member` or `viewer`.
    role: Option<String>,
    scopes: Option<Vec<String>>,
    /// None: until it is revoked.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Time>,
}

impl NewTokenBody {
    fn grant(&self) -> Result<Grant, Problem> {
        match (&self.role, &self.scopes) {
            (Some(_), Some(_)) => Err(Problem::invalid_body("scopes", "give a role or scopes, not both")),
            (Some(role), None) => {
                role.parse::<Role>().map(Grant::Role).map_err(|error| Problem::invalid_body("role", error))
            }
            (None, scopes) => {
                let scope = |(place, word): (usize, &String)| {
                    word.parse::<Scope>().map_err(|error| Problem::invalid_body(format!("scopes[{place}]"), error))
                };
                let scopes = scopes.iter().flatten().enumerate().map(scope).collect::<Result<_, Problem>>()?;
                Ok(Grant::Scopes(scopes))
            }
        }
    }
}

/// List the tenant's tokens, the oldest first.
#[utoipa::path(get, path = "/v1/tokens", tag = "tokens", params(ListQuery),
    responses((status = 200, description = "A page of tokens", body = TokenList)))]
async fn list(
    State(state): State<AppState>,
    access: Access,
    Query(query): Query<ListQuery>,
) -> Result<Json<TokenList>, Problem> {
    let page = Page::by_offset(query.offset, query.limit, PAGE);
    let (offset, limit) = page.range();
    let (tokens, total) = state.read(move |ledger| ledger.tokens(&access.tenant, offset, limit)).await?;
    let tokens = tokens.iter().map(TokenView::from).collect();
    Ok(Json(TokenList { tokens, pagination: Pagination::new(page, total as u64) }))
}

/// Make a token.
#[utoipa::path(post, path = "/v1/tokens", tag = "tokens", request_body = NewTokenBody,
    responses((status = 201, description = "The token, shown this once", body = CreatedToken)))]
async fn create(
    _: NoParameters,
    State(state): State<AppState>,
    access: Access,
    JsonBody(body): JsonBody<NewTokenBody>,
) -> Result<Response, Problem> {
    let grant = body.grant()?;
    let (id, expires_at) = (*uuid::Uuid::now_v7().as_bytes(), body.expires_at.map(|time| time.0));
    let new = NewToken { id, tenant: access.tenant, name: body.name, grant, expires_at };
    new.check()?;
    if let Some(scope) = grant.scopes(&access.tenant).beyond(access.scopes).iter().next() {
        return Err(Problem::insufficient_scope(scope));
    }
    audit::makes("/v1/tokens", id);
    let key = state.token_key.clone();
    let (token, text) = state.write(move |ledger| Ok(create_token(ledger, &key, &new))).await??;
    let view = || TokenView::from(&token);
    let kept = serde_json::to_vec(&CreatedToken { view: view(), token: None }).map_err(|_| Problem::internal())?;
    let place = format!("/v1/tokens/{}", view().id);
    let shown = Json(CreatedToken { view: view(), token: Some(text.as_str().to_owned()) });
    let mut response = (StatusCode::CREATED, [(LOCATION, place)], shown).into_response();
    response.extensions_mut().insert(WithoutSecret(kept.into()));
    Ok(response)
}

/// Revoke a token for good.
///
/// One that was revoked before stays as it is.
#[utoipa::path(delete, path = "/v1/tokens/{id}", tag = "tokens", params(("id" = String, Path, description = "UUID")),
    responses((status = 200, description = "The token, revoked", body = TokenView)))]
async fn revoke(
    _: NoParameters,
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
) -> Result<Json<TokenView>, Problem> {
    let RecordId::Uuid(id) = id else { return Err(Problem::not_found()) };
    let known = state.read(move |ledger| ledger.token(&access.tenant, &id)).await?;
    if known.is_none() {
        return Err(Problem::not_found());
    }
    let revoked = state.write(move |ledger| ledger.revoke_token(&access.tenant, &id, &crate::time::now())).await?;
    revoked.as_ref().map(|token| Json(token.into())).ok_or_else(Problem::not_found)
}
