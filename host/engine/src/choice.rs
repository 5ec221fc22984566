//! Picks the checks and frameworks of a scan.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use plumb_model::check::{Check, Scope};
use plumb_model::framework::Framework;
use plumb_model::mute::glob;
use plumb_model::outcome::ControlRef;
use plumb_model::resource::ResourceRef;
use plumb_model::scan::Catalogue;
use plumb_runtime::Plugin;

use crate::error::EngineError;
use crate::library::Library;
use crate::request::Selection;

/// What a scan runs with.
#[derive(Debug)]
pub struct Chosen {
    pub catalogue: Catalogue,
    pub frameworks: Vec<Framework>,
    /// The user named the frameworks, so all of them are reported.
    pub frameworks_named: bool,
    /// Ids of all checks that loaded plugins bring, chosen or not.
    pub known: BTreeSet<String>,
    pub(crate) plugins: Vec<ChosenPlugin>,
}

/// The chosen checks of one plugin.
#[derive(Debug)]
pub(crate) struct ChosenPlugin {
    pub(crate) plugin: Plugin,
    pub(crate) digest: [u8; 32],
    pub(crate) checks: Vec<ChosenCheck>,
    /// Kind → positions in `checks`, of checks about single resources.
    pub(crate) by_kind: HashMap<String, Vec<usize>>,
}

#[derive(Debug)]
pub(crate) struct ChosenCheck {
    pub(crate) check: Check,
    /// Position in the catalogue.
    pub(crate) position: u32,
    /// Position in the plugin's own list, which its digest fixes.
    pub(crate) own: u32,
}

impl Chosen {
    /// Every named id must exist; a wrong one is an error with the near ones.
    pub fn new(library: &Library, selection: &Selection) -> Result<Chosen, EngineError> {
        for id in selection.checks.iter().chain(&selection.exclude) {
            library.check(id)?;
        }
        let frameworks: Vec<Framework> = if selection.frameworks.is_empty() {
            library.frameworks().cloned().collect()
        } else {
            let named: Result<Vec<_>, _> =
                selection.frameworks.iter().map(|id| library.framework(id).cloned()).collect();
            named?
        };
        let policies = Policies::new(selection, &frameworks);
        let chosen = |check: &Check| is_chosen(check, selection, &frameworks) && policies.cover(check);
        let checks: BTreeMap<String, Check> =
            library.checks().filter(|check| chosen(check)).map(|check| (check.id.clone(), check.clone())).collect();
        if checks.is_empty() {
            return Err(EngineError::NoChecks(nothing_left(library, selection)));
        }
        let positions: HashMap<&str, u32> = checks.keys().map(String::as_str).zip(0u32..).collect();
        let plugins = library.plugins.values().filter_map(|loaded| chosen_plugin(loaded, &positions)).collect();
        let controls = controls_by_check(&frameworks, &checks);
        Ok(Chosen {
            known: library.checks().map(|check| check.id.clone()).collect(),
            frameworks_named: !selection.frameworks.is_empty(),
            plugins,
            frameworks,
            catalogue: Catalogue { checks, controls },
        })
    }

    /// The kinds that the chosen checks look at.
    pub(crate) fn kinds(&self) -> Vec<String> {
        let kinds: BTreeSet<&String> = self.catalogue.checks.values().flat_map(|check| &check.kinds).collect();
        kinds.into_iter().cloned().collect()
    }
}

/// Which checks the globs of a selection name: by their own ids and categories, and by the controls and frameworks they count for.
struct Policies<'s> {
    selection: &'s Selection,
    /// Check id → control and framework ids.
    names: HashMap<&'s str, Vec<&'s str>>,
}

