//! What plugins said of whole accounts, for as long as nothing they could see has changed.
//!
//! A place holds what was said last: an account that changes every day takes no more room than one that does not.

use std::collections::BTreeMap;

use plumb_model::outcome::Verdict;
use redb::WriteTransaction;

use crate::batch::Digest;
use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::records::account_verdicts::AccountVerdictsRecord;
use crate::tables::ACCOUNT_VERDICTS;

/// The outcomes of one call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CachedAccountVerdicts {
    /// Digest of everything that the plugin could see. Where it is another now, the outcomes say nothing.
    pub view: Digest,
    pub outcomes: Vec<CachedAccountVerdict>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedAccountVerdict {
    /// Position of the check in what the plugin says of itself.
    pub check: u32,
    /// None for the account itself.
    pub resource_id: Option<String>,
    pub verdict: Verdict,
    pub message: String,
}

impl Ledger {
    /// What was kept at a place last; none where nothing was, or where it is not sound: asking again is right then, and `check`
    /// reports the damage.
    pub fn account_verdicts(&self, place: &Digest) -> Result<Option<CachedAccountVerdicts>, StoreError> {
        self.read(|transaction| {
            let table = ACCOUNT_VERDICTS.read(transaction)?;
            let Some(value) = table.get(place)? else { return Ok(None) };
            let record = ACCOUNT_VERDICTS.decode(&place, value.value());
            Ok(record.ok().and_then(|record| record.kept().ok()))
        })
    }
}

/// A record in its stored form.
pub(crate) fn encode(place: &Digest, kept: &CachedAccountVerdicts) -> Result<Vec<u8>, StoreError> {
    ACCOUNT_VERDICTS.encode(&place, &AccountVerdictsRecord::from(kept))
}

/// Writes records that are in their stored form.
pub(crate) fn write(transaction: &WriteTransaction, rows: &BTreeMap<Digest, Vec<u8>>) -> Result<(), StoreError> {
    let mut table = ACCOUNT_VERDICTS.write(transaction)?;
    for (place, bytes) in rows {
        table.insert(place, bytes.as_slice())?;
    }
    Ok(())
}
