//! The document of the API, OpenAPI 3.1: what the handlers say of themselves, and what the table of routes says for all of them
//! (scopes, headers, the form of errors).

use std::sync::Arc;

use axum::http::Method;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, PathItem, Ref, RefOr, Required, Response, ResponseBuilder};

use crate::access::Need;
use crate::docs::Document;
use crate::errors::{FieldError, HistoryError, Limit, PROBLEM_JSON, ProblemDocument, ScanError, ScansError};
use crate::extract::WholeNumber;
use crate::family::Family;
use crate::problem::Kind;
use crate::routes::{Declared, Routes};

/// What the scheme is called.
const TOKEN: &str = "token";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Plumbline", license(name = "Apache-2.0", identifier = "Apache-2.0")),
    components(schemas(ProblemDocument, FieldError, Limit, ScansError, HistoryError, ScanError, WholeNumber))
)]
struct Base;

/// The document as it is served and committed.
pub(crate) fn text(routes: &Routes) -> Document {
    // Strings, maps and numbers always become JSON.
    let text = serde_json::to_string_pretty(&document(routes)).unwrap_or_default();
    Document(Arc::from(format!("{text}\n")))
}

/// The document of some routes. A route that nobody described is in it with nothing but what the table says.
pub fn document(routes: &Routes) -> OpenApi {
    let mut document = <Base as utoipa::OpenApi>::openapi();
    env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
    document.info.description = Some(about());
    routes.documents().iter().for_each(|part| document.merge(part.clone()));
    if let Some(components) = document.components.as_mut() {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format(TOKEN).build();
        components.add_security_scheme(TOKEN, SecurityScheme::Http(scheme));
    }
    for declared in routes.declared() {
        let item = document.paths.paths.get_mut(declared.path);
        if let Some(operation) = item.and_then(|item| operation(item, &declared.method)) {
            complete(operation, declared);
        }
    }
    document
}

/// What is true of all routes.
fn about() -> String {
    let codes: Vec<String> = Kind::NAMED
        .iter()
        .map(|kind| kind.words())
        .map(|words| format!("{} {} ({})", words.s3_code, words.s3_error, words.status.as_u16()))
        .collect();
    format!(
        "Every route that is not public takes `Authorization: Bearer TOKEN` and names the scope it needs. \
         Unknown parameters and fields are refused. Error codes of `/v1/scans`: {}.",
        codes.join(", ")
    )
}

/// An operation of a path.
fn operation<'a>(item: &'a mut PathItem, method: &Method) -> Option<&'a mut Operation> {
    match *method {
        Method::GET => item.get.as_mut(),
        Method::POST => item.post.as_mut(),
        Method::PUT => item.put.as_mut(),
        Method::PATCH => item.patch.as_mut(),
        Method::DELETE => item.delete.as_mut(),
        _ => None,
    }
}

/// The operations that are described, for the test that holds them against the declared ones.
pub fn described(document: &OpenApi) -> Vec<(String, Method)> {
    let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    let of = |path: &String, item: &PathItem| {
        let mut item = item.clone();
        let there: Vec<_> = methods.iter().filter(|method| operation(&mut item, method).is_some()).cloned().collect();
        there.into_iter().map(|method| (path.clone(), method)).collect::<Vec<_>>()
    };
    document.paths.paths.iter().flat_map(|(path, item)| of(path, item)).collect()
}

fn complete(operation: &mut Operation, declared: &Declared) {
    operation.operation_id = Some(operation_id(declared));
    let mut error = |kinds: &[Kind]| {
        for kind in kinds {
            let status = kind.words().status;
            let answer = || RefOr::T(error_response(declared.family, status.canonical_reason().unwrap_or_default()));
            operation.responses.responses.entry(status.as_str().to_owned()).or_insert_with(answer);
        }
    };
    error(&[Kind::InvalidParameter, Kind::Internal, Kind::Unavailable]);
    if declared.need != Need::Public {
        // An id in the path or in the query may name nothing.
        error(&[Kind::Unauthorized, Kind::InsufficientScope, Kind::RateLimited, Kind::NotFound]);
    }
    if declared.path.contains('{') {
        error(&[Kind::NotFound]);
    }
    if declared.creates {
        error(&[Kind::Conflict, Kind::KeyReused]);
        operation.parameters.get_or_insert_default().push(RefOr::T(idempotency_key()));
    }
    if operation.request_body.is_some() {
        // `error` has given the operation back.
        for kind in [Kind::TooLarge, Kind::UnsupportedMediaType] {
            let status = kind.words().status;
            let answer = error_response(declared.family, status.canonical_reason().unwrap_or_default());
            operation.responses.responses.insert(status.as_str().to_owned(), RefOr::T(answer));
        }
    }
    if let Need::Scope(scope) = declared.need {
        operation.security = Some(vec![SecurityRequirement::new(TOKEN, [scope.as_str()])]);
    }
}

/// Handlers in different modules have the same names, so the path tells operations apart: `get_v1_tokens_id`. A path that ends in
/// a slash is another than the one without.
fn operation_id(declared: &Declared) -> String {
    let words = declared.path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let method = declared.method.as_str().to_ascii_lowercase();
    let slash = declared.path.ends_with('/').then_some("slash");
    std::iter::once(method.as_str()).chain(words).chain(slash).collect::<Vec<_>>().join("_")
}

fn error_response(family: Family, description: &str) -> Response {
    let (schema, kind) = match family {
        Family::S1 => ("ScansError", "application/json"),
        Family::S2 => ("HistoryError", "application/json"),
        Family::S3 => ("ScanError", "application/json"),
        Family::S4 | Family::S5 | Family::Native | Family::Dashboard => ("ProblemDocument", PROBLEM_JSON),
    };
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
    ResponseBuilder::new().description(description).content(kind, content).build()
}

fn idempotency_key() -> Parameter {
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The same key and body within 24 hours answers the first result again"))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).max_length(Some(crate::limits::KEY_CHARS))))
        .build()
}
