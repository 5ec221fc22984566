//! Whether two documents are the same, as far as a walk over their bytes can tell. Of most pairs it can: a provider writes attributes
//! in one order, so that what differs between two scans of a resource that nobody touched is noise. No text is read and nothing is
//! allocated on the way.

use plumb_runtime::limits::DOCUMENT_DEPTH;
use rmp::Marker;

use crate::drift::rules::{Node, Rules};

/// Whether nothing differs under the rules and nothing is unread. `false` says nothing: the documents are to be decoded then.
pub(crate) fn surely_same(rules: &Rules, baseline: &[u8], current: &[u8]) -> bool {
    documents(rules, baseline, current).is_some()
}

/// Nothing where it cannot be told, as in all that follows.
fn documents(rules: &Rules, baseline: &[u8], current: &[u8]) -> Option<()> {
    let (count, mut before, mut now) = maps(baseline, current)?;
    let (mut kind, mut configs) = ("", None);
    for _ in 0..count {
        let (name, value, beside) = entries(&mut before, &mut now)?;
        match text(name)? {
            "config" => configs = Some((value, beside)),
            "kind" => {
                kind = text(value)?;
                same_bytes(value, beside)?;
            }
            "account" | "region" => same_bytes(value, beside)?,
            // What could not be read is neither equal nor different.
            "gaps" => {
                let none = |value| matches!(head(value), Some(Head { form: Form::Array(0), .. }));
                (none(value) && none(beside)).then_some(())?;
            }
            // The other fields say what the resource is called, or what `config` says too.
            _ => {}
        }
    }
    // What is called noise of a whole kind is no rule for its attributes.
    configs.map_or(Some(()), |(before, now)| attributes(before, now, rules.of(kind), DOCUMENT_DEPTH))
}

fn attributes(before: &[u8], now: &[u8], node: &Node, depth: usize) -> Option<()> {
    let (count, mut before, mut now) = maps(before, now)?;
    (0..count).try_for_each(|_| {
        let (name, value, beside) = entries(&mut before, &mut now)?;
        // A name is read only where it matters.
        if value == beside { Some(()) } else { values(value, beside, node.child(text(name)?), depth) }
    })
}

fn values(before: &[u8], now: &[u8], node: &Node, depth: usize) -> Option<()> {
    if before == now || node.noise {
        return Some(());
    }
    let deeper = depth.checked_sub(1)?;
    match (head(before)?, head(now)?) {
        (Head { form: Form::Map(_), .. }, Head { form: Form::Map(_), .. }) => attributes(before, now, node, deeper),
        (Head { form: Form::Array(count), length }, Head { form: Form::Array(beside), length: other }) => {
            (count == beside).then_some(())?;
            let (mut before, mut now) = (before.get(length..)?, now.get(other..)?);
            (0..count).try_for_each(|_| values(take(&mut before)?, take(&mut now)?, node, deeper))
        }
        _ => None,
    }
}

fn same_bytes(before: &[u8], now: &[u8]) -> Option<()> {
    (before == now).then_some(())
}

/// The entries of two maps of one size: how many, and their bytes.
fn maps<'a>(before: &'a [u8], now: &'a [u8]) -> Option<(usize, &'a [u8], &'a [u8])> {
    match (head(before)?, head(now)?) {
        (Head { form: Form::Map(count), length }, Head { form: Form::Map(beside), length: other }) => {
            (count == beside).then_some(())?;
            Some((count, before.get(length..)?, now.get(other..)?))
        }
        _ => None,
    }
}

/// The next name, which both have to have there, and its two values.
fn entries<'a>(before: &mut &'a [u8], now: &mut &'a [u8]) -> Option<(&'a [u8], &'a [u8], &'a [u8])> {
    let name = take(before)?;
    same_bytes(name, take(now)?)?;
    Some((name, take(before)?, take(now)?))
}

fn text(value: &[u8]) -> Option<&str> {
    rmp::decode::read_str_from_slice(value).ok().map(|(text, _)| text)
}

/// What a value begins with.
struct Head {
    form: Form,
    /// Bytes of the value without its elements.
    length: usize,
}

enum Form {
    Scalar,
    Array(usize),
    Map(usize),
}

/// The first value, which is taken off.
fn take<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (mut end, mut open) = (0_usize, 1_usize);
    while open > 0 {
        let head = head(bytes.get(end..)?)?;
        end = end.checked_add(head.length)?;
        let elements = match head.form {
            Form::Scalar => 0,
            Form::Array(count) => count,
            Form::Map(count) => count.checked_mul(2)?,
        };
        open = (open - 1).checked_add(elements)?;
    }
    let (taken, rest) = bytes.split_at_checked(end)?;
    *bytes = rest;
    Some(taken)
}

