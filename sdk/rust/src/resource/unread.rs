//! What could not be read, and the paths it is named by.

/// An attribute that could not be read, or not as the type that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    pub path: String,
    pub reason: String,
}

impl Unread {
    /// Nodes keep their path only while their resource has gaps; who asked by a path knows it anyway.
    pub(super) fn at(mut self, path: &str) -> Unread {
        if self.path.is_empty() {
            path.clone_into(&mut self.path);
        }
        self
    }
}

impl std::fmt::Display for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.path.is_empty() {
            write!(f, "the resource could not be read: {}", self.reason)
        } else {
            write!(f, "{} could not be read: {}", self.path, self.reason)
        }
    }
}

#[derive(Debug)]
pub(super) struct Gap<'a> {
    pub(super) path: &'a str,
    pub(super) reason: &'a str,
}

/// Whether `path` is `outer` or lies beneath it.
pub(super) fn within(path: &str, outer: &str) -> bool {
    outer.is_empty() || path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// A path's first step, and the path beneath it. Steps are short: what the standard library sets up to search a long text takes
/// longer than looking at eight bytes at a time.
#[inline]
pub(super) fn first_step(path: &str) -> (&str, Option<&str>) {
    match first_dot(path.as_bytes()).and_then(|dot| path.split_at_checked(dot)) {
        Some((first, rest)) => (first, rest.get(1..)),
        None => (path, None),
    }
}

#[inline]
fn first_dot(path: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    let (words, rest) = path.as_chunks::<8>();
    for (position, word) in words.iter().enumerate() {
        // A byte that is a dot becomes zero, and the lowest zero byte is the lowest whose top bit comes out set.
        let word = u64::from_le_bytes(*word) ^ (ONES * u64::from(b'.'));
        let zeros = word.wrapping_sub(ONES) & !word & (ONES << 7);
        if zeros != 0 {
            return Some(8 * position + usize::try_from(zeros.trailing_zeros() / 8).ok()?);
        }
    }
    let dot = rest.iter().position(|byte| *byte == b'.')?;
    Some(8 * words.len() + dot)
}
