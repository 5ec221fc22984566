//! When expressions fire, against a walk over every minute.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects is to panic"
)]

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use plumb_model::schedule::cron::{Cron, CronError, zone_name};

/// Every kind of jump there is: by half an hour, by two hours, at midnight, backwards in summer, around a month of fasting, and none.
const ZONES: [&str; 32] = [
    "UTC",
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Asuncion",
    "America/Havana",
    "America/Los_Angeles",
    "America/New_York",
    "America/Nuuk",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Jerusalem",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Tehran",
    "Asia/Tokyo",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Europe/Berlin",
    "Europe/Chisinau",
    "Europe/Dublin",
    "Europe/London",
    "Pacific/Apia",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Easter",
    "Pacific/Honolulu",
    "Pacific/Kiritimati",
];

const FROM: &str = "2025-01-01T00:00:00Z";
const DAYS: i64 = 730;
const DAY: i64 = 24 * 60;

/// An expression, and what it means.
struct Case {
    text: &'static str,
    minutes: fn(i64) -> bool,
    hours: fn(i64) -> bool,
    days: fn(jiff::civil::Date) -> bool,
}

const CASES: [Case; 10] = [
    Case { text: "*/30 * * * *", minutes: |m| m % 30 == 0, hours: |_| true, days: |_| true },
    Case { text: "7 0-23 * * *", minutes: |m| m == 7, hours: |_| true, days: |_| true },
    Case { text: "30 2 * * *", minutes: |m| m == 30, hours: |h| h == 2, days: |_| true },
    Case {
        text: "0,15,45 1-3 * * *",
        minutes: |m| [0, 15, 45].contains(&m),
        hours: |h| (1..=3).contains(&h),
        days: |_| true,
    },
    Case { text: "0 */6 * * *", minutes: |m| m == 0, hours: |h| h % 6 == 0, days: |_| true },
    Case { text: "0 6 * * 0", minutes: |m| m == 0, hours: |h| h == 6, days: |d| d.weekday() == Weekday::Sunday },
    Case { text: "59 23 L * *", minutes: |m| m == 59, hours: |h| h == 23, days: |d| d.last_of_month() == d },
    Case {
        text: "10 0 13 * FRI",
        minutes: |m| m == 10,
        hours: |h| h == 0,
        days: |d| d.day() == 13 || d.weekday() == Weekday::Friday,
    },
    Case {
        text: "0 3 * MAR,OCT SUN#L",
        minutes: |m| m == 0,
        hours: |h| h == 3,
        days: |d| [3, 10].contains(&d.month()) && d.weekday() == Weekday::Sunday && d.day() + 7 > d.days_in_month(),
    },
    Case { text: "@daily", minutes: |m| m == 0, hours: |h| h == 0, days: |_| true },
];

fn start() -> Timestamp {
    FROM.parse().unwrap()
}

/// Wall clock minutes since 1970 for each minute of two years.
fn walls(zone: &TimeZone) -> Vec<i64> {
    let first = start().as_second();
    let wall = |minute: i64| {
        let second = first + minute * 60;
        let offset = zone.to_offset(Timestamp::from_second(second).unwrap()).seconds();
        (second + i64::from(offset)).div_euclid(60)
    };
    (0..DAYS * DAY).map(wall).collect()
}

/// What fires, by looking at every minute: a time that comes twice counts once, one that never comes counts for the minute that
/// comes instead; where every hour is meant, minutes count as they pass.
fn brute_force(case: &Case, walls: &[i64]) -> Vec<Timestamp> {
    let epoch = jiff::civil::date(1970, 1, 1);
    let first_day = walls[0].div_euclid(DAY) - 2;
    let days: Vec<bool> = (first_day..first_day + DAYS + 5)
        .map(|day| (case.days)(epoch.checked_add(SignedDuration::from_hours(24 * day)).unwrap()))
        .collect();
    let matches = |wall: i64| {
        let minute = wall.rem_euclid(DAY);
        (case.minutes)(minute % 60)
            && (case.hours)(minute / 60)
            && days[usize::try_from(wall.div_euclid(DAY) - first_day).unwrap()]
    };
    let every_hour = (0..24).all(case.hours);
    let (mut fired, mut seen) = (Vec::new(), walls[0] - 1);
    for (minute, wall) in (0i64..).zip(walls) {
        let is_due = if every_hour { matches(*wall) } else { (seen + 1..=*wall).any(matches) };
        seen = seen.max(*wall);
        if is_due {
            fired.push(Timestamp::from_second(start().as_second() + minute * 60).unwrap());
        }
    }
    fired
}

