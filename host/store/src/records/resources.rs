//! A block of resources.

use plumb_model::resource::AttributeGap;
use serde::{Deserialize, Serialize};

use crate::batch::ResourceRow;
use crate::record::NamedRecord;
use crate::records::columns::{FixedColumn, ResourceColumns, Words, WordsBuilder, same_length};

/// About a hundred resources of one task, by column.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct ResourceBlock {
    words: Words,
    resources: ResourceColumns,
    digests: FixedColumn,
    /// How many passes each row has; they follow one another in `passes`.
    pass_counts: Vec<u32>,
    passes: Vec<u32>,
    not_applicable_counts: Vec<u32>,
    not_applicable: Vec<u32>,
    /// Positions in the words.
    reasons: Vec<u32>,
    /// Schema 1 had no gaps here: then the column is empty.
    #[serde(default)]
    gap_counts: Vec<u32>,
    /// Path, reason and permission of each gap, as positions in the words.
    #[serde(default)]
    gaps: Vec<(u32, u32, Option<u32>)>,
    /// Whether each row has a source. Schemas before 6 had none: then the column is empty.
    #[serde(default)]
    has_source: Vec<bool>,
    /// The sources of those that have one.
    #[serde(default)]
    sources: FixedColumn,
}

impl NamedRecord for ResourceBlock {
    const VERSION: u8 = 1;
    const COMPRESSED: bool = true;
}

impl ResourceBlock {
    pub(crate) fn new(rows: Vec<ResourceRow>) -> ResourceBlock {
        let mut block = ResourceBlock::default();
        let mut words = WordsBuilder::default();
        for row in rows {
            block.resources.push(row.resource, &mut words);
            block.digests.push(&row.digest);
            block.has_source.push(row.source.is_some());
            row.source.iter().for_each(|source| block.sources.push(source));
            block.pass_counts.push(count(row.passes.len()));
            block.passes.extend(row.passes);
            block.not_applicable_counts.push(count(row.not_applicable.len()));
            for (check, reason) in row.not_applicable {
                block.not_applicable.push(check);
                block.reasons.push(words.position(reason));
            }
            block.gap_counts.push(count(row.gaps.len()));
            for gap in row.gaps {
                let (path, reason) = (words.position(gap.path), words.position(gap.reason));
                block.gaps.push((path, reason, gap.permission.map(|permission| words.position(permission))));
            }
        }
        block.words = words.build();
        block
    }

    /// The documents of its rows.
    pub(crate) fn digests(&self) -> Result<Vec<[u8; 32]>, String> {
        self.digests.values()
    }

    /// The source of each of its rows.
    pub(crate) fn sources(&self) -> Result<Vec<Option<[u8; 32]>>, String> {
        if self.has_source.is_empty() {
            return Ok(vec![None; self.pass_counts.len()]);
        }
        let mut known = self.sources.values()?.into_iter();
        let wrong = || "it has more or fewer sources than rows that have one".to_owned();
        let source = |has: &bool| if *has { known.next().map(Some).ok_or_else(wrong) } else { Ok(None) };
        let sources = self.has_source.iter().map(source).collect::<Result<_, String>>()?;
        if known.next().is_none() { Ok(sources) } else { Err(wrong()) }
    }

    pub(crate) fn rows(mut self) -> Result<Vec<ResourceRow>, String> {
        let rows = self.pass_counts.len();
        if self.gap_counts.is_empty() {
            self.gap_counts = vec![0; rows];
        }
        let (digests, sources) = (self.digests()?, self.sources()?);
        same_length(rows, [digests.len(), sources.len(), self.not_applicable_counts.len(), self.gap_counts.len()])?;
        same_length(self.not_applicable.len(), [self.reasons.len()])?;
        let resources = self.resources.rows(&self.words, rows)?;
        let mut passes = self.passes.into_iter();
        let mut excused = self.not_applicable.into_iter().zip(self.reasons);
        let mut gaps = self.gaps.into_iter();
        let counts = self.pass_counts.into_iter().zip(self.not_applicable_counts).zip(self.gap_counts);
        let built = resources.into_iter().zip(digests.into_iter().zip(sources)).zip(counts).map(|(row, counts)| {
            let ((resource, (digest, source)), ((good, not), unread)) = (row, counts);
            Ok(ResourceRow {
                resource,
                digest,
                source,
                passes: take(&mut passes, good)?,
                not_applicable: take(&mut excused, not)?
                    .into_iter()
                    .map(|(check, reason)| Ok((check, self.words.get(reason)?.clone())))
                    .collect::<Result<_, String>>()?,
                gaps: take(&mut gaps, unread)?
                    .into_iter()
                    .map(|gap| attribute_gap(&self.words, gap))
                    .collect::<Result<_, String>>()?,
            })
        });
        let built = built.collect::<Result<Vec<_>, String>>()?;
        if passes.next().is_some() || excused.next().is_some() || gaps.next().is_some() {
            return Err("it has outcomes or gaps that belong to no row".into());
        }
        Ok(built)
    }
}

fn attribute_gap(words: &Words, (path, reason, permission): (u32, u32, Option<u32>)) -> Result<AttributeGap, String> {
    let permission = permission.map(|permission| words.get(permission).cloned()).transpose()?;
    Ok(AttributeGap { path: words.get(path)?.clone(), reason: words.get(reason)?.clone(), permission })
}

/// A row has fewer outcomes than there are checks, and checks are counted in 32 bits.
fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn take<T>(values: &mut impl Iterator<Item = T>, wanted: u32) -> Result<Vec<T>, String> {
    let taken: Vec<T> = values.take(wanted as usize).collect();
    if taken.len() == wanted as usize {
        Ok(taken)
    } else {
        Err("it ends before the outcomes or gaps of its rows do".into())
    }
}
