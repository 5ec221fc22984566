//! The first-party plugins as components: every folder of `plugins/` that has a `plugin.toml`, built by this crate's
//! build script.
//!
//! Bytes only. Nothing here knows what a plugin does, and nothing is trusted more for having come along.

/// A component with its manifest inside.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BundledPlugin {
    /// As in the manifest.
    pub id: &'static str,
    pub bytes: &'static [u8],
}

impl std::fmt::Debug for BundledPlugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BundledPlugin({}, {} bytes)", self.id, self.bytes.len())
    }
}

include!(concat!(env!("OUT_DIR"), "/plugins.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_plugin_folder_is_here_as_a_pure_component_with_its_manifest() {
        let folders = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).unwrap();
        let manifests =
            folders.filter_map(|folder| std::fs::read_to_string(folder.unwrap().path().join("plugin.toml")).ok());
        let mut manifests: Vec<String> = manifests.collect();
        manifests.sort();
        let mut bundled = Vec::new();
        for plugin in PLUGINS {
            for import in plumbline_build::imports(plugin.bytes).unwrap() {
                assert!(import.starts_with("plumbline:plugin/"), "{plugin:?} imports {import}");
            }
            let manifest = plumbline_build::manifest_of(plugin.bytes).unwrap().unwrap();
            assert!(manifest.contains(&format!("id = \"{}\"", plugin.id)));
            bundled.push(manifest);
        }
        bundled.sort();
        assert_eq!(bundled, manifests);
        assert!(!bundled.is_empty());
    }

    #[test]
    fn no_path_of_the_building_machine_is_left_in_a_plugin() {
        let home = std::env::home_dir().unwrap().join(".cargo");
        let home = home.to_str().unwrap().as_bytes();
        for plugin in PLUGINS {
            assert!(!plugin.bytes.windows(home.len()).any(|window| window == home), "{plugin:?}");
        }
    }
}
