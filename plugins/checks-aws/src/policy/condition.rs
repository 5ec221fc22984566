//! What must hold of a request for a statement to apply.

use std::net::IpAddr;

use super::pattern::is_open;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qualifier {
    ForAllValues,
    ForAnyValue,
}

/// One key of one operator. The values are alternatives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    pub qualifier: Option<Qualifier>,
    /// In lower case, without qualifier and `IfExists`.
    pub operator: String,
    pub if_exists: bool,
    /// In lower case.
    pub key: String,
    pub values: Vec<String>,
}

/// Keys whose value only a known account, organization or network can bring, with the form of their values.
///
/// The list AWS itself rests on when it calls a bucket policy public, with the keys of organizations and of KMS beside
/// it:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
const CALLER_KEYS: &[(&str, Form)] = &[
    ("aws:principalaccount", Form::Name),
    ("aws:principalarn", Form::Arn),
    ("aws:principalorgid", Form::Name),
    ("aws:principalorgpaths", Form::Name),
    ("aws:sourceaccount", Form::Name),
    ("aws:sourcearn", Form::Arn),
    ("aws:sourceip", Form::Address),
    ("aws:sourceorgid", Form::Name),
    ("aws:sourceorgpaths", Form::Name),
    ("aws:sourceowner", Form::Name),
    ("aws:sourcevpc", Form::Name),
    ("aws:sourcevpce", Form::Name),
    ("aws:userid", Form::Name),
    ("kms:calleraccount", Form::Name),
    ("lambda:eventsourcetoken", Form::Name),
    ("s3:dataaccesspointaccount", Form::Name),
    ("s3:dataaccesspointarn", Form::Arn),
];

/// The keys by which a service says for whom it calls.
const SOURCE_KEYS: &[&str] =
    &["aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner"];

const SAME: &[&str] = &["stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress"];

const DIFFERENT: &[&str] =
    &["stringnotequals", "stringnotequalsignorecase", "stringnotlike", "arnnotequals", "arnnotlike", "notipaddress"];

/// IPv4 ranges wider than this many bits are as good as the internet. AWS's bound, see [`CALLER_KEYS`].
const WIDEST_IPV4: u8 = 8;
/// The same for IPv6.
const WIDEST_IPV6: u8 = 32;

#[derive(Clone, Copy)]
enum Form {
    Name,
    Arn,
    Address,
}

impl Condition {
    /// Whether only known callers meet it. One that is met where the key is missing (`IfExists`, `ForAllValues`) shuts
    /// nobody out.
    #[must_use]
    pub fn restricts(&self) -> bool {
        let strict = !self.if_exists && self.qualifier != Some(Qualifier::ForAllValues);
        if self.operator == "bool" && self.key == "aws:principalisawsservice" {
            return strict && self.is_only("true");
        }
        strict && SAME.contains(&self.operator.as_str()) && self.names_callers()
    }

    /// Whether it restricts by whom a calling service acts for.
    #[must_use]
    pub fn restricts_source(&self) -> bool {
        SOURCE_KEYS.contains(&self.key.as_str()) && self.restricts()
    }

    /// Whether every caller but known ones meets it, also one whose request lacks the key: what a `Deny` needs to shut
    /// out the others.
    #[must_use]
    pub fn is_met_by_outsiders(&self) -> bool {
        if self.operator == "bool" && self.key == "aws:principalisawsservice" {
            return self.if_exists && self.is_only("false");
        }
        self.qualifier.is_none() && DIFFERENT.contains(&self.operator.as_str()) && self.names_callers()
    }

    /// Whether it holds for requests without TLS.
    #[must_use]
    pub fn is_met_without_tls(&self) -> bool {
        self.operator == "bool"
            && self.key == "aws:securetransport"
            && self.qualifier != Some(Qualifier::ForAnyValue)
            && self.is_only("false")
    }

    fn is_only(&self, wanted: &str) -> bool {
        !self.values.is_empty() && self.values.iter().all(|value| value.eq_ignore_ascii_case(wanted))
    }

    fn names_callers(&self) -> bool {
        let form = CALLER_KEYS.iter().find(|(key, _)| *key == self.key).map(|(_, form)| *form);
        let narrow = match form {
            None => return false,
            Some(Form::Name) => is_narrow_name,
            Some(Form::Arn) => is_narrow_arn,
            Some(Form::Address) => is_narrow_range,
        };
        !self.values.is_empty() && self.values.iter().all(|value| narrow(value))
    }
}

/// An id that stands for one owner. What comes after `/` (the path within an organization) or `:` (the session of a
/// role) may be open.
fn is_narrow_name(value: &str) -> bool {
    if matches!(value.to_ascii_lowercase().as_str(), "${aws:resourceaccount}" | "${aws:resourceorgid}") {
        return true;
    }
    let owner = value.split(['/', ':']).next().unwrap_or_default();
    !owner.is_empty() && !is_open(owner) && !owner.contains('$')
}

/// An ARN that stands for one account, or for a bucket, whose name is unique among all accounts.
fn is_narrow_arn(value: &str) -> bool {
    let mut parts = value.splitn(6, ':');
    let (Some("arn"), Some(_), Some(service), Some(_), Some(account), Some(resource)) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    if account.eq_ignore_ascii_case("${aws:resourceaccount}") {
        return true;
    }
    let bucket = resource.split('/').next().unwrap_or_default();
    service == "s3" && !bucket.is_empty() && !is_open(bucket) && !bucket.contains('$')
}

fn is_narrow_range(value: &str) -> bool {
    let (address, bits) = value.split_once('/').map_or((value, None), |(address, bits)| (address, Some(bits)));
    let Ok(address) = address.parse::<IpAddr>() else {
        return false;
    };
    let (whole, widest) = match address {
        IpAddr::V4(_) => (32, WIDEST_IPV4),
        IpAddr::V6(_) => (128, WIDEST_IPV6),
    };
    bits.map_or(Some(whole), |bits| bits.parse::<u8>().ok()).is_some_and(|bits| bits >= widest)
}
