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

/// Where the outcomes of a call are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccountPlace {
    /// Scope key of the scans that share them: when none of these is left, they go.
    pub scope: Digest,
    /// Of the plugin's component: when no scan that is left ran it, they go.
    pub plugin: Digest,
    /// Of what is asked: the target, the account, the checks.
    pub call: Digest,
}

impl AccountPlace {
    fn key(&self) -> (&Digest, &Digest, &Digest) {
        (&self.scope, &self.plugin, &self.call)
    }
}

/// The outcomes of one call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CachedAccountVerdicts {
    /// Digest of everything that the plugin could see, but for the resources that it judged one by one. Where it is another now,
    /// the outcomes say nothing.
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
    /// Of the resource's document, where the outcome follows from that and the view. Where it is another now, the outcome says
    /// nothing. None where it follows from the view alone.
    pub digest: Option<Digest>,
    pub verdict: Verdict,
    pub message: String,
}

impl Ledger {
    /// What was kept at a place last; none where nothing was, or where it is not sound: asking again is right then, and `check`
    /// reports the damage.
    pub fn account_verdicts(&self, place: &AccountPlace) -> Result<Option<CachedAccountVerdicts>, StoreError> {
        self.read(|transaction| {
            let table = ACCOUNT_VERDICTS.read(transaction)?;
            let Some(value) = table.get(place.key())? else { return Ok(None) };
            let record = ACCOUNT_VERDICTS.decode(&place.key(), value.value());
            Ok(record.ok().and_then(|record| record.kept().ok()))
        })
    }
}

/// A record in its stored form.
pub(crate) fn encode(place: &AccountPlace, kept: &CachedAccountVerdicts) -> Result<Vec<u8>, StoreError> {
    ACCOUNT_VERDICTS.encode(&place.key(), &AccountVerdictsRecord::from(kept))
}

/// Writes records that are in their stored form.
pub(crate) fn write(transaction: &WriteTransaction, rows: &BTreeMap<AccountPlace, Vec<u8>>) -> Result<(), StoreError> {
    let mut table = ACCOUNT_VERDICTS.write(transaction)?;
    for (place, bytes) in rows {
        table.insert(place.key(), bytes.as_slice())?;
    }
    Ok(())
}

/// Removes what no scan that is left can have left; gives how many calls that were. They are few beside the verdicts on
/// resources, one for each account and call, so that one commit takes them all.
pub(crate) fn sweep(
    transaction: &WriteTransaction,
    keep: impl Fn(&Digest, &Digest) -> bool,
) -> Result<u64, StoreError> {
    let mut removed = 0;
    ACCOUNT_VERDICTS.write(transaction)?.retain(|(scope, plugin, _), _| {
        let kept = keep(scope, plugin);
        removed += u64::from(!kept);
        kept
    })?;
    Ok(removed)
}