fn head(bytes: &[u8]) -> Option<Head> {
    // A length follows the marker in big-endian bytes.
    let number =
        |width| Some(bytes.get(1..=width)?.iter().fold(0_usize, |number, byte| (number << 8) | usize::from(*byte)));
    let scalar = |length| Head { form: Form::Scalar, length };
    Some(match Marker::from_u8(*bytes.first()?) {
        Marker::FixPos(_) | Marker::FixNeg(_) | Marker::Null | Marker::True | Marker::False => scalar(1),
        Marker::U8 | Marker::I8 => scalar(2),
        Marker::U16 | Marker::I16 => scalar(3),
        Marker::U32 | Marker::I32 | Marker::F32 => scalar(5),
        Marker::U64 | Marker::I64 | Marker::F64 => scalar(9),
        Marker::FixStr(length) => scalar(1 + usize::from(length)),
        Marker::Str8 => scalar(2 + number(1)?),
        Marker::Str16 => scalar(3 + number(2)?),
        Marker::Str32 => scalar(5 + number(4)?),
        Marker::FixArray(count) => Head { form: Form::Array(usize::from(count)), length: 1 },
        Marker::Array16 => Head { form: Form::Array(number(2)?), length: 3 },
        Marker::Array32 => Head { form: Form::Array(number(4)?), length: 5 },
        Marker::FixMap(count) => Head { form: Form::Map(usize::from(count)), length: 1 },
        Marker::Map16 => Head { form: Form::Map(number(2)?), length: 3 },
        Marker::Map32 => Head { form: Form::Map(number(4)?), length: 5 },
        // The contract has no others.
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use plumb_model::drift::{AttributeHint, Meaning};
    use serde_json::{Value, json};

    use super::*;

    fn rules() -> Rules {
        let hint = |kind: &str, path: &str| AttributeHint {
            kind: kind.to_owned(),
            path: path.to_owned(),
            meaning: Meaning::ProviderNoise,
        };
        Rules::new(&[hint("k", "arn"), hint("k", "rule.etag"), hint("made_by_the_cloud", "")])
    }

    fn same(before: &Value, now: &Value) -> bool {
        let bytes = |value: &Value| rmp_serde::to_vec(value).unwrap();
        surely_same(&rules(), &bytes(before), &bytes(now))
    }

    fn resource(config: &Value) -> Value {
        json!({"kind": "k", "id": "a", "region": "r", "config": config, "gaps": []})
    }

    #[test]
    fn noise_and_names_are_no_difference() {
        let before = resource(&json!({"arn": "x", "rule": [{"etag": 1, "port": 22}], "text": "y".repeat(300)}));
        let mut now = before.clone();
        now["config"]["arn"] = json!({"y": [1]});
        now["config"]["rule"][0]["etag"] = json!(null);
        now["id"] = json!("another");
        assert!(same(&before, &now) && same(&now, &before));
    }

    #[test]
    fn whatever_else_differs_is_not_told_to_be_the_same() {
        let before = resource(&json!({"rule": [{"port": 22}], "list": [1, 2]}));
        for (path, value) in [
            ("/kind", json!("l")),
            ("/region", json!("s")),
            ("/gaps", json!([{"path": "list"}])),
            ("/config/rule/0/port", json!(23)),
            ("/config/list", json!([1])),
            ("/config/list", json!({})),
            ("/config", json!({"rule": [{"port": 22}], "other": [1, 2]})),
        ] {
            let mut now = before.clone();
            *now.pointer_mut(path).unwrap() = value;
            assert!(!same(&before, &now) && !same(&now, &before), "{path}");
        }
        let unread = {
            let mut unread = before.clone();
            unread["gaps"] = json!([{"path": "list"}]);
            unread
        };
        assert!(!same(&unread, &unread));
    }

    #[test]
    fn a_kind_that_the_cloud_makes_by_itself_has_attributes_all_the_same() {
        let mut before = resource(&json!({"a": 1}));
        before["kind"] = json!("made_by_the_cloud");
        let mut now = before.clone();
        now["config"]["a"] = json!(2);
        assert!(!same(&before, &now));
    }

    #[test]
    fn of_bytes_that_are_cut_short_nothing_is_told() {
        let whole = rmp_serde::to_vec(&resource(&json!({"a": [1, "two", {"three": 4.5}]}))).unwrap();
        for end in 0..whole.len() {
            assert!(!surely_same(&rules(), &whole[..end], &whole[..end]), "{end}");
        }
    }
}
