//! What a plugin said of a whole account.

use plumb_model::outcome::Verdict;
use serde::{Deserialize, Serialize};

use crate::account_verdicts::{CachedAccountVerdict, CachedAccountVerdicts};
use crate::record::NamedRecord;
use crate::records::bytes::{Bytes, Fixed};
use crate::records::codes::Code;
use crate::records::columns::{Words, WordsBuilder, same_length};

/// By column: most outcomes of one call share their message.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AccountVerdictsRecord {
    view: Fixed<32>,
    checks: Vec<u32>,
    /// Empty for the account itself.
    resource_ids: Vec<String>,
    /// 32 bytes for each outcome, or nothing where they follow from the view alone.
    #[serde(default, skip_serializing_if = "Bytes::is_empty")]
    digests: Bytes,
    verdicts: Bytes,
    /// Positions in the words.
    messages: Vec<u32>,
    words: Words,
}

impl NamedRecord for AccountVerdictsRecord {
    const VERSION: u8 = 1;
    const COMPRESSED: bool = true;
}

impl From<&CachedAccountVerdicts> for AccountVerdictsRecord {
    fn from(kept: &CachedAccountVerdicts) -> AccountVerdictsRecord {
        let mut words = WordsBuilder::default();
        let outcomes = &kept.outcomes;
        let digests: Option<Vec<[u8; 32]>> = outcomes.iter().map(|outcome| outcome.digest).collect();
        AccountVerdictsRecord {
            view: Fixed(kept.view),
            checks: outcomes.iter().map(|outcome| outcome.check).collect(),
            resource_ids: outcomes.iter().map(|outcome| outcome.resource_id.clone().unwrap_or_default()).collect(),
            digests: Bytes(digests.map(|digests| digests.concat()).unwrap_or_default()),
            verdicts: Bytes(outcomes.iter().map(|outcome| outcome.verdict.code()).collect()),
            messages: outcomes.iter().map(|outcome| words.position(outcome.message.clone())).collect(),
            words: words.build(),
        }
    }
}

impl AccountVerdictsRecord {
    pub(crate) fn kept(self) -> Result<CachedAccountVerdicts, String> {
        same_length(self.checks.len(), [self.resource_ids.len(), self.verdicts.0.len(), self.messages.len()])?;
        let (digests, []) = self.digests.0.as_chunks::<32>() else {
            return Err("its digests end in the middle of one".to_owned());
        };
        if !digests.is_empty() {
            same_length(self.checks.len(), [digests.len()])?;
        }
        let digests = digests.iter().copied().map(Some).chain(std::iter::repeat(None));
        let subjects = self.checks.into_iter().zip(self.resource_ids).zip(digests);
        let said = self.verdicts.0.into_iter().zip(self.messages);
        let outcomes = subjects.zip(said).map(|(((check, resource_id), digest), (code, message))| {
            Ok(CachedAccountVerdict {
                check,
                resource_id: (!resource_id.is_empty()).then_some(resource_id),
                digest,
                verdict: Verdict::from_code(code)?,
                message: self.words.get(message)?.clone(),
            })
        });
        Ok(CachedAccountVerdicts { view: self.view.0, outcomes: outcomes.collect::<Result<_, String>>()? })
    }
}
