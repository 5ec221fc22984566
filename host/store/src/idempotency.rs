//! Requests that must take effect once though they come twice: what each was answered, for as long as it may come again.

use plumb_model::tenant::TenantId;
use redb::{Durability, ReadableTable};

use crate::batch::Digest;
use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::records::bytes::Fixed;
use crate::records::idempotency::IdempotencyRecord;
use crate::tables::IDEMPOTENCY;

/// A request and the key that its sender gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyedRequest {
    pub tenant: TenantId,
    /// Digest over the sender, the route and the sender's key.
    pub key: Digest,
    /// Digest over what is asked.
    pub fingerprint: Digest,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    pub status: u16,
    pub content_type: String,
    pub location: Option<String>,
    pub body: Vec<u8>,
}

/// What is known of a request with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing until now; it is written down as running.
    First,
    /// It runs, or broke off with the program: whether it took effect nobody can say.
    Unanswered,
    /// The key was given to a request that asked something else.
    Different,
    Answered(StoredAnswer),
}

impl Ledger {
    /// Takes up a request at a time. What was taken up before `oldest` does not count any more.
    pub fn begin_keyed(&self, request: &KeyedRequest, at: &str, oldest: &str) -> Result<Known, StoreError> {
        self.write(Durability::Immediate, |transaction| {
            let mut table = IDEMPOTENCY.write(transaction)?;
            let key = (&request.tenant, &request.key);
            let known = IDEMPOTENCY.get(&table, &key)?.filter(|record| record.created_at.as_str() >= oldest);
            Ok(match known {
                Some(record) if record.fingerprint.0 != request.fingerprint => Known::Different,
                Some(IdempotencyRecord { answer: Some(answer), .. }) => Known::Answered(answer.into()),
                Some(_) => Known::Unanswered,
                None => {
                    let fingerprint = Fixed(request.fingerprint);
                    let record = IdempotencyRecord { created_at: at.to_owned(), fingerprint, answer: None };
                    IDEMPOTENCY.put(&mut table, &key, &record)?;
                    Known::First
                }
            })
        })
    }

    /// Keeps what a request was answered; with none it is forgotten, and may be sent again.
    pub fn end_keyed(&self, request: &KeyedRequest, answer: Option<StoredAnswer>) -> Result<(), StoreError> {
        self.write(Durability::Immediate, |transaction| {
            let mut table = IDEMPOTENCY.write(transaction)?;
            let key = (&request.tenant, &request.key);
            if let (Some(answer), Some(record)) = (answer, IDEMPOTENCY.get(&table, &key)?) {
                let record = IdempotencyRecord { answer: Some(answer.into()), ..record };
                IDEMPOTENCY.put(&mut table, &key, &record)
            } else {
                table.remove(key)?;
                Ok(())
            }
        })
    }

    /// Forgets what was taken up before a time; says how many that were.
    pub fn prune_keyed(&self, oldest: &str) -> Result<usize, StoreError> {
        self.write(Durability::Immediate, |transaction| {
            let mut table = IDEMPOTENCY.write(transaction)?;
            let mut old = Vec::new();
            for entry in table.iter()? {
                let (key, value) = entry?;
                let (tenant, digest) = key.value();
                if IDEMPOTENCY.decode(&(tenant, digest), value.value())?.created_at.as_str() < oldest {
                    old.push((*tenant, *digest));
                }
            }
            for (tenant, digest) in &old {
                table.remove((tenant, digest))?;
            }
            Ok(old.len())
        })
    }
}
