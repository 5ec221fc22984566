//! Query parameters. One that is misspelt must not be passed over: the answer would look like what was asked for.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::errors::Problem;

/// Taken by a route without parameters; refuses a request that has one.
pub(crate) struct NoParameters;

impl<S: Sync> FromRequestParts<S> for NoParameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<NoParameters, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        match form_urlencoded::parse(query.as_bytes()).next() {
            Some((name, _)) => Err(Problem::unknown_parameter(&name)),
            None => Ok(NoParameters),
        }
    }
}
