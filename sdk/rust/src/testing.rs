//! Fixtures for tests that run natively, without WebAssembly.
//!
//! ```
//! use plumbline::prelude::*;
//! use plumbline::testing::{json, resource};
//!
//! const NAMED: Check = Check {
//!     id: "thing_named",
//!     kinds: &["example_thing"],
//!     reads: &["name"],
//!     rule: Rule::Resource(|thing| pass_if(thing.has("name")?, "it has no name")),
//!     ..Check::BLANK
//! };
//!
//! let thing = resource("example_thing", json!({"name": "a"}));
//! assert_eq!(thing.verdict(&NAMED), pass());
//! assert!(thing.gap("name", "denied").verdict(&NAMED).is_err());
//! ```

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "it runs in tests alone, where a panic is the message and a literal is what people write"
)]

use serde_json::Value as Json;
pub use serde_json::json;

use crate::check::{Check, Context, Outcome};
use crate::resource::OwnedResource;

/// A resource for a test, built from JSON.
#[derive(Clone, Debug)]
pub struct Fixture(Json);

/// A resource of this kind with these attributes. Its id is `KIND.example`, its name `example`.
#[must_use]
pub fn resource(kind: &str, config: Json) -> Fixture {
    Fixture(json!({
        "id": format!("{kind}.example"), "kind": kind, "name": "example", "account": "123456789012", "region": "eu-central-1",
        "tags": {}, "config": config, "gaps": [],
    }))
}

/// All resources in a file of JSON: an array in the form of the contract's `batch`.
///
/// # Panics
/// Where the text is no such array.
#[must_use]
pub fn resources(text: &str) -> Vec<OwnedResource> {
    let parsed: Vec<Json> = serde_json::from_str(text).expect("an array of resources");
    parsed.iter().map(OwnedResource::from_json).collect()
}

impl Fixture {
    /// Sets one of `id`, `name`, `account` or `region`.
    #[must_use]
    pub fn with(mut self, field: &str, value: &str) -> Fixture {
        self.0[field] = value.into();
        self
    }

    #[must_use]
    pub fn tag(mut self, name: &str, value: &str) -> Fixture {
        self.0["tags"][name] = value.into();
        self
    }

    /// An attribute that could not be read.
    #[must_use]
    pub fn gap(mut self, path: &str, reason: &str) -> Fixture {
        if let Some(gaps) = self.0["gaps"].as_array_mut() {
            gaps.push(json!({"path": path, "reason": reason}));
        }
        self
    }

    #[must_use]
    pub fn build(&self) -> OwnedResource {
        OwnedResource::from_json(&self.0)
    }

    /// The check's verdict on this resource, at 2026-01-01.
    pub fn verdict(&self, check: &Check) -> Outcome {
        let context = Context { account: "123456789012".to_owned(), scan_time: "2026-01-01T00:00:00Z".to_owned() };
        check.on(&self.build().view(), &context)
    }
}
