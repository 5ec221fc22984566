//! How many requests run on one connection, and for how long none has.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::sync::watch;
use tokio::time::timeout;

/// The count of running requests of a connection.
#[derive(Clone)]
pub(crate) struct Activity(Arc<watch::Sender<usize>>);

/// A request that runs until this is dropped.
pub(crate) struct Running(Activity);

/// An answer's body; its request runs until the body is sent.
pub(crate) struct RunningBody {
    body: Body,
    _running: Running,
}

impl Activity {
    pub(crate) fn new() -> Activity {
        Activity(Arc::new(watch::Sender::new(0)))
    }

    pub(crate) fn begin(&self) -> Running {
        self.0.send_modify(|running| *running += 1);
        Running(self.clone())
    }

    /// Ends when no request has run for this long. Every beginning and every end starts the time anew.
    pub(crate) async fn idle(&self, bound: Duration) {
        let mut count = self.0.subscribe();
        loop {
            let running = *count.borrow_and_update() > 0;
            let changed = count.changed();
            let expired = if running {
                changed.await.is_err()
            } else {
                // The sender lives as long as `self`, so what ends the wait is a change or the time.
                timeout(bound, changed).await.is_err()
            };
            if expired {
                return;
            }
        }
    }
}

impl Running {
    pub(crate) fn until_sent(self, body: Body) -> RunningBody {
        RunningBody { body, _running: self }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.0.send_modify(|running| *running = running.saturating_sub(1));
    }
}

impl HttpBody for RunningBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
