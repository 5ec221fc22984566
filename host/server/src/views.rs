//! What all families show alike: ids, durations, statuses.

use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use plumb_engine::service::{ChangeError, OrderError, duration};
use plumb_model::check::Severity;
use plumb_model::scan::{ScanId, ScanStatus};
use plumb_model::tenant::TenantId;
use plumb_store::{Numbered, StoredScanHead};
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::Access;
use crate::extract::RecordId;
use crate::problem::{Detail, Problem, ScanLimit};
use crate::state::AppState;

/// The 64 digits of a digest, whatever it is of.
pub(crate) fn hex(digest: [u8; 32]) -> String {
    blake3::Hash::from_bytes(digest).to_hex().to_string()
}

/// A UUID with its dashes.
pub(crate) fn uuid(id: [u8; 16]) -> String {
    uuid::Uuid::from_bytes(id).to_string()
}

/// `45m32s`; what is shorter than a second counts as one, unless it is nothing.
pub(crate) fn span(duration: Duration) -> String {
    let seconds = duration.as_millis().div_ceil(1000);
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest}s"),
        (0, minutes) => format!("{minutes}m{rest}s"),
        (hours, minutes) => format!("{hours}h{minutes}m{rest}s"),
    }
}

/// How long a scan took, once it has ended.
pub(crate) fn took(head: &StoredScanHead) -> Option<String> {
    duration(head).map(span)
}

/// Minutes of work as hours: `14.5h`.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn hours(minutes: u64) -> String {
    format!("{:.1}h", minutes as f64 / 60.0)
}

/// `None` where there is no text.
pub(crate) fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A scan's status in a query: `queued` is another word for `pending`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StatusFilter(pub(crate) ScanStatus);

impl<'de> Deserialize<'de> for StatusFilter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<StatusFilter, D::Error> {
        let word = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let status = match word.as_ref() {
            "pending" | "queued" => ScanStatus::Pending,
            "running" => ScanStatus::Running,
            "completed" => ScanStatus::Completed,
            "failed" => ScanStatus::Failed,
            "cancelled" => ScanStatus::Cancelled,
            _ => return Err(D::Error::custom("use pending, queued, running, completed, failed or cancelled")),
        };
        Ok(StatusFilter(status))
    }
}

/// A severity in a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SeverityWord {
    Critical,
    High,
    Medium,
    Low,
    Informational,
}

impl From<SeverityWord> for Severity {
    fn from(word: SeverityWord) -> Severity {
        match word {
            SeverityWord::Critical => Severity::Critical,
            SeverityWord::High => Severity::High,
            SeverityWord::Medium => Severity::Medium,
            SeverityWord::Low => Severity::Low,
            SeverityWord::Informational => Severity::Informational,
        }
    }
}

impl From<Severity> for SeverityWord {
    fn from(severity: Severity) -> SeverityWord {
        match severity {
            Severity::Critical => SeverityWord::Critical,
            Severity::High => SeverityWord::High,
            Severity::Medium => SeverityWord::Medium,
            Severity::Low => SeverityWord::Low,
            Severity::Informational => SeverityWord::Informational,
        }
    }
}

/// S4's words.
pub(crate) fn queued(status: ScanStatus) -> &'static str {
    if status == ScanStatus::Pending { "queued" } else { status.as_str() }
}

/// The same for every server and always: a digest of a framework's id in the form of a UUID of version 8.
pub(crate) fn framework_uuid(id: &str) -> uuid::Uuid {
    let digest = blake3::hash(id.as_bytes());
    uuid::Builder::from_custom_bytes(*digest.as_bytes().first_chunk().unwrap_or(&[0; 16])).into_uuid()
}

/// The frameworks that a client means by an id, a name such as `soc2`, or the UUID of one.
pub(crate) fn frameworks_named(state: &AppState, name: &str) -> Vec<String> {
    let library = state.service().engine().library();
    let by_uuid = uuid::Uuid::try_parse(name)
        .ok()
        .and_then(|wanted| library.frameworks().map(|framework| &framework.id).find(|id| framework_uuid(id) == wanted));
    by_uuid.map_or_else(|| plumb_engine::service::order::frameworks_named(library, name), |id| vec![id.clone()])
}

/// The one framework of that name; the name itself where there is none or more than one.
pub(crate) fn framework_id(state: &AppState, name: &str) -> String {
    match frameworks_named(state, name).as_slice() {
        [only] => only.clone(),
        _ => name.to_owned(),
    }
}

/// How a client reaches this server: over HTTP, and over WebSockets. What it calls the server itself stands in its request.
pub(crate) fn own_urls(headers: &HeaderMap) -> (String, String) {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let host =
        text("host").filter(|host| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:-[]_".contains(&byte)));
    let host = host.unwrap_or("localhost");
    let secure = text("x-forwarded-proto") == Some("https");
    let (http, ws) = if secure { ("https", "wss") } else { ("http", "ws") };
    (format!("{http}://{host}"), format!("{ws}://{host}"))
}

/// The caller's scan under an id or a number.
pub(crate) async fn find_scan(state: &AppState, access: &Access, id: RecordId) -> Result<Arc<StoredScanHead>, Problem> {
    let id: ScanId = id.uuid(state, access, Numbered::Scan).await?;
    scan(state, &access.tenant, &id)
}

/// A tenant's scan.
pub(crate) fn scan(state: &AppState, tenant: &TenantId, id: &ScanId) -> Result<Arc<StoredScanHead>, Problem> {
    state.service().scan(tenant, id).ok_or_else(Problem::not_found)
}

impl From<OrderError> for Problem {
    fn from(error: OrderError) -> Problem {
        match error {
            OrderError::Invalid(problems) => {
                let detail = |problem: plumb_engine::service::order::OrderProblem| Detail {
                    field: problem.field.to_owned(),
                    message: problem.message,
                };
                Problem::invalid_fields(problems.into_iter().map(detail).collect())
            }
            OrderError::Full { full, wait } => Problem::scan_limit(ScanLimit {
                current_scans: full.running as u64,
                max_concurrent: full.max_running as u64,
                queue_position: full.position as u64,
                estimated_wait_seconds: wait.as_secs().max(1),
            }),
            OrderError::Stopping => Problem::unavailable(),
            OrderError::Engine(error) => Problem::engine(error),
        }
    }
}

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Problem {
        match error {
            ChangeError::NoSuchScan => Problem::not_found(),
            ChangeError::WrongStatus(ScanStatus::Running) => Problem::conflict("The scan is running; cancel it first."),
            ChangeError::WrongStatus(status) => {
                Problem::conflict(format!("The scan is {status}, and nothing of it can be cancelled any more."))
            }
            ChangeError::Store(error) => Problem::from(crate::state::LedgerError::from(error)),
            ChangeError::Stopped(problem) => {
                tracing::error!(problem, "a scan cannot be changed");
                Problem::internal()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_reads_as_the_documents_show_it() {
        for (seconds, text) in [(0, "0s"), (32, "32s"), (45 * 60 + 32, "45m32s"), (3600, "1h0m0s"), (90_061, "25h1m1s")]
        {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
        assert_eq!(span(Duration::from_millis(1)), "1s");
        assert_eq!(hours(870), "14.5h");
    }
}
