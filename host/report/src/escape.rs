//! Text from scanned resources, made safe to look at.
//!
//! Names, tags and messages come from whoever can name a resource. Shown as they are they could move the cursor,
//! repaint the terminal, turn the reading direction around or hide among other words. What cannot be seen is written
//! out instead, the way Rust writes it: `\u{1b}`.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character does something other than show itself: controls (C0, DEL, C1), marks that turn the reading
/// direction, invisible separators and tags, and what is no character at all. Joiners (U+200C, U+200D) stay: scripts
/// and emoji need them.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{fffe}'
                | '\u{ffff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// One line: line breaks and tabs are written out too.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    escape(text, is_hidden)
}

/// Several lines: line feeds and tabs stay.
pub(crate) fn block(text: &str) -> Cow<'_, str> {
    escape(text, |c| c != '\n' && c != '\t' && is_hidden(c))
}

/// One line of at most `limit` characters, the last of them `…` where something was left out.
pub(crate) fn short(text: &str, limit: usize) -> Cow<'_, str> {
    let line = line(text);
    if line.char_indices().nth(limit).is_none() {
        return line;
    }
    let kept: String = line.chars().take(limit.saturating_sub(1)).collect();
    Cow::Owned(kept.trim_end().to_owned() + "…")
}

fn escape(text: &str, hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&hidden) {
        return Cow::Borrowed(text);
    }
    let mut seen = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' if hidden(c) => seen.push_str("\\n"),
            '\r' => seen.push_str("\\r"),
            '\t' if hidden(c) => seen.push_str("\\t"),
            c if hidden(c) => write!(seen, "\\u{{{:x}}}", u32::from(c)).unwrap_or_default(),
            c => seen.push(c),
        }
    }
    Cow::Owned(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        for (text, seen) in [
            ("plain ümläut 漢字", "plain ümläut 漢字"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("a\r\nb\tc", "a\\r\\nb\\tc"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("evil\u{202e}gnp.exe", "evil\\u{202e}gnp.exe"),
            ("zero\u{200b}width", "zero\\u{200b}width"),
            ("\0\u{7f}\u{fffe}", "\\u{0}\\u{7f}\\u{fffe}"),
            ("👩\u{200d}💻", "👩\u{200d}💻"),
        ] {
            assert_eq!(line(text), seen);
        }
        assert_eq!(block("a\n\tb\r\n\u{7}"), "a\n\tb\\r\n\\u{7}");
    }

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        assert_eq!(short("abcdef", 6), "abcdef");
        assert_eq!(short("abcdefg", 6), "abcde…");
        assert_eq!(short("aäbäcäd", 6), "aäbäc…");
    }
}
