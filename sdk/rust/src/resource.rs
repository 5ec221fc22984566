//! One configured thing, and typed access to its attributes that knows what could not be read.
//!
//! Every accessor answers `Err(Unread)` where the attribute is a gap, so `?` in a check turns it into not-evaluated: a rule
//! cannot pass on what nobody saw.
//!
//! Paths are attribute names joined by dots: `versioning.enabled`. A name step on a list goes to its first element, because
//! Terraform writes a nested block that stands at most once as a list of one. To look at each of several, use
//! [`Node::list`].

mod unread;

use std::rc::Rc;

use serde_json::Value as Json;

use crate::document::{Shape, Value, same_key, skip};
use crate::encode::encode;
pub use unread::Unread;
use unread::{Gap, first_step, within};

/// Room made at once for a resource's attributes: kinds seldom have more, and those that do grow it.
const MOST_ATTRIBUTES: usize = 128;

/// One configured thing. Its attributes are reached through [`Resource::config`] and the shorthands that go there.
#[derive(Debug)]
pub struct Resource<'a> {
    /// ARN, ARM id, full resource name, or Terraform address.
    pub id: &'a str,
    /// Terraform resource type.
    pub kind: &'a str,
    pub name: &'a str,
    pub account: &'a str,
    pub region: &'a str,
    tags: Option<Value<'a>>,
    config: Node<'a>,
    /// The attributes by name, found once: a check then looks at a few names instead of walking the whole document.
    index: Vec<(&'a [u8], Value<'a>)>,
}

impl<'a> Resource<'a> {
    /// A resource from an element of a `batch`.
    #[must_use]
    pub fn new(value: Value<'a>) -> Resource<'a> {
        Resource::read(value).0
    }

    /// The same in one walk over the bytes, with what follows them; none where they are cut short.
    pub(crate) fn read(value: Value<'a>) -> (Resource<'a>, Option<&'a [u8]>) {
        let (mut id, mut kind, mut name, mut account, mut region) = ("", "", "", "", "");
        let (mut tags, mut config) = (None, None);
        let (mut gaps, mut index) = (Vec::new(), Vec::new());
        let mut entries = value.entries();
        let mut fields = value.len();
        while let Some((key, bytes)) = entries.open_next() {
            let value = Value::new(bytes);
            let text = || value.as_text().unwrap_or_default();
            let mut rest = None;
            match key {
                b"id" => id = text(),
                b"kind" => kind = text(),
                b"name" => name = text(),
                b"account" => account = text(),
                b"region" => region = text(),
                b"tags" => tags = Some(value),
                b"config" => {
                    config = Some(value);
                    let mut attributes = value.entries();
                    // The count is the document's own word for it, so it is not trusted with more than it is likely to need.
                    index.reserve_exact(value.len().min(MOST_ATTRIBUTES));
                    index.extend(attributes.by_ref());
                    // Only a map whose entries were all there ends where they end.
                    rest = (index.len() == value.len())
                        .then(|| attributes.rest())
                        .filter(|_| value.shape() == Some(Shape::Map));
                }
                b"gaps" => gaps.extend(value.elements().map(|gap| Gap {
                    path: gap.get("path").and_then(Value::as_text).unwrap_or_default(),
                    reason: gap.get("reason").and_then(Value::as_text).unwrap_or_default(),
                })),
                _ => {}
            }
            let Some(rest) = rest.or_else(|| skip(bytes)) else { break };
            entries.go_on(rest);
            fields -= 1;
        }
        let gaps = if gaps.is_empty() { None } else { Some(Rc::from(gaps)) };
        let config = Node { value: config, path: Path::default(), gaps };
        let whole = fields == 0 && value.shape() == Some(Shape::Map);
        (Resource { id, kind, name, account, region, tags, config, index }, whole.then(|| entries.rest()))
    }

    /// The value of a top attribute. Looks at four names a turn: the sandbox looks at the clock once in each turn of a loop.
    fn top(&self, name: &str) -> Option<Value<'a>> {
        let found = |(other, _): &&(&[u8], Value<'a>)| same_key(other, name.as_bytes());
        let (fours, rest) = self.index.as_chunks::<4>();
        for [one, two, three, four] in fours {
            let among = [one, two, three, four].into_iter().find(found);
            if let Some((_, value)) = among {
                return Some(*value);
            }
        }
        rest.iter().find(found).map(|(_, value)| *value)
    }

    /// All attributes.
    #[must_use]
    pub fn config(&self) -> &Node<'a> {
        &self.config
    }

