//! Times: as they are stored, as they are asked for, as they are shown.

use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};
use serde::de::{Deserialize, Deserializer, Error};

/// The form of every stored time: RFC 3339, UTC, milliseconds. Such texts order as the times do.
pub(crate) fn stored(time: Timestamp) -> String {
    format!("{time:.3}")
}

pub(crate) fn now() -> String {
    stored(Timestamp::now())
}

/// Without a fraction.
pub(crate) fn seconds(time: Timestamp) -> String {
    format!("{time:.0}")
}

/// A time in a query or a body: RFC 3339 in any zone, or a date, which is its beginning in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub Timestamp);

impl Time {
    /// To be compared with stored times.
    pub fn stored(self) -> String {
        stored(self.0)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let date =
            |text: &str| text.parse::<Date>().and_then(|date| date.to_zoned(TimeZone::UTC)).map(|day| day.timestamp());
        // A date alone first: jiff takes a time without its zone for a date.
        let parsed = if text.len() == "2026-01-31".len() { date(&text) } else { text.parse::<Timestamp>() };
        parsed
            .map(Time)
            .map_err(|_| D::Error::custom("write a time such as 2026-01-31T10:00:00Z, or a date such as 2026-01-31"))
    }
}
