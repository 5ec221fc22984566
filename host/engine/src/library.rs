//! The loaded plugins and what they bring.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use plumb_model::check::Check;
use plumb_model::framework::Framework;
use plumb_runtime::manifest::Export;
use plumb_runtime::{Plugin, Runtime};

use crate::error::EngineError;
use crate::suggest::near;

/// What a provider's id begins with; the rest is how people call it: `plumb scan terraform`.
const PROVIDER_PREFIX: &str = "provider-";

/// A component to load.
#[derive(Clone, Debug)]
pub struct Source {
    /// For messages: a path, or `built in`.
    pub name: String,
    pub bytes: Cow<'static, [u8]>,
}

/// A plugin that is not there, or only in part. The others are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Path or plugin id.
    pub source: String,
    pub message: String,
}

/// A plugin and where it came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub source: String,
    pub plugin: Plugin,
    /// In the plugin's own order.
    pub checks: Vec<Check>,
    pub frameworks: Vec<Framework>,
}

/// The loaded plugins. A later source replaces an earlier one with the same plugin id.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// By plugin id.
    pub plugins: BTreeMap<String, Loaded>,
    pub problems: Vec<Problem>,
}

impl Library {
    /// Loads all sources, side by side. One that fails is a problem and nothing more.
    pub async fn load(runtime: &Runtime, sources: Vec<Source>) -> Library {
        let mut library = Library::default();
        let loads = sources.into_iter().map(|source| {
            let runtime = runtime.clone();
            // A task each, so that they use all cores: reading and linking is work, not waiting.
            tokio::spawn(async move { load(&runtime, source).await })
        });
        for joined in futures::future::join_all(loads).await {
            match joined {
                Ok(Ok(loaded)) => {
                    library.plugins.insert(loaded.plugin.manifest().id.clone(), loaded);
                }
                Ok(Err(problem)) => library.problems.push(problem),
                Err(error) => library.problems.push(Problem { source: String::new(), message: error.to_string() }),
            }
        }
        library.drop_doubles();
        library
    }

    /// A check or framework id that two plugins bring: the plugin whose id comes first keeps it.
    fn drop_doubles(&mut self) {
        let mut owners: BTreeMap<String, String> = BTreeMap::new();
        for (id, loaded) in &mut self.plugins {
            let problems = &mut self.problems;
            let mut claim = |kind: &str, name: &str| match owners.get(&format!("{kind} {name}")) {
                None => {
                    owners.insert(format!("{kind} {name}"), id.clone());
                    true
                }
                Some(owner) => {
                    let message =
                        format!("its {kind} '{name}' is left out, because plugin {owner} brings one of that id");
                    problems.push(Problem { source: id.clone(), message });
                    false
                }
            };
            loaded.checks.retain(|check| claim("check", &check.id));
            loaded.frameworks.retain(|framework| claim("framework", &framework.id));
        }
    }

    pub fn checks(&self) -> impl Iterator<Item = &Check> {
        self.plugins.values().flat_map(|loaded| &loaded.checks)
    }

    pub fn frameworks(&self) -> impl Iterator<Item = &Framework> {
        self.plugins.values().flat_map(|loaded| &loaded.frameworks)
    }

    /// By check id.
    pub fn check(&self, id: &str) -> Result<&Check, EngineError> {
        let known = || self.checks().map(|check| check.id.as_str());
        let found = self.checks().find(|check| check.id == id);
        found.ok_or_else(|| EngineError::UnknownCheck(id.to_owned(), near(id, known())))
    }

    /// By framework id.
    pub fn framework(&self, id: &str) -> Result<&Framework, EngineError> {
        let known = || self.frameworks().map(|framework| framework.id.as_str());
        let found = self.frameworks().find(|framework| framework.id == id);
        found.ok_or_else(|| EngineError::UnknownFramework(id.to_owned(), near(id, known())))
    }

    /// By plugin id, or by what follows `provider-` in it.
    pub fn provider(&self, name: &str) -> Result<&Plugin, EngineError> {
        let providers = || self.plugins.values().filter(|loaded| loaded.plugin.exports(Export::Provider));
        let short = |id: &str| id.strip_prefix(PROVIDER_PREFIX).unwrap_or(id).to_owned();
        let found = providers().find(|loaded| {
            let id = &loaded.plugin.manifest().id;
            id == name || short(id) == name
        });
        found.map(|loaded| &loaded.plugin).ok_or_else(|| {
            let known: Vec<String> = providers().map(|loaded| short(&loaded.plugin.manifest().id)).collect();
            EngineError::UnknownProvider(name.to_owned(), near(name, known.iter().map(String::as_str)))
        })
    }
}

/// Those of some components that have a wanted digest (BLAKE3), by it. A scan's record names plugins this way: another version of
/// the same plugin would be another judge.
pub async fn by_digest(
    runtime: &Runtime,
    sources: Vec<Source>,
    wanted: &BTreeSet<[u8; 32]>,
) -> BTreeMap<[u8; 32], Result<Plugin, String>> {
    let mut found = BTreeMap::new();
    for source in sources {
        let digest = *blake3::hash(&source.bytes).as_bytes();
        if wanted.contains(&digest) && !found.contains_key(&digest) {
            let loaded = runtime.load(source.bytes).await;
            found.insert(digest, loaded.map_err(|error| format!("{}: {error}", source.name)));
        }
    }
    found
}

async fn load(runtime: &Runtime, source: Source) -> Result<Loaded, Problem> {
    let name = source.name;
    let problem = |message: String| Problem { source: name.clone(), message };
    let plugin = runtime.load(source.bytes).await.map_err(|error| problem(error.to_string()))?;
    let checks = plugin.checks().await.map_err(|error| problem(error.to_string()))?;
    let frameworks = plugin.frameworks().await.map_err(|error| problem(error.to_string()))?;
    Ok(Loaded { source: name, plugin, checks, frameworks })
}
