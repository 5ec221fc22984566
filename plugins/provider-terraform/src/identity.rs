//! What a resource is called and where it lives.

use std::collections::BTreeMap;

use plumbline::provider::{AttributeGap, Found};
use serde_json::{Map, Value as Json};

use crate::complete::{Completed, Planned};

/// Attributes that name a resource, the most telling first.
const NAMES: &[&str] = &[
    "name",
    "bucket",
    "identifier",
    "function_name",
    "cluster_identifier",
    "replication_group_id",
    "cluster_name",
    "cluster_id",
    "domain_name",
    "domain",
    "repository",
    "repository_name",
    "user_name",
    "alarm_name",
    "dashboard_name",
    "display_name",
];

/// Services of AWS that have no region: their resources stay without one, whatever region the provider is set to.
const GLOBAL: &[&str] =
    &["aws_cloudfront_", "aws_globalaccelerator_", "aws_iam_", "aws_organizations_", "aws_route53_", "aws_shield_"];

/// The resource in the form the inventory takes.
pub fn found(id: String, completed: Completed, planned: &Planned) -> Found {
    let Completed { address, config, gaps, .. } = completed;
    let text = |name: &str| config.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
    let arn: Vec<&str> = text("arn").map(|arn| arn.splitn(6, ':').collect()).unwrap_or_default();
    let of_arn = |at: usize| {
        if arn.first() == Some(&"arn") { arn.get(at).copied().filter(|part| !part.is_empty()) } else { None }
    };
    let tags = tags(&config);
    let account = of_arn(4)
        .filter(|account| *account != "aws")
        .or_else(|| text("owner_id"))
        .or_else(|| text("project"))
        .or_else(|| text("id").and_then(subscription));
    let region = of_arn(3)
        .or_else(|| text("region").or_else(|| text("location")))
        .or_else(|| {
            text("availability_zone").map(|zone| zone.trim_end_matches(|letter: char| letter.is_ascii_lowercase()))
        })
        .or_else(|| text("zone").and_then(|zone| zone.rsplit_once('-')).map(|(region, _)| region))
        .or_else(|| {
            let is_global = GLOBAL.iter().any(|prefix| address.kind.starts_with(prefix));
            if address.kind.starts_with("aws_") && !is_global { planned.configuration.region(&address) } else { None }
        });
    let name = NAMES.iter().find_map(|name| text(name)).or_else(|| tags.get("Name").map(String::as_str));
    Found {
        id,
        name: name.unwrap_or(&address.name).to_owned(),
        account: account.unwrap_or_default().to_owned(),
        region: region.unwrap_or_default().to_owned(),
        kind: address.kind,
        tags,
        gaps: gaps.into_iter().map(AttributeGap::from).collect(),
        config,
    }
}

/// The subscription in an Azure resource id.
fn subscription(id: &str) -> Option<&str> {
    id.strip_prefix("/subscriptions/")?.split('/').next()
}

/// Tags with those that the provider adds, else the resource's own; Google calls them labels.
fn tags(config: &Map<String, Json>) -> BTreeMap<String, String> {
    let map = ["tags_all", "tags", "labels"]
        .iter()
        .filter_map(|name| config.get(*name).and_then(Json::as_object))
        .find(|map| !map.is_empty());
    let pairs = map.into_iter().flatten();
    pairs.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Address;
    use serde_json::json;

    fn identity(kind: &str, config: &Json) -> (String, String, String) {
        let address = Address { kind: kind.to_owned(), name: "x".to_owned(), ..Address::default() };
        let config = config.as_object().unwrap().clone();
        let found = found(String::new(), Completed { address, config, ..Completed::default() }, &Planned::default());
        (found.name, found.account, found.region)
    }

    fn told(name: &str, account: &str, region: &str) -> (String, String, String) {
        (name.to_owned(), account.to_owned(), region.to_owned())
    }

    #[test]
    fn an_arn_tells_account_and_region() {
        let config = json!({"arn": "arn:aws:sns:eu-west-1:123456789012:a:b", "name": "a"});
        assert_eq!(identity("aws_sns_topic", &config), told("a", "123456789012", "eu-west-1"));
        let config = json!({"arn": "arn:aws:s3:::logs", "bucket": "logs", "region": "eu-central-1"});
        assert_eq!(identity("aws_s3_bucket", &config), told("logs", "", "eu-central-1"));
        let config = json!({"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess", "name": "ReadOnlyAccess"});
        assert_eq!(identity("aws_iam_policy", &config), told("ReadOnlyAccess", "", ""));
    }

    #[test]
    fn other_attributes_tell_where_there_is_no_arn() {
        let config = json!({"owner_id": "1", "availability_zone": "us-east-1b", "tags": {"Name": "web"}});
        assert_eq!(identity("aws_instance", &config), told("web", "1", "us-east-1"));
        let config = json!({"id": "/subscriptions/s-1/resourceGroups/g", "location": "westeurope"});
        assert_eq!(identity("azurerm_resource_group", &config), told("x", "s-1", "westeurope"));
        let config = json!({"project": "p", "zone": "europe-west1-b", "labels": {"a": "b"}});
        assert_eq!(identity("google_compute_disk", &config), told("x", "p", "europe-west1"));
    }
}