    /// The value of a tag.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<&'a str> {
        self.tags?.get(name)?.as_text()
    }

    /// What to call it in a message: its name, or its id where it has none.
    #[must_use]
    pub fn label(&self) -> &'a str {
        if self.name.is_empty() { self.id } else { self.name }
    }

    /// The attribute at `path`, which may be absent.
    pub fn get(&self, path: &str) -> Result<Node<'a>, Unread> {
        let (first, rest) = first_step(path);
        self.config.check_gap(path)?;
        let top = self.config.child(self.top(first), first);
        match rest {
            None => Ok(top),
            Some(rest) => top.get(rest),
        }
    }

    /// See [`Node::flag`].
    pub fn flag(&self, path: &str) -> Result<bool, Unread> {
        self.get(path)?.as_flag().map_err(|unread| unread.at(path))
    }

    /// See [`Node::bool`].
    pub fn bool(&self, path: &str) -> Result<Option<bool>, Unread> {
        self.get(path)?.as_bool().map_err(|unread| unread.at(path))
    }

    /// See [`Node::int`].
    pub fn int(&self, path: &str) -> Result<Option<i64>, Unread> {
        self.get(path)?.as_int().map_err(|unread| unread.at(path))
    }

    /// See [`Node::text`].
    pub fn text(&self, path: &str) -> Result<Option<&'a str>, Unread> {
        self.get(path)?.as_text().map_err(|unread| unread.at(path))
    }

    /// See [`Node::list`].
    pub fn list(&self, path: &str) -> Result<Vec<Node<'a>>, Unread> {
        self.get(path)?.as_list().map_err(|unread| unread.at(path))
    }

    /// See [`Node::texts`].
    pub fn texts(&self, path: &str) -> Result<Vec<&'a str>, Unread> {
        self.get(path)?.as_texts().map_err(|unread| unread.at(path))
    }

    /// See [`Node::has`].
    pub fn has(&self, path: &str) -> Result<bool, Unread> {
        Ok(!self.get(path)?.is_empty())
    }
}

/// Where a node stands; kept only while the resource has gaps, for only then somebody asks.
#[derive(Clone, Debug, Default)]
struct Path(String);

impl Path {
    fn join(&self, step: &str) -> String {
        if self.0.is_empty() { step.to_owned() } else { format!("{}.{step}", self.0) }
    }
}

/// An attribute, present or absent, at any depth.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    value: Option<Value<'a>>,
    path: Path,
    gaps: Option<Rc<[Gap<'a>]>>,
}

impl<'a> Node<'a> {
    fn child(&self, value: Option<Value<'a>>, step: &str) -> Node<'a> {
        let path = if self.gaps.is_some() { Path(self.path.join(step)) } else { Path::default() };
        Node { value, path, gaps: self.gaps.clone() }
    }

    #[inline]
    fn check_gap(&self, path: &str) -> Result<(), Unread> {
        match &self.gaps {
            None => Ok(()),
            Some(gaps) => self.outside(gaps, path),
        }
    }

    fn outside(&self, gaps: &[Gap<'_>], path: &str) -> Result<(), Unread> {
        let whole = self.path.join(path);
        match gaps.iter().find(|gap| within(&whole, gap.path)) {
            Some(gap) => Err(Unread { path: whole, reason: gap.reason.to_owned() }),
            None => Ok(()),
        }
    }

    /// `Err` where anything at or beneath this attribute is a gap: for rules that need all of it, such as a policy.
    pub fn complete(&self) -> Result<&Node<'a>, Unread> {
        let gap = self.gaps.iter().flat_map(|gaps| gaps.iter()).find(|gap| within(gap.path, &self.path.0));
        match gap {
            Some(gap) => Err(Unread { path: gap.path.to_owned(), reason: gap.reason.to_owned() }),
            None => Ok(self),
        }
    }

    /// The attribute at `path` beneath this one.
    pub fn get(&self, path: &str) -> Result<Node<'a>, Unread> {
        self.check_gap(path)?;
        let mut value = self.value;
        let mut steps = Some(path);
        while let Some(path) = steps {
            let (step, rest) = first_step(path);
            steps = rest;
            value = value.and_then(|value| match value.shape() {
                Some(Shape::List) => value.first().and_then(|first| first.get(step)),
                _ => value.get(step),
            });
        }
        Ok(self.child(value, path))
    }

