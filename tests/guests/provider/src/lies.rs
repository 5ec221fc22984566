//! Pages that do not have the contract's shape.

use plumbline::encode::encode;
use plumbline::provider::Document;
use plumbline::serde_json::{Value as Json, json};

/// Each is the id of a task that emits one such page.
pub(crate) const NAMES: [&str; 16] = [
    "not-an-array",
    "element-not-a-map",
    "missing-id",
    "missing-kind",
    "empty-id",
    "id-of-wrong-type",
    "tags-of-wrong-type",
    "config-of-wrong-type",
    "gaps-of-wrong-type",
    "duplicate-ids",
    "not-utf8",
    "too-deep",
    "cut-short",
    "count-of-billions",
    "extension-type",
    "broken-json",
];

pub(crate) fn page(name: &str) -> Document {
    let good = || json!({"id": "guest_thing.a", "kind": "guest_thing", "config": {}});
    let with = |key: &str, value: Json| {
        let mut resource = good();
        resource.as_object_mut().map(|map| map.insert(key.to_owned(), value));
        json!([resource])
    };
    let without = |key: &str| {
        let mut resource = good();
        resource.as_object_mut().map(|map| map.remove(key));
        json!([resource])
    };
    let page = match name {
        "not-an-array" => good(),
        "element-not-a-map" => json!([1, "two", null]),
        "missing-id" => without("id"),
        "missing-kind" => without("kind"),
        "empty-id" => with("id", json!("")),
        "id-of-wrong-type" => with("id", json!(7)),
        "tags-of-wrong-type" => with("tags", json!({"a": {"b": 1}})),
        "config-of-wrong-type" => with("config", json!([1])),
        "gaps-of-wrong-type" => with("gaps", json!({"path": "a"})),
        "duplicate-ids" => json!([good(), good()]),
        "broken-json" => return Document::Json("[{\"id\": \"guest_thing.a\",".to_owned()),
        raw => return Document::Msgpack(bytes(raw)),
    };
    let mut bytes = Vec::new();
    encode(&page, &mut bytes);
    Document::Msgpack(bytes)
}

/// Pages that no encoder would write.
fn bytes(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    match name {
        // An array of as many elements as 32 bits can say, and none of them.
        "count-of-billions" => return vec![0xdd, 0xff, 0xff, 0xff, 0xff],
        "cut-short" => return vec![0x91, 0x83, 0xa2, b'i', b'd', 0xa9, b'g'],
        // An array of one map of three entries, the last of which is the lie.
        _ => bytes.extend([0x91, 0x83]),
    }
    for text in ["id", "guest_thing.a", "kind", "guest_thing", "config"] {
        encode(&json!(text), &mut bytes);
    }
    // A map of one entry.
    bytes.push(0x81);
    encode(&json!("value"), &mut bytes);
    match name {
        "not-utf8" => bytes.extend([0xa2, 0xc3, 0x28]),
        "extension-type" => bytes.extend([0xd4, 0x01, 0x00]),
        // "too-deep": arrays of one element within each other.
        _ => bytes.extend(std::iter::repeat_n(0x91, 1000).chain([0xc0])),
    }
    bytes
}
