//! What an uploaded file is: its first bytes decide, not what its sender says. Only kinds that show nothing but themselves are
//! taken: no pages, no scripts, no programs.

/// The media type of JSON.
pub(crate) const JSON: &str = "application/json";

/// Kinds that show by their first bytes.
const MARKED: [&str; 10] = [
    "application/pdf",
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "application/zip",
    "application/gzip",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
];

/// Texts, by media type and the ends of file names; their bytes do not tell them apart.
const TEXTS: [(&str, &[&str]); 5] = [
    ("text/plain", &["txt", "log"]),
    ("text/csv", &["csv"]),
    ("text/markdown", &["md", "markdown"]),
    (JSON, &["json", "tfstate"]),
    ("application/yaml", &["yaml", "yml"]),
];

/// Bytes that tell what a file is. Office documents name their parts within the first few thousand.
const HEAD_BYTES: usize = 8 << 10;

/// The longest file name: what common file systems take, with room for what a browser adds.
const NAME_BYTES: usize = 200;

/// Looks at a file as it comes by.
#[derive(Debug, Default)]
pub(crate) struct Sniffer {
    head: Vec<u8>,
    /// The beginning of a character whose end has not come yet.
    open: Vec<u8>,
    no_text: bool,
}

impl Sniffer {
    pub(crate) fn look(&mut self, bytes: &[u8]) {
        let missing = HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend_from_slice(bytes.get(..missing.min(bytes.len())).unwrap_or_default());
        if self.no_text {
            return;
        }
        let mut text = std::mem::take(&mut self.open);
        text.extend_from_slice(bytes);
        match std::str::from_utf8(&text) {
            Ok(_) => {}
            Err(error) if error.error_len().is_none() => {
                self.open = text.get(error.valid_up_to()..).unwrap_or_default().to_vec();
            }
            Err(_) => self.no_text = true,
        }
        self.no_text |= bytes.contains(&0);
    }

    /// The media type, or why the file is not taken.
    pub(crate) fn media_type(&self, declared: Option<&str>, file_name: &str) -> Result<&'static str, String> {
        let declared = declared.map(|declared| declared.split(';').next().unwrap_or_default().trim());
        let declared = declared.filter(|declared| !matches!(*declared, "" | "application/octet-stream"));
        if let Some(found) = infer::get(&self.head) {
            let found = found.mime_type();
            let taken = MARKED.into_iter().find(|known| *known == found);
            let taken = taken.ok_or_else(|| format!("it is {found}; {}", accepted()))?;
            return match declared {
                // An office document is a zip archive too.
                Some(declared) if declared != taken && declared != "application/zip" => {
                    Err(format!("it is said to be {}, and it is {taken}", shown(declared)))
                }
                _ => Ok(taken),
            };
        }
        if self.no_text || !self.open.is_empty() {
            return Err(format!("it is of no known kind and no text in UTF-8; {}", accepted()));
        }
        let known = |wanted: &str| TEXTS.into_iter().map(|(kind, _)| kind).find(|kind| *kind == wanted);
        let text = match declared {
            Some(declared) => known(declared)
                .ok_or_else(|| format!("it is a text, said to be {}; {}", shown(declared), accepted()))?,
            None => named(file_name),
        };
        let begins = self.head.iter().find(|byte| !byte.is_ascii_whitespace());
        match begins {
            Some(b'<') => Err(format!("it looks like HTML or XML; {}", accepted())),
            Some(b'{' | b'[') => Ok(text),
            _ if text == JSON => Err("it is said to be JSON, and begins with no object or list".to_owned()),
            _ => Ok(text),
        }
    }
}

/// The kind of text that a file name speaks of.
fn named(file_name: &str) -> &'static str {
    let end = file_name.rsplit_once('.').map_or("", |(_, end)| end).to_ascii_lowercase();
    let found = TEXTS.into_iter().find(|(_, ends)| ends.contains(&end.as_str()));
    found.map_or("text/plain", |(kind, _)| kind)
}

fn accepted() -> &'static str {
    "PDF, PNG, JPEG, GIF, WebP, ZIP, gzip, DOCX, XLSX, PPTX, plain text, CSV, Markdown, JSON and YAML are accepted"
}

/// What somebody sent, for a message.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}

