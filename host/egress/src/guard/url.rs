//! URLs, read strictly: what two readers could read differently is no URL here.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// Bytes of a host's name.
const HOST_BYTES: usize = 253;
/// Bytes between two dots of it.
const LABEL_BYTES: usize = 63;

/// Scheme, host and port: what a connection is opened to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    https: bool,
    host: Host,
    port: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Host {
    /// In lower case.
    Name(String),
    Address(IpAddr),
}

impl Endpoint {
    pub fn is_https(&self) -> bool {
        self.https
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether the host is an address instead of a name.
    pub fn is_literal(&self) -> bool {
        matches!(self.host, Host::Address(_))
    }

    /// The host as TLS and the resolver want it: an IPv6 address without brackets.
    pub fn host(&self) -> String {
        match &self.host {
            Host::Name(name) => name.clone(),
            Host::Address(address) => address.to_string(),
        }
    }

    pub(crate) fn address(&self) -> Option<IpAddr> {
        match self.host {
            Host::Name(_) => None,
            Host::Address(address) => Some(address),
        }
    }

    /// Host and port as they stand in a URL and in the `host` header: the scheme's own port is left out.
    pub(crate) fn authority(&self) -> String {
        let host = match &self.host {
            Host::Name(name) => name.clone(),
            Host::Address(IpAddr::V4(address)) => address.to_string(),
            Host::Address(IpAddr::V6(address)) => format!("[{address}]"),
        };
        let own = if self.https { 443 } else { 80 };
        if self.port == own { host } else { format!("{host}:{}", self.port) }
    }
}

/// `https://host`, `http://host:port`
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.https { "https" } else { "http" }, self.authority())
    }
}

/// An endpoint as an operator writes it: a URL with nothing after the host and port.
impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Endpoint, String> {
        let url: Url = text.parse()?;
        if url.path != "/" || url.query.is_some() {
            return Err(format!("{text:?} has more than scheme, host and port"));
        }
        Ok(url.endpoint)
    }
}

/// An absolute URL of `http` or `https`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    pub endpoint: Endpoint,
    /// As it was written, percent-encoded; begins with a slash.
    pub path: String,
    /// As it was written, without the question mark.
    pub query: Option<String>,
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.endpoint, self.path)?;
        self.query.iter().try_for_each(|query| write!(f, "?{query}"))
    }
}

impl FromStr for Url {
    type Err = String;

    /// The error says what is wrong with it, and never repeats what stands before an `@`, which may be a password.
    fn from_str(text: &str) -> Result<Url, String> {
        let (https, rest) = if let Some(rest) = text.strip_prefix("https://") {
            (true, rest)
        } else if let Some(rest) = text.strip_prefix("http://") {
            (false, rest)
        } else {
            return Err("a URL begins with https:// or http://, in lower case".to_owned());
        };
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        if authority.contains('@') {
            return Err("a URL has no user or password before its host".to_owned());
        }
        let (host, port) = split_port(authority)?;
        let port = port.unwrap_or(if https { 443 } else { 80 });
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rest, None),
        };
        check_characters(path, false)?;
        check_characters(query.unwrap_or_default(), true)?;
        if path.split('/').any(is_dots) {
            return Err("a URL's path has no . or .. between slashes, however it is encoded".to_owned());
        }
        let path = if path.is_empty() { "/" } else { path };
        let endpoint = Endpoint { https, host: read_host(host)?, port };
        Ok(Url { endpoint, path: path.to_owned(), query: query.map(str::to_owned) })
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), String> {
    let after_bracket = authority.rfind(']').map_or(0, |at| at + 1);
    let Some(colon) = authority.get(after_bracket..).and_then(|rest| rest.find(':')) else {
        return Ok((authority, None));
    };
    let (host, port) = authority.split_at(after_bracket + colon);
    let digits = port.strip_prefix(':').unwrap_or_default();
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    let port = digits.parse().ok().filter(|_| is_number);
    port.map(|port| (host, Some(port))).ok_or_else(|| format!("{digits:?} is no port"))
}

fn read_host(host: &str) -> Result<Host, String> {
    let wrong = || format!("{host:?} is no host's name");
    if let Some(inner) = host.strip_prefix('[') {
        let address = inner.strip_suffix(']').and_then(|text| text.parse::<Ipv6Addr>().ok());
        return address.map(|address| Host::Address(address.into())).ok_or_else(wrong);
    }
    // Only four decimal numbers: one of the other spellings is an address to some readers and a name to others.
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return Ok(Host::Address(address.into()));
    }
    let is_label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        !label.is_empty() && label.len() <= LABEL_BYTES && label.bytes().all(inner)
    };
    let top = host.rsplit('.').next().unwrap_or_default();
    let is_named = top.starts_with(|c: char| c.is_ascii_alphabetic());
    if host.len() > HOST_BYTES || !is_named || !host.split('.').all(is_label) {
        return Err(wrong());
    }
    Ok(Host::Name(host.to_ascii_lowercase()))
}

/// A segment that means this folder or the one above.
fn is_dots(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    plain == "." || plain == ".."
}

/// Printable ASCII without what a URL has to encode; every percent sign before two hexadecimal digits.
fn check_characters(text: &str, in_query: bool) -> Result<(), String> {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let fits = match byte {
            b'%' => {
                bytes.next().is_some_and(|byte| byte.is_ascii_hexdigit())
                    && bytes.next().is_some_and(|byte| byte.is_ascii_hexdigit())
            }
            b'?' => in_query,
            b'"' | b'#' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => false,
            _ => byte.is_ascii_graphic(),
        };
        if !fits {
            return Err(format!(
                "a URL has {:?} only percent-encoded, and two hexadecimal digits behind each %",
                char::from(byte)
            ));
        }
    }
    Ok(())
}
