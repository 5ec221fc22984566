//! What the provider says of attributes, in the shape of the documents that are compared.

use std::collections::{BTreeMap, HashMap};

use plumb_model::check::Severity;
use plumb_model::drift::{AttributeHint, Meaning};

/// What is known of an attribute and of those beneath it. Lists are passed through: what is said of a list is said of its
/// elements too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Node {
    beneath: BTreeMap<String, Node>,
    /// At the top: the cloud makes such resources by itself.
    pub(crate) noise: bool,
    pub(crate) sensitive: bool,
    pub(crate) unordered: bool,
    /// Attributes that together name the elements of a list; at the top, each alone names the resource.
    pub(crate) keys: Vec<String>,
    pub(crate) security: Option<Severity>,
}

/// Nothing is known.
static UNKNOWN: Node = Node {
    beneath: BTreeMap::new(),
    noise: false,
    sensitive: false,
    unordered: false,
    keys: Vec::new(),
    security: None,
};

impl Node {
    pub(crate) fn child(&self, name: &str) -> &Node {
        self.beneath.get(name).unwrap_or(&UNKNOWN)
    }

    /// Whether the order of the elements says nothing.
    pub(crate) fn is_set(&self) -> bool {
        self.unordered || !self.keys.is_empty()
    }

    /// Whether the provider ever shows what stands at a path.
    pub(crate) fn shows(&self, path: &str) -> bool {
        let mut node = self;
        let mut never_shown = node.sensitive || node.noise;
        for name in path.split('.').filter(|name| !name.is_empty()) {
            node = node.child(name);
            never_shown |= node.sensitive || node.noise;
        }
        !never_shown
    }

    fn add(&mut self, hint: &AttributeHint) {
        let mut names: Vec<&str> = hint.path.split('.').filter(|name| !name.is_empty()).collect();
        let key = if hint.meaning == Meaning::IdentityKey { names.pop() } else { None };
        let node = names.into_iter().fold(self, |node, name| node.beneath.entry(name.to_owned()).or_default());
        match hint.meaning {
            Meaning::Security(severity) => node.security = Some(severity),
            Meaning::IdentityKey => node.keys.extend(key.map(str::to_owned).filter(|key| !node.keys.contains(key))),
            Meaning::Unordered => node.unordered = true,
            Meaning::ProviderNoise => node.noise = true,
            Meaning::Sensitive => node.sensitive = true,
        }
    }
}

/// The rules of all kinds.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    kinds: HashMap<String, Node>,
    /// For kinds that nothing is said of.
    others: Node,
}

impl Rules {
    pub fn new(hints: &[AttributeHint]) -> Rules {
        let mut rules = Rules::default();
        for hint in hints.iter().filter(|hint| hint.kind.is_empty()) {
            rules.others.add(hint);
        }
        for hint in hints.iter().filter(|hint| !hint.kind.is_empty()) {
            let general = &rules.others;
            rules.kinds.entry(hint.kind.clone()).or_insert_with(|| general.clone()).add(hint);
        }
        rules
    }

    pub(crate) fn of(&self, kind: &str) -> &Node {
        self.kinds.get(kind).unwrap_or(&self.others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(kind: &str, path: &str, meaning: Meaning) -> AttributeHint {
        AttributeHint { kind: kind.to_owned(), path: path.to_owned(), meaning }
    }

    #[test]
    fn what_holds_for_every_kind_holds_beside_what_is_said_of_one() {
        let rules = Rules::new(&[
            hint("k", "rule.cidr", Meaning::Unordered),
            hint("", "arn", Meaning::ProviderNoise),
            hint("k", "rule.port", Meaning::IdentityKey),
            hint("k", "", Meaning::Security(Severity::High)),
        ]);
        let known = rules.of("k");
        assert!(known.child("arn").noise && rules.of("other").child("arn").noise);
        assert!(known.child("rule").child("cidr").unordered && known.child("rule").is_set());
        assert_eq!(known.security, Some(Severity::High));
        assert_eq!(*known.child("rule").child("nothing").child("beneath"), UNKNOWN);
    }
}
