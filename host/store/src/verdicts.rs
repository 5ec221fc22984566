//! The verdict cache: what a plugin said of a document it will say again, so it need not be asked.

use std::collections::BTreeMap;

use plumb_model::outcome::Verdict;
use redb::{ReadableTable, Table, WriteTransaction};

use crate::batch::Digest;
use crate::envelope;
use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::record::Record;
use crate::records::plugin::PluginRecord;
use crate::tables::{PLUGINS, VERDICTS};

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
        let mut found = vec![None; resources.len()];
        self.read(|transaction| {
            let known = PLUGINS.get(&PLUGINS.read(transaction)?, &plugin)?;
            let Some(PluginRecord { number }) = known else { return Ok::<_, StoreError>(()) };
            let table = VERDICTS.read(transaction)?;
            // In key order neighbours lie on the same page.
            let mut wanted: Vec<_> = resources.iter().zip(&mut found).collect();
            wanted.sort_unstable_by_key(|(resource, _)| **resource);
            for (resource, place) in wanted {
                if let Some(value) = table.get((number, resource))? {
                    *place = decode(plugin, resource, value.value()).ok();
                }
            }
            Ok(())
        })?;
        Ok(found)
    }
}

/// The tag covers the plugin's digest and not its number: should a number ever come to stand for another plugin, nothing of it
/// is believed.
fn tagged_key(plugin: &Digest, resource: &Digest) -> [u8; 64] {
    let mut key = [0; 64];
    let (front, back) = key.split_at_mut(32);
    front.copy_from_slice(plugin);
    back.copy_from_slice(resource);
    key
}

/// The verdicts in stored bytes.
pub(crate) fn decode(plugin: &Digest, resource: &Digest, value: &[u8]) -> Result<CachedVerdicts, String> {
    let (version, payload) = envelope::unseal(VERDICTS.name, &tagged_key(plugin, resource), value)?;
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
    let mut plugins = PLUGINS.write(transaction)?;
    let mut table = VERDICTS.write(transaction)?;
    let mut current: Option<(Digest, u32)> = None;
    for ((plugin, resource), verdicts) in rows {
        let number = match current {
            Some((known, number)) if known == *plugin => number,
            _ => intern(&mut plugins, plugin)?,
        };
        current = Some((*plugin, number));
        let payload = verdicts.to_bytes();
        let payload = payload.map_err(|problem| StoreError::Encode { table: VERDICTS.name, problem })?;
        let key = tagged_key(plugin, resource);
        let value = envelope::seal(VERDICTS.name, &key, CachedVerdicts::VERSION, &payload);
        table.insert((number, resource), value.as_slice())?;
    }
    Ok(())
}

/// The number of a plugin; a plugin not seen before gets the next one.
fn intern(plugins: &mut Table<'_, &'static [u8; 32], &'static [u8]>, plugin: &Digest) -> Result<u32, StoreError> {
    if let Some(known) = PLUGINS.get(plugins, &plugin)? {
        return Ok(known.number);
    }
    let mut number = 0;
    for entry in plugins.iter()? {
        let (digest, value) = entry?;
        number = number.max(PLUGINS.decode(&digest.value(), value.value())?.number + 1);
    }
    PLUGINS.put(plugins, &plugin, &PluginRecord { number })?;
    Ok(number)
}
