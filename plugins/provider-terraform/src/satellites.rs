//! The resources of a file that fold into others, packed: a state may hold hundreds of thousands, and as parsed values they
//! would take some five times their text.

use std::collections::BTreeSet;

use plumbline::provider::Error;
use serde_json::{Map, Value as Json};

use crate::address::Address;
use crate::budget::Budget;
use crate::fold::{Fold, folds_of};
use crate::instance::Instance;
use crate::paths::Paths;
use crate::texts::Texts;

/// What a satellite takes beside its text: its places in the lists here and in [`crate::matching::Brought`], and the
/// allocator's share.
const SATELLITE_BYTES: usize = 80;

/// All of them, in the order of the file.
#[derive(Debug, Default)]
pub struct Satellites {
    packed: Vec<Box<[u8]>>,
    providers: Texts,
    /// Lists of attribute names, as JSON: all resources of a kind have the same, and they are half of the text.
    names: Texts,
    /// Everything that a satellite's link may call its parent.
    pub links: Texts,
    /// The kinds they fold into.
    pub parents: BTreeSet<&'static str>,
}

/// Module, kind, name, key, deposed key, number of the provider, number of the attributes' names, values, paths of sensitive
/// values.
type Packed = (String, String, String, Option<String>, Option<String>, usize, usize, Vec<Json>, Paths);

impl Satellites {
    pub fn add(&mut self, instance: Instance, budget: &mut Budget) -> Result<(), Error> {
        let Instance { address, provider, values, sensitive } = instance;
        self.expect_parents(&address.kind, &values, budget)?;
        let provider = self.providers.keep(&provider, budget)?;
        let Address { module, kind, name, key, deposed } = address;
        let (names, values): (Vec<String>, Vec<Json>) = values.into_iter().unzip();
        let names = serde_json::to_string(&names).map_err(|error| broken(&error))?;
        let names = self.names.keep(&names, budget)?;
        let packed: Packed = (module, kind, name, key, deposed, provider, names, values, sensitive);
        let bytes = serde_json::to_vec(&packed).map_err(|error| broken(&error))?;
        budget.charge(SATELLITE_BYTES + bytes.len())?;
        self.packed.push(bytes.into());
        Ok(())
    }

    /// Notes which parents a satellite may have.
    pub fn expect_parents(&mut self, kind: &str, values: &Map<String, Json>, budget: &mut Budget) -> Result<(), Error> {
        for fold in folds_of(kind) {
            self.parents.extend(fold.parents);
            for link in links(values, fold) {
                self.links.keep(link, budget)?;
                if let Some(shorter) = without_qualifier(link) {
                    self.links.keep(shorter, budget)?;
                }
            }
        }
        Ok(())
    }

    pub fn len(&self) -> usize {
        self.packed.len()
    }

    pub fn is_empty(&self) -> bool {
        self.packed.is_empty()
    }

    /// None past the end.
    pub fn get(&self, place: usize) -> Result<Option<Instance>, Error> {
        let Some(bytes) = self.packed.get(place) else {
            return Ok(None);
        };
        let packed: Packed = serde_json::from_slice(bytes).map_err(|error| broken(&error))?;
        let (module, kind, name, key, deposed, provider, names, values, sensitive) = packed;
        let names = self.names.get(names).unwrap_or("[]");
        let names: Vec<String> = serde_json::from_str(names).map_err(|error| broken(&error))?;
        let values = names.into_iter().zip(values).collect();
        let address = Address { module, kind, name, key, deposed };
        let provider = self.providers.get(provider).unwrap_or_default().to_owned();
        Ok(Some(Instance { address, provider, values, sensitive }))
    }
}

fn broken(error: &serde_json::Error) -> Error {
    Error::Internal(format!("a resource that is a setting of another cannot be kept: {error}"))
}

/// What the link of a satellite holds: nothing, a name or several.
pub fn links<'a>(values: &'a Map<String, Json>, fold: &Fold) -> Vec<&'a str> {
    match values.get(fold.link) {
        Some(Json::String(link)) if !link.is_empty() => vec![link.as_str()],
        Some(Json::Array(links)) => links.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

/// A function may be named with the version it stands at: `arn:…:function:NAME:LIVE`.
pub fn without_qualifier(link: &str) -> Option<&str> {
    if link.starts_with("arn:") && link.contains(":function:") && link.matches(':').count() > 6 {
        link.rsplit_once(':').map(|(function, _)| function)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_satellite_comes_out_as_it_went_in() {
        let address = Address::parse("module.m[\"a\"].aws_lambda_permission.p[3]").unwrap();
        let function = "arn:aws:lambda:eu-west-1:123456789012:function:f";
        let values =
            json!({"function_name": format!("{function}:live"), "n": [1, -2, 0.5, null, true], "ü": {"a": "\u{0}"}});
        let instance = Instance {
            address: Address { deposed: Some("00".to_owned()), ..address },
            provider: "provider[\"x\"]".to_owned(),
            values: values.as_object().unwrap().clone(),
            sensitive: ["n".to_owned()].into(),
        };
        let mut satellites = Satellites::default();
        satellites.add(instance.clone(), &mut Budget::default()).unwrap();
        assert_eq!(satellites.get(0).unwrap(), Some(instance));
        assert_eq!(satellites.get(1).unwrap(), None);
        assert!(satellites.links.find(function).is_some());
        assert!(satellites.parents.contains("aws_lambda_function"));
    }
}
