//! Patterns of metric filters for JSON events: `{ ($.eventName = "A") || ($.eventName = B*) }`.
//!
//! Instead of comparing a pattern's text with an expected one, checks run it on the events it must see. The syntax is
//! that of "Filter pattern syntax", CloudWatch Logs User Guide; regular expressions between `%` are not run.

use std::iter::Peekable;
use std::vec::IntoIter;

/// How deep parentheses may nest.
const MAX_DEPTH: usize = 32;

/// An event as paths without `$.`, such as `userIdentity.type`, and their values.
pub type Event<'e> = [(&'e str, &'e str)];

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    Any(Vec<Pattern>),
    All(Vec<Pattern>),
    Test { path: String, test: Test },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    Is(String),
    IsNot(String),
    Exists,
    Missing,
    /// `IS TRUE`, `IS FALSE`, `IS NULL`, `>`: none of the watched events has such a value.
    Never,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Operator(&'static str),
    Word(String),
}

impl Pattern {
    /// None where the text is no pattern for JSON events, or has parts that are not run here.
    #[must_use]
    pub fn parse(text: &str) -> Option<Pattern> {
        let inner = text.trim().strip_prefix('{')?.strip_suffix('}')?;
        let mut tokens = tokens(inner)?.into_iter().peekable();
        let pattern = any(&mut tokens, MAX_DEPTH)?;
        tokens.next().is_none().then_some(pattern)
    }

