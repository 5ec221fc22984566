//! The rules of a security group as its own attribute lists them: the cloud gathers rules of the same ports into one entry, so
//! the same rule may stand alone in a satellite and among others in the group.

use serde_json::Value as Json;

/// Whom an entry lets through.
const SOURCES: [&str; 4] = ["cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups"];

/// Adds an entry, unless entries of the same ports let through all that it does.
pub fn add(list: &mut Vec<Json>, entry: &Json) {
    let same: Vec<&Json> = list.iter().filter(|own| has_same_ports(own, entry)).collect();
    let covers = |name: &str, source: &Json| same.iter().any(|own| sources(own, name).contains(source));
    let is_covered = SOURCES.iter().all(|name| sources(entry, name).iter().all(|source| covers(name, source)))
        && (!is_self(entry) || same.iter().any(|own| is_self(own)));
    let says_anything = is_self(entry) || SOURCES.iter().any(|name| !sources(entry, name).is_empty());
    // An entry without sources has some that are not known yet: it stands for itself.
    let stands_already = is_covered && says_anything;
    if !stands_already && !list.contains(entry) {
        list.push(entry.clone());
    }
}

/// Takes what an entry lets through out of the entries of the same ports.
pub fn remove(list: &mut Vec<Json>, entry: &Json) {
    for own in list.iter_mut().filter(|own| has_same_ports(own, entry)) {
        for name in SOURCES {
            let gone = sources(entry, name);
            if let Some(Json::Array(own)) = own.get_mut(name) {
                own.retain(|source| !gone.contains(source));
            }
        }
        if let (true, Some(flag)) = (is_self(entry), own.get_mut("self")) {
            *flag = false.into();
        }
    }
    list.retain(|own| {
        !has_same_ports(own, entry) || is_self(own) || SOURCES.iter().any(|name| !sources(own, name).is_empty())
    });
}

fn sources<'a>(entry: &'a Json, name: &str) -> &'a [Json] {
    entry.get(name).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn is_self(entry: &Json) -> bool {
    matches!(entry.get("self"), Some(Json::Bool(true))) || entry.get("self").is_some_and(|flag| flag == "true")
}

fn has_same_ports(one: &Json, other: &Json) -> bool {
    ["from_port", "to_port", "protocol"].iter().all(|name| plain(one.get(name)) == plain(other.get(name)))
}

/// Numbers may be written as text.
fn plain(value: Option<&Json>) -> String {
    match value {
        Some(Json::String(text)) => text.to_lowercase(),
        Some(Json::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rule(port: u16, cidrs: &[&str]) -> Json {
        json!({"from_port": port, "to_port": port, "protocol": "tcp", "cidr_blocks": cidrs, "self": false})
    }

    #[test]
    fn a_rule_that_the_group_already_lists_among_others_is_not_added_again() {
        let mut list = vec![rule(22, &["10.0.0.0/8", "0.0.0.0/0"])];
        add(&mut list, &rule(22, &["0.0.0.0/0"]));
        assert_eq!(list.len(), 1);
        add(&mut list, &rule(22, &["192.168.0.0/16"]));
        add(&mut list, &rule(23, &["0.0.0.0/0"]));
        assert_eq!(list.len(), 3);
    }

    #[test]
    fn a_removed_rule_leaves_the_others_of_its_ports() {
        let mut list = vec![rule(22, &["10.0.0.0/8", "0.0.0.0/0"]), rule(23, &["0.0.0.0/0"])];
        remove(&mut list, &rule(22, &["0.0.0.0/0"]));
        assert_eq!(list, [rule(22, &["10.0.0.0/8"]), rule(23, &["0.0.0.0/0"])]);
        remove(&mut list, &rule(22, &["10.0.0.0/8"]));
        assert_eq!(list, [rule(23, &["0.0.0.0/0"])]);
    }

    #[test]
    fn a_rule_whose_sources_are_not_known_yet_stands() {
        let mut list = vec![rule(22, &["10.0.0.0/8"])];
        add(&mut list, &rule(22, &[]));
        assert_eq!(list.len(), 2);
    }
}
