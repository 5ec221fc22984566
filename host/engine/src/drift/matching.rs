//! Which resource is which where their ids differ: the code calls it by its address, the cloud by its own name, and a file may
//! have moved.

use std::collections::{BTreeMap, HashMap};

use crate::drift::document::Document;
use crate::drift::equal::{is_empty, scalar};
use crate::drift::rules::Rules;

/// A resource that has no partner yet.
#[derive(Clone, Debug)]
pub(crate) struct Lone {
    pub(crate) kind: String,
    pub(crate) address: String,
    /// Attribute and value, one for each attribute that names the resource.
    pub(crate) names: Vec<(String, String)>,
}

impl Lone {
    pub(crate) fn new(rules: &Rules, id: &str, document: &Document) -> Lone {
        let name = |key: &String| {
            let value = document.config.get(key).filter(|value| !is_empty(Some(value)))?;
            Some((key.clone(), scalar(value)?.into_owned()))
        };
        Lone {
            kind: document.kind.clone(),
            address: plain_address(id).to_owned(),
            names: rules.of(&document.kind).keys.iter().filter_map(name).collect(),
        }
    }
}

/// A Terraform address without the file it stands in; any other id as it is.
pub fn plain_address(id: &str) -> &str {
    match id.split_once('#') {
        // The mark may stand in a key: `aws_instance.a["x#y"]`.
        Some((file, address)) if !file.contains('[') => address,
        _ => id,
    }
}

/// Pairs of positions. Names win over addresses; what two resources share on one side pairs nobody.
pub(crate) fn pair(baselines: &[Lone], current: &[Lone]) -> Vec<(usize, usize)> {
    let mut pairs = BTreeMap::new();
    let mut taken = vec![false; current.len()];
    let names = |lone: &Lone| -> Vec<Vec<String>> {
        lone.names.iter().map(|(key, value)| vec![lone.kind.clone(), key.clone(), value.clone()]).collect()
    };
    let address = |lone: &Lone| vec![vec![lone.kind.clone(), lone.address.clone()]];
    join(baselines, current, names, &mut pairs, &mut taken);
    join(baselines, current, address, &mut pairs, &mut taken);
    pairs.into_iter().collect()
}

fn join(
    baselines: &[Lone],
    current: &[Lone],
    keys: impl Fn(&Lone) -> Vec<Vec<String>>,
    pairs: &mut BTreeMap<usize, usize>,
    taken: &mut [bool],
) {
    let free: Vec<(usize, &Lone)> = current.iter().enumerate().filter(|(at, _)| !is_taken(taken, *at)).collect();
    let here = unique(free.into_iter(), &keys);
    let lone: Vec<(usize, &Lone)> = baselines.iter().enumerate().filter(|(at, _)| !pairs.contains_key(at)).collect();
    let there = unique(lone.into_iter(), &keys);
    let mut found: Vec<(usize, usize)> =
        there.iter().filter_map(|(key, at)| Some(((*at)?, here.get(key).copied().flatten()?))).collect();
    found.sort_unstable();
    for (baseline, current) in found {
        if !pairs.contains_key(&baseline) && !is_taken(taken, current) {
            pairs.insert(baseline, current);
            taken.iter_mut().skip(current).take(1).for_each(|taken| *taken = true);
        }
    }
}

fn is_taken(taken: &[bool], at: usize) -> bool {
    taken.get(at).copied().unwrap_or(true)
}

/// Key → the only one that has it; none where several have.
fn unique<'a>(
    lone: impl Iterator<Item = (usize, &'a Lone)>,
    keys: impl Fn(&Lone) -> Vec<Vec<String>>,
) -> HashMap<Vec<String>, Option<usize>> {
    let mut found: HashMap<Vec<String>, Option<usize>> = HashMap::new();
    for (at, lone) in lone {
        for key in keys(lone) {
            found.entry(key).and_modify(|owner| *owner = None).or_insert(Some(at));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lone(address: &str, id: &str) -> Lone {
        let names = if id.is_empty() { Vec::new() } else { vec![("id".to_owned(), id.to_owned())] };
        Lone { kind: "k".to_owned(), address: address.to_owned(), names }
    }

    #[test]
    fn names_win_over_addresses_and_what_is_not_unique_pairs_nobody() {
        let baselines = [lone("a", "1"), lone("b", "2"), lone("c", ""), lone("d", "9"), lone("e", "9")];
        let current = [lone("b", "1"), lone("x", "2"), lone("c", "7"), lone("y", "9"), lone("z", "8")];
        assert_eq!(pair(&baselines, &current), [(0, 0), (1, 1), (2, 2)]);
    }

    #[test]
    fn an_address_is_what_follows_the_file() {
        assert_eq!(plain_address("env/prod.tfstate#module.a.k.b"), "module.a.k.b");
        assert_eq!(plain_address("k.b[\"x#y\"]"), "k.b[\"x#y\"]");
        assert_eq!(plain_address("f#k.b[\"x#y\"]"), "k.b[\"x#y\"]");
        assert_eq!(plain_address("arn:aws:s3:::a"), "arn:aws:s3:::a");
    }
}
