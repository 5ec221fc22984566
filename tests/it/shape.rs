//! Answers held against the examples of documents: the same keys with values of the same types.

use serde_json::Value;

/// Every key of the example is there, with a value of the same type; `null` only where `open` says so.
#[track_caller]
pub(crate) fn has_shape(found: &Value, example: &Value, open: &[&str]) {
    if let Err(problem) = compare(found, example, open, "") {
        panic!("{problem}\nin {found:#}");
    }
}

/// What differs first.
pub(crate) fn compare(found: &Value, example: &Value, open: &[&str], place: &str) -> Result<(), String> {
    match (found, example) {
        (Value::Object(found), Value::Object(example)) => {
            for (key, wanted) in example {
                let value = found.get(key).ok_or_else(|| format!("{place}/{key} is missing"))?;
                if !(value.is_null() && open.contains(&key.as_str())) {
                    compare(value, wanted, open, &format!("{place}/{key}"))?;
                }
            }
            Ok(())
        }
        (Value::Array(found), Value::Array(example)) => {
            let Some(wanted) = example.first() else { return Ok(()) };
            if found.is_empty() {
                return Err(format!("{place} is empty where there is {wanted}"));
            }
            found.iter().enumerate().try_for_each(|(n, value)| compare(value, wanted, open, &format!("{place}[{n}]")))
        }
        (found, example) if std::mem::discriminant(found) == std::mem::discriminant(example) => Ok(()),
        (found, example) => Err(format!("{place}: {found} where there is {example}")),
    }
}
