//! A block of violations of the previous scan that are resolved.

use plumb_model::outcome::Fingerprint;
use serde::{Deserialize, Serialize};

use crate::completion::ResolvedRow;
use crate::record::NamedRecord;
use crate::records::bytes::Bytes;
use crate::records::codes::Code;
use crate::records::columns::{FixedColumn, ResourceColumns, Words, WordsBuilder, same_length};

/// About a hundred resolved violations, by column.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct ResolvedBlock {
    words: Words,
    /// Positions in the words: the earlier scan's catalogue may differ, so ids stand here.
    checks: Vec<u32>,
    severities: Bytes,
    resources: ResourceColumns,
    fingerprints: FixedColumn,
    resolutions: Bytes,
}

impl NamedRecord for ResolvedBlock {
    const VERSION: u8 = 1;
    const COMPRESSED: bool = true;
}

impl ResolvedBlock {
    pub(crate) fn new(rows: &[ResolvedRow]) -> ResolvedBlock {
        let mut block = ResolvedBlock::default();
        let mut words = WordsBuilder::default();
        for row in rows {
            block.checks.push(words.position(row.check_id.clone()));
            block.severities.0.push(row.severity.code());
            block.resources.push(row.resource.clone(), &mut words);
            block.fingerprints.push(&row.fingerprint.0);
            block.resolutions.0.push(row.resolution.code());
        }
        block.words = words.build();
        block
    }

    pub(crate) fn rows(self) -> Result<Vec<ResolvedRow>, String> {
        let rows = self.checks.len();
        let fingerprints = self.fingerprints.values::<16>()?;
        same_length(rows, [self.severities.0.len(), fingerprints.len(), self.resolutions.0.len()])?;
        let resources = self.resources.rows(&self.words, rows)?;
        let codes = self.severities.0.into_iter().zip(self.resolutions.0);
        let row = |(((check, resource), fingerprint), (severity, resolution))| {
            Ok(ResolvedRow {
                check_id: self.words.get(check)?.clone(),
                severity: Code::from_code(severity)?,
                resource,
                fingerprint: Fingerprint(fingerprint),
                resolution: Code::from_code(resolution)?,
            })
        };
        self.checks.into_iter().zip(resources).zip(fingerprints).zip(codes).map(row).collect()
    }
}
