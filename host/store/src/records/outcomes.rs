//! A block of outcomes in full.

use plumb_model::outcome::Fingerprint;
use serde::{Deserialize, Serialize};

use crate::batch::OutcomeRow;
use crate::record::NamedRecord;
use crate::records::bytes::Bytes;
use crate::records::codes::Code;
use crate::records::columns::{FixedColumn, ResourceColumns, Words, WordsBuilder, same_length};

/// About a hundred outcomes of one task and rank, by column.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct OutcomeBlock {
    words: Words,
    checks: Vec<u32>,
    severities: Bytes,
    verdicts: Bytes,
    resources: ResourceColumns,
    /// One for each row that has one.
    digests: FixedColumn,
    /// 1 where a row has a digest.
    has_digest: Bytes,
    messages: Vec<String>,
    fingerprints: FixedColumn,
    deltas: Bytes,
    /// Positions in the words, counted from one; zero where no mute covers the row.
    muted: Vec<u32>,
}

/// The same block, of which only the fingerprints are read: looking for one costs no row.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct OutcomeFingerprints {
    fingerprints: FixedColumn,
}

impl NamedRecord for OutcomeFingerprints {
    const VERSION: u8 = <OutcomeBlock as NamedRecord>::VERSION;
    const COMPRESSED: bool = true;
}

impl OutcomeFingerprints {
    pub(crate) fn values(&self) -> Result<Vec<[u8; 16]>, String> {
        self.fingerprints.values()
    }
}

impl NamedRecord for OutcomeBlock {
    const VERSION: u8 = 1;
    const COMPRESSED: bool = true;
}

impl OutcomeBlock {
    pub(crate) fn new(rows: Vec<OutcomeRow>) -> OutcomeBlock {
        let mut block = OutcomeBlock::default();
        let mut words = WordsBuilder::default();
        for row in rows {
            block.checks.push(row.check);
            block.severities.0.push(row.severity.code());
            block.verdicts.0.push(row.verdict.code());
            block.resources.push(row.resource, &mut words);
            block.has_digest.0.push(u8::from(row.digest.is_some()));
            block.digests.push(row.digest.as_ref().map_or(&[], |digest| digest.as_slice()));
            block.messages.push(row.message);
            block.fingerprints.push(&row.fingerprint.0);
            block.deltas.0.push(row.delta.code());
            block.muted.push(row.muted.map_or(0, |reason| words.position(reason).saturating_add(1)));
        }
        block.words = words.build();
        block
    }

    /// The documents of the rows that name one.
    pub(crate) fn digests(&self) -> Result<Vec<[u8; 32]>, String> {
        self.digests.values()
    }

    pub(crate) fn rows(self) -> Result<Vec<OutcomeRow>, String> {
        let rows = self.checks.len();
        let fingerprints = self.fingerprints.values::<16>()?;
        same_length(
            rows,
            [
                self.severities.0.len(),
                self.verdicts.0.len(),
                self.has_digest.0.len(),
                self.messages.len(),
                fingerprints.len(),
                self.deltas.0.len(),
                self.muted.len(),
            ],
        )?;
        let mut digests = self.digests()?.into_iter();
        let resources = self.resources.rows(&self.words, rows)?;
        let texts = self.checks.into_iter().zip(resources).zip(self.messages).zip(fingerprints);
        let codes = self.severities.0.into_iter().zip(self.verdicts.0).zip(self.deltas.0);
        let options = self.has_digest.0.into_iter().zip(self.muted);
        let built = texts.zip(codes).zip(options).map(|((text, code), (has_digest, muted))| {
            let (((check, resource), message), fingerprint) = text;
            let ((severity, verdict), delta) = code;
            let digest = (has_digest == 1).then(|| digests.next().ok_or("a digest is missing")).transpose()?;
            let muted = muted.checked_sub(1).map(|position| self.words.get(position).cloned()).transpose()?;
            Ok(OutcomeRow {
                check,
                severity: Code::from_code(severity)?,
                verdict: Code::from_code(verdict)?,
                resource,
                digest,
                message,
                fingerprint: Fingerprint(fingerprint),
                delta: Code::from_code(delta)?,
                muted,
            })
        });
        let built = built.collect::<Result<Vec<_>, String>>()?;
        if digests.next().is_some() { Err("it has a digest that belongs to no row".into()) } else { Ok(built) }
    }
}
