//! Query parameters.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::extract::blamed;
use crate::problem::Problem;

/// The parameters of a query as a `T`, which has to be `deny_unknown_fields`. One that comes twice is refused.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Query<T>, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let mut names: Vec<_> = form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name).collect();
        names.sort_unstable();
        if let Some(twice) = names.array_windows().find(|[one, next]| one == next).map(|[one, _]| one) {
            return Err(Problem::invalid_parameter(twice.as_ref(), "it comes more than once; give it once"));
        }
        let reader = serde_html_form::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
        serde_path_to_error::deserialize(reader).map(Query).map_err(|error| {
            let message = error.inner().to_string();
            let name = blamed(&message).map_or_else(|| error.path().to_string(), str::to_owned);
            let message = match message.strip_prefix(&format!("unknown field `{name}`, ")) {
                Some(known) => format!("there is no such parameter; {known}"),
                None => message,
            };
            Problem::invalid_parameter(name, message)
        })
    }
}

/// Taken by a route without parameters; refuses a request that has one.
#[derive(Clone, Copy, Debug)]
pub struct NoParameters;

impl<S: Sync> FromRequestParts<S> for NoParameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<NoParameters, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        match form_urlencoded::parse(query.as_bytes()).next() {
            Some((name, _)) => {
                Err(Problem::invalid_parameter(name, "there is no such parameter; this path takes none"))
            }
            None => Ok(NoParameters),
        }
    }
}
