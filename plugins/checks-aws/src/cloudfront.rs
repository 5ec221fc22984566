//! CloudFront distributions.

use plumbline::prelude::*;

use crate::{count, flatten};

pub mod origins;
pub mod viewers;

const PARTS: &[&[&Check]] = &[origins::CHECKS, viewers::CHECKS];

const ALL: [&Check; count(PARTS)] = flatten(PARTS);

pub const CHECKS: &[&Check] = &ALL;

const KINDS: &[&str] = &["aws_cloudfront_distribution"];
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/cloudfront-controls.html"];
/// The API replaces whole configurations: get one, edit it, send it back.
const UPDATE: &str =
    "aws cloudfront update-distribution --id ID --if-match ETAG --distribution-config file://config.json";

/// The default cache behaviour and all others, with what to call them.
fn behaviors<'a>(distribution: &Resource<'a>) -> Result<Vec<(String, Node<'a>)>, Unread> {
    let mut all = Vec::new();
    for default in distribution.list("default_cache_behavior")? {
        all.push(("the default behavior".to_owned(), default));
    }
    for ordered in distribution.list("ordered_cache_behavior")? {
        all.push((format!("the behavior for {}", ordered.text("path_pattern")?.unwrap_or("a path")), ordered));
    }
    if all.is_empty() {
        return Err(Unread { path: "default_cache_behavior".into(), reason: "it is not set".into() });
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
