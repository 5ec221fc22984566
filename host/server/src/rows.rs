//! Rows of lists as they were last written. A scan that changes has another head, so a row is right for as long as its head is the
//! scan's, and a list that is asked for again and again is put together from what is there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use plumb_model::scan::ScanId;
use plumb_store::StoredScanHead;
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use crate::problem::Problem;

/// Rows that are kept, at some 1.5 KiB each with their heads.
const ROWS: usize = 4_096;

/// Of one kind of list.
#[derive(Debug, Default)]
pub(crate) struct Rows(Mutex<HashMap<ScanId, (Arc<StoredScanHead>, Row)>>);

/// JSON that goes into a list as it is.
#[derive(Clone, Debug)]
pub(crate) struct Row(Arc<RawValue>);

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Rows {
    /// The rows of some scans: what is not there yet is made by `write`, which may look at nothing but the head.
    pub(crate) fn of<T: Serialize>(
        &self,
        heads: &[Arc<StoredScanHead>],
        write: impl Fn(&StoredScanHead) -> T,
    ) -> Result<Vec<Row>, Problem> {
        // A panic while it was held leaves rows that are right.
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if rows.len().saturating_add(heads.len()) > ROWS {
            rows.clear();
        }
        let row = |head: &Arc<StoredScanHead>| {
            // The head is kept with its row, so no other one comes to lie where it did.
            if let Some((_, row)) = rows.get(&head.scan.id).filter(|(written, _)| Arc::ptr_eq(written, head)) {
                return Ok(row.clone());
            }
            let written = to_raw_value(&write(head)).map_err(|error| {
                tracing::error!(%error, "a row of a list cannot be written");
                Problem::internal()
            })?;
            let row = Row(written.into());
            rows.insert(head.scan.id, (Arc::clone(head), row.clone()));
            Ok(row)
        };
        heads.iter().map(row).collect()
    }
}
