//! JSON written value by value, so that a report of any length needs the memory of one finding.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

use crate::escape;
use crate::report::ReportError;

/// Compact JSON in which characters that cannot be seen stand as `\u` escapes: the same text to a program, and harmless
/// on a terminal.
struct Visible;

impl Formatter for Visible {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(escape::is_hidden) {
            let (plain, tail) = rest.split_at(at);
            writer.write_all(plain.as_bytes())?;
            let mut chars = tail.chars();
            if let Some(hidden) = chars.next() {
                for unit in hidden.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
            rest = chars.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

/// One value, on one line.
pub(crate) fn value(out: &mut dyn Write, value: &impl Serialize) -> Result<(), ReportError> {
    value.serialize(&mut Serializer::with_formatter(out, Visible))?;
    Ok(())
}

/// An object without the members there is nothing to say in: null, an empty text, an empty list.
pub(crate) fn given(mut object: Value) -> Value {
    if let Value::Object(members) = &mut object {
        members.retain(|_, member| match member {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(elements) => !elements.is_empty(),
            _ => true,
        });
    }
    object
}

/// The elements of an array, each on a line of its own.
pub(crate) struct Elements<'a> {
    out: &'a mut dyn Write,
    any: bool,
}

impl<'a> Elements<'a> {
    /// Opens the array.
    pub(crate) fn open(out: &'a mut dyn Write) -> Result<Elements<'a>, ReportError> {
        out.write_all(b"[")?;
        Ok(Elements { out, any: false })
    }

    /// Writes one more element.
    pub(crate) fn push(&mut self, element: &impl Serialize) -> Result<(), ReportError> {
        self.out.write_all(if self.any { b",\n" } else { b"\n" })?;
        self.any = true;
        value(self.out, element)
    }

    /// Closes the array.
    pub(crate) fn close(self) -> Result<(), ReportError> {
        self.out.write_all(if self.any { b"\n]" } else { b"]" })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_escaped_and_nothing_is_lost() {
        let text = "a\u{1b}[2J\u{9b}\u{202e}\u{e0041}\"\\\n漢";
        let mut bytes = Vec::new();
        value(&mut bytes, &text).unwrap();
        let json = String::from_utf8(bytes).unwrap();
        assert_eq!(json, r#""a\u001b[2J\u009b\u202e\udb40\udc41\"\\\n漢""#);
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    #[test]
    fn an_empty_array_is_an_array() {
        let mut bytes = Vec::new();
        Elements::open(&mut bytes).unwrap().close().unwrap();
        assert_eq!(bytes, b"[]");
    }
}