    /// Whether it matches the event. A comparison with a field that the event lacks does not.
    #[must_use]
    pub fn matches(&self, event: &Event<'_>) -> bool {
        match self {
            Pattern::Any(parts) => parts.iter().any(|part| part.matches(event)),
            Pattern::All(parts) => parts.iter().all(|part| part.matches(event)),
            Pattern::Test { path, test } => {
                let value = event.iter().find(|(name, _)| name == path).map(|(_, value)| *value);
                match (test, value) {
                    (Test::Is(wanted), Some(value)) => glob(wanted, value),
                    (Test::IsNot(wanted), Some(value)) => !glob(wanted, value),
                    (Test::Exists, value) => value.is_some(),
                    (Test::Missing, value) => value.is_none(),
                    (Test::Is(_) | Test::IsNot(_), None) | (Test::Never, _) => false,
                }
            }
        }
    }
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    const SYMBOLS: &[(&str, Token)] = &[
        ("&&", Token::And),
        ("||", Token::Or),
        ("(", Token::Open),
        (")", Token::Close),
        ("!=", Token::Operator("!=")),
        (">=", Token::Operator(">=")),
        ("<=", Token::Operator("<=")),
        ("=", Token::Operator("=")),
        (">", Token::Operator(">")),
        ("<", Token::Operator("<")),
    ];
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if let Some((after, token)) = SYMBOLS.iter().find_map(|(s, token)| Some((rest.strip_prefix(s)?, token))) {
            found.push(token.clone());
            rest = after.trim_start();
        } else if let Some(quoted) = rest.strip_prefix('"') {
            let (word, after) = quoted.split_once('"')?;
            found.push(Token::Word(word.to_owned()));
            rest = after.trim_start();
        } else {
            let end = rest.find(|c: char| c.is_whitespace() || "()=!<>&|\"".contains(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at_checked(end).filter(|(word, _)| !word.is_empty())?;
            found.push(Token::Word(word.to_owned()));
            rest = after.trim_start();
        }
    }
    Some(found)
}

type Tokens = Peekable<IntoIter<Token>>;

fn any(tokens: &mut Tokens, depth: usize) -> Option<Pattern> {
    let mut parts = vec![all(tokens, depth)?];
    while tokens.next_if_eq(&Token::Or).is_some() {
        parts.push(all(tokens, depth)?);
    }
    Some(Pattern::Any(parts))
}

fn all(tokens: &mut Tokens, depth: usize) -> Option<Pattern> {
    let mut parts = vec![one(tokens, depth)?];
    while tokens.next_if_eq(&Token::And).is_some() {
        parts.push(one(tokens, depth)?);
    }
    Some(Pattern::All(parts))
}

fn one(tokens: &mut Tokens, depth: usize) -> Option<Pattern> {
    if tokens.next_if_eq(&Token::Open).is_some() {
        let inner = any(tokens, depth.checked_sub(1)?)?;
        tokens.next_if_eq(&Token::Close)?;
        return Some(inner);
    }
    let path = word(tokens)?.strip_prefix("$.")?.to_owned();
    let test = match tokens.next()? {
        Token::Operator("=") => Test::Is(value(tokens)?),
        Token::Operator("!=") => Test::IsNot(value(tokens)?),
        Token::Operator(_) => value(tokens).map(|_| Test::Never)?,
        Token::Word(keyword) => match keyword.to_ascii_uppercase().as_str() {
            "EXISTS" => Test::Exists,
            "NOT" if word(tokens)?.eq_ignore_ascii_case("EXISTS") => Test::Missing,
            "IS" if matches!(word(tokens)?.to_ascii_uppercase().as_str(), "TRUE" | "FALSE" | "NULL") => Test::Never,
            _ => return None,
        },
        _ => return None,
    };
    Some(Pattern::Test { path, test })
}

fn word(tokens: &mut Tokens) -> Option<String> {
    match tokens.next()? {
        Token::Word(word) => Some(word),
        _ => None,
    }
}

/// A value to compare with; none for a regular expression.
fn value(tokens: &mut Tokens) -> Option<String> {
    word(tokens).filter(|value| !value.starts_with('%'))
}

/// Whether `text` is what `pattern` says, in which `*` stands for anything.
fn glob(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut left) = text.strip_prefix(start) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        match left.split_once(part) {
            Some((_, after)) => left = after,
            None => return false,
        }
    }
    left.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sees(pattern: &str, event: &Event<'_>) -> bool {
        Pattern::parse(pattern).expect(pattern).matches(event)
    }

    #[test]
    fn names_are_matched_whole_or_by_wildcards() {
        let event = [("eventName", "CreateRouteTable"), ("eventSource", "ec2.amazonaws.com")];
        assert!(sees("{ $.eventName = CreateRouteTable }", &event));
        assert!(sees("{($.eventName=\"Create*\")}", &event));
        assert!(sees("{ $.eventName = *Route* }", &event));
        assert!(!sees("{ $.eventName = CreateRoute }", &event));
        assert!(!sees("{ $.eventName = *Route }", &event));
        assert!(sees(
            "{ ($.eventSource = ec2.amazonaws.com) && ($.eventName = A || $.eventName = CreateRouteTable) }",
            &event
        ));
        assert!(!sees("{ ($.eventSource = s3.amazonaws.com) && ($.eventName = CreateRouteTable) }", &event));
    }

    #[test]
    fn and_binds_closer_than_or() {
        let event = [("a", "1"), ("b", "2")];
        assert!(sees("{ $.a = 1 || $.a = 2 && $.b = 3 }", &event));
        assert!(!sees("{ ($.a = 1 || $.a = 2) && $.b = 3 }", &event));
    }

    #[test]
    fn absence_is_told_apart_from_difference() {
        let event = [("userIdentity.type", "Root")];
        assert!(sees("{ $.userIdentity.type = \"Root\" && $.userIdentity.invokedBy NOT EXISTS }", &event));
        assert!(!sees("{ $.userIdentity.invokedBy EXISTS }", &event));
        assert!(!sees("{ $.other != x }", &event));
        assert!(sees("{ $.userIdentity.type != \"IAMUser\" }", &event));
        assert!(!sees("{ $.userIdentity.type IS TRUE }", &event));
    }

    #[test]
    fn what_is_no_such_pattern_is_not_run() {
        for bad in
            ["", "ERROR", "{", "{}", "{ $.a }", "{ $.a = }", "{ ($.a = 1 }", "{ $.a = %x% }", "{ a = 1 }", "[a, b]"]
        {
            assert_eq!(Pattern::parse(bad), None, "{bad}");
        }
        assert_eq!(Pattern::parse(&format!("{{{}$.a = 1{}}}", "(".repeat(100), ")".repeat(100))), None);
        assert_eq!(Pattern::parse("{ $.a = 1 } trailing"), None);
    }
}
