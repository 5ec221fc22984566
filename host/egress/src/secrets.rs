//! Secrets that are alive: never shown, and found again wherever a text carries one.

use std::fmt;
use std::sync::{PoisonError, RwLock};

use jiff::Timestamp;
use memchr::memmem::Finder;
use zeroize::Zeroizing;

use crate::percent;

/// A text that is shown nowhere, and whose memory is cleared.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(Zeroizing<String>);

impl Secret {
    pub(crate) fn new(text: impl Into<String>) -> Secret {
        Secret(Zeroizing::new(text.into()))
    }

    /// The text itself, for signing and sending.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// What stands where a secret stood.
const STRUCK: &str = "[secret]";
/// Shorter texts are no keys, and would be found in everything.
const SHORTEST: usize = 8;

/// One secret in one spelling.
struct Needle {
    finder: Finder<'static>,
    expires_at: Option<Timestamp>,
}

/// The secrets that are alive, as they are and percent-encoded: secret keys have slashes, which URLs spell differently. Other
/// encodings are not looked for: no plugin is ever given what it could encode.
#[derive(Default)]
pub(crate) struct Secrets(RwLock<Vec<Needle>>);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}

impl Secrets {
    /// Knows a secret from now on. What has expired opens nothing any more and is forgotten.
    pub(crate) fn add(&self, secret: &Secret, expires_at: Option<Timestamp>, now: Timestamp) {
        let plain = secret.reveal();
        if plain.len() < SHORTEST {
            return;
        }
        let encoded = percent::encode(plain);
        let mut needles = self.0.write().unwrap_or_else(PoisonError::into_inner);
        needles.retain(|needle| needle.expires_at.is_none_or(|expires_at| expires_at > now));
        for text in [plain, &encoded, &encoded.to_ascii_lowercase()] {
            if !needles.iter().any(|needle| needle.finder.needle() == text.as_bytes()) {
                needles.push(Needle { finder: Finder::new(text).into_owned(), expires_at });
            }
        }
    }

    /// Whether one of them stands in these bytes.
    pub(crate) fn stand_in(&self, bytes: &[u8]) -> bool {
        let needles = self.0.read().unwrap_or_else(PoisonError::into_inner);
        needles.iter().any(|needle| needle.finder.find(bytes).is_some())
    }

    /// The text without them.
    pub(crate) fn strike(&self, text: &str) -> String {
        let needles = self.0.read().unwrap_or_else(PoisonError::into_inner);
        needles.iter().fold(text.to_owned(), |text, needle| match std::str::from_utf8(needle.finder.needle()) {
            Ok(secret) if needle.finder.find(text.as_bytes()).is_some() => text.replace(secret, STRUCK),
            _ => text,
        })
    }
}