/// A name that is safe to save under: the last part of a path, without what a shell, a header or another system's file names would
/// stumble over; never empty, never hidden.
pub(crate) fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe =
        |c: char| if c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ' | '(' | ')' | '+') { c } else { '_' };
    let cleaned: String = last.chars().map(safe).collect();
    let cleaned = cleaned.trim_matches(['.', ' ']);
    let (stem, end) = match cleaned.rsplit_once('.') {
        Some((stem, end)) if !stem.is_empty() && end.len() <= 16 => (stem, format!(".{end}")),
        _ => (cleaned, String::new()),
    };
    let mut kept = String::new();
    for c in stem.chars().take_while(|c| c.len_utf8() + end.len() <= NAME_BYTES) {
        if kept.len() + c.len_utf8() + end.len() > NAME_BYTES {
            break;
        }
        kept.push(c);
    }
    if kept.is_empty() { "evidence".to_owned() } else { kept + &end }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sniffed(bytes: &[u8], declared: Option<&str>, name: &str) -> Result<&'static str, String> {
        let mut sniffer = Sniffer::default();
        // In pieces, so that characters are cut.
        bytes.chunks(3).for_each(|piece| sniffer.look(piece));
        sniffer.media_type(declared, name)
    }

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    #[test]
    fn the_bytes_decide_what_a_file_is() {
        assert_eq!(sniffed(b"%PDF-1.7\n", None, "a.txt"), Ok("application/pdf"));
        assert_eq!(sniffed(PNG, Some("image/png"), ""), Ok("image/png"));
        assert_eq!(sniffed(PNG, Some("application/octet-stream"), ""), Ok("image/png"));
        assert_eq!(sniffed("größe,1\n".as_bytes(), None, "a.CSV"), Ok("text/csv"));
        assert_eq!(sniffed(b"plain", None, "README"), Ok("text/plain"));
        assert_eq!(sniffed(b" {\"a\": 1}", Some("application/json; charset=utf-8"), ""), Ok(JSON));
    }

    #[test]
    fn what_is_not_what_it_is_said_to_be_is_refused_and_so_is_what_runs() {
        for (bytes, declared, name, named) in [
            (PNG, Some("application/pdf"), "", "it is image/png"),
            (b"<!DOCTYPE html><script>", Some("text/plain"), "", "accepted"),
            (b"  <svg onload=''>", None, "a.txt", "HTML or XML"),
            (b"#!/bin/sh\nrm", None, "", "accepted"),
            (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0", None, "", "accepted"),
            (b"MZ\x90\0", None, "", "accepted"),
            (b"\xff\xfe\0a", None, "a.txt", "accepted"),
            (b"cut short \xc3", None, "a.txt", "no text"),
            (b"hello", Some("application/json"), "", "JSON"),
            (b"hello", Some("text/html"), "", "text/html"),
        ] {
            let refused = sniffed(bytes, declared, name).unwrap_err();
            assert!(refused.contains(named), "{refused}");
        }
    }

    #[test]
    fn a_file_name_is_only_a_name() {
        for (given, kept) in [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\me\\plan.xlsx", "plan.xlsx"),
            ("a\"b\r\nX: y.txt", "a_b__X_ y.txt"),
            ("..", "evidence"),
            (".bashrc", "bashrc"),
            ("", "evidence"),
            ("Größe (1).csv", "Größe (1).csv"),
        ] {
            assert_eq!(file_name(given), kept);
        }
        let long = file_name(&format!("{}.pdf", "ä".repeat(500)));
        assert!(long.len() <= NAME_BYTES && std::path::Path::new(&long).extension().is_some_and(|end| end == "pdf"));
    }

    proptest! {
        #[test]
        fn no_bytes_and_no_names_make_it_fail(bytes in proptest::collection::vec(any::<u8>(), 0..400), mark in 0..6usize, name in ".*") {
            let marks: [&[u8]; 6] = [b"", b"PK\x03\x04", b"\x89PNG", b"RIFF", b"%PDF", b"PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaa[Content_Types].xml"];
            let file = [marks[mark], &bytes].concat();
            if let Ok(found) = sniffed(&file, None, &name) {
                prop_assert!(MARKED.contains(&found) || TEXTS.iter().any(|(kind, _)| *kind == found));
            }
            let kept = file_name(&name);
            prop_assert!(!kept.is_empty() && kept.len() <= NAME_BYTES && !kept.contains(['/', '\\']) && !kept.starts_with('.'));
            prop_assert!(!kept.chars().any(char::is_control));
        }
    }
}
