//! The rules of the house that a machine can see.

use std::path::{Path, PathBuf};

use crate::harness::repository;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn shipped() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for folder in ["host", "plugins", "sdk"] {
        sources(&repository().join(folder), &mut found);
    }
    found.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn unsafe_stands_in_one_place_of_the_host_and_in_the_allocator_of_guests() {
    let mut places: Vec<String> = Vec::new();
    for (path, text) in shipped() {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        if code
            .clone()
            .any(|line| line.contains("unsafe {") || line.contains("unsafe fn") || line.contains("unsafe impl"))
        {
            places.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    places.sort();
    assert_eq!(places, ["allocator.rs", "code.rs"]);
}

#[test]
fn arrows_point_downwards() {
    let allowed = [
        ("model", vec![]),
        ("store", vec!["plumb-model"]),
        ("runtime", vec!["plumb-model"]),
        ("egress", vec!["plumb-model", "plumb-runtime"]),
        ("report", vec!["plumb-model"]),
        ("server", vec!["plumb-model", "plumb-store", "plumb-engine", "plumb-report"]),
        ("engine", vec!["plumb-model", "plumb-runtime", "plumb-store"]),
    ];
    for (name, allowed) in allowed {
        let manifest = std::fs::read_to_string(repository().join(format!("host/{name}/Cargo.toml"))).unwrap();
        let dependencies = manifest.split("[dependencies]").nth(1).unwrap_or_default().split("\n[").next().unwrap();
        for line in dependencies.lines().filter(|line| line.starts_with("plumb")) {
            let dependency = line.split([' ', '.', '=']).next().unwrap();
            assert!(allowed.contains(&dependency), "{name} must not know {dependency}");
        }
    }
}

#[test]
fn only_the_runtime_knows_wasmtime_and_only_one_crate_makes_its_bindings() {
    for (path, text) in shipped() {
        let inside = path.components().any(|part| part.as_os_str() == "runtime");
        let known =
            text.lines().any(|line| line.trim_start().starts_with("use wasmtime") || line.contains("wasmtime::"));
        assert!(inside || !known, "{}", path.display());
    }
}

#[test]
fn the_map_is_short_enough_to_read() {
    let map = std::fs::read_to_string(repository().join("host/ARCHITECTURE.md")).unwrap();
    assert!(map.lines().count() <= 150);
}

#[test]
fn the_readme_and_ci_run_the_same_test_command() {
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let ci = std::fs::read_to_string(repository().join(".ci/run")).unwrap();
    assert!(readme.contains("make test") && readme.contains("make demo") && ci.contains("make test"));
}
