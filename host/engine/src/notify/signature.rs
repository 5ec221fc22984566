//! Signatures as Standard Webhooks has them (standardwebhooks.com): HMAC-SHA256 over id, time and body.
//!
//! A secret is derived from a key that lies beside the ledger, and from whose it is. So nothing secret is stored: it is shown when it is
//! made, and replaced by counting its version up.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use plumb_model::notification::Channel;
use plumb_model::schedule::Schedule;
use plumb_model::tenant::TenantId;
use ring::hmac;

/// How far the sender's clock may be away, in seconds, and for how long a message is known again.
pub const TOLERANCE: i64 = 300;

/// Signatures in one header that are tried: one for each secret in use during a change, and some to spare.
const MOST_SIGNATURES: usize = 8;

const PREFIX: &str = "whsec_";
const VERSION: &str = "v1,";

/// What secrets are derived from.
#[derive(Clone)]
pub struct SigningKey([u8; 32]);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

/// What a sender and a receiver share. Not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret([u8; 32]);

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret")
    }
}

/// The headers of a signed request, as they came.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'r> {
    pub id: &'r str,
    /// Seconds since 1970.
    pub timestamp: &'r str,
    pub signature: &'r str,
    pub body: &'r [u8],
}

/// Why a request is not taken for the sender's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("webhook-timestamp is no number of seconds")]
    Timestamp,
    #[error("webhook-timestamp is more than {TOLERANCE} seconds away from this server's clock")]
    Clock,
    #[error("webhook-signature fits neither the secret nor what was sent")]
    Signature,
}

impl SigningKey {
    /// From the bytes of a key that is kept for other ends as well.
    pub fn derive(key: &[u8]) -> SigningKey {
        SigningKey(blake3::derive_key("plumb 2026-11-21 secrets of webhooks", key))
    }

    /// What a channel's messages are signed with.
    pub fn channel_secret(&self, channel: &Channel) -> WebhookSecret {
        self.secret("channel", &channel.tenant, &channel.id, channel.secret_version)
    }

    /// What calls of a schedule's webhook have to be signed with.
    pub fn schedule_secret(&self, schedule: &Schedule) -> WebhookSecret {
        self.secret("schedule", &schedule.tenant, &schedule.id, schedule.secret_version)
    }

    fn secret(&self, kind: &str, tenant: &TenantId, id: &[u8; 16], version: u32) -> WebhookSecret {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        // Only the first part has no fixed length, and its words are no beginnings of each other.
        hasher.update(kind.as_bytes()).update(tenant).update(id).update(&version.to_le_bytes());
        WebhookSecret(*hasher.finalize().as_bytes())
    }
}

impl WebhookSecret {
    /// To be shown once.
    pub fn text(&self) -> String {
        format!("{PREFIX}{}", BASE64_STANDARD.encode(self.0))
    }

    /// The value of `webhook-signature`.
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let tag = hmac::sign(&self.key(), &content(id, &timestamp.to_string(), body));
        format!("{VERSION}{}", BASE64_STANDARD.encode(tag))
    }

    /// Whether a request was signed with the secret, a short while ago.
    pub fn verify(&self, signed: &Signed<'_>, now: Timestamp) -> Result<(), SignatureError> {
        let Signed { id, timestamp, signature, body } = *signed;
        let sent: i64 = timestamp.parse().map_err(|_| SignatureError::Timestamp)?;
        if sent.abs_diff(now.as_second()) > TOLERANCE.unsigned_abs() {
            return Err(SignatureError::Clock);
        }
        let (key, content) = (self.key(), content(id, timestamp, body));
        let fits = |one: &str| {
            let tag = one.strip_prefix(VERSION).and_then(|tag| BASE64_STANDARD.decode(tag).ok());
            tag.is_some_and(|tag| hmac::verify(&key, &content, &tag).is_ok())
        };
        if signature.split(' ').take(MOST_SIGNATURES).any(fits) { Ok(()) } else { Err(SignatureError::Signature) }
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.0)
    }
}

fn content(id: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(version: u32) -> WebhookSecret {
        SigningKey::derive(b"key").secret("channel", &[1; 16], &[2; 16], version)
    }

    #[test]
    fn a_request_is_taken_from_its_sender_and_from_nobody_else() {
        let now = Timestamp::from_second(1_790_000_000).unwrap();
        let signature = secret(0).sign("msg", now.as_second(), b"{}");
        let timestamp = now.as_second().to_string();
        let signed = Signed { id: "msg", timestamp: &timestamp, signature: &signature, body: b"{}" };
        assert_eq!(secret(0).verify(&signed, now), Ok(()));
        let several = format!("v1,AAAA v1a,BBBB {signature}");
        assert_eq!(secret(0).verify(&Signed { signature: &several, ..signed }, now), Ok(()));
        for forged in [
            Signed { id: "other", ..signed },
            Signed { body: b"{ }", ..signed },
            Signed { signature: "", ..signed },
            Signed { signature: "v1,", ..signed },
            Signed { signature: signature.strip_prefix("v1,").unwrap(), ..signed },
        ] {
            assert_eq!(secret(0).verify(&forged, now), Err(SignatureError::Signature), "{forged:?}");
        }
        assert_eq!(secret(1).verify(&signed, now), Err(SignatureError::Signature), "a secret that was replaced");
    }

    #[test]
    fn a_request_from_another_time_is_refused() {
        let sent = Timestamp::from_second(1_790_000_000).unwrap();
        let signature = secret(0).sign("msg", sent.as_second(), b"");
        let timestamp = sent.as_second().to_string();
        let signed = Signed { id: "msg", timestamp: &timestamp, signature: &signature, body: b"" };
        let after = |seconds| Timestamp::from_second(sent.as_second() + seconds).unwrap();
        for seconds in [-300, 300] {
            assert_eq!(secret(0).verify(&signed, after(seconds)), Ok(()));
        }
        for seconds in [-301, 301] {
            assert_eq!(secret(0).verify(&signed, after(seconds)), Err(SignatureError::Clock));
        }
        let signed = Signed { timestamp: "soon", ..signed };
        assert_eq!(secret(0).verify(&signed, sent), Err(SignatureError::Timestamp));
    }

    #[test]
    fn nothing_secret_is_shown_by_debug() {
        assert_eq!(format!("{:?} {:?}", SigningKey::derive(b"key"), secret(0)), "SigningKey WebhookSecret");
    }
}
