//! The attributes of resources that Terraform 0.11 wrote and no later version has touched: one flat map of text, in which
//! `ingress.#` counts a list, `tags.%` counts a map, and elements of sets stand under a hash.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

/// The structure in a flat map. Numbers and flags stay text, which is how they are written.
pub fn unflatten(flat: &BTreeMap<String, String>) -> Map<String, Json> {
    structure(flat, "")
}

fn structure(flat: &BTreeMap<String, String>, prefix: &str) -> Map<String, Json> {
    let mut out = Map::new();
    for (key, text) in flat {
        let Some(rest) = key.strip_prefix(prefix) else {
            continue;
        };
        let (name, deeper) = rest.split_once('.').map_or((rest, None), |(name, deeper)| (name, Some(deeper)));
        if out.contains_key(name) {
            continue;
        }
        let value = match deeper {
            None => Json::String(text.clone()),
            Some(_) => collection(flat, &format!("{prefix}{name}.")),
        };
        out.insert(name.to_owned(), value);
    }
    out
}

/// What stands beneath a prefix that ends in a dot: a list where it is counted by `#`, else a map.
fn collection(flat: &BTreeMap<String, String>, prefix: &str) -> Json {
    if flat.contains_key(&format!("{prefix}%")) {
        let beneath = flat.iter().filter_map(|(key, text)| Some((key.strip_prefix(prefix)?, text)));
        return beneath
            .filter(|(key, _)| *key != "%")
            .map(|(key, text)| (key.to_owned(), Json::String(text.clone())))
            .collect::<Map<_, _>>()
            .into();
    }
    let mut elements: Vec<(String, Json)> = structure(flat, prefix).into_iter().filter(|(key, _)| key != "#").collect();
    if !flat.contains_key(&format!("{prefix}#")) {
        return elements.into_iter().collect::<Map<_, _>>().into();
    }
    elements.sort_by_key(|(position, _)| (position.parse::<u64>().unwrap_or(u64::MAX), position.clone()));
    elements.into_iter().map(|(_, element)| element).collect::<Vec<_>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_sets_and_maps_regain_their_structure() {
        let pairs = [
            ("id", "sg-1"),
            ("ingress.#", "2"),
            ("ingress.1403647648.cidr_blocks.#", "1"),
            ("ingress.1403647648.cidr_blocks.0", "0.0.0.0/0"),
            ("ingress.1403647648.from_port", "22"),
            ("ingress.99.cidr_blocks.#", "0"),
            ("ingress.99.from_port", "80"),
            ("tags.%", "2"),
            ("tags.Name", "web"),
            ("tags.a.b", "c"),
        ];
        let flat = pairs.map(|(key, text)| (key.to_owned(), text.to_owned())).into();
        let expected = json!({
            "id": "sg-1",
            "ingress": [{"cidr_blocks": [], "from_port": "80"}, {"cidr_blocks": ["0.0.0.0/0"], "from_port": "22"}],
            "tags": {"Name": "web", "a.b": "c"},
        });
        assert_eq!(Json::Object(unflatten(&flat)), expected);
    }
}
