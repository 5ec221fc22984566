//! Two versions of many resources, from the ledger.

use plumb_store::{Digest, DocumentReader, Ledger, StoredDocument};

use crate::drift::compare::{Comparison, compare_bytes};
use crate::drift::document::Document;
use crate::drift::rules::Rules;
use crate::error::EngineError;

/// Reads baselines and what there is now side by side, each in the order it was recorded in, and holds them against each other.
#[derive(Debug)]
pub struct Versions<'a> {
    rules: &'a Rules,
    /// Whether two providers say what they are, which do not tell the same of a resource.
    across: bool,
    baselines: DocumentReader<'a>,
    current: DocumentReader<'a>,
}

impl<'a> Versions<'a> {
    pub fn new(ledger: &'a Ledger, rules: &'a Rules, across: bool) -> Versions<'a> {
        Versions { rules, across, baselines: ledger.document_reader(), current: ledger.document_reader() }
    }

    /// Holds pairs of documents against each other: the baseline's digest, and that of what there is now.
    pub fn compare(&mut self, pairs: &[(Digest, Digest)]) -> Result<Vec<Comparison>, EngineError> {
        let (before, now): (Vec<Digest>, Vec<Digest>) = pairs.iter().copied().unzip();
        let before = self.baselines.documents(&before)?;
        let now = self.current.documents(&now)?;
        let compare = |(before, now)| {
            let (before, now): (StoredDocument, StoredDocument) = (present(before)?, present(now)?);
            compare_bytes(self.rules, &before, &now, self.across).map_err(|problem| unreadable(&problem))
        };
        before.into_iter().zip(now).map(compare).collect()
    }
}

/// Documents that have to be there.
pub(crate) fn read_all(ledger: &Ledger, digests: &[Digest]) -> Result<Vec<Document>, EngineError> {
    let read = |found| Document::read(&present(found)?).map_err(|problem| unreadable(&problem));
    ledger.documents(digests)?.into_iter().map(read).collect()
}

fn present(found: Option<StoredDocument>) -> Result<StoredDocument, EngineError> {
    found.ok_or_else(|| unreadable("the ledger has lost it"))
}

fn unreadable(problem: &str) -> EngineError {
    EngineError::Stopped(format!("a resource's document cannot be read: {problem}"))
}
