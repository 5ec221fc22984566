//! The formats, and where each is written.

use std::fmt;
use std::io::Write;
use std::str::FromStr;

use crate::report::{Report, ReportError, Style};
use crate::{csv, html, json, junit, markdown, ocsf, sarif, table};

/// An output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// For people at a terminal.
    Table,
    /// Everything, as `schema/scan.schema.json` describes it.
    Json,
    /// One row per finding, for spreadsheets.
    Csv,
    /// One self-contained page.
    Html,
    /// For a comment on a pull request.
    Markdown,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// OCSF 1.8.0 Compliance Findings, for security lakes.
    Ocsf,
    /// JUnit XML, for build servers.
    Junit,
}

impl Format {
    pub const ALL: [Format; 8] = [
        Format::Table,
        Format::Json,
        Format::Csv,
        Format::Html,
        Format::Markdown,
        Format::Sarif,
        Format::Ocsf,
        Format::Junit,
    ];

    /// The word on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Table => "table",
            Format::Json => "json",
            Format::Csv => "csv",
            Format::Html => "html",
            Format::Markdown => "markdown",
            Format::Sarif => "sarif",
            Format::Ocsf => "ocsf",
            Format::Junit => "junit",
        }
    }

    /// How a file of it usually ends, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Table => "txt",
            Format::Json => "json",
            Format::Csv => "csv",
            Format::Html => "html",
            Format::Markdown => "md",
            Format::Sarif => "sarif",
            Format::Ocsf => "ocsf.json",
            Format::Junit => "xml",
        }
    }

    /// Writes a report. Formats write in small pieces: hand over a buffered writer.
    pub fn write(self, report: &Report<'_>, style: &Style, out: &mut dyn Write) -> Result<(), ReportError> {
        match self {
            Format::Table => table::write(report, *style, out)?,
            Format::Json => json::write(report, out)?,
            Format::Csv => csv::write(report, out)?,
            Format::Html => html::write(report, out)?,
            Format::Markdown => markdown::write(report, out)?,
            Format::Sarif => sarif::write(report, out)?,
            Format::Ocsf => ocsf::write(report, out)?,
            Format::Junit => junit::write(report, out)?,
        }
        out.flush().map_err(ReportError::Write)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that names no format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no output format; use table, json, csv, html, markdown, sarif, ocsf or junit")]
pub struct UnknownFormat(pub String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Format, UnknownFormat> {
        let known = Format::ALL.into_iter().find(|format| format.as_str() == word);
        known.ok_or_else(|| UnknownFormat(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_word_and_an_unknown_word_names_them_all() {
        for format in Format::ALL {
            assert_eq!(format.as_str().parse(), Ok(format));
        }
        let message = "xlsx".parse::<Format>().unwrap_err().to_string();
        for format in Format::ALL {
            assert!(message.contains(format.as_str()), "{message}");
        }
    }
}