    /// The bytes of the value, for readers of their own; none where it is absent.
    #[inline]
    #[must_use]
    pub fn value(&self) -> Option<Value<'a>> {
        self.value.filter(|value| value.shape() != Some(Shape::Null))
    }

    #[must_use]
    pub fn shape(&self) -> Shape {
        self.value.and_then(Value::shape).unwrap_or(Shape::Null)
    }

    /// Absent, null, `""`, `[]` or `{}`.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.value.is_none_or(Value::is_empty)
    }

    fn wrong<T>(&self, wanted: &str) -> Result<T, Unread> {
        Err(Unread { path: self.path.0.clone(), reason: format!("expected {wanted}, found {}", self.shape()) })
    }

    /// This attribute as a switch: absent means off. `"true"` and `"false"` count, because some providers write them so.
    pub fn as_flag(&self) -> Result<bool, Unread> {
        Ok(self.as_bool()?.unwrap_or(false))
    }

    pub fn as_bool(&self) -> Result<Option<bool>, Unread> {
        let Some(value) = self.value() else {
            return Ok(None);
        };
        match (value.as_bool(), value.as_text()) {
            (Some(flag), _) => Ok(Some(flag)),
            (_, Some("true")) => Ok(Some(true)),
            (_, Some("false")) => Ok(Some(false)),
            (_, Some("")) => Ok(None),
            _ => self.wrong("a boolean"),
        }
    }

    /// A whole number, also one written as text.
    pub fn as_int(&self) -> Result<Option<i64>, Unread> {
        let Some(value) = self.value() else {
            return Ok(None);
        };
        match (value.as_int(), value.as_text()) {
            (Some(number), _) => Ok(Some(number)),
            (_, Some("")) => Ok(None),
            (_, Some(text)) => text.parse().map(Some).or_else(|_| self.wrong("a whole number")),
            _ => self.wrong("a whole number"),
        }
    }

    /// Text; empty text is absent, because Terraform writes both for "not set".
    pub fn as_text(&self) -> Result<Option<&'a str>, Unread> {
        let Some(value) = self.value() else {
            return Ok(None);
        };
        match value.as_text() {
            Some("") => Ok(None),
            Some(text) => Ok(Some(text)),
            None => self.wrong("text"),
        }
    }

    /// The elements; none where it is absent, one where it is a single value or map.
    pub fn as_list(&self) -> Result<Vec<Node<'a>>, Unread> {
        Ok(match self.value() {
            None => Vec::new(),
            Some(value) if value.shape() == Some(Shape::List) => {
                value.elements().map(|element| self.element(element)).collect()
            }
            Some(_) => vec![self.clone()],
        })
    }

    /// One of a list's elements: it stands where the list stands.
    #[inline]
    fn element(&self, element: Value<'a>) -> Node<'a> {
        Node { value: Some(element), ..self.clone() }
    }

    /// The elements as text; one that is something else is `Err`.
    pub fn as_texts(&self) -> Result<Vec<&'a str>, Unread> {
        match self.value() {
            Some(value) if value.shape() == Some(Shape::List) => {
                value.elements().filter_map(|element| self.element(element).as_text().transpose()).collect()
            }
            _ => Ok(self.as_text()?.into_iter().collect()),
        }
    }

    /// The keys and values of a map, in the order they are written; empty for anything else.
    pub fn entries(&self) -> impl Iterator<Item = (&'a str, Node<'a>)> {
        let entries = self.value().map(Value::entries);
        entries.into_iter().flatten().filter_map(|(key, value)| {
            let key = std::str::from_utf8(key).ok()?;
            Some((key, self.child(Some(value), key)))
        })
    }

    /// The switch at `path`: absent means off.
    pub fn flag(&self, path: &str) -> Result<bool, Unread> {
        self.get(path)?.as_flag().map_err(|unread| unread.at(path))
    }

    /// The boolean at `path`, where absent is not the same as off.
    pub fn bool(&self, path: &str) -> Result<Option<bool>, Unread> {
        self.get(path)?.as_bool().map_err(|unread| unread.at(path))
    }

    /// The whole number at `path`.
    pub fn int(&self, path: &str) -> Result<Option<i64>, Unread> {
        self.get(path)?.as_int().map_err(|unread| unread.at(path))
    }

    /// The text at `path`; empty text is absent.
    pub fn text(&self, path: &str) -> Result<Option<&'a str>, Unread> {
        self.get(path)?.as_text().map_err(|unread| unread.at(path))
    }

    /// The elements at `path`.
    pub fn list(&self, path: &str) -> Result<Vec<Node<'a>>, Unread> {
        self.get(path)?.as_list().map_err(|unread| unread.at(path))
    }

    /// The texts in the list at `path`.
    pub fn texts(&self, path: &str) -> Result<Vec<&'a str>, Unread> {
        self.get(path)?.as_texts().map_err(|unread| unread.at(path))
    }

    /// Whether something is set at `path`: not absent, null, `""`, `[]` or `{}`.
    pub fn has(&self, path: &str) -> Result<bool, Unread> {
        Ok(!self.get(path)?.is_empty())
    }

    /// The structure in this attribute, whether it is given as structure or as JSON text. `Err` where any part of it is a gap
    /// or where the text is no JSON; none where it is absent.
    pub fn document(&self) -> Result<Option<Json>, Unread> {
        self.complete()?;
        let Some(value) = self.value() else {
            return Ok(None);
        };
        let parsed = match value.as_text() {
            Some("") => return Ok(None),
            Some(text) => serde_json::from_str(text).ok(),
            None => value.to_json(),
        };
        match parsed {
            Some(json) => Ok(Some(json)),
            None => self.wrong("a JSON document"),
        }
    }
}

