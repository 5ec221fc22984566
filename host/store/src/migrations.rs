//! Schema versions. A step is added, never changed: a ledger in the field has run the ones before it.

mod runs;

use redb::{ReadTransaction, ReadableTable, TableError, WriteTransaction};

use crate::error::StoreError;
use crate::tables::{self, META, SCHEMA};

/// One step from a schema to the next.
type Step = fn(&WriteTransaction) -> Result<(), StoreError>;

/// The step at position `n` leads from schema `n` to schema `n + 1`. An empty file is schema 0. Making tables passes over those
/// that are there, so the second step brings what schema 1 did not have, everything
/// the service keeps beside scans, the fourth brings schedules and notifications, and the fifth remediations. The sixth has nothing
/// to do: from then on blocks of resources may have a column of sources, which programs before it cannot read.
const STEPS: [Step; 6] =
    [tables::create_all, tables::create_all, runs::migrate, tables::create_all, tables::create_all, tables::create_all];

/// The schema this program writes.
pub(crate) fn known() -> u32 {
    u32::try_from(STEPS.len()).unwrap_or(u32::MAX)
}

/// Whether a ledger has the schema this program writes; one from the future is refused.
pub(crate) fn is_current(transaction: &ReadTransaction) -> Result<bool, StoreError> {
    let meta = match transaction.open_table(META) {
        Err(TableError::TableDoesNotExist(_)) => return Ok(false),
        opened => opened?,
    };
    let found = meta.get(SCHEMA)?.map_or(0, |version| version.value());
    if found > known() { Err(StoreError::NewerSchema { found, known: known() }) } else { Ok(found == known()) }
}

/// Brings a ledger to the schema this program writes, in the caller's transaction; one from the future is refused.
pub(crate) fn migrate(transaction: &WriteTransaction) -> Result<(), StoreError> {
    let mut meta = transaction.open_table(META)?;
    let found = meta.get(SCHEMA)?.map_or(0, |version| version.value());
    if found > known() {
        return Err(StoreError::NewerSchema { found, known: known() });
    }
    for step in STEPS.iter().skip(found as usize) {
        step(transaction)?;
    }
    if found != known() {
        meta.insert(SCHEMA, known())?;
    }
    Ok(())
}
