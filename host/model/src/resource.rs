//! What was looked at, and what could not be.

/// A resource without its attributes: what findings point at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceRef {
    /// ARN, ARM id, full resource name, or Terraform address. Unique within a target.
    pub id: String,
    /// Terraform resource type.
    pub kind: String,
    pub name: String,
    pub account: String,
    pub region: String,
}

impl ResourceRef {
    /// The family of a kind: what comes before its first `_`, for example `aws`.
    pub fn family(kind: &str) -> &str {
        kind.split_once('_').map_or(kind, |(family, _)| family)
    }
}

/// An attribute of a resource that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeGap {
    /// Attribute names joined by dots, list positions left out; empty for the whole resource.
    pub path: String,
    pub reason: String,
    pub permission: Option<String>,
}

impl AttributeGap {
    /// Whether reading `path` would touch this gap: one of the two lies at or beneath the other.
    pub fn touches(&self, path: &str) -> bool {
        lies_within(path, &self.path) || lies_within(&self.path, path)
    }
}

/// Whether `path` is `outer` or lies beneath it.
fn lies_within(path: &str, outer: &str) -> bool {
    outer.is_empty() || path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Something a scan could not look at: a broken file, a denied call, a failed task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanGap {
    /// The task it happened in; empty for the whole scan.
    pub task: String,
    /// Empty for every kind the task covers.
    pub kind: String,
    pub account: String,
    pub region: String,
    pub reason: String,
    /// The right that was missing, in the cloud's own words.
    pub permission: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_touches_what_lies_above_and_beneath_it() {
        let gap = AttributeGap { path: "versioning.enabled".into(), reason: String::new(), permission: None };
        for (path, touched) in [
            ("versioning", true),
            ("versioning.enabled", true),
            ("versioning.enabled.deep", true),
            ("versioning.mfa_delete", false),
            ("version", false),
            ("logging", false),
            ("", true),
        ] {
            assert_eq!(gap.touches(path), touched, "{path}");
        }
    }
}
