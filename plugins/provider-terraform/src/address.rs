//! Terraform addresses: `module.net["a.b"].aws_subnet.private[0]`.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value as Json;

/// The address of a managed resource instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// With the keys of the modules; empty for the root module.
    pub module: String,
    pub kind: String,
    pub name: String,
    /// What stands between the brackets: `0` or `"a"`.
    pub key: Option<String>,
    /// The key of an object that a failed replacement has left behind.
    pub deposed: Option<String>,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_empty() {
            write!(f, "{}.", self.module)?;
        }
        write!(f, "{}.{}", self.kind, self.name)?;
        if let Some(key) = &self.key {
            write!(f, "[{key}]")?;
        }
        match &self.deposed {
            Some(deposed) => write!(f, " (deposed {deposed})"),
            None => Ok(()),
        }
    }
}

impl Address {
    /// A hash, the same in each walk over a file.
    pub fn seal(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }

    /// None for a data source and for what is no address of a resource.
    pub fn parse(text: &str) -> Option<Address> {
        Address::parse_any(text).filter(|(_, is_data)| !is_data).map(|(address, _)| address)
    }

    /// The address of a resource or a data source, and whether it is a data source. None for what is neither.
    pub fn parse_any(text: &str) -> Option<(Address, bool)> {
        let steps = steps(text);
        let mut rest = steps.as_slice();
        while let [Step { name: "module", .. }, _, deeper @ ..] = rest {
            rest = deeper;
        }
        let start = rest.first()?.start;
        let (is_data, rest) = match rest {
            [Step { name: "data", key: None, .. }, rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let [kind, name, ..] = rest else {
            return None;
        };
        let address = Address {
            module: text.get(..start)?.trim_end_matches('.').to_owned(),
            kind: kind.name.to_owned(),
            name: name.name.to_owned(),
            key: name.key.map(str::to_owned),
            deposed: None,
        };
        Some((address, is_data))
    }
}

/// One name of an address or a reference, with the key in brackets after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<'a> {
    pub name: &'a str,
    /// The first key after the name, as written.
    pub key: Option<&'a str>,
    /// Where the name begins.
    pub start: usize,
}

/// Splits at the dots that stand outside of brackets and quotes.
pub fn steps(text: &str) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    let mut start = 0;
    let (mut opened, mut closed) = (None, None);
    let (mut quoted, mut escaped) = (false, false);
    let mut finish = |start: usize, end: usize, opened: Option<usize>, closed: Option<usize>| {
        let name = text.get(start..opened.unwrap_or(end)).unwrap_or_default();
        let key = opened.zip(closed).and_then(|(opened, closed)| text.get(opened + 1..closed));
        steps.push(Step { name, key, start });
    };
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'[' => opened = opened.or(Some(at)),
            b']' => closed = closed.or(Some(at)),
            b'.' if opened.is_none() || closed.is_some() => {
                finish(start, at, opened, closed);
                start = at + 1;
                (opened, closed) = (None, None);
            }
            _ => {}
        }
    }
    finish(start, text.len(), opened, closed);
    steps
}

/// An instance key as it stands between brackets: a number of `count`, or a quoted key of `for_each`.
pub fn render_key(key: &Json) -> Option<String> {
    match key {
        Json::Number(number) => Some(number.to_string()),
        Json::String(text) => Some(quote(text)),
        _ => None,
    }
}

/// Quoted as Terraform's language quotes: template markers are doubled.
fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '$' | '%' if characters.peek() == Some(&'{') => {
                quoted.push(character);
                quoted.push(character);
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_address_reads_back_as_it_is_written() {
        for text in [
            "aws_s3_bucket.a",
            "aws_s3_bucket.a[0]",
            "aws_s3_bucket.a[\"x.y\"]",
            "module.m[\"p.[q]\\\"\"].module.deep.aws_s3_bucket.a[\"k\"]",
        ] {
            assert_eq!(Address::parse(text).unwrap().to_string(), text);
        }
        let address = Address::parse("module.m[\"a.b\"].module.n[1].aws_iam_role.r").unwrap();
        assert_eq!(address.module, "module.m[\"a.b\"].module.n[1]");
        assert_eq!((address.kind.as_str(), address.name.as_str(), address.key), ("aws_iam_role", "r", None));
        assert_eq!(Address::parse("module.m.data.aws_iam_role.r"), None);
        assert_eq!(Address::parse("module.m"), None);
        let (data, is_data) = Address::parse_any("module.m[0].data.aws_iam_role.r[\"k\"]").unwrap();
        assert_eq!((data.to_string().as_str(), is_data), ("module.m[0].aws_iam_role.r[\"k\"]", true));
    }

    #[test]
    fn keys_are_quoted_as_terraform_quotes_them() {
        assert_eq!(render_key(&json!(3)).unwrap(), "3");
        assert_eq!(render_key(&json!("a\"b\\c\nd")).unwrap(), "\"a\\\"b\\\\c\\nd\"");
        assert_eq!(render_key(&json!("${x}%{y}$z")).unwrap(), "\"$${x}%%{y}$z\"");
        assert_eq!(render_key(&Json::Null), None);
    }
}
