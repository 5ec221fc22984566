//! What the host of a URL says: which service it is, in which region and partition.

use super::services::{Service, by_prefix};

/// A service's host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) service: &'static Service,
    /// None where the service has one host for all regions.
    pub(crate) region: Option<String>,
    /// What stands before the service: the bucket for S3, the account for its control API.
    pub(crate) before: Option<String>,
}

/// Domains below which AWS serves its APIs.
const DOMAINS: [&str; 4] = [".amazonaws.com.cn", ".amazonaws.com", ".amazonaws.eu", ".api.aws"];

impl Place {
    /// Reads a host in lower case. The error names the rule.
    pub(crate) fn of(host: &str) -> Result<Place, String> {
        let unknown = || format!("{host} is no host of an AWS service that is read here");
        let mut rest = DOMAINS.iter().find_map(|domain| host.strip_suffix(domain)).ok_or_else(unknown)?;
        let mut region = None;
        if let Some((before, last)) = rest.rsplit_once('.') {
            if is_region(last) {
                region = Some(last.to_owned());
                rest = before;
            } else if last == "us-gov" {
                rest = before;
            }
        }
        rest = rest.strip_suffix(".dualstack").unwrap_or(rest);
        rest = rest.strip_suffix("-fips").unwrap_or(rest);
        for (prefix, is_before) in [("s3", is_bucket as fn(&str) -> bool), ("s3-control", is_account)] {
            let before = rest.strip_suffix(prefix).and_then(|before| before.strip_suffix('.'));
            if let (Some(before), Some(service)) = (before.filter(|before| is_before(before)), by_prefix(prefix)) {
                return Ok(Place { service, region, before: Some(before.to_owned()) });
            }
        }
        let service = by_prefix(rest).ok_or_else(unknown)?;
        Ok(Place { service, region, before: None })
    }
}

/// `eu-central-1`, `us-gov-west-1`, `eusc-de-east-1`
pub(crate) fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    match parts.split_last() {
        Some((number, words)) => {
            (2..=3).contains(&words.len())
                && words.iter().all(is_word)
                && (1..=2).contains(&number.len())
                && number.bytes().all(|byte| byte.is_ascii_digit())
        }
        None => false,
    }
}

/// The partition of a region, as ARNs name it.
pub(crate) fn partition(region: &str) -> &'static str {
    match region.split('-').collect::<Vec<_>>().as_slice() {
        ["cn", ..] => "aws-cn",
        ["us", "gov", ..] => "aws-us-gov",
        ["eusc", ..] => "aws-eusc",
        _ => "aws",
    }
}

/// The domain of a region's hosts.
pub(crate) fn domain(region: &str) -> &'static str {
    match partition(region) {
        "aws-cn" => "amazonaws.com.cn",
        "aws-eusc" => "amazonaws.eu",
        _ => "amazonaws.com",
    }
}

pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_bucket(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    (3..=63).contains(&text.len()) && text.bytes().all(inner)
}
