//! The verdict most resource policies are asked for.

use plumbline::prelude::*;

use super::Policy;

/// Fails where the policy at `path` lets anyone in. Without a policy a resource is closed: what AWS puts in its place
/// names the owner's account.
pub fn closed_to_anyone(resource: &Resource<'_>, path: &str) -> Outcome {
    let policy = Policy::of(resource, path)?;
    match policy.as_ref().and_then(Policy::public_statement) {
        Some(statement) => fail(format!("policy {}", statement.open_to_anyone())),
        None => pass(),
    }
}
