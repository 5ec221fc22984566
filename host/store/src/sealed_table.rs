//! A table whose values are records of one type in their envelope.

use std::cmp::Ordering;
use std::marker::PhantomData;
use std::ops::Bound;

use redb::{Key, ReadOnlyTable, ReadTransaction, ReadableTable, Table, TableDefinition, WriteTransaction};

use crate::envelope;
use crate::error::StoreError;
use crate::key::KeyName;
use crate::record::Record;

/// Name, key and record of a table; [`crate::tables`] has them all.
#[derive(Debug)]
pub(crate) struct SealedTable<K: Key + 'static, R> {
    pub(crate) name: &'static str,
    record: PhantomData<fn(K) -> R>,
}

impl<K: KeyName, R: Record> SealedTable<K, R> {
    pub(crate) const fn new(name: &'static str) -> Self {
        SealedTable { name, record: PhantomData }
    }

    pub(crate) const fn definition(&self) -> TableDefinition<'static, K, &'static [u8]> {
        TableDefinition::new(self.name)
    }

    pub(crate) fn read(&self, transaction: &ReadTransaction) -> Result<ReadOnlyTable<K, &'static [u8]>, StoreError> {
        Ok(transaction.open_table(self.definition())?)
    }

    pub(crate) fn write<'t>(
        &self,
        transaction: &'t WriteTransaction,
    ) -> Result<Table<'t, K, &'static [u8]>, StoreError> {
        Ok(transaction.open_table(self.definition())?)
    }

    /// The record under a key. That there is none is made sure of.
    pub(crate) fn get(
        &self,
        table: &impl ReadableTable<K, &'static [u8]>,
        key: &K::SelfType<'_>,
    ) -> Result<Option<R>, StoreError> {
        match table.get(key)? {
            Some(value) => self.decode(key, value.value()).map(Some),
            None => self.prove_place(table, key).map(|()| None),
        }
    }

    /// An error unless the entries on either side of where a key is or would be are its neighbours. A damaged key, in a leaf or in
    /// the pages above, leads a look-up astray; it then ends between entries that are not on either side of what was looked for,
    /// or next to the one whose tag is broken.
    pub(crate) fn prove_place(
        &self,
        table: &impl ReadableTable<K, &'static [u8]>,
        key: &K::SelfType<'_>,
    ) -> Result<(), StoreError> {
        let mut cursor = table.lower_bound(Bound::Included(key))?;
        let (before, after) = (cursor.peek_prev()?, cursor.peek_next()?);
        // Where nothing lies on one side, the key has to lie outside of all there is.
        let first = if before.is_none() { table.first()? } else { None };
        let last = if after.is_none() { table.last()? } else { None };
        if before.is_none() && after.is_none() && !table.is_empty()? {
            return Err(self.damaged(key, "a look-up finds an empty table where there are records"));
        }
        let sought = K::as_bytes(key);
        let sides =
            [(before, Ordering::Less), (last, Ordering::Less), (after, Ordering::Greater), (first, Ordering::Greater)];
        for (entry, side) in sides {
            let Some((found, value)) = entry else { continue };
            let found = found.value();
            let order = K::compare(K::as_bytes(&found).as_ref(), sought.as_ref());
            // The record itself may stand behind its place.
            if order != side && (side == Ordering::Less || order == Ordering::Less) {
                return Err(self.damaged(&found, "it is out of order"));
            }
            self.opened(&found, value.value())?;
        }
        Ok(())
    }

    /// An error unless all that lies between two keys can be found: both ends lie where they should, and the table has as many records
    /// as it says. Whoever makes a list of it then leaves none out. Takes as long as the table, without a look into the records.
    pub(crate) fn prove_range(
        &self,
        table: &impl ReadableTable<K, &'static [u8]>,
        first: &K::SelfType<'_>,
        last: &K::SelfType<'_>,
    ) -> Result<(), StoreError> {
        self.prove_place(table, first)?;
        self.prove_place(table, last)?;
        self.prove_count(table)
    }

    /// An error unless the table has as many records as it says.
    pub(crate) fn prove_count(&self, table: &impl ReadableTable<K, &'static [u8]>) -> Result<(), StoreError> {
        let mut count = 0;
        for entry in table.iter()? {
            entry?;
            count += 1;
        }
        self.as_many(table, count)
    }

    fn as_many(&self, table: &impl ReadableTable<K, &'static [u8]>, count: u64) -> Result<(), StoreError> {
        let stated = table.len()?;
        if stated == count {
            return Ok(());
        }
        Err(StoreError::damaged(self.name, "all", format!("{count} records of {stated} are to be found")))
    }

    /// Visits every key: [`SealedTable::each_value`] for small tables. It is how a branch of the tree that cannot be reached any
    /// more is noticed.
    pub(crate) fn each_key(
        &self,
        table: &impl ReadableTable<K, &'static [u8]>,
        mut visit: impl FnMut(&K::SelfType<'_>),
    ) -> Result<(), StoreError> {
        self.each_value(table, |key, _| {
            visit(key);
            Ok(())
        })
    }

    /// Visits every key with its stored bytes; an error if a record is broken, a key is out of order, or there are not as many as
    /// the table says.
    pub(crate) fn each_value(
        &self,
        table: &impl ReadableTable<K, &'static [u8]>,
        mut visit: impl FnMut(&K::SelfType<'_>, &[u8]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let (mut last, mut count) = (None::<Vec<u8>>, 0);
        for entry in table.iter()? {
            let (key, value) = entry?;
            let (key, value) = (key.value(), value.value());
            self.opened(&key, value)?;
            let bytes = K::as_bytes(&key).as_ref().to_vec();
            if last.is_some_and(|last| K::compare(&last, &bytes).is_ge()) {
                return Err(self.damaged(&key, "it is out of order"));
            }
            visit(&key, value)?;
            (last, count) = (Some(bytes), count + 1);
        }
        self.as_many(table, count)
    }

    /// Writes the record under a key, in place of what stood there.
    pub(crate) fn put(
        &self,
        table: &mut Table<'_, K, &'static [u8]>,
        key: &K::SelfType<'_>,
        record: &R,
    ) -> Result<(), StoreError> {
        table.insert(key, self.encode(key, record)?.as_slice())?;
        Ok(())
    }

    /// The bytes to store.
    pub(crate) fn encode(&self, key: &K::SelfType<'_>, record: &R) -> Result<Vec<u8>, StoreError> {
        let payload = record.to_bytes().map_err(|problem| StoreError::Encode { table: self.name, problem })?;
        Ok(envelope::seal(self.name, K::as_bytes(key).as_ref(), R::VERSION, &payload))
    }

    /// The record in stored bytes.
    pub(crate) fn decode(&self, key: &K::SelfType<'_>, value: &[u8]) -> Result<R, StoreError> {
        let payload = self.opened(key, value)?;
        R::from_bytes(payload).map_err(|problem| self.damaged(key, problem))
    }

    /// Some of the record's fields.
    pub(crate) fn decode_part<P: Record>(&self, key: &K::SelfType<'_>, value: &[u8]) -> Result<P, StoreError> {
        let payload = self.opened(key, value)?;
        P::from_bytes(payload).map_err(|problem| self.damaged(key, problem))
    }

    /// The payload in stored bytes, if their tag is right.
    fn opened<'v>(&self, key: &K::SelfType<'_>, value: &'v [u8]) -> Result<&'v [u8], StoreError> {
        let opened = envelope::unseal(self.name, K::as_bytes(key).as_ref(), value);
        match opened.map_err(|problem| self.damaged(key, problem))? {
            (version, payload) if version == R::VERSION => Ok(payload),
            (version, _) => {
                Err(self.damaged(key, format!("it has version {version}, and this program knows {}", R::VERSION)))
            }
        }
    }

    pub(crate) fn damaged(&self, key: &K::SelfType<'_>, problem: impl Into<String>) -> StoreError {
        StoreError::damaged(self.name, K::name(key), problem)
    }
}
