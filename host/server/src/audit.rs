//! What is written down of requests. A change is an entry of its own, and the two are one transaction: while a handler runs, the entry
//! lies ready, and whatever it first has the ledger write carries it. What was refused or failed can be as frequent as somebody
//! likes, so the first of a kind is written at once and those of the next minute are one entry that counts them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::Request;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, Method, Uri};
use axum::response::Response;
use plumb_model::access::{Actor, AuditEvent};
use plumb_model::tenant::TenantId;
use plumb_store::PendingEntry;

use crate::guard::REQUEST_ID;
use crate::limits::{AUDIT_CHARS, REFUSAL_KINDS};
use crate::problem::Problem;
use crate::routes::Declared;
use crate::time::now;
use crate::views::uuid;

/// The result of an entry that was committed with its change.
const DONE: &str = "done";

tokio::task_local! {
    /// The entry of the request whose handler runs.
    static ENTRY: PendingEntry;
}

/// Runs a handler; the first change that it makes carries the entry.
pub(crate) async fn carrying<F: Future>(entry: PendingEntry, handler: F) -> F::Output {
    ENTRY.scope(entry, handler).await
}

/// The entry that a change made now has to carry; none where nobody asked for it.
pub(crate) fn pending() -> Option<PendingEntry> {
    ENTRY.try_with(Clone::clone).ok()
}

/// Has the entry name what is about to be made, by the path that leads to it.
pub(crate) fn makes(collection: &str, id: [u8; 16]) {
    if let Some(entry) = pending() {
        entry.set_object(format!("{collection}/{}", uuid(id)));
    }
}

/// For how long what is alike becomes one entry.
const TOGETHER: Duration = Duration::from_mins(1);

/// Stands for the object where there are too many to keep apart.
const MANY: &str = "(many)";

/// A request, as the log will speak of it.
#[derive(Clone, Debug)]
pub(crate) struct Deed {
    method: Method,
    path: &'static str,
    uri: Uri,
    request_id: Option<HeaderValue>,
}

impl Deed {
    pub(crate) fn new(declared: &Declared, request: &Request) -> Deed {
        Deed::of(&declared.method, declared.path, request)
    }

    /// The same for a route that anybody may ask.
    pub(crate) fn of(method: &Method, path: &'static str, request: &Request) -> Deed {
        let request_id = request.headers().get(REQUEST_ID).cloned();
        Deed { method: method.clone(), path, uri: request.uri().clone(), request_id }
    }

    pub(crate) fn object(&self) -> String {
        cut(self.uri.path())
    }

    /// What it does, before it is done.
    pub(crate) fn begin(&self, tenant: TenantId, actor: Actor) -> PendingEntry {
        PendingEntry::new(AuditEvent { result: DONE.to_owned(), ..self.event(tenant, actor, self.object(), 0) })
    }

    /// What came of it. Where something was made, it is what the answer's `Location` names.
    pub(crate) fn done(&self, tenant: TenantId, actor: Actor, response: &Response) -> AuditEvent {
        let made = response.headers().get(LOCATION).and_then(|place| place.to_str().ok());
        let object = made.map_or_else(|| self.object(), cut);
        self.event(tenant, actor, object, response.status().as_u16())
    }

    /// It was not begun.
    pub(crate) fn refused(&self, tenant: TenantId, actor: Actor, object: &str, problem: &Problem) -> AuditEvent {
        self.event(tenant, actor, object.to_owned(), problem.status().as_u16())
    }

    fn event(&self, tenant: TenantId, actor: Actor, object: String, status: u16) -> AuditEvent {
        AuditEvent {
            tenant,
            at: now(),
            actor,
            action: format!("{} {}", self.method, self.path),
            object,
            result: status.to_string(),
            request_id: self.request_id.as_ref().and_then(|id| id.to_str().ok()).map(str::to_owned),
            count: 1,
        }
    }
}

/// The path is the client's and as long as they like.
fn cut(path: &str) -> String {
    path.chars().take(AUDIT_CHARS).collect()
}

/// What is alike about refusals.
type Kind = (TenantId, Option<[u8; 16]>, String, String, String);

/// Refusals of the last minute.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<HashMap<Kind, Since>>);

#[derive(Debug)]
struct Since {
    begun: Instant,
    /// Those after the first, as the entry they will be.
    more: Option<AuditEvent>,
}

impl Refusals {
    /// What is to be written down now.
    pub(crate) fn note(&self, event: AuditEvent, now: Instant) -> Vec<AuditEvent> {
        let mut events = self.due(now);
        // A panic while it was held leaves a count that is one too low.
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut event = event;
        if kinds.len() >= REFUSAL_KINDS && !kinds.contains_key(&kind(&event)) {
            MANY.clone_into(&mut event.object);
        }
        match kinds.get_mut(&kind(&event)) {
            Some(Since { more: Some(more), .. }) => more.count += 1,
            Some(since) => since.more = Some(event),
            None => {
                kinds.insert(kind(&event), Since { begun: now, more: None });
                events.push(event);
            }
        }
        events
    }

    /// What has waited for its minute.
    pub(crate) fn due(&self, now: Instant) -> Vec<AuditEvent> {
        self.taken(|since| now.saturating_duration_since(since.begun) >= TOGETHER)
    }

    /// Everything, because nothing more is coming.
    pub(crate) fn rest(&self) -> Vec<AuditEvent> {
        self.taken(|_| true)
    }

    fn taken(&self, over: impl Fn(&Since) -> bool) -> Vec<AuditEvent> {
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kinds.extract_if(|_, since| over(since)).filter_map(|(_, since)| since.more).collect()
    }
}

fn kind(event: &AuditEvent) -> Kind {
    let actor = if let Actor::Token(id) = event.actor { Some(id) } else { None };
    (event.tenant, actor, event.action.clone(), event.object.clone(), event.result.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(object: &str) -> AuditEvent {
        AuditEvent {
            tenant: [0; 16],
            at: "2026-11-21T10:00:00.000Z".into(),
            actor: Actor::System,
            action: "GET /v1/tokens".into(),
            object: object.into(),
            result: "401".into(),
            request_id: None,
            count: 1,
        }
    }

    #[test]
    fn the_first_of_a_kind_is_written_at_once_and_the_others_of_its_minute_together() {
        let (refusals, begin) = (Refusals::default(), Instant::now());
        assert_eq!(refusals.note(refusal("a"), begin).len(), 1);
        assert_eq!(refusals.note(refusal("b"), begin).len(), 1, "another kind");
        for _ in 0..5 {
            assert!(refusals.note(refusal("a"), begin + Duration::from_secs(59)).is_empty());
        }
        let late = refusals.due(begin + Duration::from_mins(1));
        assert_eq!(late.iter().map(|event| (event.object.as_str(), event.count)).collect::<Vec<_>>(), [("a", 5)]);
        assert_eq!(refusals.note(refusal("a"), begin + Duration::from_secs(61)).len(), 1);
    }

    #[test]
    fn every_refusal_is_counted_once_however_many_kinds_there_are() {
        let (refusals, now) = (Refusals::default(), Instant::now());
        let all = REFUSAL_KINDS * 3;
        let mut written: Vec<AuditEvent> =
            (0..all).flat_map(|number| refusals.note(refusal(&number.to_string()), now)).collect();
        assert!(refusals.0.lock().unwrap().len() <= REFUSAL_KINDS + 1);
        written.extend(refusals.rest());
        assert_eq!(written.iter().map(|event| event.count).sum::<u64>(), all as u64);
        assert!(written.len() <= REFUSAL_KINDS + 3 && refusals.rest().is_empty());
    }
}
