//! Plugins for the tests of the host. [`component`] gives the bytes of one, complete with its manifest.
//!
//! Three sources: [`text`] holds guests written as WebAssembly text, for what no compiler would write; [`rust`] holds
//! guests of two modules compiled once, whose behaviour is written into their bytes; [`strange`] holds what should not
//! even load.
//!
//! For tests only: what is wrong here panics.
#![allow(clippy::expect_used, clippy::panic)]

mod rust;
mod strange;
mod text;

/// The kind that all guests' checks look at and all providers here report.
pub const KIND: &str = "guest_thing";

/// The names of all guests.
#[must_use]
pub fn names() -> Vec<&'static str> {
    let text = text::BEHAVIOURS.iter().map(|(name, _)| *name);
    let rust = rust::CHECKS.iter().chain(&rust::PROVIDERS).copied();
    text.chain(rust).chain(strange::NAMES).chain(["mender", "twin", "wanderer"]).collect()
}

/// A guest's bytes.
///
/// # Panics
/// Where there is no guest of this name.
#[must_use]
pub fn component(name: &str) -> Vec<u8> {
    let bytes = text::component(name).or_else(|| rust::component(name)).or_else(|| strange::component(name));
    bytes.unwrap_or_else(|| panic!("no guest is called '{name}'; there are {}", names().join(", ")))
}

/// Buckets that tell the twins apart, as a `batch` in JSON, and the verdicts each must get: by id, in the order of the
/// checks.
pub const BUCKETS: &str = include_str!("../buckets.json");
pub const VERDICTS: &str = include_str!("../verdicts.json");

/// A guest in another language: the twin as `python` or `c`, or `wasi`, which looks for what lies around it.
///
/// # Panics
/// Where `tests/guests/build.sh` has not made it.
#[must_use]
pub fn in_another_language(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("PLUMB_GUESTS")).join(format!("{name}.wasm"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; run tests/guests/build.sh", path.display()))
}

/// The manifest of a guest with one export; its id is its name.
fn manifest(name: &str, export: &str) -> String {
    let capabilities = match export {
        "provider" => "files = true\ninventory = true\nlog = true\n",
        _ => "log = true\nsnapshot = true\n",
    };
    format!(
        "id = \"{name}\"\nversion = \"1.0.0\"\ntitle = \"A guest for tests\"\npublisher = \"Plumbline\"\n\
         exports = [\"{export}\"]\nencoding = \"msgpack\"\n\n[capabilities]\n{capabilities}"
    )
}

#[cfg(test)]
mod tests {
    use plumbline_build::{imports, manifest_of};

    use super::*;

    #[test]
    fn every_guest_has_bytes_of_its_own() {
        let mut seen = std::collections::BTreeSet::new();
        for name in names() {
            assert!(seen.insert(component(name)), "{name} is the same as another");
        }
    }

    #[test]
    fn guests_that_load_carry_their_name_and_import_nothing_foreign() {
        for name in text::BEHAVIOURS.iter().map(|(name, _)| *name).chain(rust::CHECKS).chain(rust::PROVIDERS) {
            let bytes = component(name);
            let manifest = manifest_of(&bytes).unwrap().unwrap();
            assert!(manifest.starts_with(&format!("id = \"{name}\"\n")), "{manifest}");
            assert!(imports(&bytes).unwrap().iter().all(|import| import.starts_with("plumbline:plugin/")), "{name}");
        }
    }

    #[test]
    fn strange_guests_are_strange_in_one_way() {
        assert!(imports(&component("ungranted_import")).unwrap().contains(&"plumbline:plugin/http@0.1.0".to_owned()));
        assert!(imports(&component("wasi_import")).unwrap().contains(&"wasi:clocks/monotonic-clock@0.2.0".to_owned()));
        assert!(imports(&component("unknown_contract")).unwrap().contains(&"plumbline:plugin/log@0.9.0".to_owned()));
        assert_eq!(manifest_of(&component("no_manifest")).unwrap(), None);
        assert!(imports(&component("not_a_component")).is_err());
    }
}
