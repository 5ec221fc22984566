//! One walk over one file as a stream: how much of it a single value may take, what went wrong, and where.

use std::cell::{Cell, RefCell};
use std::io::{self, BufReader, Read};

use plumbline::provider::Error;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess};
use serde_json::error::Category;

use crate::decoding::Decoder;
use crate::source::Source;
use crate::walk::{Keys, Walk};

/// Text of one value that is held in memory. Clouds bound a resource's settings far below a megabyte, and parsed text takes
/// up to sixteen times its length, which must fit beside what the survey holds.
pub const MAX_VALUE_BYTES: u64 = 8 << 20;
/// A file shorter than this is read whole before it is parsed, which takes half the time of parsing a stream.
const WHOLE_BYTES: u64 = 32 << 20;
/// The parser takes longer files from the decoder in pieces of this size; small enough to stay in the processor's cache.
const BUFFER_BYTES: usize = 64 << 10;

/// The state of one walk over one file.
#[derive(Debug)]
pub struct Reading {
    /// Bytes that may still be read before the value at hand is too long; none while nothing is held.
    allowance: Cell<Option<u64>>,
    /// The file lies in memory.
    whole: Cell<bool>,
    failure: RefCell<Option<Error>>,
}

impl Default for Reading {
    fn default() -> Reading {
        Reading { allowance: Cell::new(Some(MAX_VALUE_BYTES)), whole: Cell::new(false), failure: RefCell::new(None) }
    }
}

impl Reading {
    /// Of a file of which each value lies in memory as a whole when it is parsed.
    pub(crate) fn of_whole() -> Reading {
        let reading = Reading::default();
        reading.whole.set(true);
        reading
    }

    /// The error of ours that stopped the parser.
    pub(crate) fn failure(&self) -> Option<Error> {
        self.failure.take()
    }

    /// A value begins that is held on its own.
    pub fn begin_value(&self) {
        self.allowance.set(Some(MAX_VALUE_BYTES));
    }

    /// Counts text against the value at hand.
    pub fn spend(&self, bytes: usize) -> io::Result<()> {
        let Some(left) = self.allowance.get() else {
            return Ok(());
        };
        let left = left.checked_sub(bytes as u64).ok_or_else(|| {
            io::Error::other(format!(
                "a single value is longer than {} MiB, which no resource is",
                MAX_VALUE_BYTES >> 20
            ))
        })?;
        self.allowance.set(Some(left));
        Ok(())
    }

    /// Counts what a held value takes, where nobody has counted its text: in a file that is read whole.
    pub fn spend_held(&self, bytes: usize) -> io::Result<()> {
        if self.whole.get() { self.spend(bytes) } else { Ok(()) }
    }

    /// Passes over the value of a map's key, however long it is, without holding it.
    pub fn skip<'de, A: MapAccess<'de>>(&self, map: &mut A) -> Result<(), A::Error> {
        let saved = self.allowance.replace(None);
        map.next_value::<IgnoredAny>()?;
        self.allowance.set(saved);
        Ok(())
    }

    /// Keeps an error of ours while the parser stops with one of its own.
    pub fn stop<E: serde::de::Error>(&self, error: Error) -> E {
        *self.failure.borrow_mut() = Some(error);
        E::custom("stopped")
    }

    /// As [`Reading::stop`], for readers.
    pub fn broken(&self, error: Error, what: &str) -> io::Error {
        *self.failure.borrow_mut() = Some(error);
        io::Error::other(what.to_owned())
    }
}

/// Walks a whole file. The root must take a map; nothing but white space may follow it.
pub fn walk_file<T>(source: &dyn Source, name: &str, reading: &Reading, root: &mut T) -> Result<(), Error>
where
    T: for<'de> Keys<'de>,
{
    let mut decoder = Decoder::new(source, name, reading);
    let mut head = Vec::new();
    let walked = match decoder.by_ref().take(WHOLE_BYTES).read_to_end(&mut head) {
        Err(error) => Err(serde_json::Error::io(error)),
        Ok(_) if (head.len() as u64) < WHOLE_BYTES => {
            reading.whole.set(true);
            let mut parser = serde_json::Deserializer::from_slice(&head);
            Walk(root).deserialize(&mut parser).and_then(|()| parser.end())
        }
        Ok(_) => {
            let stream = Counted { bytes: head.as_slice().chain(decoder), reading };
            let mut parser = serde_json::Deserializer::from_reader(BufReader::with_capacity(BUFFER_BYTES, stream));
            Walk(root).deserialize(&mut parser).and_then(|()| parser.end())
        }
    };
    match reading.failure.take() {
        Some(failure) => Err(failure),
        None => walked.map_err(|error| Error::Invalid(explain(&error))),
    }
}

/// A stream whose bytes count against the value at hand.
struct Counted<'a, R> {
    bytes: R,
    reading: &'a Reading,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(out)?;
        self.reading.spend(count)?;
        Ok(count)
    }
}

/// Where, what, and what to do about it.
fn explain(error: &serde_json::Error) -> String {
    let whole = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let what = whole.strip_suffix(&place).unwrap_or(&whole);
    let advice = match error.classify() {
        Category::Eof => "the file ends in the middle of the document: it is cut short, write it again".to_owned(),
        Category::Syntax if what.starts_with("trailing characters") => {
            "there is more after the end of the document: one file must hold one state or plan".to_owned()
        }
        Category::Syntax if what.starts_with("recursion limit") => {
            "the document nests deeper than Terraform writes".to_owned()
        }
        Category::Syntax if what.starts_with("invalid unicode") => {
            "this is neither UTF-8 nor UTF-16; save the file as UTF-8".to_owned()
        }
        Category::Syntax => format!("this is no valid JSON: {what}"),
        Category::Data => format!("this is not what Terraform writes: {what}"),
        Category::Io => what.to_owned(),
    };
    if error.line() == 0 { advice } else { format!("line {} column {}: {advice}", error.line(), error.column()) }
}

/// An error of the parser about a key that must be there.
pub fn missing<E: serde::de::Error>(what: &str, key: &str) -> E {
    E::custom(format_args!("{what} has no `{key}`"))
}
