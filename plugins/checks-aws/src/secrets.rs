//! Secrets that stand where anyone who may read the configuration can read them.
//!
//! Found by the fixed forms of well-known credentials, and by names such as `DB_PASSWORD` that are given a literal
//! value. A finding never repeats the secret itself.

/// Words in a name that say its value is a secret.
const NAMES: &[&str] =
    &["password", "passwd", "secret", "token", "api_key", "apikey", "access_key", "private_key", "credential"];

/// Endings of names that say the value only tells where a secret is, or something about it.
const POINTERS: &[&str] = &["_arn", "_id", "_name", "_path", "_file", "_url", "_uri", "_ttl", "_length", "_expiry"];

/// A literal shorter than this is a flag or a placeholder.
const SHORTEST_LITERAL: usize = 6;

/// Forms that credentials begin with: what it is, the beginning, how many letters, digits, `_` or `-` follow at least.
const FORMS: &[(&str, &str, usize)] = &[
    ("an AWS access key", "AKIA", 16),
    ("a GitHub token", "ghp_", 36),
    ("a GitHub token", "ghs_", 36),
    ("a GitHub token", "gho_", 36),
    ("a GitHub token", "github_pat_", 40),
    ("a GitLab token", "glpat-", 20),
    ("a Slack token", "xoxb-", 20),
    ("a Slack token", "xoxp-", 20),
    ("a Stripe key", "sk_live_", 20),
    ("a Google API key", "AIza", 35),
];

/// What kind of secret is in the text and on which line, from 1.
#[must_use]
pub fn in_text(text: &str) -> Option<(&'static str, usize)> {
    text.lines().zip(1..).find_map(|(line, number)| {
        let found = credential(line).or_else(|| assignments(line).find_map(|(name, value)| literal(name, value)))?;
        Some((found, number))
    })
}

/// What kind of secret this value of a named variable is.
#[must_use]
pub fn in_value(name: &str, value: &str) -> Option<&'static str> {
    value.lines().find_map(credential).or_else(|| literal(name, value))
}

fn credential(line: &str) -> Option<&'static str> {
    if line.contains("-----BEGIN") && line.contains("PRIVATE KEY") {
        return Some("a private key");
    }
    let form = FORMS.iter().find(|(_, start, least)| {
        line.match_indices(start).any(|(place, _)| {
            let before = line.get(..place).and_then(|before| before.chars().next_back());
            let rest = line.get(place + start.len()..).unwrap_or_default();
            let length = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).count();
            length >= *least && !before.is_some_and(|c| c.is_ascii_alphanumeric())
        })
    });
    form.map(|(what, ..)| *what).or_else(|| password_in_url(line))
}

/// `scheme://user:password@host`.
fn password_in_url(line: &str) -> Option<&'static str> {
    line.match_indices("://").find_map(|(place, separator)| {
        let rest = line.get(place + separator.len()..)?;
        let authority = rest.split(|c: char| c == '/' || c.is_whitespace() || c == '"' || c == '\'').next()?;
        let (_, password) = authority.rsplit_once('@')?.0.split_once(':')?;
        is_literal(password).then_some("a password in a URL")
    })
}

/// `name=value` and `name: value`, with or without quotes.
fn assignments(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.match_indices(['=', ':']).filter_map(|(place, separator)| {
        let name = line.get(..place)?.trim_end().trim_end_matches(['"', '\'']);
        let name = name.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-').next()?;
        let value = line.get(place + separator.len()..)?;
        // Colons also stand within ARNs and addresses; one that gives a value is followed by space or a quote.
        if separator == ":" && !value.starts_with([' ', '\t', '"', '\'']) {
            return None;
        }
        let value = value.trim_start();
        let value = match value.chars().next()? {
            quote @ ('"' | '\'') => value.get(1..)?.split(quote).next()?,
            _ => value.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '&')).next()?,
        };
        Some((name, value))
    })
}

fn literal(name: &str, value: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase().replace('-', "_");
    let secret = NAMES.iter().any(|word| name.contains(word)) && !POINTERS.iter().any(|end| name.ends_with(end));
    (secret && is_literal(value)).then_some("a literal secret")
}

/// Whether a value stands for itself, and is not a reference, a command or a placeholder.
fn is_literal(value: &str) -> bool {
    let value = value.trim();
    value.len() >= SHORTEST_LITERAL
        && !value.starts_with(['$', '{', '<', '(', '`', '%', '*', '['])
        && !["arn:", "ssm:", "resolve:", "{{resolve", "http://", "https://", "s3://", "/"]
            .iter()
            .any(|p| value.starts_with(p))
        && !value.chars().all(|c| matches!(c, 'x' | 'X' | '*' | '.' | '-'))
        && !value.contains("${")
        && !value.contains("$(")
}

/// The bytes of a base64 text, standard alphabet; none where it is not one. White space is skipped.
#[must_use]
pub fn base64(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut held, mut out) = (0u32, 0u32, Vec::with_capacity(text.len() / 4 * 3));
    let symbols: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let padded = symbols.len();
    let mut symbols = symbols.as_slice();
    while let Some(rest) = symbols.strip_suffix(b"=") {
        symbols = rest;
    }
    if symbols.is_empty() || !padded.is_multiple_of(4) || padded - symbols.len() > 2 {
        return None;
    }
    for symbol in symbols {
        let value = match symbol {
            b'A'..=b'Z' => symbol - b'A',
            b'a'..=b'z' => symbol - b'a' + 26,
            b'0'..=b'9' => symbol - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xff).unwrap_or_default());
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_where_they_stand() {
        let key = format!("aws configure set x {}{}", "AKIA", "IOSFODNN7EXAMPLE");
        for (text, kind, line) in [
            (key.as_str(), "an AWS access key", 1),
            ("#!/bin/sh\nexport DB_PASSWORD=hunter2hunter2\n", "a literal secret", 2),
            ("a: 1\nb: 2\n\"api_key\": \"0123456789abcdef\"", "a literal secret", 3),
            ("-----BEGIN RSA PRIVATE KEY-----", "a private key", 1),
            ("postgres://app:s3cretpw@db.internal/app", "a password in a URL", 1),
        ] {
            assert_eq!(in_text(text), Some((kind, line)), "{text}");
        }
        assert_eq!(in_value("DB_PASSWORD", "hunter2hunter2"), Some("a literal secret"));
    }

    #[test]
    fn references_and_flags_are_not_secrets() {
        for text in [
            "export DB_PASSWORD=$(aws ssm get-parameter --name x)",
            "DB_PASSWORD=${DB_PASSWORD}",
            "secret_arn=arn:aws:secretsmanager:eu-central-1:1:secret:x",
            "token_ttl=86400000",
            "password=",
            "yum install -y httpd",
            "url=https://example.com:8443/a@b",
            "PasswordAuthentication: no",
            "",
        ] {
            assert_eq!(in_text(text), None, "{text}");
        }
        assert_eq!(in_value("SECRET_ARN", "arn:aws:secretsmanager:x"), None);
        assert_eq!(in_value("LOG_LEVEL", "information"), None);
    }

    #[test]
    fn base64_reads_only_base64() {
        assert_eq!(base64("aGVsbG8="), Some(b"hello".to_vec()));
        assert_eq!(base64("aGVs\nbG8h"), Some(b"hello!".to_vec()));
        assert_eq!(base64("AAEC/+8="), Some(vec![0, 1, 2, 255, 239]));
        for bad in ["", "a", "aGVsbG8", "aGVsbG8==", "####", "a==="] {
            assert_eq!(base64(bad), None, "{bad}");
        }
    }
}
