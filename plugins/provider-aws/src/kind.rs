//! A kind of resource and how it is found.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::call::Call;
use crate::field::{Field, root};
use crate::tagging;
use crate::value;

/// A service: what is selected with `services`, and the unit of a task.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    pub name: &'static str,
    /// One task for the whole account and not one for each region.
    pub global: bool,
    pub listings: &'static [Listing],
}

/// Calls that list items, and the kinds that are among them.
#[derive(Clone, Copy, Debug)]
pub struct Listing {
    /// The first lists for the account and region. Each further one lists for every item of the one before, and its items keep
    /// that item as `Parent`.
    pub steps: &'static [Call],
    /// Asked for each item, which keeps the answer under the call's name: wave by wave, because later calls may be given what
    /// earlier ones answered; those of one wave side by side.
    pub details: &'static [&'static [Call]],
    pub kinds: &'static [Kind],
}

/// One kind.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    pub kind: &'static str,
    /// Which of the items are of this kind.
    pub keep: fn(&Json) -> bool,
    /// Its ARN, with `{path}` for what the item says, and `{partition}`, `{region}` and `{account}`.
    pub id: &'static str,
    /// Path of its name.
    pub name: &'static str,
    /// Path of its tags, in any of the forms that AWS has for them.
    pub tags: &'static str,
    /// Where nothing of the service tells its tags: what the tagging API calls its type. Its id is then its ARN.
    pub tagged: &'static str,
    /// Its region, and where its details are asked for, where that is not the task's.
    pub region: fn(&Json) -> Option<String>,
    pub fields: &'static [Field],
    /// Attributes that the API cannot tell, with the reason; each is a gap of every resource.
    pub untold: &'static [(&'static str, &'static str)],
}

impl Kind {
    pub const fn new(kind: &'static str, id: &'static str, name: &'static str, fields: &'static [Field]) -> Kind {
        Kind { kind, keep: |_| true, id, name, tags: "", tagged: "", region: |_| None, fields, untold: &[] }
    }

    #[must_use]
    pub const fn keep(mut self, keep: fn(&Json) -> bool) -> Kind {
        self.keep = keep;
        self
    }

    #[must_use]
    pub const fn tags(mut self, path: &'static str) -> Kind {
        self.tags = path;
        self
    }

    #[must_use]
    pub const fn tagged(mut self, resource_type: &'static str) -> Kind {
        self.tagged = resource_type;
        self
    }

    #[must_use]
    pub const fn region(mut self, region: fn(&Json) -> Option<String>) -> Kind {
        self.region = region;
        self
    }

    #[must_use]
    pub const fn untold(mut self, untold: &'static [(&'static str, &'static str)]) -> Kind {
        self.untold = untold;
        self
    }

    /// The first names of all paths it looks at.
    fn roots(&self) -> BTreeSet<&'static str> {
        let own = [self.name, self.tags].into_iter().chain(value::paths(self.id));
        own.map(root).chain(self.fields.iter().flat_map(Field::roots)).collect()
    }

    /// The attribute paths that are not known where this call failed; the whole where it is not told what it was asked for.
    pub fn lost(&self, alias: &str) -> Vec<String> {
        let mut lost: Vec<String> = self.fields.iter().flat_map(|field| field.lost(alias)).collect();
        if root(self.tags) == alias {
            lost.push("tags".to_owned());
        }
        if lost.is_empty() {
            lost.push(String::new());
        }
        lost
    }
}

impl Listing {
    /// The names of the detail calls that these kinds need, with those whose answers others are given.
    pub fn needed(&self, kinds: &[&'static Kind]) -> BTreeSet<&'static str> {
        let mut needed: BTreeSet<&str> = kinds.iter().flat_map(|kind| kind.roots()).collect();
        for call in self.details.iter().rev().flat_map(|wave| wave.iter()) {
            if call.always || needed.contains(call.alias) {
                needed.insert(call.alias);
                needed.extend(call.sources().map(root));
            }
        }
        needed
    }

    /// All calls that these kinds need.
    pub fn calls(&self, kinds: &[&'static Kind]) -> Vec<&'static Call> {
        let needed = self.needed(kinds);
        let details = self.details.iter().flat_map(|wave| wave.iter());
        let tags = kinds.iter().any(|kind| !kind.tagged.is_empty()).then_some(&tagging::GET_RESOURCES);
        self.steps.iter().chain(details.filter(|call| needed.contains(call.alias))).chain(tags).collect()
    }
}
