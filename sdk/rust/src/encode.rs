//! Structured values to the contract's MessagePack: what [`document`](crate::document) reads.

use serde_json::Value as Json;

/// Appends a value as MessagePack, in the shortest form and in the map's own order.
pub fn encode(value: &Json, out: &mut Vec<u8>) {
    match value {
        Json::Null => out.push(0xc0),
        Json::Bool(value) => out.push(if *value { 0xc3 } else { 0xc2 }),
        Json::Number(number) => {
            if let Some(value) = number.as_i64() {
                encode_int(value, out);
            } else if let Some(value) = number.as_u64() {
                out.push(0xcf);
                out.extend(value.to_be_bytes());
            } else {
                out.push(0xcb);
                out.extend(number.as_f64().unwrap_or(f64::NAN).to_be_bytes());
            }
        }
        Json::String(text) => encode_text(text, out),
        Json::Array(elements) => {
            encode_array(elements.len(), out);
            for element in elements {
                encode(element, out);
            }
        }
        Json::Object(map) => {
            encode_map(map.len(), out);
            for (key, value) in map {
                encode_text(key, out);
                encode(value, out);
            }
        }
    }
}

fn encode_int(value: i64, out: &mut Vec<u8>) {
    if let Ok(small) = i8::try_from(value)
        && small >= -32
    {
        out.extend(small.to_be_bytes());
    } else if let Ok(value) = u8::try_from(value) {
        out.extend([0xcc, value]);
    } else if let Ok(value) = u16::try_from(value) {
        out.push(0xcd);
        out.extend(value.to_be_bytes());
    } else if let Ok(value) = u32::try_from(value) {
        out.push(0xce);
        out.extend(value.to_be_bytes());
    } else {
        out.push(0xd3);
        out.extend(value.to_be_bytes());
    }
}

/// Lengths beyond 32 bits cannot occur: a guest's memory ends there, and the host's bounds far below.
fn length_u32(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

pub(crate) fn encode_text(text: &str, out: &mut Vec<u8>) {
    match text.len() {
        length @ 0..=31 => out.push(0xa0 | u8::try_from(length).unwrap_or_default()),
        length @ 32..=0xff => out.extend([0xd9, u8::try_from(length).unwrap_or_default()]),
        length => {
            out.push(0xdb);
            out.extend(length_u32(length).to_be_bytes());
        }
    }
    out.extend(text.as_bytes());
}

pub(crate) fn encode_array(length: usize, out: &mut Vec<u8>) {
    if length < 16 {
        out.push(0x90 | u8::try_from(length).unwrap_or_default());
    } else {
        out.push(0xdd);
        out.extend(length_u32(length).to_be_bytes());
    }
}

pub(crate) fn encode_map(length: usize, out: &mut Vec<u8>) {
    if length < 16 {
        out.push(0x80 | u8::try_from(length).unwrap_or_default());
    } else {
        out.push(0xdf);
        out.extend(length_u32(length).to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Value;
    use serde_json::json;

    #[test]
    fn what_is_written_reads_back() {
        let value = json!({
            "a": [0, 127, 128, -1, -32, -33, 255, 256, 65535, 65536, 4_294_967_296_i64, i64::MIN, u64::MAX, 1.5, null, true],
            "b": {"text": "ä".repeat(40), "long": "x".repeat(300)},
            "c": (0..20).collect::<Vec<i32>>(),
        });
        let mut bytes = Vec::new();
        encode(&value, &mut bytes);
        assert_eq!(Value::new(&bytes).to_json(), Some(value));
    }
}
