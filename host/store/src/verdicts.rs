//! The verdict cache: what a plugin said of a document it will say again, so it need not be asked.

use std::collections::BTreeMap;

use plumb_model::outcome::Verdict;
use redb::WriteTransaction;

use crate::batch::Digest;
use crate::envelope;
use crate::error::StoreError;
use crate::index::Index;
use crate::ledger::Ledger;
use crate::record::Record;
use crate::tables::{INDEX_PAGES, INDEXES};

/// The verdicts of a plugin's checks on one document; in ascending order of the checks they take the least room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CachedVerdicts(pub Vec<CachedVerdict>);

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedVerdict {
    /// Position of the check in what the plugin says of itself.
    pub check: u32,
    pub verdict: Verdict,
    pub message: Option<String>,
    /// The one day it holds for, counted from 1970-01-01, where the check depends on the time; none where it holds always.
    pub day: Option<u32>,
}

impl Ledger {
    /// What a plugin said of documents, in their order; none where it was not asked, or where what is stored is not sound: then
    /// asking again costs little and is right, and `check` reports the damage.
    pub fn verdicts(&self, plugin: &Digest, resources: &[Digest]) -> Result<Vec<Option<CachedVerdicts>>, StoreError> {
        let index = Index::Verdicts(plugin);
        // In the order of the index neighbours lie on the same page.
        let mut wanted: Vec<_> = (0..).zip(resources).collect();
        wanted.sort_unstable_by_key(|(_, resource)| **resource);
        let digests: Vec<Digest> = wanted.iter().map(|(_, resource)| **resource).collect();
        let values = self.read(|transaction| {
            let record = index.record(&INDEXES.read(transaction)?)?;
            index.find(&record, &INDEX_PAGES.read(transaction)?, &digests)
        })?;
        let mut found: Vec<(usize, _)> = wanted.iter().map(|(position, _)| *position).zip(values).collect();
        found.sort_unstable_by_key(|(position, _)| *position);
        let decoded = found
            .into_iter()
            .zip(resources)
            .map(|((_, value), resource)| value.and_then(|value| decode(plugin, resource, &value).ok()));
        Ok(decoded.collect())
    }
}

/// What the tag of an entry's envelope is over, beside the verdicts.
const SEAL: &str = "verdicts";

fn tagged_key(plugin: &Digest, resource: &Digest) -> [u8; 64] {
    let mut key = [0; 64];
    let (front, back) = key.split_at_mut(32);
    front.copy_from_slice(plugin);
    back.copy_from_slice(resource);
    key
}

/// The verdicts in an entry's bytes.
pub(crate) fn decode(plugin: &Digest, resource: &Digest, value: &[u8]) -> Result<CachedVerdicts, String> {
    let (version, payload) = envelope::unseal(SEAL, &tagged_key(plugin, resource), value)?;
    if version == CachedVerdicts::VERSION {
        CachedVerdicts::from_bytes(payload)
    } else {
        Err(format!("it has version {version}, and this program knows {}", CachedVerdicts::VERSION))
    }
}

/// Writes verdicts that lie in the order of plugin and document.
pub(crate) fn write(
    transaction: &WriteTransaction,
    rows: &BTreeMap<(Digest, Digest), CachedVerdicts>,
) -> Result<(), StoreError> {
    let mut rows = rows.iter().peekable();
    while let Some(&(&(plugin, _), _)) = rows.peek() {
        let mut entries = Vec::new();
        while let Some(((_, resource), verdicts)) = rows.next_if(|((next, _), _)| *next == plugin) {
            let payload = verdicts.to_bytes();
            let payload = payload.map_err(|problem| StoreError::Encode { table: INDEX_PAGES.name, problem })?;
            let key = tagged_key(&plugin, resource);
            entries.push((*resource, envelope::seal(SEAL, &key, CachedVerdicts::VERSION, &payload)));
        }
        Index::Verdicts(&plugin).add(transaction, entries.into_iter())?;
    }
    Ok(())
}
