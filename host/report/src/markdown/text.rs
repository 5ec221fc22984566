//! Text that stays text in Markdown, GitHub's and GitLab's kinds included.

use crate::escape;

/// An invisible character that keeps what stands on its two sides from being read as one word. It is written as an
/// entity, so that it can be seen in the source.
const JOINER: &str = "&#8288;";
/// Identifiers longer than this are cut: a comment is no archive.
const CODE: usize = 300;

/// Running text: no markup, no HTML, no link, and no mention that would send somebody a message.
pub(super) fn plain(text: &str) -> String {
    let line = escape::line(text);
    let mut safe = String::with_capacity(line.len() + 16);
    let mut rest = line.chars().peekable();
    let mut before = ' ';
    while let Some(c) = rest.next() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => safe.extend(['\\', c]),
            _ => safe.push(c),
        }
        let next = rest.peek().copied().unwrap_or(' ');
        let word_follows = next.is_alphanumeric() || matches!(next, '"' | '_' | '/' | '-');
        let reads_as_link = match c {
            '@' | '#' | '!' | '~' | '%' | '$' | '&' => word_follows,
            ':' => next == '/',
            '.' => before.eq_ignore_ascii_case(&'w'),
            _ => false,
        };
        if reads_as_link {
            safe.push_str(JOINER);
        }
        before = c;
    }
    safe
}

/// An identifier, in a code span where that can hold it.
pub(super) fn code(text: &str) -> String {
    let short = escape::short(text, CODE);
    if short.is_empty() || short.contains(['`', '|', '\\']) || short.trim() != short {
        return plain(&short);
    }
    format!("`{short}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        for (text, safe) in [
            ("a|b `c` *d* _e_", "a\\|b \\`c\\` \\*d\\* \\_e\\_"),
            ("<img src=x>", "&lt;img src=x&gt;"),
            ("ask @octocat", "ask @&#8288;octocat"),
            ("see #12", "see #&#8288;12"),
            ("[x](https://e.org)", "\\[x\\](https:&#8288;//e.org)"),
            ("www.e.org", "www.&#8288;e.org"),
            ("one\ntwo", "one\\\\ntwo"),
            ("100 %", "100 %"),
        ] {
            assert_eq!(plain(text), safe);
        }
        assert_eq!(code("aws_s3_bucket.b"), "`aws_s3_bucket.b`");
        assert_eq!(code("a`b|c"), "a\\`b\\|c");
    }
}
