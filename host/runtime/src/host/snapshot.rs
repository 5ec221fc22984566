//! `snapshot`: the resources of the account, page by page.

use std::fmt;

use wasmtime::component::Resource;

use plumb_model::resource::AttributeGap;

use crate::batch;
use crate::bindings::checks::plumbline::plugin::snapshot::{Host, HostCursor};
use crate::bindings::checks::plumbline::plugin::types::{Document, Gap};
use crate::call::State;
use crate::limits::Limit;

/// Resources a page holds at most.
pub const PAGE: usize = 256;

/// The resources of one account in one scan.
pub trait Snapshot: Send + Sync + fmt::Debug {
    /// At most `limit` documents of a kind, in the order of their ids, after the first `from`; empty at the end. The error is
    /// for people: the host's own store failed.
    fn page(&self, kind: &str, from: usize, limit: usize) -> Result<Vec<Vec<u8>>, String>;

    /// What could not be listed of a kind.
    fn gaps(&self, kind: &str) -> Vec<AttributeGap>;
}

/// A guest's place in a list.
#[derive(Debug)]
pub struct Cursor {
    kind: String,
    next: usize,
}

impl Host for State {
    async fn open(&mut self, kind: String) -> wasmtime::Result<Resource<Cursor>> {
        self.count_call()?;
        let cursor = self.table.push(Cursor { kind, next: 0 });
        cursor.map_err(|_| self.trip(Limit::Handles))
    }

    async fn gaps(&mut self, kind: String) -> wasmtime::Result<Vec<Gap>> {
        self.count_call()?;
        let gaps = self.attachments.snapshot.as_ref().map(|snapshot| snapshot.gaps(&kind)).unwrap_or_default();
        let wire = |gap: AttributeGap| Gap { path: gap.path, reason: gap.reason, permission: gap.permission };
        Ok(gaps.into_iter().map(wire).collect())
    }
}

impl HostCursor for State {
    async fn next(&mut self, cursor: Resource<Cursor>, limit: u32) -> wasmtime::Result<Option<Document>> {
        self.count_call()?;
        let Some(snapshot) = self.attachments.snapshot.clone() else { return Ok(None) };
        let place = self.table.get_mut(&cursor)?;
        let limit = usize::try_from(limit).unwrap_or(PAGE).clamp(1, PAGE);
        let page = match snapshot.page(&place.kind, place.next, limit) {
            Ok(page) => page,
            Err(reason) => return Err(self.fault(reason)),
        };
        if page.is_empty() {
            return Ok(None);
        }
        place.next += page.len();
        let document = batch::document(page.iter().map(Vec::as_slice), self.encoding);
        document.map(Some).map_err(|error| self.fault(error.to_string()))
    }

    async fn drop(&mut self, cursor: Resource<Cursor>) -> wasmtime::Result<()> {
        self.table.delete(cursor)?;
        Ok(())
    }
}
