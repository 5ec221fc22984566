//! The day of a scan: as much of the time as plugins are told.

use jiff::Timestamp;

/// The scan time that checks are given which do not say that they depend on it: so they cannot.
pub(crate) const NO_TIME: &str = "1970-01-01T00:00:00Z";

const SECONDS: i64 = 86_400;

/// A day, UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Day {
    /// Counted from 1970-01-01.
    pub(crate) number: u32,
    /// Its last second, which stands for all of it: what runs out on this day has run out, and an age is never told too low.
    pub(crate) time: String,
}

impl Day {
    /// The day that a time (RFC 3339) lies in; none where it is no time.
    pub(crate) fn of(time: &str) -> Option<Day> {
        let seconds = time.parse::<Timestamp>().ok()?.as_second();
        let number = u32::try_from(seconds.div_euclid(SECONDS)).ok()?;
        let last = Timestamp::from_second(i64::from(number) * SECONDS + SECONDS - 1).ok()?;
        Some(Day { number, time: last.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_a_day_is_its_last_second() {
        let day = Day { number: 20_778, time: "2026-11-21T23:59:59Z".to_owned() };
        for time in [
            "2026-11-21T00:00:00.000Z",
            "2026-11-21T12:30:00Z",
            "2026-11-21T23:59:59.999Z",
            "2026-11-22T01:00:00+02:00",
        ] {
            assert_eq!(Day::of(time), Some(day.clone()), "{time}");
        }
        assert_eq!(Day::of("2026-11-22T00:00:00Z").map(|day| day.number), Some(20_779));
        assert_eq!(Day::of("yesterday"), None);
        assert_eq!(Day::of("1969-12-31T23:59:59Z"), None);
    }
}
