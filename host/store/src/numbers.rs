//! Small numbers for what has a UUID: some clients know nothing else. They count per tenant and kind of record, from 1, and are
//! never given twice.

use plumb_model::tenant::TenantId;
use redb::WriteTransaction;

use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::records::bytes::Fixed;
use crate::records::number::{CounterRecord, NumberRecord};
use crate::tables::{COUNTERS, NUMBERS};

/// Kinds of records that have numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbered {
    Scan,
    Target,
    Policy,
    /// A resource of a target, under the first 16 bytes of a digest over both.
    Resource,
    Drift,
    Evidence,
}

impl Numbered {
    /// What stands for it in keys; keeps its meaning for as long as there are ledgers.
    fn code(self) -> u8 {
        match self {
            Numbered::Scan => 0,
            Numbered::Target => 1,
            Numbered::Policy => 2,
            Numbered::Resource => 3,
            Numbered::Drift => 4,
            Numbered::Evidence => 5,
        }
    }
}

impl Ledger {
    /// What bears a number.
    pub fn by_number(&self, tenant: &TenantId, kind: Numbered, number: u64) -> Result<Option<[u8; 16]>, StoreError> {
        self.read(|transaction| {
            let found = NUMBERS.get(&NUMBERS.read(transaction)?, &(tenant, kind.code(), number))?;
            Ok(found.map(|record| record.id.0))
        })
    }
}

/// Gives the next number to a record.
pub(crate) fn assign(
    transaction: &WriteTransaction,
    tenant: &TenantId,
    kind: Numbered,
    id: &[u8; 16],
) -> Result<u64, StoreError> {
    let mut counters = COUNTERS.write(transaction)?;
    let key = (tenant, kind.code());
    let last = COUNTERS.get(&counters, &key)?.map_or(0, |counter| counter.last);
    let number = last + 1;
    COUNTERS.put(&mut counters, &key, &CounterRecord { last: number })?;
    NUMBERS.put(&mut NUMBERS.write(transaction)?, &(tenant, kind.code(), number), &NumberRecord { id: Fixed(*id) })?;
    Ok(number)
}

/// Takes back the number of a record that is deleted; it is not given again.
pub(crate) fn release(
    transaction: &WriteTransaction,
    tenant: &TenantId,
    kind: Numbered,
    number: u64,
) -> Result<(), StoreError> {
    NUMBERS.write(transaction)?.remove((tenant, kind.code(), number))?;
    Ok(())
}
