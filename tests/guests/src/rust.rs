//! Guests written in Rust: core modules, each compiled once by the build script. Which behaviour one has stands in
//! a marker among its bytes.

use plumbline_build::componentize;

use crate::manifest;

/// `good` passes everything whose `value` is not `bad`, and looks at no gaps.
pub(crate) const CHECKS: [&str; 10] = [
    "good",
    "trap_on_one",
    "error_on_one",
    "lying_check_ids",
    "hostile_text",
    "evaluate_error",
    "lying_subjects",
    "subjects_of_none",
    "subjects_of_two",
    "subjects_of_account",
];

/// `provider_good` emits two resources.
pub(crate) const PROVIDERS: [&str; 14] = [
    "provider_good",
    "provider_lies",
    "provider_lying_plan",
    "provider_plan_error",
    "provider_hint_flood",
    "provider_rights_flood",
    "provider_plan_flood",
    "provider_flood",
    "provider_gap_flood",
    "provider_escape",
    "provider_error",
    "provider_recall_flood",
    "provider_wrong_source",
    "provider_trap",
];

const MARKER: &[u8; 48] = b"plumbline-guest-behaviour:......................";
/// Where the name begins.
const NAME: usize = 26;

pub(crate) fn component(name: &str) -> Option<Vec<u8>> {
    if name == "twin" {
        let core = include_bytes!(concat!(env!("OUT_DIR"), "/twin.wasm"));
        return Some(componentize(core, include_str!("../twin/plugin.toml")).expect("the twin is a plugin"));
    }
    if name == "mender" {
        let core = include_bytes!(concat!(env!("OUT_DIR"), "/mender.wasm"));
        return Some(componentize(core, include_str!("../mender/plugin.toml")).expect("the mender is a plugin"));
    }
    if name == "wanderer" {
        let core = include_bytes!(concat!(env!("OUT_DIR"), "/wanderer.wasm"));
        return Some(componentize(core, include_str!("../wanderer/plugin.toml")).expect("the wanderer is a plugin"));
    }
    let (core, export): (&[u8], _) = if CHECKS.contains(&name) {
        (include_bytes!(concat!(env!("OUT_DIR"), "/checks.wasm")), "checks")
    } else if PROVIDERS.contains(&name) {
        (include_bytes!(concat!(env!("OUT_DIR"), "/provider.wasm")), "provider")
    } else {
        return None;
    };
    Some(componentize(&mark(core, name), &manifest(name, export)).expect("the guest is a plugin"))
}

/// The module with this behaviour.
fn mark(core: &[u8], name: &str) -> Vec<u8> {
    let places = core.windows(MARKER.len()).enumerate().filter(|(_, window)| window == MARKER);
    let places: Vec<usize> = places.map(|(place, _)| place).collect();
    let [place] = places.as_slice() else {
        panic!("the module holds {} markers, where there must be one", places.len());
    };
    assert!(NAME + name.len() < MARKER.len(), "'{name}' is too long for the marker");
    let mut marked = core.to_vec();
    let room = marked.get_mut(place + NAME..place + NAME + name.len()).expect("within the marker");
    room.copy_from_slice(name.as_bytes());
    marked
}