#[test]
fn two_years_in_every_kind_of_zone_fire_as_a_walk_over_their_minutes_does() {
    let second = SignedDuration::from_secs(1);
    let end = start().checked_add(SignedDuration::from_hours(24 * DAYS)).unwrap();
    for zone in ZONES {
        let walls = walls(&TimeZone::get(zone).unwrap());
        for case in &CASES {
            let expected = brute_force(case, &walls);
            let cron = Cron::parse(case.text, zone, start()).unwrap();
            let upcoming = cron.upcoming(start() - second, expected.len() + 1);
            let found: Vec<Timestamp> = upcoming.into_iter().take_while(|time| *time < end).collect();
            // The two ends of the years are walked into from outside, where the brute force sees nothing.
            if let Some(difference) =
                (0..expected.len().max(found.len())).find(|place| expected.get(*place) != found.get(*place))
            {
                panic!(
                    "{} in {zone}: {:?} instead of {:?}",
                    case.text,
                    found.get(difference),
                    expected.get(difference)
                );
            }
            for pair in expected.windows(2).step_by(if expected.len() > 1_000 { 97 } else { 1 }) {
                let [before, after] = pair else { unreachable!() };
                assert_eq!(cron.last(*after), Some(*after), "{} in {zone}", case.text);
                assert_eq!(cron.last(*after - second), Some(*before), "{} in {zone}", case.text);
            }
        }
    }
}

#[test]
fn a_fraction_of_a_second_changes_nothing() {
    let cron = Cron::parse("0 12 * * *", "UTC", start()).unwrap();
    let noon: Timestamp = "2025-01-01T12:00:00Z".parse().unwrap();
    let (before, after) = (noon - SignedDuration::from_millis(1), noon + SignedDuration::from_millis(1));
    assert_eq!((cron.next(before), cron.last(after)), (Some(noon), Some(noon)));
    assert!(cron.next(after) > Some(noon) && cron.last(before) < Some(noon));
}

#[test]
fn what_never_fires_or_too_often_is_refused_with_what_is_wrong() {
    let refused = |text: &str| Cron::parse(text, "Europe/Berlin", start()).unwrap_err().to_string();
    for text in ["0 0 31 2 *", "0 0 30 FEB *", "0 0 31 4,6,9,11 *"] {
        assert!(refused(text).contains("never fires"), "{text}: {}", refused(text));
    }
    for text in ["* * * * * *", "*/5 * * * * *", "0 0 0 1 1 * 2030", "0 0"] {
        assert!(refused(text).contains("fields instead of 5"), "{text}: {}", refused(text));
    }
    for text in [
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 8",
        "5-1 * * * *",
        "*/0 * * * *",
        "@every 1s",
        "@reboot",
        "a b c d e",
        "1,,2 * * * *",
        "1- * * * *",
        "99999999999999999999 * * * *",
        "* * * * MON#9",
        "-1 * * * *",
    ] {
        assert!(refused(text).contains(text), "{text}: {}", refused(text));
    }
    for text in ["", "   ", "0 0 * *\n*", "０ 0 * * *", &"*".repeat(1000), &format!("{} * * * *", "1,".repeat(500))] {
        assert_eq!(Cron::parse(text, "UTC", start()).unwrap_err(), CronError::Text, "{text}");
    }
    assert!(Cron::parse("0 0 29 2 *", "UTC", start()).is_ok(), "a leap day comes");
}

#[test]
fn a_zone_is_known_by_its_iana_name_and_by_no_path() {
    for zone in [
        "",
        "Mars/Olympus",
        "../../etc/passwd",
        "/etc/localtime",
        "Europe/Berlin\0",
        "EST5EDT,M3.2.0,M11.1.0",
        &"A".repeat(999),
    ] {
        let error = Cron::parse("0 0 * * *", zone, start()).unwrap_err();
        assert!(error.is_zone() && error.to_string().len() < 200, "{zone}: {error}");
    }
    assert_eq!(zone_name("europe/berlin"), Ok("Europe/Berlin".to_owned()));
}
