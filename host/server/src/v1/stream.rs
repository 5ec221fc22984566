//! `/v1/scans/{id}/stream`: what happens in a scan while it happens, over a WebSocket or as server-sent events. Both send the same JSON,
//! read from the scan's log: a slow reader gets later progress instead of all of it, and nobody waits for one.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, Stream, StreamExt};
use plumb_engine::service::log::{Entry, Happening, Log};
use plumb_model::access::Scope;
use plumb_model::scan::ScanId;
use serde::{Deserialize, Serialize};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{sleep, timeout};
use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::access::Access;
use crate::extract::{PathParams, Query, RecordId, WholeNumber};
use crate::family::Family;
use crate::limits::{STREAM_PING, STREAM_REST, STREAM_SEND};
use crate::problem::Problem;
use crate::routes::Routes;
use crate::state::AppState;
use crate::views::{find_scan, uuid};

/// Entries read from a log at a time.
const BATCH: usize = 64;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/v1/scans/{scan_id}/stream", Scope::ScansRead, Family::S3, follow)
        .followed_by_browsers()
        .documented(Documented::openapi())
}

#[derive(OpenApi)]
#[openapi(paths(follow), components(schemas(StreamEvent)))]
struct Documented;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// Only what comes after this sequence number; server-sent events have the header `Last-Event-ID` for it
    after: Option<WholeNumber>,
}

/// Something that happened in a scan.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StreamEvent {
    scan_id: String,
    /// Grows, but not always by one.
    sequence: u64,
    at: String,
    #[serde(flatten)]
    body: Body,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Body {
    Status {
        status: &'static str,
        reason: Option<String>,
    },
    Planned {
        tasks: u64,
    },
    TaskStarted {
        task: String,
    },
    TaskDone {
        task: String,
    },
    TaskFailed {
        task: String,
        reason: String,
    },
    Progress {
        scanned_resources: u64,
        total_resources: u64,
        percentage: f64,
        violations: u64,
        tasks_done: u64,
        tasks: u64,
    },
    PluginQuarantined {
        plugin: String,
        reason: String,
    },
    /// What lay between is not kept any more.
    Missed,
}

/// What happens in a scan, from its beginning or from where one left off, until it has ended. Pages of the dashboard follow it with
/// their session.
#[utoipa::path(get, path = "/v1/scans/{scan_id}/stream", tag = "scans",
    params(("scan_id" = String, Path, description = "UUID or number"), Parameters),
    responses(
        (status = 101, description = "A WebSocket; each message is one event"),
        (status = 200, description = "Server-sent events, where `Accept: text/event-stream` asks for them", body = String, content_type = "text/event-stream"),
    ))]
pub(crate) async fn follow(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    Query(Parameters { after }): Query<Parameters>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let head = find_scan(&state, &access, id).await?;
    let place = state.stream_place().ok_or_else(Problem::unavailable)?;
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    let reader = Reader::new(
        &state,
        head.scan.id,
        head.as_ref(),
        after.map(WholeNumber::get).or(last).unwrap_or_default(),
        place,
    );
    if let Ok(upgrade) = upgrade {
        let stop = state.stopping();
        return Ok(upgrade.max_message_size(1024).on_upgrade(move |socket| async move {
            tokio::select! {
                () = send_all(socket, reader) => {}
                () = stop.cancelled() => {}
            }
        }));
    }
    let wants_events = |value: &str| value.split(',').any(|kind| kind.trim().starts_with("text/event-stream"));
    if headers.get(ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(wants_events) {
        let stop = state.stopping();
        let events = reader.events().map(|event| Ok::<_, Infallible>(server_sent(&event)));
        let events = events.take_until(stop.cancelled_owned());
        return Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(STREAM_PING)).into_response());
    }
    Err(Problem::invalid_parameter("Accept", "ask for a WebSocket, or send `Accept: text/event-stream`"))
}

fn server_sent(event: &StreamEvent) -> Event {
    let text = serde_json::to_string(event).unwrap_or_default();
    Event::default().id(event.sequence.to_string()).event(event.body.name()).data(text)
}

