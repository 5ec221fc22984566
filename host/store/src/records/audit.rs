//! One entry of a tenant's audit log, and the log's head.

use plumb_model::access::{Actor, AuditEvent};
use plumb_model::tenant::TenantId;
use serde::{Deserialize, Serialize};

use crate::record::{NamedRecord, encode_named};
use crate::records::bytes::{Bytes, Fixed};

/// The event is kept as the bytes that were hashed.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AuditRecord {
    event: Bytes,
    pub(crate) hash: Fixed<32>,
}

/// Kept apart from the entries: without it a log that lost its end would look whole.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct AuditHeadRecord {
    pub(crate) length: u64,
    pub(crate) hash: Fixed<32>,
}

#[derive(Debug, Serialize, Deserialize)]
struct EventRecord {
    at: String,
    actor: ActorRecord,
    action: String,
    object: String,
    result: String,
    request_id: Option<String>,
    count: u64,
}

#[derive(Debug, Serialize, Deserialize)]
enum ActorRecord {
    Token(Fixed<16>),
    Cli,
    System,
}

impl NamedRecord for AuditRecord {
    const VERSION: u8 = 1;
}

impl NamedRecord for AuditHeadRecord {
    const VERSION: u8 = 1;
}

impl AuditHeadRecord {
    /// Of a log without entries: the tenant itself, so that no entry can be passed off as another tenant's.
    pub(crate) fn empty(tenant: &TenantId) -> AuditHeadRecord {
        let mut hash = [0; 32];
        hash.iter_mut().zip(tenant).for_each(|(to, from)| *to = *from);
        AuditHeadRecord { length: 0, hash: Fixed(hash) }
    }

    /// The head once an entry has followed.
    pub(crate) fn followed_by(&self, record: &AuditRecord) -> AuditHeadRecord {
        AuditHeadRecord { length: self.length + 1, hash: Fixed(chained(&self.hash.0, &record.event.0)) }
    }
}

impl AuditRecord {
    pub(crate) fn new(head: &AuditHeadRecord, event: &AuditEvent) -> Result<AuditRecord, String> {
        let event = encode_named(&EventRecord {
            at: event.at.clone(),
            actor: match event.actor {
                Actor::Token(id) => ActorRecord::Token(Fixed(id)),
                Actor::Cli => ActorRecord::Cli,
                Actor::System => ActorRecord::System,
            },
            action: event.action.clone(),
            object: event.object.clone(),
            result: event.result.clone(),
            request_id: event.request_id.clone(),
            count: event.count,
        })?;
        let hash = Fixed(chained(&head.hash.0, &event));
        Ok(AuditRecord { event: Bytes(event), hash })
    }

    pub(crate) fn event(&self, tenant: &TenantId) -> Result<AuditEvent, String> {
        let record: EventRecord = rmp_serde::from_slice(&self.event.0).map_err(|error| error.to_string())?;
        Ok(AuditEvent {
            tenant: *tenant,
            at: record.at,
            actor: match record.actor {
                ActorRecord::Token(id) => Actor::Token(id.0),
                ActorRecord::Cli => Actor::Cli,
                ActorRecord::System => Actor::System,
            },
            action: record.action,
            object: record.object,
            result: record.result,
            request_id: record.request_id,
            count: record.count,
        })
    }
}

/// BLAKE3 of the previous hash and the entry's bytes.
fn chained(previous: &[u8; 32], event: &[u8]) -> [u8; 32] {
    *blake3::Hasher::new().update(previous).update(event).finalize().as_bytes()
}
