//! What is known of a resource: its attributes without secrets, with embedded JSON as structure, and what could not be known.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::address::Address;
use crate::changes::{Change, Changes};
use crate::configuration::Configuration;
use crate::defaults::Known;
use crate::dynamic::Unknowns;
use crate::instance::Instance;
use crate::paths::{fill, remove};
use crate::{defaults, embedded, sensitive};

/// Why an attribute of a plan is a gap.
pub const UNKNOWN: &str = "known only after apply";
/// Why a secret is a gap.
pub const SENSITIVE: &str = "sensitive value, not kept";

/// Attribute paths that could not be read, each with its reason.
pub type Gaps = BTreeMap<String, String>;

/// What a plan says beside the values. Empty for states.
#[derive(Debug, Default)]
pub struct Planned {
    pub changes: Changes,
    pub configuration: Configuration,
    pub unknowns: Unknowns,
}

/// A resource as it will be reported, but for what folds into it.
#[derive(Clone, Debug, Default)]
pub struct Completed {
    pub address: Address,
    pub provider: String,
    pub config: Map<String, Json>,
    pub gaps: Gaps,
}

impl Planned {
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.configuration.is_empty()
    }
}

impl Completed {
    pub fn of(instance: Instance, planned: &Planned) -> Completed {
        let Instance { address, provider, mut values, sensitive } = instance;
        let mut gaps = Gaps::new();
        let change = planned.changes.of(&address);
        if let Some(change) = change {
            set_unknown(&address, change, planned, &mut values, &mut gaps);
        }
        let flagged = sensitive.iter().chain(change.iter().flat_map(|change| change.sensitive.iter()));
        for path in flagged {
            conceal(path, &mut values, &mut gaps);
        }
        for path in sensitive::secrets_of(&address.kind) {
            conceal(path, &mut values, &mut gaps);
        }
        embedded::unfold(&mut values);
        embedded::cut_too_deep(&mut values, &mut gaps);
        Completed { address, provider, config: values, gaps }
    }
}

/// An attribute that is unknown is a gap, unless nobody wrote it and its default is documented.
fn set_unknown(address: &Address, change: &Change, planned: &Planned, values: &mut Map<String, Json>, gaps: &mut Gaps) {
    let Planned { configuration, unknowns, .. } = planned;
    let resource = if change.creates { configuration.resource(address) } else { None };
    let may_be_dynamic = || unknowns.may_reach(address, configuration);
    for path in change.unknown.iter() {
        let default = resource.and_then(|resource| {
            let known = Known { written: &resource.written, values, unknown: &change.unknown };
            defaults::default_of(&address.kind, path, &known, &may_be_dynamic)
        });
        match default {
            Some(Json::Null) => {}
            Some(value) => fill(values, path, &value),
            None => {
                gaps.insert(path.clone(), UNKNOWN.to_owned());
            }
        }
    }
}

/// Takes a secret out. A whole resource that is flagged keeps nothing.
fn conceal(path: &str, values: &mut Map<String, Json>, gaps: &mut Gaps) {
    let concealed = if path.is_empty() {
        let any = !values.is_empty();
        values.clear();
        any
    } else {
        remove(values, path)
    };
    if concealed {
        gaps.insert(path.to_owned(), SENSITIVE.to_owned());
    }
}