/// A resource that owns its bytes: the form fixtures and snapshots hand out.
#[derive(Clone, Debug)]
pub struct OwnedResource(Vec<u8>);

impl OwnedResource {
    /// From the form of a `batch` element, as JSON.
    #[must_use]
    pub fn from_json(resource: &Json) -> OwnedResource {
        let mut bytes = Vec::new();
        encode(resource, &mut bytes);
        OwnedResource(bytes)
    }

    pub(crate) fn copy(document: Value<'_>) -> OwnedResource {
        OwnedResource(document.bytes().to_vec())
    }

    pub(crate) fn document(&self) -> Value<'_> {
        Value::new(&self.0)
    }

    #[must_use]
    pub fn view(&self) -> Resource<'_> {
        Resource::new(self.document())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn bucket() -> OwnedResource {
        OwnedResource::from_json(&json!({
            "id": "aws_s3_bucket.logs", "kind": "aws_s3_bucket", "name": "logs", "tags": {"team": "a"},
            "config": {
                "bucket": "logs", "acl": "", "force_destroy": null, "max": "12",
                "versioning": [{"enabled": true, "mfa_delete": "false"}],
                "rule": [{"id": "a", "days": 1}, {"id": "b", "days": 2}],
                "policy": "{\"Statement\": []}", "broken": "{",
            },
            "gaps": [{"path": "logging", "reason": "denied"}, {"path": "rule.days", "reason": "known after apply"}],
        }))
    }

    #[test]
    fn attributes_read_as_what_they_are() {
        let owned = bucket();
        let bucket = owned.view();
        assert_eq!(bucket.text("bucket"), Ok(Some("logs")));
        assert_eq!(bucket.text("acl"), Ok(None));
        assert_eq!(bucket.flag("force_destroy"), Ok(false));
        assert_eq!(bucket.bool("force_destroy"), Ok(None));
        assert_eq!(bucket.int("max"), Ok(Some(12)));
        assert_eq!(bucket.flag("versioning.enabled"), Ok(true));
        assert_eq!(bucket.flag("versioning.mfa_delete"), Ok(false));
        assert_eq!(bucket.has("nothing.at.all"), Ok(false));
        assert_eq!(bucket.tag("team"), Some("a"));
        assert_eq!(bucket.get("policy").unwrap().document(), Ok(Some(json!({"Statement": []}))));
        assert_eq!(bucket.flag("bucket").unwrap_err().path, "bucket");
        assert!(bucket.get("broken").unwrap().document().is_err());
    }

    #[test]
    fn a_gap_is_never_read_as_absent() {
        let owned = bucket();
        let bucket = owned.view();
        assert_eq!(bucket.has("logging.target").unwrap_err().reason, "denied");
        let rules = bucket.list("rule").unwrap();
        assert_eq!(rules.len(), 2);
        assert_eq!(rules[1].text("id"), Ok(Some("b")));
        let unread = rules[1].int("days").unwrap_err();
        assert_eq!((unread.path.as_str(), unread.reason.as_str()), ("rule.days", "known after apply"));
        assert!(bucket.get("rule").unwrap().document().is_err());
        assert!(bucket.config().complete().is_err());
    }

    #[test]
    fn a_gap_for_the_whole_covers_everything() {
        let owned = OwnedResource::from_json(&json!({"id": "a", "kind": "k", "gaps": [{"path": "", "reason": "no"}]}));
        assert!(owned.view().has("anything").is_err());
    }
}
