//! Digests over several parts.

/// BLAKE3 over parts, each with its length before it, so that no two lists of parts run into the same bytes.
#[derive(Clone, Debug)]
pub(crate) struct Parts(blake3::Hasher);

impl Parts {
    /// `purpose` keeps digests apart that are made for different things.
    pub(crate) fn new(purpose: &str) -> Parts {
        let mut parts = Parts(blake3::Hasher::new());
        parts.add(purpose.as_bytes());
        parts
    }

    pub(crate) fn add(&mut self, part: &[u8]) -> &mut Parts {
        self.count(part.len());
        self.0.update(part);
        self
    }

    /// How many of a kind follow.
    pub(crate) fn count(&mut self, count: usize) -> &mut Parts {
        self.0.update(&(count as u64).to_le_bytes());
        self
    }

    pub(crate) fn texts(&mut self, texts: &[String]) -> &mut Parts {
        self.count(texts.len());
        for text in texts {
            self.add(text.as_bytes());
        }
        self
    }

    pub(crate) fn digest(&self) -> [u8; 32] {
        *self.0.finalize().as_bytes()
    }
}
