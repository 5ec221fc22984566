//! Columns that blocks are made of. A block keeps its rows by column: names are written once a block instead of once a row, and
//! equal values lie next to each other.

use std::collections::HashMap;

use plumb_model::resource::ResourceRef;
use serde::{Deserialize, Serialize};

use crate::records::bytes::Bytes;

/// Texts of which many rows share one: kinds, accounts, regions, reasons.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Words(Vec<String>);

impl Words {
    pub(crate) fn get(&self, position: u32) -> Result<&String, String> {
        self.0.get(position as usize).ok_or_else(|| format!("it names word {position} of {}", self.0.len()))
    }
}

/// Collects words and gives each a position.
#[derive(Debug, Default)]
pub(crate) struct WordsBuilder {
    positions: HashMap<String, u32>,
    words: Words,
}

impl WordsBuilder {
    pub(crate) fn position(&mut self, word: String) -> u32 {
        if let Some(position) = self.positions.get(&word) {
            return *position;
        }
        // A block closes long before it has four thousand million words.
        let position = u32::try_from(self.words.0.len()).unwrap_or(u32::MAX);
        self.words.0.push(word.clone());
        self.positions.insert(word, position);
        position
    }

    pub(crate) fn build(self) -> Words {
        self.words
    }
}

/// Resources by column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ResourceColumns {
    ids: Vec<String>,
    names: Vec<String>,
    /// Positions in the block's words.
    kinds: Vec<u32>,
    accounts: Vec<u32>,
    regions: Vec<u32>,
}

impl ResourceColumns {
    pub(crate) fn push(&mut self, resource: ResourceRef, words: &mut WordsBuilder) {
        self.ids.push(resource.id);
        self.names.push(resource.name);
        self.kinds.push(words.position(resource.kind));
        self.accounts.push(words.position(resource.account));
        self.regions.push(words.position(resource.region));
    }

    /// The rows; an error unless every column has `rows` of them.
    pub(crate) fn rows(self, words: &Words, rows: usize) -> Result<Vec<ResourceRef>, String> {
        same_length(
            rows,
            [self.ids.len(), self.names.len(), self.kinds.len(), self.accounts.len(), self.regions.len()],
        )?;
        let texts = self.ids.into_iter().zip(self.names);
        let places = self.kinds.into_iter().zip(self.accounts).zip(self.regions);
        let row = |((id, name), ((kind, account), region))| {
            Ok(ResourceRef {
                id,
                kind: words.get(kind)?.clone(),
                name,
                account: words.get(account)?.clone(),
                region: words.get(region)?.clone(),
            })
        };
        texts.zip(places).map(row).collect()
    }
}

/// A column of byte strings of one length.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FixedColumn(Bytes);

impl FixedColumn {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.0.0.extend_from_slice(bytes);
    }

    /// The values; an error if what is there is not a whole number of them.
    pub(crate) fn values<const N: usize>(&self) -> Result<Vec<[u8; N]>, String> {
        let (values, rest) = self.0.0.as_chunks::<N>();
        if rest.is_empty() { Ok(values.to_vec()) } else { Err(format!("a column of {N} bytes each ends short")) }
    }
}

/// An error unless every column has the given length.
pub(crate) fn same_length<const N: usize>(rows: usize, columns: [usize; N]) -> Result<(), String> {
    match columns.into_iter().find(|length| *length != rows) {
        Some(length) => Err(format!("one column has {length} rows and another {rows}")),
        None => Ok(()),
    }
}
