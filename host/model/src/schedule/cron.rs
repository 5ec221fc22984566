//! When a cron expression fires in a time zone.
//!
//! The expression is matched against the wall clock. Where that clock jumps, an hour that does not exist fires once, at the end of the
//! gap, and an hour that comes twice fires in its first pass only. An expression that names every hour follows the minutes that
//! really pass: it leaves the gap out and fires in both passes.

use std::fmt;

use croner::parser::{CronParser, Seconds, Year};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, Unit, Zoned};

/// Characters of an expression. The longest sensible one names sixty minutes.
pub const CRON_CHARS: usize = 256;

/// Characters of a zone's name; the longest there is has 32.
const ZONE_CHARS: usize = 64;

/// What does not fire within so many years never does, for those who wait. The 29th of February comes after eight at most.
const HORIZON_YEARS: i64 = 10;

/// How far apart two wall clocks of one zone can be: whole days were skipped.
const LONGEST_JUMP: SignedDuration = SignedDuration::from_hours(25);

/// An expression in its zone.
#[derive(Clone)]
pub struct Cron {
    pattern: croner::Cron,
    zone: TimeZone,
    every_hour: bool,
}

impl fmt::Debug for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cron({} {})", self.pattern.pattern, self.zone.iana_name().unwrap_or_default())
    }
}

/// Why an expression is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    #[error("there is no time zone '{0}'; give an IANA name such as Europe/Berlin, or UTC")]
    Zone(String),
    #[error("an expression has 1 to {CRON_CHARS} printable characters")]
    Text,
    #[error(
        "'{text}' has {fields} fields instead of 5 (minute, hour, day of month, month, day of week); seconds are left out, because \
         nothing fires more than once a minute"
    )]
    Fields { text: String, fields: usize },
    #[error("'{text}' is no cron expression: {problem}")]
    Pattern { text: String, problem: String },
    #[error("'{0}' never fires: no such day comes within {HORIZON_YEARS} years")]
    Never(String),
}

impl CronError {
    /// Whether it is the zone that is wrong.
    pub fn is_zone(&self) -> bool {
        matches!(self, CronError::Zone(_))
    }
}

impl Cron {
    /// Reads five fields or a name such as `@daily`. What does not fire in the years after `now` is refused.
    pub fn parse(text: &str, zone: &str, now: Timestamp) -> Result<Cron, CronError> {
        let cron = Cron::known(text, zone)?;
        let end = now.checked_add(SignedDuration::from_hours(HORIZON_YEARS * 366 * 24)).unwrap_or(Timestamp::MAX);
        match cron.next(now) {
            Some(next) if next <= end => Ok(cron),
            _ => Err(CronError::Never(text.to_owned())),
        }
    }

    /// Reads one that was taken before.
    pub fn known(text: &str, zone: &str) -> Result<Cron, CronError> {
        if text.len() > CRON_CHARS || text.trim().is_empty() || !text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        {
            return Err(CronError::Text);
        }
        let zone = time_zone(zone)?;
        let fields = text.split_ascii_whitespace().count();
        if fields != 5 && !text.trim_start().starts_with('@') {
            return Err(CronError::Fields { text: text.to_owned(), fields });
        }
        let wrong = |problem: String| CronError::Pattern { text: text.to_owned(), problem };
        if text.split_ascii_whitespace().flat_map(|field| field.split(',')).any(str::is_empty) {
            return Err(wrong("a list has an empty place".to_owned()));
        }
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let pattern = parser.parse(text).map_err(|error| wrong(error.to_string().trim_end_matches('.').to_owned()))?;
        let every_hour = (0..24).all(|hour| pattern.pattern.hour_match(hour).unwrap_or(false));
        Ok(Cron { pattern, zone, every_hour })
    }

    /// The first time after another.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let after = whole(after)?;
        if self.every_hour {
            return self.pattern.find_next_occurrence(&after.to_zoned(self.zone.clone()), false).ok().map(at);
        }
        let mut wall = on_paper(self.zone.to_datetime(after))?;
        loop {
            wall = self.pattern.find_next_occurrence(&wall, false).ok()?;
            // In the second pass of an hour the walls of the first are met again.
            match self.instant(wall.datetime()) {
                Some(found) if found <= after => {}
                found => return found,
            }
        }
    }

    /// The last time that is not after another.
    pub fn last(&self, until: Timestamp) -> Option<Timestamp> {
        let until = whole(until)?;
        if self.every_hour {
            return self.pattern.find_previous_occurrence(&until.to_zoned(self.zone.clone()), true).ok().map(at);
        }
        // What was in the first pass of an hour can stand behind the wall clock of its second.
        let mut wall = on_paper(self.zone.to_datetime(until).checked_add(LONGEST_JUMP).ok()?)?;
        loop {
            wall = self.pattern.find_previous_occurrence(&wall, false).ok()?;
            match self.instant(wall.datetime()) {
                Some(found) if found > until => {}
                found => return found,
            }
        }
    }

    /// The next times, at most so many.
    pub fn upcoming(&self, after: Timestamp, count: usize) -> Vec<Timestamp> {
        std::iter::successors(self.next(after), |last| self.next(*last)).take(count).collect()
    }

    /// When the wall clock shows a time: in the first pass where it does twice, at the end of the gap where it never does.
    fn instant(&self, wall: DateTime) -> Option<Timestamp> {
        let ambiguous = self.zone.to_ambiguous_timestamp(wall);
        match ambiguous.offset() {
            AmbiguousOffset::Gap { before, .. } => {
                let inside = before.to_timestamp(wall).ok()?;
                let just_after = inside.checked_add(SignedDuration::from_nanos(1)).ok()?;
                self.zone.preceding(just_after).next().map(|transition| transition.timestamp())
            }
            AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => ambiguous.earlier().ok(),
        }
    }
}

/// The zone of an IANA name, in whatever case.
fn time_zone(name: &str) -> Result<TimeZone, CronError> {
    // What is no name of a zone is told shortened.
    let unknown = || CronError::Zone(name.chars().filter(|c| !c.is_control()).take(ZONE_CHARS).collect());
    if name.len() > ZONE_CHARS {
        return Err(unknown());
    }
    TimeZone::get(name).map_err(|_| unknown())
}

/// A zone's name as the zone database writes it.
pub fn zone_name(name: &str) -> Result<String, CronError> {
    Ok(time_zone(name)?.iana_name().unwrap_or(name).to_owned())
}

/// Without a fraction of a second.
fn whole(time: Timestamp) -> Option<Timestamp> {
    Timestamp::from_second(time.as_second() - i64::from(time.subsec_nanosecond() < 0)).ok()
}

/// A wall clock on which nothing jumps.
fn on_paper(wall: DateTime) -> Option<Zoned> {
    wall.round(Unit::Second).ok()?.to_zoned(TimeZone::UTC).ok()
}

#[allow(clippy::needless_pass_by_value, reason = "it ends a chain of calls")]
fn at(time: Zoned) -> Timestamp {
    time.timestamp()
}
