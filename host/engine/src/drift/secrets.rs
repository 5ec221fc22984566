//! Keeps secrets out of what is told of a drift. Providers leave out what they know to be secret; what is named like a secret is
//! struck here all the same, because summaries go to chats and tickets.

use serde_json::{Map, Value};

/// Endings of names, in lower case without `_` and `-`, of attributes and variables that hold a secret in the open. `http_tokens`
/// and `kms_key_id` are none.
const ENDINGS: [&str; 11] = [
    "accesskey",
    "apikey",
    "connectionstring",
    "credential",
    "credentials",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "secret",
    "token",
];

/// What stands in a secret's place.
pub(crate) const STRUCK: &str = "(sensitive)";

/// Whether a name is that of a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    plain.ends_with("secretkey") || ENDINGS.iter().any(|ending| plain.ends_with(ending))
}

/// The value without secrets. Switches and numbers are none.
pub(crate) fn strike(value: &Value, name: &str, sensitive: bool) -> Value {
    let secret = sensitive || is_secret(name);
    match value {
        Value::String(text) if secret && !text.is_empty() => Value::from(STRUCK),
        Value::Array(elements) => elements.iter().map(|element| strike(element, name, sensitive)).collect(),
        Value::Object(map) => {
            let struck = |(key, value): (&String, &Value)| {
                (key.clone(), strike(value, key, sensitive || names_a_secret(map, key)))
            };
            map.iter().map(struck).collect()
        }
        other => other.clone(),
    }
}

/// Whether an attribute's neighbour says that it is a secret: lists of variables have `{"name": "DB_PASSWORD", "value": "…"}`.
pub(crate) fn names_a_secret(map: &Map<String, Value>, attribute: &str) -> bool {
    let mut names = ["name", "key"].iter().filter_map(|key| map.get(*key)).filter_map(Value::as_str);
    attribute == "value" && names.any(is_secret)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_named_like_a_secret_is_struck_wherever_it_stands() {
        let value = json!({
            "variables": {"DB_PASSWORD": "hunter2", "LEVEL": "debug", "API-TOKEN": ["x"]},
            "environment": [{"name": "AWS_SECRET_ACCESS_KEY", "value": "abc"}, {"name": "LEVEL", "value": "debug"}],
            "http_tokens": "required", "kms_key_id": "k", "rotate_secret": true,
        });
        let expected = json!({
            "variables": {"DB_PASSWORD": STRUCK, "LEVEL": "debug", "API-TOKEN": [STRUCK]},
            "environment": [{"name": "AWS_SECRET_ACCESS_KEY", "value": STRUCK}, {"name": "LEVEL", "value": "debug"}],
            "http_tokens": "required", "kms_key_id": "k", "rotate_secret": true,
        });
        assert_eq!(strike(&value, "", false), expected);
        assert_eq!(strike(&json!(["a"]), "anything", true), json!([STRUCK]));
    }
}
