//! Days between dates: what checks of age and expiry need of a calendar.

/// The days from 1970-01-01 to the date that an RFC 3339 text begins with; none where it begins with no date.
#[must_use]
pub fn day(text: &str) -> Option<i64> {
    let date = text.get(..10)?;
    let mut parts = date.split('-');
    let mut part = |digits: usize| -> Option<i64> {
        let part = parts.next()?;
        (part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok())?
    };
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    let known = (1..=12).contains(&month) && (1..=31).contains(&day);
    known.then(|| days_from_civil(year, month, day))
}

/// The proleptic Gregorian calendar with years that begin in March, so that the leap day comes last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn days_count_from_the_epoch() {
        assert_eq!(day("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(day("2000-03-01"), Some(11_017));
        assert_eq!(day("2024-03-01").unwrap() - day("2024-02-28").unwrap(), 2);
        assert_eq!(day("2026-01-01").unwrap() - day("2025-01-01").unwrap(), 365);
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in ["", "2026-1-1", "2026-13-01", "2026-00-10", "yesterday!", "+026-01-01"] {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
