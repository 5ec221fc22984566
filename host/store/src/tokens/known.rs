//! Tokens that were looked up lately, so that a request does not wait for the disk to learn whose it is. One process has the ledger, so
//! whoever writes a token forgets all that is known here, and what was read before that is not kept after it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use plumb_model::access::Token;

use crate::batch::Digest;

/// Tokens that are kept, at some 300 bytes each. Where there are more in use, they are looked up again now and then.
const KNOWN: usize = 4_096;

#[derive(Debug, Default)]
pub(crate) struct KnownTokens(RwLock<Known>);

#[derive(Debug, Default)]
struct Known {
    /// How often tokens were written.
    version: u64,
    tokens: HashMap<Digest, Arc<Token>>,
}

impl KnownTokens {
    pub(crate) fn get(&self, hash: &Digest) -> Option<Arc<Token>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).tokens.get(hash).cloned()
    }

    /// To be asked before a token is read.
    pub(crate) fn version(&self) -> u64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).version
    }

    /// Keeps a token that was read, unless one was written since.
    pub(crate) fn keep(&self, seen: u64, hash: Digest, token: Arc<Token>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.version != seen {
            return;
        }
        if known.tokens.len() >= KNOWN {
            known.tokens.clear();
        }
        known.tokens.insert(hash, token);
    }

    pub(crate) fn forget_all(&self) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.version += 1;
        known.tokens.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_model::access::{Grant, Role};

    fn token() -> Arc<Token> {
        Arc::new(Token {
            id: [1; 16],
            tenant: [0; 16],
            name: "pipeline".into(),
            grant: Grant::Role(Role::Viewer),
            prefix: "plumb_abcdef".into(),
            created_at: "2026-01-01T00:00:00.000Z".into(),
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
        })
    }

    #[test]
    fn what_was_read_before_a_token_was_written_is_not_kept_after_it() {
        let known = KnownTokens::default();
        let seen = known.version();
        known.forget_all();
        known.keep(seen, [7; 32], token());
        assert_eq!(known.get(&[7; 32]), None);
        known.keep(known.version(), [7; 32], token());
        assert_eq!(known.get(&[7; 32]), Some(token()));
        known.forget_all();
        assert_eq!(known.get(&[7; 32]), None);
    }

    #[test]
    fn no_more_are_kept_than_the_bound_says() {
        let known = KnownTokens::default();
        for number in 0..2 * KNOWN {
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&number.to_le_bytes());
            known.keep(known.version(), hash, token());
        }
        assert_eq!(known.0.read().unwrap().tokens.len(), KNOWN);
    }
}