/// Sends until the scan has ended, the client has gone, or it does not take what it is sent.
async fn send_all(mut socket: WebSocket, reader: Reader) {
    let mut events = std::pin::pin!(reader.events());
    loop {
        let message = tokio::select! {
            event = events.next() => match event {
                Some(event) => Message::text(serde_json::to_string(&event).unwrap_or_default()),
                None => break,
            },
            received = socket.recv() => match received {
                // Clients have nothing to say here; pings are answered beneath.
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => continue,
            },
            () = sleep(STREAM_PING) => Message::Ping(axum::body::Bytes::new()),
        };
        if !matches!(timeout(STREAM_SEND, socket.send(message)).await, Ok(Ok(()))) {
            return;
        }
    }
    let close = CloseFrame { code: close_code::NORMAL, reason: "the scan has ended".into() };
    if let Err(error) = socket.send(Message::Close(Some(close))).await {
        tracing::debug!(%error, "a stream's client had gone");
    }
}

/// Reads one scan's log.
struct Reader {
    scan: ScanId,
    /// None for a scan that ended long ago: then its status is all there is to tell.
    log: Option<Arc<Log>>,
    ended: Option<Entry>,
    after: u64,
    /// Held as long as the stream.
    _place: OwnedSemaphorePermit,
}

impl Reader {
    fn new(
        state: &AppState,
        scan: ScanId,
        head: &plumb_store::StoredScanHead,
        after: u64,
        place: OwnedSemaphorePermit,
    ) -> Reader {
        let log = state.service().log(&scan);
        let at = head.scan.completed_at.clone().unwrap_or_else(|| head.scan.created_at.clone());
        let happening = Happening::Status { status: head.scan.status, reason: head.scan.status_reason.clone() };
        // A client that has more than a log that began anew is told what it may have missed.
        let ended = log.is_none().then(|| Entry { sequence: after.saturating_add(1), at, happening });
        Reader { scan, log, ended, after, _place: place }
    }

    fn events(self) -> impl Stream<Item = StreamEvent> {
        let scan = uuid(self.scan);
        stream::unfold(self, |mut reader| async move {
            let entries = reader.next().await?;
            Some((entries, reader))
        })
        .flat_map(stream::iter)
        .map(move |entry| StreamEvent::new(&scan, entry))
    }

    /// What is new; None once the scan has ended and everything was read.
    async fn next(&mut self) -> Option<Vec<Entry>> {
        let Some(log) = &self.log else { return self.ended.take().map(|entry| vec![entry]) };
        let mut follow = log.follow();
        loop {
            let (_, ended) = *follow.borrow_and_update();
            let entries = log.after(self.after, BATCH);
            if let Some(last) = entries.last() {
                self.after = last.sequence;
                return Some(entries);
            }
            if ended || follow.changed().await.is_err() {
                return None;
            }
            // Much may happen at once; a reader need not be told of each bit.
            sleep(STREAM_REST).await;
        }
    }
}

impl StreamEvent {
    fn new(scan: &str, entry: Entry) -> StreamEvent {
        let body = match entry.happening {
            Happening::Status { status, reason } => Body::Status { status: status.as_str(), reason },
            Happening::Planned { tasks } => Body::Planned { tasks: tasks as u64 },
            Happening::TaskStarted { task } => Body::TaskStarted { task },
            Happening::TaskDone { task } => Body::TaskDone { task },
            Happening::TaskFailed { task, reason } => Body::TaskFailed { task, reason },
            Happening::Progress(standing) => Body::Progress {
                scanned_resources: standing.scanned_resources,
                total_resources: standing.total_resources,
                percentage: standing.percentage(),
                violations: standing.violations,
                tasks_done: standing.tasks_done,
                tasks: standing.tasks,
            },
            Happening::PluginQuarantined { plugin, reason } => Body::PluginQuarantined { plugin, reason },
            Happening::Missed => Body::Missed,
        };
        StreamEvent { scan_id: scan.to_owned(), sequence: entry.sequence, at: entry.at, body }
    }
}

impl Body {
    /// What the event is called in server-sent events: the same as its type.
    fn name(&self) -> &'static str {
        match self {
            Body::Status { .. } => "status",
            Body::Planned { .. } => "planned",
            Body::TaskStarted { .. } => "task_started",
            Body::TaskDone { .. } => "task_done",
            Body::TaskFailed { .. } => "task_failed",
            Body::Progress { .. } => "progress",
            Body::PluginQuarantined { .. } => "plugin_quarantined",
            Body::Missed => "missed",
        }
    }
}
