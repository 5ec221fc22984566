//! Tokens, by their keyed hash. The key of the hash is not in the ledger: who reads the file learns no token, and cannot make one.

mod known;

use std::sync::Arc;

use plumb_model::access::{Token, TokenId};
use plumb_model::tenant::TenantId;
use redb::{Durability, ReadTransaction, ReadableTableMetadata, WriteTransaction};

use crate::batch::Digest;
use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::records::bytes::Fixed;
use crate::records::token::{TokenPlace, TokenRecord};
use crate::tables::{TOKEN_IDS, TOKENS};

pub(crate) use known::KnownTokens;

/// No id is greater.
const LAST: TokenId = [u8::MAX; 16];

impl Ledger {
    /// Writes down a token under its keyed hash.
    pub fn create_token(&self, hash: &Digest, token: &Token) -> Result<(), StoreError> {
        self.write_tokens(Durability::Immediate, |transaction| {
            TOKENS.put(&mut TOKENS.write(transaction)?, &hash, &token.into())?;
            let place = TokenPlace { hash: Fixed(*hash) };
            TOKEN_IDS.put(&mut TOKEN_IDS.write(transaction)?, &(&token.tenant, &token.id), &place)
        })
    }

    /// The token with a keyed hash, whatever became of it.
    pub fn token_by_hash(&self, hash: &Digest) -> Result<Option<Arc<Token>>, StoreError> {
        let seen = self.shared.known_tokens.version();
        let token = self.read(|transaction| find(transaction, hash))?.map(Arc::new);
        if let Some(token) = &token {
            self.shared.known_tokens.keep(seen, *hash, Arc::clone(token));
        }
        Ok(token)
    }

    /// The same from memory, if somebody has asked for it since a token was last written. Waits for no disk.
    pub fn known_token(&self, hash: &Digest) -> Option<Arc<Token>> {
        self.shared.known_tokens.get(hash)
    }

    pub fn token(&self, tenant: &TenantId, id: &TokenId) -> Result<Option<Token>, StoreError> {
        self.read(|transaction| {
            let place = TOKEN_IDS.get(&TOKEN_IDS.read(transaction)?, &(tenant, id))?;
            place.map_or(Ok(None), |place| find(transaction, &place.hash.0))
        })
    }

    /// A tenant's tokens in the order they were created in, and how many there are.
    pub fn tokens(&self, tenant: &TenantId, offset: usize, limit: usize) -> Result<(Vec<Token>, usize), StoreError> {
        self.read(|transaction| {
            let ids = TOKEN_IDS.read(transaction)?;
            TOKEN_IDS.prove_range(&ids, &(tenant, &[0; 16]), &(tenant, &LAST))?;
            let (mut tokens, mut count) = (Vec::new(), 0);
            for entry in ids.range((tenant, &[0; 16])..=(tenant, &LAST))? {
                let (key, value) = entry?;
                if (offset..offset.saturating_add(limit)).contains(&count) {
                    let place = TOKEN_IDS.decode(&key.value(), value.value())?;
                    let token = find(transaction, &place.hash.0)?;
                    tokens.push(token.ok_or_else(|| TOKEN_IDS.damaged(&key.value(), "its token is missing"))?);
                }
                count += 1;
            }
            Ok((tokens, count))
        })
    }

    /// Whether a token was ever made.
    pub fn has_tokens(&self) -> Result<bool, StoreError> {
        self.read(|transaction| Ok(!TOKENS.read(transaction)?.is_empty()?))
    }

    /// Ends a token for good. One that was revoked before keeps its time. None if the tenant has no such token.
    pub fn revoke_token(&self, tenant: &TenantId, id: &TokenId, at: &str) -> Result<Option<Token>, StoreError> {
        self.write_tokens(Durability::Immediate, |transaction| {
            let place = TOKEN_IDS.get(&TOKEN_IDS.write(transaction)?, &(tenant, id))?;
            let Some(TokenPlace { hash }) = place else { return Ok(None) };
            let mut tokens = TOKENS.write(transaction)?;
            let Some(mut record) = TOKENS.get(&tokens, &&hash.0)? else { return Ok(None) };
            record.revoked_at.get_or_insert_with(|| at.to_owned());
            TOKENS.put(&mut tokens, &&hash.0, &record)?;
            decoded(&hash.0, record).map(Some)
        })
    }

    /// Notes that a token was used. It is on disk with the next commit that is: what a crash loses is a minute.
    pub fn touch_token(&self, hash: &Digest, at: &str) -> Result<(), StoreError> {
        self.write_tokens(Durability::None, |transaction| {
            let mut tokens = TOKENS.write(transaction)?;
            let Some(mut record) = TOKENS.get(&tokens, &hash)? else { return Ok(()) };
            record.last_used_at = Some(at.to_owned());
            TOKENS.put(&mut tokens, &hash, &record)
        })
    }

    /// Writes, and forgets what was known before.
    fn write_tokens<T>(
        &self,
        durability: Durability,
        body: impl FnOnce(&WriteTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let written = self.write(durability, body);
        // Whatever came of it: a commit that failed may have taken place.
        self.shared.known_tokens.forget_all();
        written
    }
}

fn find(transaction: &ReadTransaction, hash: &Digest) -> Result<Option<Token>, StoreError> {
    let record = TOKENS.get(&TOKENS.read(transaction)?, &hash)?;
    record.map(|record| decoded(hash, record)).transpose()
}

fn decoded(hash: &Digest, record: TokenRecord) -> Result<Token, StoreError> {
    record.token().map_err(|problem| TOKENS.damaged(&hash, problem))
}
