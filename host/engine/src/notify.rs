//! Tells people what happened.
//!
//! [`message`] (who is told what), [`webhook`], [`slack`] and [`email`] (how it looks there), [`signature`] (who it is from), [`secrets`]
//! (what the operator keeps), `attempt` (one try, and what follows from it).
//!
//! Messages lie in the ledger until they have arrived or a day has passed. Workers of their own send them, each within a time, and one
//! at a time over each channel: a dead channel takes up one of them, and never a scan. What is sent may come twice, because the program
//! may end between the answer and the note of it; its id is then the same.

mod attempt;
pub mod email;
pub mod message;
pub mod secrets;
pub mod signature;
pub mod slack;
pub mod webhook;

use std::collections::HashSet;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use plumb_model::notification::{Channel, ChannelId, Delivery};
use plumb_store::{Ledger, StoreError};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::clock::{Clock, rfc3339};
use email::Smtp;
use secrets::Secrets;
use signature::SigningKey;

/// Messages that are being sent at a time.
const WORKERS: usize = 8;

/// Messages looked at in one round: enough for all workers to have one of another channel.
const BATCH: usize = 1_000;

/// The outbox is looked at this often whatever the clock said before: it can be set.
const LOOK: Duration = Duration::from_mins(1);

/// How long a failure of the ledger is waited out.
const RETRY: Duration = Duration::from_secs(5);

/// How long the outcome of a message can be read.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Old outcomes are removed this often.
const PRUNE: Duration = Duration::from_hours(1);

/// Who posts over the network. What it may reach is decided where the program is put together.
pub trait Post: Debug + Send + Sync {
    /// Why a URL can never be posted to, as far as it can be told without asking anybody.
    fn check(&self, url: &str) -> Result<(), String>;

    /// One request and its answer, within a time. Follows no redirect. An error says why there is no answer.
    fn post<'a>(
        &'a self,
        url: &'a str,
        headers: &'a [(String, String)],
        body: Vec<u8>,
        timeout: Duration,
    ) -> BoxFuture<'a, Result<Posted, String>>;
}

/// What a receiver answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posted {
    pub status: u16,
    /// It asks for this much patience.
    pub retry_after: Option<Duration>,
}

/// What the operator set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// None where nothing may be posted.
    pub post: Option<Arc<dyn Post>>,
    pub smtp: Option<Smtp>,
    pub secrets: Secrets,
    pub signing: SigningKey,
    /// How people reach this server, without a slash at the end; for links.
    pub public_url: Option<String>,
}

/// Sends the messages of all tenants. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Notifier(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    ledger: Arc<Ledger>,
    clock: Arc<dyn Clock>,
    settings: Settings,
    wake: tokio::sync::Notify,
}

/// What is being sent now.
#[derive(Debug, Default)]
struct Busy {
    channels: HashSet<ChannelId>,
    messages: JoinSet<(ChannelId, Result<(), StoreError>)>,
}

impl Notifier {
    pub fn new(ledger: Arc<Ledger>, clock: Arc<dyn Clock>, settings: Settings) -> Notifier {
        Notifier(Arc::new(Inner { ledger, clock, settings, wake: tokio::sync::Notify::new() }))
    }

    /// What messages are signed with.
    pub fn signing(&self) -> &SigningKey {
        &self.0.settings.signing
    }

    /// What the operator keeps.
    pub fn secrets(&self) -> &Secrets {
        &self.0.settings.secrets
    }

    /// Whether mail can be sent.
    pub fn has_smtp(&self) -> bool {
        self.0.settings.smtp.is_some()
    }

    /// Why a URL can never be posted to.
    pub fn check_url(&self, url: &str) -> Result<(), String> {
        self.0.settings.post.as_ref().map_or(Ok(()), |post| post.check(url))
    }

    pub(crate) fn public_url(&self) -> Option<String> {
        self.0.settings.public_url.clone()
    }

    /// Has the outbox looked at now.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    /// Sends what is due until it is stopped. What is being sent then is sent again when the program begins anew.
    pub async fn run(self, stop: CancellationToken) {
        let mut busy = Busy::default();
        let mut prune = tokio::time::interval(PRUNE);
        loop {
            let wait = match self.send_due(&mut busy).await {
                Ok(next) => next.map_or(LOOK, |next| self.until(&next).min(LOOK)),
                Err(error) => {
                    tracing::error!(%error, "messages cannot be sent");
                    RETRY
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
                () = self.0.wake.notified() => {}
                Some(ended) = busy.messages.join_next() => busy.ended(ended),
                _ = prune.tick() => self.prune().await,
            }
        }
    }

    /// Sends everything that is due now, and waits until it is sent or has failed.
    pub async fn flush(&self) -> Result<(), StoreError> {
        let mut busy = Busy::default();
        self.send_due(&mut busy).await?;
        while let Some(ended) = busy.messages.join_next().await {
            busy.ended(ended);
            self.send_due(&mut busy).await?;
        }
        Ok(())
    }

    /// Begins to send what is due, as far as there are workers. When the next of the others is.
    async fn send_due(&self, busy: &mut Busy) -> Result<Option<String>, StoreError> {
        let now = self.now();
        let (due, next) = self.on_ledger(move |ledger| ledger.due_deliveries(&now, BATCH)).await?;
        for message in due {
            if busy.messages.len() >= WORKERS {
                break;
            }
            // A message that is being sent is due in the ledger still; its channel is busy.
            if busy.channels.insert(message.channel.unwrap_or_default()) {
                let notifier = self.clone();
                busy.messages
                    .spawn(async move { (message.channel.unwrap_or_default(), notifier.attempt(message).await) });
            }
        }
        Ok(next)
    }

    async fn prune(&self) {
        let oldest = self.0.clock.now().checked_sub(KEPT).map(rfc3339);
        if let Ok(oldest) = oldest
            && let Err(error) = self.on_ledger(move |ledger| ledger.prune_deliveries(&oldest)).await
        {
            tracing::error!(%error, "old messages cannot be removed");
        }
    }

    fn now(&self) -> String {
        rfc3339(self.0.clock.now())
    }

    fn until(&self, time: &str) -> Duration {
        let time: Timestamp = time.parse().unwrap_or(Timestamp::UNIX_EPOCH);
        let left = Duration::try_from(time.duration_since(self.0.clock.now())).unwrap_or_default();
        // Rounded up: to look just before the time would be to look twice.
        left + Duration::from_millis(1)
    }

    async fn channel_of(&self, message: &Delivery) -> Result<Option<Channel>, StoreError> {
        let (tenant, id) = (message.tenant, message.channel);
        self.on_ledger(move |ledger| id.map_or(Ok(None), |id| ledger.channel(&tenant, &id))).await
    }

    /// Works on the ledger where it may wait for the disk.
    async fn on_ledger<T: Send + 'static>(
        &self,
        body: impl FnOnce(&Ledger) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let ledger = Arc::clone(&self.0.ledger);
        match tokio::task::spawn_blocking(move || body(&ledger)).await {
            Ok(done) => done,
            Err(error) => Err(StoreError::BrokeOff(error.to_string())),
        }
    }
}

impl Busy {
    fn ended(&mut self, ended: Result<(ChannelId, Result<(), StoreError>), tokio::task::JoinError>) {
        match ended {
            Ok((channel, written)) => {
                self.channels.remove(&channel);
                if let Err(error) = written {
                    tracing::error!(%error, "what became of a message cannot be written down");
                }
            }
            Err(error) => {
                tracing::error!(%error, "a message broke off");
                // Which one is not known; the worst that follows is that a channel has two at a time once.
                self.channels.clear();
            }
        }
    }
}
