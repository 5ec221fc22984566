//! The REST protocols: GET and HEAD, and the few POSTs that read.

use plumb_runtime::egress::Method;

use super::{Asked, content_type, parameters};

/// POSTs that read: the prefix of the service's hosts, and the path, where `*` stands for one segment.
const READING_POSTS: [(&str, &str); 38] = [
    ("access-analyzer", "/finding"),
    ("access-analyzer", "/findingv2"),
    ("account", "/getAccountInformation"),
    ("account", "/getAlternateContact"),
    ("account", "/getContactInformation"),
    ("account", "/getPrimaryEmail"),
    ("account", "/getRegionOptStatus"),
    ("account", "/listRegions"),
    ("batch", "/v1/describecomputeenvironments"),
    ("batch", "/v1/describejobdefinitions"),
    ("batch", "/v1/describejobqueues"),
    ("batch", "/v1/listjobs"),
    ("es", "/2015-01-01/es/domain-info"),
    ("es", "/2021-01-01/opensearch/domain-info"),
    ("guardduty", "/detector/*/findings"),
    ("guardduty", "/detector/*/findings/get"),
    ("guardduty", "/detector/*/findings/statistics"),
    ("guardduty", "/detector/*/member/get"),
    ("inspector2", "/accountpermissions/list"),
    ("inspector2", "/coverage/list"),
    ("inspector2", "/coverage/statistics/list"),
    ("inspector2", "/delegatedadminaccounts/list"),
    ("inspector2", "/findings/list"),
    ("inspector2", "/members/list"),
    ("inspector2", "/organizationconfiguration/describe"),
    ("inspector2", "/status/batch/get"),
    ("macie2", "/datasources/s3"),
    ("macie2", "/findings"),
    ("macie2", "/findings/describe"),
    ("macie2", "/jobs/list"),
    ("resource-explorer-2", "/GetIndex"),
    ("resource-explorer-2", "/ListIndexes"),
    ("resource-explorer-2", "/ListViews"),
    ("securityhub", "/findings"),
    ("securityhub", "/securityControls/batchGet"),
    ("securityhub", "/standards/get"),
    ("xray", "/EncryptionConfig"),
    ("xray", "/Groups"),
];

/// GETs that hand out credentials or contents: words in the path or names of parameters, by the prefix of the service's hosts.
const NEVER: [(&str, &str); 5] = [
    // With it, API keys come with their values.
    ("apigateway", "includevalue"),
    ("apigateway", "includevalues"),
    ("apigateway", "export"),
    ("apigateway", "sdks"),
    ("s3-control", "dataaccess"),
];

pub(super) fn check(service: &str, asked: &Asked<'_>) -> Result<String, String> {
    let path = &asked.url.path;
    if path.contains("//") {
        return Err("a path has no two slashes side by side".to_owned());
    }
    let pairs = parameters(asked.query())?;
    let words = path.split('/').map(|segment| crate::percent::decode(segment).to_ascii_lowercase());
    let mut words = words.chain(pairs.iter().map(|(name, _)| name.to_ascii_lowercase().into_bytes()));
    let forbidden = |word: &Vec<u8>| NEVER.iter().any(|(of, never)| *of == service && never.as_bytes() == word);
    if words.any(|word| forbidden(&word)) {
        return Err(format!("{service}: {path} gives out secrets or contents, and a scan reads settings"));
    }
    let method = asked.method.as_str();
    match asked.method {
        Method::Get | Method::Head if !asked.body.is_empty() => Err(format!("a {method} has no body")),
        Method::Get | Method::Head => Ok(format!("{method} {path}")),
        Method::Post if READING_POSTS.iter().any(|(of, pattern)| *of == service && fits(path, pattern)) => {
            if !["", "application/json"].contains(&content_type(asked)?) {
                return Err(format!("{service} takes application/json"));
            }
            Ok(format!("{method} {path}"))
        }
        _ => Err(format!("{service}: {method} {path} does not only read")),
    }
}

/// Whether a path is of this form. A segment of one's own choice has plain characters only, so that no reader finds a slash in it.
fn fits(path: &str, pattern: &str) -> bool {
    let plain = |segment: &str| {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        !segment.is_empty() && segment.bytes().all(inner)
    };
    let (mut given, mut wanted) = (path.split('/'), pattern.split('/'));
    loop {
        match (given.next(), wanted.next()) {
            (None, None) => return true,
            (Some(segment), Some("*")) if plain(segment) => {}
            (Some(segment), Some(word)) if segment == word => {}
            _ => return false,
        }
    }
}
