//! A request that may come again, and what it was answered.

use serde::{Deserialize, Serialize};

use crate::idempotency::StoredAnswer;
use crate::record::NamedRecord;
use crate::records::bytes::{Bytes, Fixed};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct IdempotencyRecord {
    pub(crate) created_at: String,
    /// Of the request.
    pub(crate) fingerprint: Fixed<32>,
    /// None while the request runs, and for good if the program ended meanwhile.
    pub(crate) answer: Option<AnswerRecord>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AnswerRecord {
    status: u16,
    content_type: String,
    location: Option<String>,
    body: Bytes,
}

impl NamedRecord for IdempotencyRecord {
    const VERSION: u8 = 1;
}

impl From<StoredAnswer> for AnswerRecord {
    fn from(answer: StoredAnswer) -> AnswerRecord {
        let StoredAnswer { status, content_type, location, body } = answer;
        AnswerRecord { status, content_type, location, body: Bytes(body) }
    }
}

impl From<AnswerRecord> for StoredAnswer {
    fn from(record: AnswerRecord) -> StoredAnswer {
        let AnswerRecord { status, content_type, location, body } = record;
        StoredAnswer { status, content_type, location, body: body.0 }
    }
}
