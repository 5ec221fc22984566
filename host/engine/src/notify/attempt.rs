//! One try to deliver a message, and what follows from it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use plumb_model::notification::{Channel, Delivery, DeliveryStatus, Destination, RETRY_DELAYS, UrlSource};
use plumb_store::StoreError;

use crate::clock::rfc3339;
use crate::notify::{Notifier, slack, webhook};

/// A receiver that has not answered by then does not.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A receiver may ask for this much patience at most.
const LONGEST_WAIT: Duration = Duration::from_hours(8);

/// Bytes kept of why an attempt failed.
const ERROR_BYTES: usize = 500;

/// HTTP statuses that say that no further attempt will do better.
const GONE: u16 = 410;

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Delivered,
    /// It may work later, but not sooner than after this.
    Failed {
        reason: String,
        wait: Option<Duration>,
    },
    /// It never will.
    Refused(String),
}

impl Outcome {
    pub(super) fn failed(reason: impl Into<String>) -> Outcome {
        Outcome::Failed { reason: reason.into(), wait: None }
    }
}

impl Notifier {
    /// Tries to deliver a message and writes down what came of it.
    pub(super) async fn attempt(&self, message: Delivery) -> Result<(), StoreError> {
        let outcome = match self.channel_of(&message).await? {
            None => Outcome::Refused("the channel is not there any more".to_owned()),
            Some(channel) if !channel.enabled => Outcome::Refused("the channel is disabled".to_owned()),
            Some(channel) => self.send(&channel, &message).await,
        };
        let ended = after(message, outcome, self.0.clock.now());
        if let Some(error) = &ended.last_error {
            let (id, status) = (uuid::Uuid::from_bytes(ended.id), ended.status.as_str());
            tracing::warn!(message = %id, channel = ended.channel_name, status, error, "a message did not arrive");
        }
        self.on_ledger(move |ledger| ledger.put_delivery(&ended)).await
    }

    async fn send(&self, channel: &Channel, message: &Delivery) -> Outcome {
        match &channel.destination {
            Destination::Email(to) => match &self.0.settings.smtp {
                Some(smtp) => smtp.send(to, message, self.0.clock.now()).await,
                None => Outcome::failed("the operator has set no SMTP server"),
            },
            Destination::Slack(url) => {
                let headers = [("content-type".to_owned(), "application/json".to_owned())];
                self.post(channel, url, &headers, slack::body(message)).await
            }
            Destination::Webhook(url) => {
                let secret = self.0.settings.signing.channel_secret(channel);
                let (headers, body) = webhook::request(message, &secret, self.0.clock.now());
                self.post(channel, url, &headers, body).await
            }
        }
    }

    async fn post(&self, channel: &Channel, url: &UrlSource, headers: &[(String, String)], body: Vec<u8>) -> Outcome {
        let Some(post) = &self.0.settings.post else { return Outcome::failed("this program posts nothing") };
        let url = match url {
            UrlSource::Plain(url) => Ok(url.clone()),
            UrlSource::Secret(name) => self.0.settings.secrets.read(&channel.tenant, name),
        };
        let url = match url {
            Ok(url) => url,
            Err(error) => return Outcome::failed(error),
        };
        let posted = match tokio::time::timeout(TIMEOUT, post.post(&url, headers, body, TIMEOUT)).await {
            Ok(Ok(posted)) => posted,
            // The reason may repeat the URL, which is a secret where only the operator knows it.
            Ok(Err(reason)) => return Outcome::failed(reason.replace(&url, "the channel's URL")),
            Err(_) => return Outcome::failed("no answer in time"),
        };
        match posted.status {
            200..=299 => Outcome::Delivered,
            300..=399 => Outcome::failed(format!("it answered {}; redirects are not followed", posted.status)),
            GONE => Outcome::Refused(format!("it answered {GONE}: the receiver is gone for good")),
            status => Outcome::Failed { reason: format!("it answered {status}"), wait: posted.retry_after },
        }
    }
}

/// A message after an attempt.
fn after(message: Delivery, outcome: Outcome, now: Timestamp) -> Delivery {
    let attempts = message.attempts.saturating_add(1);
    let over = |status, error: Option<String>| Delivery {
        status,
        attempts,
        next_attempt_at: None,
        ended_at: Some(rfc3339(now)),
        last_error: error,
        ..message.clone()
    };
    match outcome {
        Outcome::Delivered => over(DeliveryStatus::Delivered, None),
        Outcome::Refused(reason) => over(DeliveryStatus::Dead, Some(shortened(reason))),
        Outcome::Failed { reason, wait } => {
            let place = usize::try_from(message.attempts).unwrap_or(usize::MAX);
            let Some(delay) = RETRY_DELAYS.get(place) else {
                return over(DeliveryStatus::Dead, Some(shortened(reason)));
            };
            let delay = spread(*delay, &message).max(wait.unwrap_or_default().min(LONGEST_WAIT));
            let next = SignedDuration::try_from(delay).ok().and_then(|delay| now.checked_add(delay).ok());
            let next_attempt_at = Some(rfc3339(next.unwrap_or(now)));
            Delivery { attempts, next_attempt_at, last_error: Some(shortened(reason)), ..message }
        }
    }
}

/// Up to a tenth longer, another for each message and attempt: what failed together must not come back together.
fn spread(delay: Duration, message: &Delivery) -> Duration {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&message.id).update(&message.attempts.to_le_bytes());
    let [byte, ..] = *hasher.finalize().as_bytes();
    delay + delay * u32::from(byte) / 2_550
}

fn shortened(mut reason: String) -> String {
    reason.truncate(reason.floor_char_boundary(ERROR_BYTES));
    reason
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_model::notification::EventKind;

    fn message() -> Delivery {
        Delivery {
            id: [1; 16],
            tenant: [0; 16],
            channel: Some([2; 16]),
            channel_name: "ops".into(),
            event: EventKind::ScanCompleted,
            scan: [3; 16],
            data: "{}".into(),
            status: DeliveryStatus::Pending,
            attempts: 0,
            created_at: "2026-11-21T10:00:00.000Z".into(),
            next_attempt_at: Some("2026-11-21T10:00:00.000Z".into()),
            ended_at: None,
            last_error: None,
        }
    }

    #[test]
    fn what_fails_is_tried_for_a_day_and_then_given_up() {
        let start: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let (mut message, mut now) = (message(), start);
        while message.status == DeliveryStatus::Pending {
            now = message.next_attempt_at.as_ref().unwrap().parse().unwrap();
            message = after(message, Outcome::failed("down"), now);
        }
        let hours = now.duration_since(start).as_hours();
        assert_eq!((message.status, message.attempts), (DeliveryStatus::Dead, 8));
        assert!((23..=26).contains(&hours), "{hours}");
        assert_eq!((message.next_attempt_at, message.last_error.as_deref()), (None, Some("down")));
    }

    #[test]
    fn a_receiver_that_asks_for_patience_gets_it_within_reason() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let wait = |wait| after(message(), Outcome::Failed { reason: String::new(), wait: Some(wait) }, now);
        let next = |message: Delivery| message.next_attempt_at.unwrap().parse::<Timestamp>().unwrap() - now;
        assert_eq!(next(wait(Duration::from_secs(90))).get_seconds(), 90);
        assert_eq!(next(wait(Duration::from_hours(900))).get_seconds(), 8 * 3600);
    }

    #[test]
    fn what_is_refused_for_good_is_not_tried_again() {
        let message = after(message(), Outcome::Refused("gone".into()), Timestamp::UNIX_EPOCH);
        assert_eq!((message.status, message.attempts), (DeliveryStatus::Dead, 1));
    }
}