impl<'s> Policies<'s> {
    fn new(selection: &'s Selection, frameworks: &'s [Framework]) -> Policies<'s> {
        let mut names: HashMap<&str, Vec<&str>> = HashMap::new();
        if !selection.include_policies.is_empty() || !selection.exclude_policies.is_empty() {
            for framework in frameworks {
                for control in &framework.controls {
                    for check in &control.checks {
                        names.entry(check).or_default().extend([framework.id.as_str(), control.id.as_str()]);
                    }
                }
            }
        }
        Policies { selection, names }
    }

    fn cover(&self, check: &Check) -> bool {
        let Selection { include_policies, exclude_policies, .. } = self.selection;
        let any = |globs: &[String]| globs.iter().any(|pattern| self.names_check(pattern, check));
        (include_policies.is_empty() || any(include_policies)) && !any(exclude_policies)
    }

    /// Some clients write `pol_encryption` for the category `encryption`.
    fn names_check(&self, pattern: &str, check: &Check) -> bool {
        let category = pattern.strip_prefix("pol_").unwrap_or(pattern);
        let controls = self.names.get(check.id.as_str()).map(Vec::as_slice).unwrap_or_default();
        glob(pattern, &check.id)
            || controls.iter().any(|name| glob(pattern, name))
            || check.categories.iter().any(|own| glob(category, own))
    }
}

fn is_chosen(check: &Check, selection: &Selection, frameworks: &[Framework]) -> bool {
    let named = |check: &Check| frameworks.iter().flat_map(|f| &f.controls).any(|c| c.checks.contains(&check.id));
    (selection.checks.is_empty() || selection.checks.contains(&check.id))
        && !selection.exclude.contains(&check.id)
        && selection.least_severity().is_none_or(|least| check.severity >= least)
        && (selection.services.is_empty() || selection.services.iter().any(|service| service == check.service()))
        && (selection.frameworks.is_empty() || named(check))
        && in_families(check, &selection.families)
        // What is said of a whole account does not follow from some of its resources.
        && !(check.scope == Scope::Account && selection.narrows_resources())
}

/// Whether a check looks at something of one of these clouds; none stands for all.
pub(crate) fn in_families(check: &Check, families: &[String]) -> bool {
    let family = |kind: &String| families.iter().any(|family| family == ResourceRef::family(kind));
    families.is_empty() || check.kinds.iter().any(family)
}

fn nothing_left(library: &Library, selection: &Selection) -> String {
    if library.checks().next().is_none() {
        "no loaded plugin brings any; see `plumb plugin list`".to_owned()
    } else if !selection.frameworks.is_empty() {
        format!(
            "no loaded plugin brings the checks that {} names, or the other options leave none",
            selection.frameworks.join(", ")
        )
    } else {
        "what is selected by check, policy, severity, service and cloud together leaves none".to_owned()
    }
}

fn chosen_plugin(loaded: &crate::library::Loaded, positions: &HashMap<&str, u32>) -> Option<ChosenPlugin> {
    let checks: Vec<ChosenCheck> = (0u32..)
        .zip(&loaded.checks)
        .filter_map(|(own, check)| {
            let position = *positions.get(check.id.as_str())?;
            Some(ChosenCheck { check: check.clone(), position, own })
        })
        .collect();
    let mut by_kind: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, chosen) in checks.iter().enumerate().filter(|(_, chosen)| chosen.check.scope == Scope::Resource) {
        for kind in &chosen.check.kinds {
            by_kind.entry(kind.clone()).or_default().push(index);
        }
    }
    let digest = loaded.plugin.reference().digest;
    (!checks.is_empty()).then(|| ChosenPlugin { plugin: loaded.plugin.clone(), digest, checks, by_kind })
}

fn controls_by_check(frameworks: &[Framework], checks: &BTreeMap<String, Check>) -> BTreeMap<String, Vec<ControlRef>> {
    let mut controls: BTreeMap<String, Vec<ControlRef>> = BTreeMap::new();
    for framework in frameworks {
        for control in &framework.controls {
            for check in control.checks.iter().filter(|check| checks.contains_key(*check)) {
                let control = ControlRef { framework: framework.id.clone(), control: control.id.clone() };
                controls.entry(check.clone()).or_default().push(control);
            }
        }
    }
    controls
}
