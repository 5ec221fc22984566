//! Which documents, plugins and scopes scans, baselines and drifts name.

use std::collections::HashSet;

use plumb_model::scan::Catalogue;
use redb::ReadTransaction;

use crate::baselines::kept_documents;
use crate::batch::Digest;
use crate::error::StoreError;
use crate::tables::{CATALOGUES, OUTCOMES, RESOURCES, SCANS};

/// Documents by the first eight bytes of their digests: there are many, and one that is taken for another is merely kept.
#[derive(Debug, Default)]
pub(crate) struct Marks(HashSet<[u8; 8]>);

impl Marks {
    pub(crate) fn insert(&mut self, digest: &Digest) {
        self.0.extend(digest.first_chunk());
    }

    fn extend(&mut self, digests: &[Digest]) {
        self.0.extend(digests.iter().filter_map(|digest| digest.first_chunk()));
    }

    pub(crate) fn contains(&self, digest: &Digest) -> bool {
        digest.first_chunk().is_some_and(|start| self.0.contains(start))
    }
}

/// Every document that a row of any scan, a baseline or an open drift names. A broken row is an error: what it named would be taken for unused.
pub(crate) fn documents(transaction: &ReadTransaction) -> Result<Marks, StoreError> {
    let mut marks = Marks::default();
    RESOURCES.each_value(&RESOURCES.read(transaction)?, |key, value| {
        let digests = RESOURCES.decode(key, value)?.digests().map_err(|problem| RESOURCES.damaged(key, problem))?;
        marks.extend(&digests);
        Ok(())
    })?;
    OUTCOMES.each_value(&OUTCOMES.read(transaction)?, |key, value| {
        let digests = OUTCOMES.decode(key, value)?.digests().map_err(|problem| OUTCOMES.damaged(key, problem))?;
        marks.extend(&digests);
        Ok(())
    })?;
    for digest in kept_documents(transaction)? {
        marks.insert(&digest);
    }
    Ok(marks)
}

/// The plugins that have a check in any scan's catalogue.
pub(crate) fn plugins(transaction: &ReadTransaction) -> Result<HashSet<Digest>, StoreError> {
    let mut plugins = HashSet::new();
    CATALOGUES.each_value(&CATALOGUES.read(transaction)?, |digest, value| {
        let catalogue = Catalogue::from(CATALOGUES.decode(digest, value)?);
        plugins.extend(catalogue.checks.into_values().map(|check| check.plugin.digest));
        Ok(())
    })?;
    Ok(plugins)
}

/// The scope keys of all scans.
pub(crate) fn scopes(transaction: &ReadTransaction) -> Result<HashSet<Digest>, StoreError> {
    let mut scopes = HashSet::new();
    SCANS.each_value(&SCANS.read(transaction)?, |id, value| {
        scopes.insert(SCANS.decode(id, value)?.scope_key.0);
        Ok(())
    })?;
    Ok(scopes)
}
