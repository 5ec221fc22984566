//! Ids in paths: a UUID, or the number that the tenant's record has.

use axum::extract::FromRequestParts;
use axum::extract::Path;
use axum::http::request::Parts;
use plumb_store::Numbered;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error};

use crate::access::Access;
use crate::problem::Problem;
use crate::state::AppState;

/// How a client names a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordId {
    Uuid([u8; 16]),
    Number(u64),
}

impl RecordId {
    /// The record's UUID. That there is a record of the caller's under it is not said; a number that stands for nothing of theirs
    /// is not found.
    pub async fn uuid(self, state: &AppState, access: &Access, kind: Numbered) -> Result<[u8; 16], Problem> {
        match self {
            RecordId::Uuid(id) => Ok(id),
            RecordId::Number(number) => {
                let tenant = access.tenant;
                let found = state.read(move |ledger| ledger.by_number(&tenant, kind, number)).await?;
                found.ok_or_else(Problem::not_found)
            }
        }
    }
}

impl<'de> Deserialize<'de> for RecordId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RecordId, D::Error> {
        let text = String::deserialize(deserializer)?;
        // A UUID with its dashes: as sixteen bytes of hexadecimal digits it could be a number.
        let uuid = (text.len() == 36).then(|| uuid::Uuid::try_parse(&text).ok()).flatten();
        let number = || text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        uuid.map(|uuid| RecordId::Uuid(*uuid.as_bytes()))
            .or_else(|| number().map(RecordId::Number))
            .ok_or_else(|| D::Error::custom("no id"))
    }
}

/// The parameters of a path. An id that cannot be one is not found, exactly as one that nobody has.
#[derive(Clone, Copy, Debug)]
pub struct PathParams<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for PathParams<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<PathParams<T>, Problem> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(PathParams(value)),
            Err(_) => Err(Problem::not_found()),
        }
    }
}
