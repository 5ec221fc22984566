//! OpenSearch Service domains, also those still called Elasticsearch.

use plumbline::prelude::*;

use crate::{count, flatten};

pub mod access;
pub mod encryption;
pub mod logging;
pub mod resilience;

const PARTS: &[&[&Check]] = &[access::CHECKS, encryption::CHECKS, logging::CHECKS, resilience::CHECKS];

const ALL: [&Check; count(PARTS)] = flatten(PARTS);

pub const CHECKS: &[&Check] = &ALL;

const KINDS: &[&str] = &["aws_opensearch_domain", "aws_elasticsearch_domain"];
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/opensearch-controls.html"];

#[cfg(test)]
mod tests;
