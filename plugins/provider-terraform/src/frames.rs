//! A state cut into the elements of its list of resources, by their brackets and quotes alone: parsing takes several times as
//! long, and what has not changed since an earlier scan need not be parsed.
//!
//! Nothing is diagnosed here. Where a file is not what Terraform writes, the cut ends, and who asked for it walks the file as a
//! stream instead: that says what is wrong, and where.

use std::io::Read;
use std::ops::Range;

use memchr::memchr2;
use plumbline::provider::Error;

use crate::decoding::Decoder;
use crate::reading::Reading;
use crate::source::Source;

/// What is read at once, unless an element is longer.
const PIECE_BYTES: usize = 1 << 20;
/// A longer value is not cut out. Ten thousand instances of one resource stay below; all of it is held at once, beside what the
/// survey holds.
const WINDOW_BYTES: usize = 32 << 20;
/// Elements that are handed over together have so many bytes at least, where there are as many.
const BATCH_BYTES: usize = 512 << 10;
/// And so many elements at most.
pub(crate) const BATCH_ELEMENTS: usize = 1024;

/// The keys that Terraform and OpenTofu write at the top of a state of version 4.
const KEYS: [&str; 7] = ["version", "terraform_version", "serial", "lineage", "outputs", "resources", "check_results"];

/// Why a cut ended early.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The file is not what Terraform writes, or could not be read.
    Unclear,
    /// Whoever took the pieces could not go on.
    Failed(Error),
}

/// Takes what a state is cut into, in the order of the file.
pub(crate) trait Pieces {
    /// The value of a key at the top other than the list of resources.
    fn value(&mut self, key: &str, json: &[u8]) -> Result<(), Stop>;

    /// The list of resources begins.
    fn begin_elements(&mut self) -> Result<(), Stop> {
        Ok(())
    }

    /// Neighbouring elements of the list of resources.
    fn elements(&mut self, elements: &[&[u8]]) -> Result<(), Stop>;
}

/// Cuts a file. Brackets match in what it gives, in number; whether it is JSON shows when it is parsed.
pub(crate) fn cut(source: &dyn Source, name: &str, pieces: &mut dyn Pieces) -> Result<(), Stop> {
    let reading = Reading::default();
    let decoder = Decoder::new(source, name, &reading);
    let mut window = Window { decoder, bytes: Vec::new(), at: 0 };
    window.take(b'{')?;
    let mut is_first = true;
    loop {
        match window.peek()? {
            Some(b'}') => break,
            Some(b',') if !is_first => window.at += 1,
            _ if is_first => {}
            _ => return Err(Stop::Unclear),
        }
        is_first = false;
        let key = window.value()?;
        let key: String = serde_json::from_slice(window.get(key)?).map_err(|_| Stop::Unclear)?;
        if !KEYS.contains(&key.as_str()) {
            return Err(Stop::Unclear);
        }
        window.take(b':')?;
        if key == "resources" {
            pieces.begin_elements()?;
            window.elements(pieces)?;
        } else {
            let value = window.value()?;
            pieces.value(&key, window.get(value)?)?;
        }
    }
    window.take(b'}')?;
    if window.peek()?.is_none() { Ok(()) } else { Err(Stop::Unclear) }
}

/// The part of a file that is being looked at.
struct Window<'a> {
    decoder: Decoder<'a>,
    bytes: Vec<u8>,
    /// Where what is not taken yet begins.
    at: usize,
}

/// What may stand next in a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    ElementOrEnd,
    Element,
    CommaOrEnd,
}

/// Why a batch of elements ends.
enum BatchEnd {
    Full,
    Incomplete,
    List,
}

impl Window<'_> {
    /// Drops what was taken and reads on: as much again as is left, so that a long element is looked at a few times only.
    /// False at the end of the file.
    fn more(&mut self) -> Result<bool, Stop> {
        self.bytes.drain(..self.at);
        self.at = 0;
        let room = WINDOW_BYTES.saturating_sub(self.bytes.len()).min(self.bytes.len().max(PIECE_BYTES));
        if room == 0 {
            return Err(Stop::Unclear);
        }
        let read = self.decoder.by_ref().take(room as u64).read_to_end(&mut self.bytes);
        read.map(|count| count > 0).map_err(|_| Stop::Unclear)
    }

    fn get(&self, range: Range<usize>) -> Result<&[u8], Stop> {
        self.bytes.get(range).ok_or(Stop::Unclear)
    }

    /// The next byte that is no white space; none at the end of the file.
    fn peek(&mut self) -> Result<Option<u8>, Stop> {
        loop {
            self.at = after_space(&self.bytes, self.at);
            let next = self.bytes.get(self.at).copied();
            if next.is_some() || !self.more()? {
                return Ok(next);
            }
        }
    }

    fn take(&mut self, byte: u8) -> Result<(), Stop> {
        if self.peek()? != Some(byte) {
            return Err(Stop::Unclear);
        }
        self.at += 1;
        Ok(())
    }

    /// Takes a whole value: where it is, until more is read.
    fn value(&mut self) -> Result<Range<usize>, Stop> {
        self.peek()?;
        loop {
            if let Some(end) = value_end(&self.bytes, self.at) {
                let value = self.at..end;
                self.at = end;
                return Ok(value);
            }
            if !self.more()? {
                return Err(Stop::Unclear);
            }
        }
    }

    /// Takes a list of maps.
    fn elements(&mut self, pieces: &mut dyn Pieces) -> Result<(), Stop> {
        self.take(b'[')?;
        let mut next = Next::ElementOrEnd;
        loop {
            let mut ranges = Vec::new();
            let end = self.batch(&mut next, &mut ranges)?;
            let elements: Vec<&[u8]> = ranges.into_iter().filter_map(|range| self.bytes.get(range)).collect();
            if !elements.is_empty() {
                pieces.elements(&elements)?;
            }
            match end {
                BatchEnd::Full => {}
                BatchEnd::List => return Ok(()),
                BatchEnd::Incomplete if self.more()? => {}
                BatchEnd::Incomplete => return Err(Stop::Unclear),
            }
        }
    }

    /// Takes the elements that are whole in the window.
    fn batch(&mut self, next: &mut Next, ranges: &mut Vec<Range<usize>>) -> Result<BatchEnd, Stop> {
        let start = self.at;
        loop {
            self.at = after_space(&self.bytes, self.at);
            match (self.bytes.get(self.at), *next) {
                (None, _) => return Ok(BatchEnd::Incomplete),
                (Some(b']'), Next::ElementOrEnd | Next::CommaOrEnd) => {
                    self.at += 1;
                    return Ok(BatchEnd::List);
                }
                (Some(b','), Next::CommaOrEnd) => {
                    self.at += 1;
                    *next = Next::Element;
                }
                (Some(b'{'), Next::ElementOrEnd | Next::Element) => {
                    let Some(end) = container_end(&self.bytes, self.at) else { return Ok(BatchEnd::Incomplete) };
                    ranges.push(self.at..end);
                    self.at = end;
                    *next = Next::CommaOrEnd;
                    if ranges.len() >= BATCH_ELEMENTS || end - start >= BATCH_BYTES {
                        return Ok(BatchEnd::Full);
                    }
                }
                _ => return Err(Stop::Unclear),
            }
        }
    }
}

