//! What may be held of a file.

use plumbline::provider::Error;
use serde_json::{Map, Value as Json};

/// Bytes that may be held of one file. The guest has 320 MiB: beside this there must be room for one resource being
/// taken apart, for a page on its way to the host and for what the allocator loses.
pub const MAX_SURVEY_BYTES: usize = 160 << 20;

/// Bytes a value takes beside its text, and an entry of a map beside its key and value, with the allocator's share.
const VALUE_BYTES: usize = 40;
const MAP_ENTRY_BYTES: usize = 56;

/// Counts what is held.
#[derive(Debug)]
pub struct Budget {
    left: usize,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget { left: MAX_SURVEY_BYTES }
    }
}

impl Budget {
    pub fn charge(&mut self, bytes: usize) -> Result<(), Error> {
        self.left = self.left.checked_sub(bytes).ok_or_else(|| {
            Error::Invalid(format!(
                "the addresses of all resources, and those that are settings of others (bucket policies, security group \
                 rules and the like), take more than {} MiB of memory; split the state into smaller ones",
                MAX_SURVEY_BYTES >> 20
            ))
        })?;
        Ok(())
    }

    /// About how many bytes a map takes in memory.
    pub fn size_of(map: &Map<String, Json>) -> usize {
        map.iter().map(|(key, value)| MAP_ENTRY_BYTES + key.len() + size(value)).sum()
    }
}

fn size(value: &Json) -> usize {
    VALUE_BYTES
        + match value {
            Json::String(text) => text.len(),
            Json::Array(elements) => elements.iter().map(size).sum(),
            Json::Object(map) => Budget::size_of(map),
            _ => 0,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_held_is_counted_until_the_bound() {
        let mut budget = Budget { left: 1000 };
        let map = json!({"policy": "x".repeat(300), "list": [1, {"a": null}]});
        let size = Budget::size_of(map.as_object().unwrap());
        assert!((400..900).contains(&size), "{size}");
        assert!(budget.charge(size).is_ok());
        assert!(format!("{:?}", budget.charge(size)).contains("160 MiB"));
    }
}
