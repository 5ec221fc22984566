//! `plumb plugin new`: a project that builds and passes its test at once, with the SDK inside, so that it needs nothing but a
//! Rust toolchain.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use include_dir::{Dir, File, include_dir};
use toml_edit::{DocumentMut, Item, Value};

use crate::exit::{Exit, usage};

/// The SDK, as it lies in this repository.
static SDK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../sdk/rust/src");
static CONTRACT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../wit/v0.1");
const SDK_MANIFEST: &str = include_str!("../../../../../sdk/rust/Cargo.toml");
const SDK_README: &str = include_str!("../../../../../sdk/rust/README.md");
const ROOT_MANIFEST: &str = include_str!("../../../../../Cargo.toml");

/// Where the project keeps the SDK.
const VENDOR: &str = "vendor/plumbline";

pub(crate) fn run(id: &str, directory: &Path) -> anyhow::Result<Exit> {
    check_id(id)?;
    let project = directory.join(id);
    if project.exists() {
        return Err(usage(format!("{} is already there; choose another id or --directory", project.display())));
    }
    for (path, text) in files(id)? {
        let path = project.join(path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        std::fs::write(&path, text).with_context(|| path.display().to_string())?;
    }
    eprintln!("made {}", project.display());
    eprintln!("next:  cd {}  &&  cargo test  &&  plumb plugin build", project.display());
    Ok(Exit::Success)
}

/// What cargo, the contract and a folder's name all accept.
fn check_id(id: &str) -> anyhow::Result<()> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let good = id.starts_with(|c: char| c.is_ascii_lowercase()) && id.len() <= 60 && id.chars().all(plain);
    good.then_some(())
        .ok_or_else(|| usage(format!("'{id}' is no plugin id: up to 60 of a-z, 0-9 and '-', a letter first")))
}

fn files(id: &str) -> anyhow::Result<Vec<(PathBuf, String)>> {
    let own = |text: &str| text.replace("PLUGIN_ID", id).replace("CRATE_NAME", &id.replace('-', "_"));
    let mut files = vec![
        (PathBuf::from("Cargo.toml"), own(include_str!("project/Cargo.toml.txt"))),
        (PathBuf::from("plugin.toml"), own(include_str!("project/plugin.toml.txt"))),
        (PathBuf::from("README.md"), own(include_str!("project/README.md.txt"))),
        (PathBuf::from(".gitignore"), "/target/\n".to_owned()),
        (PathBuf::from("src/lib.rs"), own(include_str!("project/lib.rs.txt"))),
        (Path::new(VENDOR).join("Cargo.toml"), sdk_manifest()?),
        (Path::new(VENDOR).join("README.md"), SDK_README.to_owned()),
    ];
    for (folder, dir) in [("src", &SDK), ("wit", &CONTRACT)] {
        for file in all_files(dir) {
            let text = file.contents_utf8().context("the SDK holds a file that is no text")?;
            files.push((Path::new(VENDOR).join(folder).join(file.path()), text.to_owned()));
        }
    }
    Ok(files)
}

/// Those of a folder and of the folders in it.
fn all_files<'d>(dir: &'d Dir<'d>) -> Vec<&'d File<'d>> {
    dir.files().chain(dir.dirs().flat_map(all_files)).collect()
}

/// Where the manifest has what only components need.
const WASM_DEPENDENCIES: &str = "/target/cfg(target_arch = \"wasm32\")/dependencies";

/// The SDK's manifest without what it inherits from this repository's root.
fn sdk_manifest() -> anyhow::Result<String> {
    let mut sdk: DocumentMut = SDK_MANIFEST.parse()?;
    let root: DocumentMut = ROOT_MANIFEST.parse()?;
    let workspace = root.get("workspace").context("the root manifest has no workspace")?;
    let inherited = |section: &str| workspace.get(section).and_then(Item::as_table_like);
    for (place, source) in
        [("/package", "package"), ("/dependencies", "dependencies"), (WASM_DEPENDENCIES, "dependencies")]
    {
        let section = place.split('/').skip(1).try_fold(sdk.as_item_mut(), |item, key| item.get_mut(key));
        let Some(table) = section.and_then(Item::as_table_like_mut) else { continue };
        let Some(source) = inherited(source) else { continue };
        for (key, item) in table.iter_mut() {
            let inherits = item.as_table_like().and_then(|table| table.get("workspace")).and_then(Item::as_bool);
            if inherits == Some(true) {
                let value = source.get(key.get()).and_then(Item::as_value);
                let value: Value = value.with_context(|| format!("the root manifest has no {}", key.get()))?.clone();
                *item = Item::Value(value);
            }
        }
    }
    sdk.remove("lints");
    Ok(sdk.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_projects_sdk_stands_on_its_own() {
        let manifest = sdk_manifest().unwrap();
        assert!(!manifest.contains("workspace"), "{manifest}");
        assert!(manifest.contains("wit-bindgen = {"), "{manifest}");
        let names: Vec<String> = files("a").unwrap().iter().map(|(path, _)| path.display().to_string()).collect();
        for needed in [
            "vendor/plumbline/src/lib.rs",
            "vendor/plumbline/src/document/markers.rs",
            "vendor/plumbline/wit/world.wit",
            "src/lib.rs",
            "plugin.toml",
        ] {
            assert!(names.iter().any(|name| name == needed), "{needed} is not in {names:?}");
        }
    }

    #[test]
    fn an_id_that_cargo_would_refuse_is_refused() {
        for bad in ["", "1a", "A", "a b", "../a", "a/b", "-a"] {
            assert!(check_id(bad).is_err(), "{bad}");
        }
        assert!(check_id("acme-checks").is_ok());
    }
}
