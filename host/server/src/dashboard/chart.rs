//! Lines and bars as SVG. A template writes the elements; here are the numbers in them. What a chart shows stands in a table beside it.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Serialize;

/// The width and height that coordinates are in. The drawing is stretched to its place.
pub(crate) const WIDTH: f64 = 600.0;
pub(crate) const HEIGHT: f64 = 100.0;

/// Keeps a line's ends inside the drawing.
const MARGIN: f64 = 6.0;

/// Scores over time.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Line {
    /// The line, and the area beneath it, as `d` of a path.
    stroke: String,
    area: String,
    /// The last point.
    x: String,
    y: String,
}

impl Line {
    /// Of scores from 0 to 100 at stored times, the earliest first. Fewer than two points make no line.
    pub(crate) fn of_scores(points: &[(&str, f64)]) -> Option<Line> {
        let seconds = |time: &str| time.parse::<Timestamp>().map_or(0.0, |time| time.as_duration().as_secs_f64());
        let (first, last) = (points.first()?, points.last()?);
        let (begin, end) = (seconds(first.0), seconds(last.0));
        if points.len() < 2 || end <= begin {
            return None;
        }
        let place = |(time, score): &(&str, f64)| {
            let x = MARGIN + (WIDTH - 2.0 * MARGIN) * (seconds(time) - begin) / (end - begin);
            let y = MARGIN + (HEIGHT - 2.0 * MARGIN) * (1.0 - score.clamp(0.0, 100.0) / 100.0);
            (x, y)
        };
        let places: Vec<(f64, f64)> = points.iter().map(place).collect();
        let mut line = String::new();
        for (number, (x, y)) in places.iter().enumerate() {
            // Writing to a text does not fail.
            write!(line, "{}{x:.1} {y:.1}", if number == 0 { "M" } else { "L" }).unwrap_or_default();
        }
        let (left, right) = (places.first()?, places.last()?);
        let area = format!("{line}L{:.1} {HEIGHT}L{:.1} {HEIGHT}Z", right.0, left.0);
        Some(Line { stroke: line, area, x: format!("{:.1}", right.0), y: format!("{:.1}", right.1) })
    }
}

/// One part of a bar.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Part {
    /// What it stands for: the class it is drawn with.
    pub(crate) word: &'static str,
    pub(crate) count: u64,
    /// Per cent of the bar.
    x: String,
    width: String,
}

/// A bar of parts that are as wide as their counts. Parts of nothing are left out of the drawing, not of the list.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn bar(counts: &[(&'static str, u64)]) -> Vec<Part> {
    let total: u64 = counts.iter().map(|(_, count)| count).sum();
    let share = |count: u64| if total == 0 { 0.0 } else { 100.0 * count as f64 / total as f64 };
    let mut before = 0;
    let part = |&(word, count): &(&'static str, u64)| {
        let x = format!("{:.3}", share(before));
        before += count;
        Part { word, count, x, width: format!("{:.3}", share(count)) }
    };
    counts.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_from_edge_to_edge_and_a_better_score_lies_higher() {
        let line = Line::of_scores(&[
            ("2026-11-21T10:00:00Z", 0.0),
            ("2026-11-21T11:00:00Z", 50.0),
            ("2026-11-21T12:00:00Z", 100.0),
        ]);
        let line = line.unwrap();
        assert_eq!(line.stroke, "M6.0 94.0L300.0 50.0L594.0 6.0");
        assert_eq!((line.x.as_str(), line.y.as_str()), ("594.0", "6.0"));
        assert!(line.area.ends_with("L594.0 100L6.0 100Z"));
        assert_eq!(Line::of_scores(&[("2026-11-21T10:00:00Z", 1.0)]), None);
        assert_eq!(Line::of_scores(&[("2026-11-21T10:00:00Z", 1.0), ("2026-11-21T10:00:00Z", 2.0)]), None);
    }

    #[test]
    fn the_parts_of_a_bar_lie_side_by_side() {
        let parts = bar(&[("critical", 1), ("high", 0), ("low", 3)]);
        let places: Vec<_> = parts.iter().map(|part| (part.x.as_str(), part.width.as_str())).collect();
        assert_eq!(places, [("0.000", "25.000"), ("25.000", "0.000"), ("25.000", "75.000")]);
        assert_eq!(bar(&[("low", 0)])[0].width, "0.000");
    }
}
