//! Times of two contestants that took turns.

use std::time::Instant;

use serde_json::{Value as Json, json};

/// Seconds of each repetition.
#[derive(Debug, Default)]
pub(crate) struct Duel {
    pub(crate) ours: Vec<f64>,
    pub(crate) theirs: Vec<f64>,
}

impl Duel {
    /// The medians in microseconds for each of `units`, and the median of the ratios of the repetitions: what slows the
    /// machine down for a moment slows both sides of a repetition.
    pub(crate) fn figure(&self, name: &str, units: u32, about: &str) -> Json {
        let ratios = self.ours.iter().zip(&self.theirs).map(|(ours, theirs)| ours / theirs).collect();
        let each = |times: &[f64]| median(times.to_vec()) / f64::from(units) * 1e6;
        json!({
            "figure": name,
            "ratio": median(ratios),
            "ours_us": each(&self.ours),
            "theirs_us": each(&self.theirs),
            "repetitions": self.ours.len(),
            "about": about,
        })
    }
}

/// Seconds since `started`.
pub(crate) fn since(started: Instant) -> f64 {
    started.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
