//! Text that a plugin wrote, made safe to keep.

use crate::limits::{ID_BYTES, TEXT_BYTES};

/// The longest beginning of `text` that has at most `bytes` bytes.
fn beginning(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    let end = (0..=bytes).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

/// Text for people, bounded; what is over the bound is cut and marked. Reports escape what must not reach a terminal or a page.
pub(crate) fn text(text: &str) -> String {
    if text.len() <= TEXT_BYTES { text.to_owned() } else { format!("{}…", beginning(text, TEXT_BYTES)) }
}

/// The same of a text that is not needed otherwise: verdicts have thousands, and all but the longest stay what they are.
pub(crate) fn owned(whole: String) -> String {
    if whole.len() <= TEXT_BYTES { whole } else { text(&whole) }
}

/// Text for one line: as [`text`], with control characters as spaces.
pub(crate) fn line(raw: &str) -> String {
    text(raw).chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A log line, bounded, with control characters escaped.
pub(crate) fn log_line(raw: &str, bytes: usize) -> String {
    let mut line = String::new();
    for c in beginning(raw, bytes).chars() {
        if c.is_control() {
            line.extend(c.escape_unicode());
        } else {
            line.push(c);
        }
    }
    line
}

/// An id that is written by a plugin's author: what may stand in a file name, a URL and a shell word.
pub(crate) fn is_plain_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 200 && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// An id that comes from a cloud: any text, bounded.
pub(crate) fn is_bounded_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= ID_BYTES
}
