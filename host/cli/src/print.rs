//! Lists and single things on a terminal. Text from clouds and plugins never moves the cursor or changes the colour.

use std::io::{IsTerminal, Write};

use comfy_table::{ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, presets};

/// A rule under the head and nothing else.
const STYLE: TableStyle = presets::NOTHING.header_separator(LineStyle::none().fill('─').junction('─'));

/// Narrower than this a table is unreadable; wider than the other, lines are.
const WIDTH: std::ops::RangeInclusive<u16> = 60..=200;
/// The width where nobody says: a pipe, a file.
const DEFAULT_WIDTH: u16 = 120;

/// How wide standard output is.
pub(crate) fn width() -> u16 {
    let width = terminal_size::terminal_size().map_or(DEFAULT_WIDTH, |(width, _)| width.0);
    width.clamp(*WIDTH.start(), *WIDTH.end())
}

/// Whether standard output may be coloured.
pub(crate) fn colour() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Text with what a terminal would obey made visible. Line breaks stay.
pub(crate) fn plain(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        let steers = c.is_control() && c != '\n' && c != '\t';
        // Marks that turn the direction of writing can make one id look like another.
        let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
        if steers || turns {
            safe.extend(c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    safe
}

/// A table with a head.
pub(crate) fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width())
        .set_header(head.to_vec());
    // Ids are there to be copied: the first column is never broken.
    keep_whole(&mut table, 0);
    table
}

/// A column whose cells are never broken over lines.
pub(crate) fn keep_whole(table: &mut Table, column: usize) {
    if let Some(column) = table.column_mut(column) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
}

/// A row of a table, made safe.
pub(crate) fn row<const N: usize>(cells: [&str; N]) -> [String; N] {
    cells.map(plain)
}

/// Text on standard output.
pub(crate) fn out(text: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{text}")
}

/// An object with further fields.
pub(crate) fn with<const N: usize>(
    mut object: serde_json::Value,
    fields: [(&str, serde_json::Value); N],
) -> serde_json::Value {
    if let Some(map) = object.as_object_mut() {
        map.extend(fields.map(|(name, value)| (name.to_owned(), value)));
    }
    object
}

/// A value as JSON on standard output.
pub(crate) fn json(value: &serde_json::Value) -> anyhow::Result<()> {
    out(&serde_json::to_string_pretty(value)?)?;
    Ok(())
}

/// The 64 digits of a digest, whatever it is of.
pub(crate) fn hex(digest: &[u8; 32]) -> String {
    blake3::Hash::from_bytes(*digest).to_hex().to_string()
}

/// A field of an answer that is a text; empty where there is none.
pub(crate) fn field<'a>(answer: &'a serde_json::Value, name: &str) -> &'a str {
    answer.get(name).and_then(serde_json::Value::as_str).unwrap_or_default()
}