fn after_space(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count()
}

/// Where the value ends that begins here; none where its end is not there yet.
fn value_end(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' => string_end(bytes, at),
        b'{' | b'[' => container_end(bytes, at),
        _ => {
            let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t');
            bytes.get(at..)?.iter().position(ends).map(|length| at + length)
        }
    }
}

fn container_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0usize;
    loop {
        match bytes.get(at)? {
            b'"' => {
                at = string_end(bytes, at)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}

fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            _ => at += 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Entry;

    /// A file that is given in pieces of a few bytes.
    struct Slow(Vec<u8>, usize);

    impl Source for Slow {
        fn entries(&self) -> Result<Vec<Entry>, Error> {
            Ok(Vec::new())
        }

        fn read(&self, _: &str, offset: u64, length: u64) -> Result<Vec<u8>, Error> {
            let from = usize::try_from(offset).unwrap().min(self.0.len());
            let length = usize::try_from(length).unwrap().min(self.1).min(self.0.len() - from);
            Ok(self.0[from..from + length].to_vec())
        }
    }

    #[derive(Default)]
    struct Seen(Vec<String>);

    impl Pieces for Seen {
        fn value(&mut self, key: &str, json: &[u8]) -> Result<(), Stop> {
            self.0.push(format!("{key}: {}", String::from_utf8_lossy(json)));
            Ok(())
        }

        fn elements(&mut self, elements: &[&[u8]]) -> Result<(), Stop> {
            self.0.extend(elements.iter().map(|element| String::from_utf8_lossy(element).into_owned()));
            Ok(())
        }
    }

    fn pieces(text: &str) -> Result<Vec<String>, Stop> {
        let mut seen = Seen::default();
        cut(&Slow(text.as_bytes().to_vec(), 3), "", &mut seen).map(|()| seen.0)
    }

    #[test]
    fn a_state_is_cut_at_its_brackets_whatever_its_texts_hold() {
        let text = r#" {"version": 4, "outputs" :{"a": "}"}, "resources": [ {"a": "]\"}\\"} ,
            {"b": [{}, "ä"], "c": {"d": [1]}}], "check_results": null } "#;
        let expected = [
            "version: 4",
            r#"outputs: {"a": "}"}"#,
            r#"{"a": "]\"}\\"}"#,
            r#"{"b": [{}, "ä"], "c": {"d": [1]}}"#,
            "check_results: null",
        ];
        assert_eq!(pieces(text).unwrap(), expected);
        assert_eq!(pieces(r#"{"resources": []}"#).unwrap(), Vec::<String>::new());
        assert_eq!(pieces("{}").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn what_terraform_does_not_write_is_not_cut() {
        for text in [
            "",
            "[]",
            "{",
            r#"{"version": 4"#,
            r#"{"version": 4}}"#,
            r#"{,"version": 4}"#,
            r#"{"version": 4 "serial": 1}"#,
            r#"{"format_version": "1.0"}"#,
            r#"{"resources": [{"a": 1},]}"#,
            r#"{"resources": [,{"a": 1}]}"#,
            r#"{"resources": [{"a": 1} {"b": 1}]}"#,
            r#"{"resources": [1]}"#,
            r#"{"resources": {"a": 1}}"#,
            r#"{"resources": [{"a": "b]}"#,
        ] {
            assert!(matches!(pieces(text), Err(Stop::Unclear)), "{text}");
        }
    }

    #[test]
    fn an_element_longer_than_a_piece_is_whole() {
        let long = format!(r#"{{"a": "{}"}}"#, "x".repeat(3 * PIECE_BYTES));
        let text = format!(r#"{{"resources": [{long}, {{}}]}}"#);
        let mut seen = Seen::default();
        cut(&Slow(text.into_bytes(), PIECE_BYTES), "", &mut seen).unwrap();
        assert_eq!(seen.0, [long, "{}".to_owned()]);
    }
}
