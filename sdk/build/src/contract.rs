//! The contract's WIT text, so that nobody needs the repository at hand to wrap a module.
//!
//! Rust's and C's bindings write the contract's types into the module they are compiled into. Compilers of other
//! languages do not; [`embed`] does it for them.

use wit_component::StringEncoding;
use wit_parser::{Resolve, SourceMap};

use crate::error::BuildError;

/// One WIT package: file names and texts.
pub type Package = Vec<(String, String)>;

const FILES: [(&str, &str); 11] = [
    ("checks.wit", include_str!("../wit/checks.wit")),
    ("files.wit", include_str!("../wit/files.wit")),
    ("framework.wit", include_str!("../wit/framework.wit")),
    ("http.wit", include_str!("../wit/http.wit")),
    ("inventory.wit", include_str!("../wit/inventory.wit")),
    ("log.wit", include_str!("../wit/log.wit")),
    ("provider.wit", include_str!("../wit/provider.wit")),
    ("remediation.wit", include_str!("../wit/remediation.wit")),
    ("snapshot.wit", include_str!("../wit/snapshot.wit")),
    ("types.wit", include_str!("../wit/types.wit")),
    ("world.wit", include_str!("../wit/world.wit")),
];

/// The contract as one package.
#[must_use]
pub fn package() -> Package {
    FILES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

/// The world of the contract for a plugin with these exports, which stand in alphabetical order.
pub fn world(exports: &[String]) -> Result<&'static str, BuildError> {
    let exports: Vec<&str> = exports.iter().map(String::as_str).collect();
    match exports.as_slice() {
        ["checks"] => Ok("checks-plugin"),
        ["framework"] => Ok("framework-plugin"),
        ["checks", "framework"] => Ok("framework-with-checks-plugin"),
        ["provider"] => Ok("provider-plugin"),
        ["provider", "remediation"] => Ok("provider-with-remediation-plugin"),
        _ => Err(BuildError::World {
            world: exports.join(", "),
            reason:
                "a plugin is a provider, with or without remediation, checks, a framework, or a framework with checks"
                    .to_owned(),
        }),
    }
}

/// All packages, each of which may use those before it.
pub fn resolve(packages: &[Package]) -> Result<Resolve, BuildError> {
    let mut resolve = Resolve::default();
    for files in packages {
        let mut source = SourceMap::new();
        for (name, text) in files {
            source.push_str(name, text.as_str());
        }
        let broken = |reason: String| BuildError::World { world: "*".to_owned(), reason };
        let group = source.parse().map_err(|(map, error)| broken(error.render(&map)))?;
        resolve.push_group(group).map_err(|error| broken(error.to_string()))?;
    }
    Ok(resolve)
}

/// Writes the types of one of the contract's worlds into a core module.
pub fn embed(core: &[u8], world: &str) -> Result<Vec<u8>, BuildError> {
    embed_from(core, &[package()], world)
}

/// As [`embed`], for a world of the last of these packages.
pub fn embed_from(core: &[u8], packages: &[Package], world: &str) -> Result<Vec<u8>, BuildError> {
    let resolve = resolve(packages)?;
    let unknown = |reason: String| BuildError::World { world: world.to_owned(), reason };
    let (last, _) = resolve.packages.iter().next_back().ok_or_else(|| unknown("there is no package".to_owned()))?;
    let id = resolve.select_world(&[last], Some(world)).map_err(|error| unknown(error.to_string()))?;
    let mut module = core.to_vec();
    wit_component::embed_component_metadata(&mut module, &resolve, id, StringEncoding::UTF8)
        .map_err(|error| unknown(format!("{error:#}")))?;
    Ok(module)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_contract_is_here() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("wit");
        let mut names: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, FILES.map(|(name, _)| name));
    }

    #[test]
    fn every_combination_of_exports_has_its_world() {
        let resolve = resolve(&[package()]).unwrap();
        for exports in [
            vec!["checks"],
            vec!["framework"],
            vec!["checks", "framework"],
            vec!["provider"],
            vec!["provider", "remediation"],
        ] {
            let exports: Vec<String> = exports.into_iter().map(str::to_owned).collect();
            let name = world(&exports).unwrap();
            assert!(resolve.worlds.iter().any(|(_, world)| world.name == name), "{name}");
        }
        assert!(world(&["checks".to_owned(), "provider".to_owned()]).is_err());
    }
}
