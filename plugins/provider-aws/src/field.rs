//! One attribute of a resource: where it stands in the answers, and the form Terraform gives it.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use crate::value;

/// An attribute.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Terraform's name.
    pub to: &'static str,
    /// Path in the item, where the answer to a detail call stands under the call's name.
    pub from: &'static str,
    pub form: Form,
}

/// What becomes of the value.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    Text,
    Number,
    Flag,
    /// A list of texts.
    Texts,
    /// As it is.
    Same,
    /// A policy or other document: structure, also where it comes as text.
    Document,
    /// A block that is there once: a list of one, or nothing where there is nothing at the path.
    Block(&'static [Field]),
    /// One element for each at the path.
    Blocks(&'static [Field]),
    /// Made from what stands at the path, null where there is nothing. Null means not set.
    With(fn(&Json) -> Json),
    /// Made from the whole item, of which it looks at these paths.
    Of(&'static [&'static str], fn(&Json) -> Json),
}

const fn field(to: &'static str, from: &'static str, form: Form) -> Field {
    Field { to, from, form }
}

pub const fn text(to: &'static str, from: &'static str) -> Field {
    field(to, from, Form::Text)
}

pub const fn number(to: &'static str, from: &'static str) -> Field {
    field(to, from, Form::Number)
}

pub const fn flag(to: &'static str, from: &'static str) -> Field {
    field(to, from, Form::Flag)
}

pub const fn texts(to: &'static str, from: &'static str) -> Field {
    field(to, from, Form::Texts)
}

pub const fn same(to: &'static str, from: &'static str) -> Field {
    field(to, from, Form::Same)
}

pub const fn document(to: &'static str, from: &'static str) -> Field {
    field(to, from, Form::Document)
}

pub const fn block(to: &'static str, from: &'static str, fields: &'static [Field]) -> Field {
    field(to, from, Form::Block(fields))
}

pub const fn blocks(to: &'static str, from: &'static str, fields: &'static [Field]) -> Field {
    field(to, from, Form::Blocks(fields))
}

pub const fn with(to: &'static str, from: &'static str, make: fn(&Json) -> Json) -> Field {
    field(to, from, Form::With(make))
}

pub const fn of(to: &'static str, paths: &'static [&'static str], make: fn(&Json) -> Json) -> Field {
    field(to, "", Form::Of(paths, make))
}

impl Field {
    /// The attribute's value; none where it is not set.
    pub fn value(&self, item: &Json) -> Option<Json> {
        let from = self.from;
        let made = match self.form {
            Form::Text => value::text(item, from)?.into(),
            Form::Number => value::number(item, from)?,
            Form::Flag => value::flag(item, from)?.into(),
            Form::Texts => value::all(item, from).into_iter().filter(|value| value.is_string()).cloned().collect(),
            Form::Same => value::at(item, from)?.clone(),
            Form::Document => structure(value::at(item, from)?),
            Form::Block(fields) => vec![Json::Object(config(fields, value::at(item, from)?))].into(),
            Form::Blocks(fields) => value::all(item, from).into_iter().map(|element| config(fields, element)).collect(),
            Form::With(make) => make(value::at(item, from).unwrap_or(&Json::Null)),
            Form::Of(_, make) => make(item),
        };
        (!made.is_null()).then_some(made)
    }

    /// The names that its paths begin with: those of the detail calls it rests on, among others.
    pub fn roots(&self) -> BTreeSet<&'static str> {
        match self.form {
            Form::Of(paths, _) => paths.iter().map(|path| root(path)).collect(),
            Form::Block(fields) if self.from.is_empty() => fields.iter().flat_map(Field::roots).collect(),
            _ => BTreeSet::from([root(self.from)]),
        }
    }

    /// The attribute paths that are not known where this call failed.
    pub fn lost(&self, alias: &str) -> Vec<String> {
        match self.form {
            Form::Block(fields) if self.from.is_empty() => {
                let lost = fields.iter().flat_map(|field| field.lost(alias));
                lost.map(|path| format!("{}.{path}", self.to)).collect()
            }
            _ if self.roots().contains(alias) => vec![self.to.to_owned()],
            _ => Vec::new(),
        }
    }
}

/// The attributes of an item, null where one is not set: that it was looked for is told too.
pub fn config(fields: &[Field], item: &Json) -> Map<String, Json> {
    fields.iter().map(|field| (field.to.to_owned(), field.value(item).unwrap_or_default())).collect()
}

/// The first name of a path.
pub fn root(path: &str) -> &str {
    path.split('.').next().unwrap_or_default()
}

/// A document as structure; IAM writes them percent-encoded. What is no JSON stays as it is.
pub fn structure(document: &Json) -> Json {
    let Some(text) = document.as_str() else { return document.clone() };
    if let Ok(parsed) = serde_json::from_str(text) {
        return parsed;
    }
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8().ok();
    decoded.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_else(|| document.clone())
}

/// A time that services with JSON give in seconds since 1970, as text in RFC 3339, UTC. A text stays as it is.
pub fn time(value: &Json) -> Json {
    let Some(seconds) = value.as_f64() else { return value.clone() };
    #[allow(clippy::cast_possible_truncation, reason = "a cast of floats saturates, and no certificate lives so long")]
    let seconds = seconds as i64;
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days since 0000-03-01, in eras of 400 years: leap days then come last, in the year and in the era.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const FIELDS: &[Field] = &[
        text("name", "Name"),
        flag("encrypted", "Encrypted"),
        texts("groups", "Groups.member"),
        document("policy", "GetPolicy.Policy"),
        block("here", "", &[number("days", "Days"), text("state", "GetState.State")]),
        block("there", "There", &[text("a", "A")]),
    ];

    #[test]
    fn answers_become_attributes_in_terraforms_form() {
        let item = json!({
            "Name": "a", "Encrypted": "true", "Groups": "", "Days": "7",
            "GetPolicy": {"Policy": "%7B%22Statement%22%3A%5B%5D%7D"},
        });
        let expected = json!({
            "name": "a", "encrypted": true, "groups": [], "policy": {"Statement": []}, "here": [{"days": 7, "state": null}],
            "there": null,
        });
        assert_eq!(Json::from(config(FIELDS, &item)), expected);
    }

    #[test]
    fn seconds_become_dates() {
        for (seconds, text) in [
            (0_i64, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_767_225_599, "2025-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(time(&json!(seconds)), text);
        }
        assert_eq!(time(&json!("2026-01-01T00:00:00Z")), "2026-01-01T00:00:00Z");
    }

    #[test]
    fn a_failed_call_loses_what_rests_on_it() {
        let lost = |alias| FIELDS.iter().flat_map(|field| field.lost(alias)).collect::<Vec<_>>();
        assert_eq!(lost("GetPolicy"), ["policy"]);
        assert_eq!(lost("GetState"), ["here.state"]);
        assert!(lost("Other").is_empty());
    }
}
