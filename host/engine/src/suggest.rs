//! The near ones of a wrong id.

/// How many to name.
const NAMED: usize = 3;
/// Below this likeness (0 to 1) a suggestion confuses more than it helps.
const LIKE: f64 = 0.7;

/// ` Did you mean 'a' or 'b'?`, or nothing where nothing is near.
pub(crate) fn near<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> String {
    let mut rated: Vec<(f64, &str)> = known
        .map(|id| (if id.contains(wrong) { 1.0 } else { strsim::jaro_winkler(wrong, id) }, id))
        .filter(|(likeness, _)| *likeness > LIKE)
        .collect();
    rated.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let named: Vec<String> = rated.iter().take(NAMED).map(|(_, id)| format!("'{id}'")).collect();
    if named.is_empty() { String::new() } else { format!(" Did you mean {}?", named.join(" or ")) }
}
