//! Numbers, times and names as people read them.

use std::borrow::Cow;
use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `12 480`, with a narrow space that does not break.
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 * 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// `2026-11-21 15:04 UTC` of a stored time, which is in UTC.
pub(crate) fn when(time: &str) -> String {
    match (time.get(..10), time.get(11..16)) {
        (Some(date), Some(clock)) => format!("{date} {clock} UTC"),
        _ => time.to_owned(),
    }
}

/// A stored time as the clocks of a zone show it: `Sun 2026-03-29 03:30 CEST`.
pub(crate) fn in_zone(time: &str, zone: &str) -> String {
    match (time.parse::<Timestamp>(), TimeZone::get(zone)) {
        (Ok(time), Ok(zone)) => time.to_zoned(zone).strftime("%a %Y-%m-%d %H:%M %Z").to_string(),
        _ => when(time),
    }
}

/// How long ago a stored time is, or how far ahead: `5 min ago`, `in 3 h`.
pub(crate) fn ago(time: &str, now: Timestamp) -> String {
    let Ok(then) = time.parse::<Timestamp>() else { return time.to_owned() };
    let seconds = now.duration_since(then).as_secs();
    let span = match seconds.unsigned_abs() {
        ..45 => return "just now".to_owned(),
        long @ 45..5_400 => format!("{} min", ((long + 30) / 60).max(1)),
        long @ 5_400..172_800 => format!("{} h", (long + 1_800) / 3_600),
        long => format!("{} days", long / 86_400),
    };
    if seconds < 0 { format!("in {span}") } else { format!("{span} ago") }
}

/// One decimal; a dash where there is no score.
pub(crate) fn score(score: Option<f64>) -> String {
    score.map_or_else(|| "–".to_owned(), |score| format!("{score:.1}"))
}

/// Whether a character does something other than show itself: controls, marks that turn the reading direction, invisible separators.
fn is_hidden(c: char) -> bool {
    c.is_control() && c != '\n' && c != '\t'
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Text from whoever can name a resource, with what cannot be seen written out: `\u{1b}`.
pub(crate) fn seen(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut seen = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hidden(c) {
            // Writing to a text does not fail.
            write!(seen, "\\u{{{:x}}}", u32::from(c)).unwrap_or_default();
        } else {
            seen.push(c);
        }
    }
    Cow::Owned(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_times_shortened() {
        assert_eq!([number(0), number(999), number(12_480)], ["0", "999", "12\u{202f}480"].map(String::from));
        assert_eq!(number(1_000_000), "1\u{202f}000\u{202f}000");
        assert_eq!(when("2026-11-21T15:04:05.123Z"), "2026-11-21 15:04 UTC");
        assert_eq!(score(Some(81.25)), "81.2");
    }

    #[test]
    fn a_time_is_told_in_the_unit_that_fits_whether_it_is_past_or_to_come() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        for (time, text) in [
            ("2026-11-21T11:59:50.000Z", "just now"),
            ("2026-11-21T12:00:10.000Z", "just now"),
            ("2026-11-21T11:55:00.000Z", "5 min ago"),
            ("2026-11-21T09:00:00.000Z", "3 h ago"),
            ("2026-11-11T12:00:00.000Z", "10 days ago"),
            ("2026-11-21T12:05:00.000Z", "in 5 min"),
            ("2026-11-22T12:00:00.000Z", "in 24 h"),
            ("yesterday", "yesterday"),
        ] {
            assert_eq!(ago(time, now), text);
        }
    }

    #[test]
    fn a_time_reads_as_the_clocks_of_its_zone_show_it() {
        let after_the_gap = "2026-03-29T01:00:00.000Z";
        assert_eq!(in_zone(after_the_gap, "Europe/Berlin"), "Sun 2026-03-29 03:00 CEST");
        assert_eq!(in_zone(after_the_gap, "Nowhere/Land"), "2026-03-29 01:00 UTC");
    }

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        assert_eq!(seen("\u{1b}[31m<b>"), "\\u{1b}[31m<b>");
        assert_eq!(seen("evil\u{202e}gnp.exe"), "evil\\u{202e}gnp.exe");
        assert!(matches!(seen("plain ümläut 漢字\n"), Cow::Borrowed(_)));
    }
}
