//! Lines on a terminal: a gutter for labels, text beside it, colours where they are wanted.

use std::io::Write;

use plumb_model::check::Severity;

use crate::report::{ReportError, Style};

/// Width of the gutter, wide enough for `CRITICAL` and a gap.
pub(super) const GUTTER: usize = 11;
/// Where nobody knows the terminal's width.
const USUAL_WIDTH: usize = 80;
/// Lines longer than this are hard to read, however wide the terminal.
const WIDEST: usize = 120;
/// Narrower than this, nothing is readable anyway.
const NARROWEST: usize = 40;

/// What a text means, from which its colour follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Plain,
    Strong,
    Faint,
    Good,
    Bad,
    Critical,
    High,
    Medium,
    Low,
}

impl Ink {
    /// The parameters of the ANSI "select graphic rendition" sequence: the eight standard colours, which every theme
    /// makes legible.
    fn sgr(self) -> Option<&'static str> {
        Some(match self {
            Ink::Plain => return None,
            Ink::Strong => "1",
            Ink::Faint => "2",
            Ink::Good => "1;32",
            Ink::Bad => "1;31",
            Ink::Critical => "1;7;31",
            Ink::High => "31",
            Ink::Medium => "33",
            Ink::Low => "36",
        })
    }

    pub(super) fn of(severity: Severity) -> Ink {
        match severity {
            Severity::Critical => Ink::Critical,
            Severity::High => Ink::High,
            Severity::Medium => Ink::Medium,
            Severity::Low => Ink::Low,
            Severity::Informational => Ink::Faint,
        }
    }
}

pub(super) struct Page<'a> {
    color: bool,
    width: usize,
    out: &'a mut dyn Write,
}

impl<'a> Page<'a> {
    pub(super) fn new(style: Style, out: &'a mut dyn Write) -> Page<'a> {
        let width = if style.width == 0 { USUAL_WIDTH } else { usize::from(style.width) };
        Page { color: style.color, width: width.clamp(NARROWEST, WIDEST), out }
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// One line of differently coloured parts, as it is.
    pub(super) fn line(&mut self, parts: &[(Ink, &str)]) -> Result<(), ReportError> {
        for (ink, text) in parts {
            match ink.sgr().filter(|_| self.color && !text.is_empty()) {
                Some(sgr) => write!(self.out, "\x1b[{sgr}m{text}\x1b[0m")?,
                None => write!(self.out, "{text}")?,
            }
        }
        Ok(writeln!(self.out)?)
    }

    pub(super) fn blank(&mut self) -> Result<(), ReportError> {
        Ok(writeln!(self.out)?)
    }

    /// `Violations ──────── 23`.
    pub(super) fn heading(&mut self, title: &str, note: &str) -> Result<(), ReportError> {
        let note = if note.is_empty() { String::new() } else { format!(" {note}") };
        let used = textwrap::core::display_width(title) + textwrap::core::display_width(&note) + 1;
        let rule = "─".repeat(self.width.saturating_sub(used));
        self.blank()?;
        self.line(&[(Ink::Strong, title), (Ink::Plain, " "), (Ink::Faint, &rule), (Ink::Plain, &note)])?;
        self.blank()
    }

    /// A label in the gutter and a text beside it, wrapped.
    pub(super) fn fact(&mut self, label: &str, text: &str) -> Result<(), ReportError> {
        self.entry((Ink::Faint, label), (Ink::Plain, text), 0)
    }

    /// A label in the gutter and a text beside it, wrapped and indented by so much.
    pub(super) fn entry(
        &mut self,
        (label_ink, label): (Ink, &str),
        (ink, text): (Ink, &str),
        indent: usize,
    ) -> Result<(), ReportError> {
        let room = self.width.saturating_sub(GUTTER + indent);
        let options = textwrap::Options::new(room)
            .break_words(false)
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
            .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
        for (at, part) in textwrap::wrap(text, options).iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            let space = " ".repeat((GUTTER + indent).saturating_sub(textwrap::core::display_width(label)));
            self.line(&[(label_ink, label), (Ink::Plain, &space), (ink, part)])?;
        }
        Ok(())
    }

    /// Several lines that are laid out already.
    pub(super) fn block(&mut self, lines: &str) -> Result<(), ReportError> {
        lines.lines().try_for_each(|line| self.line(&[(Ink::Plain, line.trim_end())]))
    }
}
