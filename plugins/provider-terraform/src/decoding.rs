//! Bytes of a file, in whatever Unicode encoding they are written, as UTF-8.
//!
//! PowerShell's `>` writes UTF-16 with a byte order mark, so a plan saved that way is the usual case on Windows.

use std::io::{self, Read};

use crate::reading::Reading;
use crate::source::Source;

/// How much is asked of the source at once: few calls, little memory. The host gives at most 4 MiB.
const CHUNK_BYTES: u64 = 1 << 20;

/// The encodings that JSON tools write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf16Little,
    Utf16Big,
}

impl Encoding {
    /// The encoding and the length of the byte order mark. Without a mark, a zero byte beside the first character tells
    /// UTF-16, since JSON begins with ASCII.
    pub fn detect(head: &[u8]) -> (Encoding, usize) {
        match head {
            [0xef, 0xbb, 0xbf, ..] => (Encoding::Utf8, 3),
            [0xff, 0xfe, ..] => (Encoding::Utf16Little, 2),
            [0xfe, 0xff, ..] => (Encoding::Utf16Big, 2),
            [first, 0, ..] if *first != 0 => (Encoding::Utf16Little, 0),
            [0, second, ..] if *second != 0 => (Encoding::Utf16Big, 0),
            _ => (Encoding::Utf8, 0),
        }
    }

    fn unit(self, pair: [u8; 2]) -> u16 {
        if self == Encoding::Utf16Big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
    }

    /// UTF-16 as UTF-8, and how many bytes of it were used: a character cut at the end is left for the next piece.
    /// None where a surrogate stands alone.
    fn decode_utf16(self, bytes: &[u8]) -> Option<(String, usize)> {
        let (pairs, _) = bytes.as_chunks::<2>();
        let mut units: Vec<u16> = pairs.iter().map(|pair| self.unit(*pair)).collect();
        if units.last().is_some_and(|last| (0xd800..0xdc00).contains(last)) {
            units.pop();
        }
        let text = char::decode_utf16(units.iter().copied()).collect::<Result<String, _>>().ok()?;
        Some((text, units.len() * 2))
    }
}

/// The text at the head of a file, with what is cut or broken in it replaced.
pub fn decode_head(head: &[u8]) -> String {
    let (encoding, mark) = Encoding::detect(head);
    let bytes = head.get(mark..).unwrap_or_default();
    if encoding == Encoding::Utf8 {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let (pairs, _) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| encoding.unit(*pair)).collect();
    String::from_utf16_lossy(&units)
}

/// A file of a source as a stream of UTF-8. What is no UTF-8 inside a UTF-8 file passes through: the parser names its place.
pub(crate) struct Decoder<'a> {
    source: &'a dyn Source,
    name: &'a str,
    reading: &'a Reading,
    offset: u64,
    encoding: Option<Encoding>,
    /// Bytes of a character cut at the end of a piece.
    carry: Vec<u8>,
    ready: Vec<u8>,
    taken: usize,
}

impl<'a> Decoder<'a> {
    pub(crate) fn new(source: &'a dyn Source, name: &'a str, reading: &'a Reading) -> Decoder<'a> {
        Decoder { source, name, reading, offset: 0, encoding: None, carry: Vec::new(), ready: Vec::new(), taken: 0 }
    }

    /// Makes the next piece ready; nothing is ready at the end of the file.
    fn refill(&mut self) -> io::Result<()> {
        self.taken = 0;
        self.ready.clear();
        while self.ready.is_empty() {
            let piece = self
                .source
                .read(self.name, self.offset, CHUNK_BYTES)
                .map_err(|error| self.reading.broken(error, "the file could not be read"))?;
            self.offset += piece.len() as u64;
            if piece.is_empty() {
                return if self.carry.is_empty() {
                    Ok(())
                } else {
                    Err(io::Error::other("the file ends in the middle of a UTF-16 character: it is cut short"))
                };
            }
            self.decode(piece)?;
        }
        Ok(())
    }

    fn decode(&mut self, mut piece: Vec<u8>) -> io::Result<()> {
        let encoding = if let Some(encoding) = self.encoding {
            encoding
        } else {
            let (encoding, mark) = Encoding::detect(&piece);
            piece.drain(..mark);
            self.encoding = Some(encoding);
            encoding
        };
        if encoding == Encoding::Utf8 {
            self.ready = piece;
            return Ok(());
        }
        self.carry.append(&mut piece);
        let (text, used) = encoding.decode_utf16(&self.carry).ok_or_else(|| {
            io::Error::other("this is no valid UTF-16: half a character stands alone; save the file as UTF-8")
        })?;
        self.carry.drain(..used);
        self.ready = text.into_bytes();
        Ok(())
    }
}

impl Read for Decoder<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.ready.len() {
            self.refill()?;
        }
        let mut rest = self.ready.get(self.taken..).unwrap_or_default();
        let count = rest.read(out)?;
        self.taken += count;
        Ok(count)
    }
}
