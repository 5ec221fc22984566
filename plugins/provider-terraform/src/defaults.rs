//! What an attribute will be that a plan does not know and nobody wrote: its documented default.
//!
//! Only attributes whose default depends on nothing outside the resource stand in the [`table`]. Instance metadata options and
//! disk encryption, for example, follow settings of the account, so they stay gaps. A default is taken only while the resource
//! is made: later the attribute may have been changed by hand.
//!
//! The default of a block is taken only where no `dynamic` block can write it: see [`crate::dynamic`].

mod table;

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::embedded::parse;
use table::{DEFAULTS, SWITCHING_BLOCKS};

/// A default that can be written as a constant.
#[derive(Clone, Copy, Debug)]
enum Literal {
    Null,
    Flag(bool),
    Int(i64),
    Text(&'static str),
    /// A JSON document.
    Document(&'static str),
}

/// The page that says what the default is.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// The page of the kind in the AWS provider's documentation, at the attribute.
    Provider,
    /// The same where the kind is another name of this one.
    ProviderOf(&'static str),
    /// A page of AWS, by its path: the provider's leaves the default to the cloud.
    Aws(&'static str),
}

/// The default of one attribute.
#[derive(Clone, Copy, Debug)]
struct Default {
    kind: &'static str,
    path: &'static str,
    value: Literal,
    source: Source,
    is_block: bool,
    /// The default holds only where none of these is written.
    unless: &'static [&'static str],
    /// The default holds only where this attribute has one of these values.
    only: Option<(&'static str, &'static [&'static str])>,
}

/// Whether any attribute of a kind has a documented default.
pub fn has(kind: &str) -> bool {
    DEFAULTS.iter().any(|default| default.kind == kind)
}

/// What a plan says of the resource whose default is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Every attribute and block in the configuration, by path, and how often it stands there.
    pub written: &'a BTreeMap<String, usize>,
    pub values: &'a Map<String, Json>,
    pub unknown: &'a [String],
}

/// The documented default of an attribute that nobody wrote. `may_be_dynamic` tells whether a block that is not in the
/// configuration may be written nevertheless.
pub fn default_of(kind: &str, path: &str, known: &Known<'_>, may_be_dynamic: &dyn Fn() -> bool) -> Option<Json> {
    let mut candidates = DEFAULTS.iter().filter(|default| default.kind == kind && default.path == path);
    let default = candidates.find(|default| default.holds(known, may_be_dynamic))?;
    Some(match default.value {
        Literal::Null => Json::Null,
        Literal::Flag(flag) => flag.into(),
        Literal::Int(number) => number.into(),
        Literal::Text(text) => text.into(),
        Literal::Document(text) => parse(text)?,
    })
}

/// The address of the page that documents each default, with its kind and path.
pub fn sources() -> impl Iterator<Item = (&'static str, &'static str, String)> {
    DEFAULTS.iter().map(|default| (default.kind, default.path, default.url()))
}

impl Default {
    fn url(&self) -> String {
        let page = |kind: &str| {
            let resource = kind.strip_prefix("aws_").unwrap_or(kind);
            let attribute = self.path.rsplit('.').next().unwrap_or(self.path);
            format!(
                "https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/{resource}#{attribute}"
            )
        };
        match self.source {
            Source::Provider => page(self.kind),
            Source::ProviderOf(kind) => page(kind),
            Source::Aws(path) => format!("https://docs.aws.amazon.com/{path}"),
        }
    }

    fn holds(&self, known: &Known<'_>, may_be_dynamic: &dyn Fn() -> bool) -> bool {
        let Known { written, values, unknown } = known;
        let is_set = |name: &str| match values.get(name) {
            None | Some(Json::Null) => false,
            Some(Json::Array(elements)) => !elements.is_empty(),
            Some(_) => true,
        };
        // What a `dynamic` block writes is not in the configuration: it stands in the values, or its number is unknown.
        let is_dynamic = |name: &str| {
            SWITCHING_BLOCKS.contains(&name)
                && (is_set(name) || (unknown.iter().any(|path| path == name) && may_be_dynamic()))
        };
        if written.contains_key(self.path)
            || self.unless.iter().any(|name| written.contains_key(*name) || is_dynamic(name))
            || (self.is_block && may_be_dynamic())
        {
            return false;
        }
        if let Some((attribute, allowed)) = self.only
            && !values.get(attribute).and_then(Json::as_str).is_some_and(|value| allowed.contains(&value))
        {
            return false;
        }
        // Of an attribute in a block, the block itself must be written, and as often as it will stand there: what comes from
        // a `dynamic` block cannot be told.
        self.path.split_once('.').is_none_or(|(block, _)| {
            let planned = values.get(block).and_then(Json::as_array).map(Vec::len);
            written.get(block).copied() == planned
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn find(kind: &str, path: &str, written: &[(&str, usize)], values: &Json) -> Option<Json> {
        find_where(kind, path, written, values, &[], false)
    }

    fn find_where(
        kind: &str,
        path: &str,
        written: &[(&str, usize)],
        values: &Json,
        unknown: &[&str],
        may_be_dynamic: bool,
    ) -> Option<Json> {
        let written = written.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        let unknown: Vec<String> = unknown.iter().map(|path| (*path).to_owned()).collect();
        let known = Known { written: &written, values: values.as_object().unwrap(), unknown: &unknown };
        default_of(kind, path, &known, &|| may_be_dynamic)
    }

    #[test]
    fn every_document_in_the_table_parses() {
        for default in DEFAULTS {
            if let Literal::Document(text) = default.value {
                assert!(parse(text).is_some(), "{} {}", default.kind, default.path);
            }
        }
    }

    /// The services of AWS as its documentation calls them, by the beginning of a kind.
    const SERVICES: [(&str, &[&str]); 19] = [
        ("aws_api_gateway_", &["apigateway"]),
        ("aws_db_", &["AmazonRDS"]),
        ("aws_dynamodb_", &["amazondynamodb"]),
        ("aws_efs_", &["efs"]),
        ("aws_elasticache_", &["AmazonElastiCache"]),
        ("aws_elasticsearch_", &["opensearch-service"]),
        ("aws_elb", &["elasticloadbalancing"]),
        ("aws_flow_log", &["AWSEC2", "vpc"]),
        ("aws_iam_", &["IAM"]),
        ("aws_instance", &["AWSEC2"]),
        ("aws_network_acl", &["vpc"]),
        ("aws_opensearch_", &["opensearch-service"]),
        ("aws_rds_", &["AmazonRDS"]),
        ("aws_redshift_", &["redshift"]),
        ("aws_s3_", &["AmazonS3"]),
        ("aws_secretsmanager_", &["secretsmanager"]),
        ("aws_security_group", &["AWSEC2", "vpc"]),
        ("aws_sns_", &["sns"]),
        ("aws_sqs_", &["AWSSimpleQueueService"]),
    ];

    #[test]
    fn every_row_names_the_page_of_its_kind_that_says_so() {
        assert_eq!(sources().count(), DEFAULTS.len());
        for (kind, path, url) in sources() {
            assert!(url.starts_with("https://") && !url.contains(char::is_whitespace), "{kind} {path}: {url}");
            let own = format!("/docs/resources/{}#", kind.trim_start_matches("aws_"));
            // `aws_alb` is another name of `aws_lb`.
            let is_providers = url.contains(&own) || (kind == "aws_alb" && url.contains("/docs/resources/lb#"));
            let services = SERVICES.iter().filter(|(prefix, _)| kind.starts_with(prefix));
            let mut folders = services.flat_map(|(_, folders)| *folders);
            let is_clouds = folders.any(|folder| url.starts_with(&format!("https://docs.aws.amazon.com/{folder}/")));
            assert!(is_providers || (is_clouds && url.contains(".html")), "{kind} {path}: {url}");
        }
    }

    #[test]
    fn the_default_of_a_block_holds_only_where_no_dynamic_block_can_write_it() {
        let (kind, path) = ("aws_s3_bucket", "versioning");
        let off = json!([{"enabled": false, "mfa_delete": false}]);
        assert_eq!(find_where(kind, path, &[], &json!({}), &[path], false), Some(off));
        assert_eq!(find_where(kind, path, &[], &json!({}), &[path], true), None);
        // A plain attribute cannot come of one.
        assert_eq!(find_where(kind, "request_payer", &[], &json!({}), &[], true), Some(json!("BucketOwner")));
    }

    #[test]
    fn a_block_that_switches_a_default_off_may_be_dynamic_too() {
        let (kind, path, block) = ("aws_instance", "monitoring", "launch_template");
        assert_eq!(find_where(kind, path, &[], &json!({}), &[path], true), Some(json!(false)));
        assert_eq!(find_where(kind, path, &[], &json!({}), &[block, path], true), None);
        assert_eq!(find_where(kind, path, &[], &json!({block: [{"id": "lt-1"}]}), &[path], false), None);
    }

    #[test]
    fn a_default_holds_only_where_nobody_wrote_the_attribute() {
        assert_eq!(find("aws_security_group", "ingress", &[], &json!({})), Some(json!([])));
        assert_eq!(find("aws_security_group", "ingress", &[("ingress", 1)], &json!({})), None);
        assert_eq!(find("aws_instance", "metadata_options", &[], &json!({})), None);
        assert_eq!(find("aws_instance", "monitoring", &[("launch_template", 1)], &json!({})), None);
    }

    #[test]
    fn a_default_may_depend_on_another_attribute() {
        let path = "at_rest_encryption_enabled";
        let kind = "aws_elasticache_replication_group";
        assert_eq!(find(kind, path, &[], &json!({"engine": "redis"})), Some(json!(false)));
        assert_eq!(find(kind, path, &[], &json!({"engine": "valkey"})), Some(json!(true)));
        assert_eq!(find(kind, path, &[], &json!({})), None);
    }

    #[test]
    fn a_default_in_a_block_needs_the_block_to_be_written() {
        let values = json!({"versioning_configuration": [{"status": "Enabled"}]});
        let path = "versioning_configuration.mfa_delete";
        let block = ("versioning_configuration", 1);
        assert_eq!(find("aws_s3_bucket_versioning", path, &[block], &values), Some(json!("Disabled")));
        assert_eq!(find("aws_s3_bucket_versioning", path, &[], &values), None);
        assert_eq!(find("aws_s3_bucket_versioning", path, &[block, (path, 1)], &values), None);
    }
}
