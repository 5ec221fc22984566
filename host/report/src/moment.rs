//! Times, from the RFC 3339 texts a scan carries.

use jiff::Timestamp;

use crate::escape;
use crate::report::ReportError;

/// Milliseconds since 1970.
pub(crate) fn millis(text: &str) -> Result<i64, ReportError> {
    let parsed = text.parse::<Timestamp>().map(Timestamp::as_millisecond);
    parsed.map_err(|error| {
        ReportError::Encode(format!("the scan's time '{}' is not RFC 3339: {error}", escape::line(text)).into())
    })
}

/// As people read it: `2026-11-21 10:00:00 UTC`. A text that is no time is shown as it is.
pub(crate) fn human(text: &str) -> String {
    match text.parse::<Timestamp>() {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => escape::line(text).into_owned(),
    }
}

/// Milliseconds between two times, none where one of them is no time or they are in the wrong order.
pub(crate) fn elapsed_millis(from: &str, to: &str) -> Option<u64> {
    let (from, to) = (from.parse::<Timestamp>().ok()?, to.parse::<Timestamp>().ok()?);
    u64::try_from(to.as_millisecond() - from.as_millisecond()).ok()
}

/// A length of time as people say it: `1.2 s`, `3 min 4 s`, `2 h 5 min`.
pub(crate) fn length(millis: u64) -> String {
    let seconds = millis / 1000;
    match seconds {
        0..60 => format!("{seconds}.{} s", millis % 1000 / 100),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_to_the_second_and_lengths_in_two_units_at_most() {
        assert_eq!(human("2026-11-21T10:00:00.250Z"), "2026-11-21 10:00:00 UTC");
        assert_eq!(human("yesterday\n"), "yesterday\\n");
        assert_eq!(elapsed_millis("2026-11-21T10:00:00.000Z", "2026-11-21T10:00:01.250Z"), Some(1250));
        assert_eq!(elapsed_millis("2026-11-21T10:00:01.000Z", "2026-11-21T10:00:00.000Z"), None);
        for (millis, words) in [(0, "0.0 s"), (1250, "1.2 s"), (184_000, "3 min 4 s"), (7_500_000, "2 h 5 min")] {
            assert_eq!(length(millis), words);
        }
    }

    #[test]
    fn a_time_that_is_none_is_named() {
        assert_eq!(millis("1970-01-01T00:00:01.5Z").unwrap(), 1500);
        assert!(millis("soon").unwrap_err().to_string().contains("'soon' is not RFC 3339"));
    }
}
