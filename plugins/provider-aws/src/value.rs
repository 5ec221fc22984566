//! Walking answers. A path is names with dots between; lists on the way are walked through, so `Reservations.Instances` is every
//! instance of every reservation.

use serde_json::Value as Json;

/// Everything at a path; elements of a list one by one.
pub fn all<'a>(value: &'a Json, path: &str) -> Vec<&'a Json> {
    let mut found = vec![value];
    for name in path.split('.').filter(|name| !name.is_empty()) {
        found = found.into_iter().flat_map(elements).filter_map(|value| value.get(name)).collect();
    }
    found.into_iter().flat_map(elements).filter(|value| is_set(value)).collect()
}

/// The same, taken out of the value: a page of a thousand resources is not copied.
pub fn take_all(value: Json, path: &str) -> Vec<Json> {
    let mut found = vec![value];
    for name in path.split('.').filter(|name| !name.is_empty()) {
        found = found
            .into_iter()
            .flat_map(into_elements)
            .filter_map(|mut value| Some(value.get_mut(name)?.take()))
            .collect();
    }
    found.into_iter().flat_map(into_elements).filter(is_set).collect()
}

/// What stands at a path, as it is; the first where lists stand on the way.
pub fn at<'a>(value: &'a Json, path: &str) -> Option<&'a Json> {
    let mut found = value;
    for name in path.split('.').filter(|name| !name.is_empty()) {
        found = elements(found).find_map(|value| value.get(name))?;
    }
    is_set(found).then_some(found)
}

/// Text, or a number or switch as text.
pub fn text(value: &Json, path: &str) -> Option<String> {
    match at(value, path)? {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// Whether the text at a path is this.
pub fn is(value: &Json, path: &str, wanted: &str) -> bool {
    text(value, path).as_deref() == Some(wanted)
}

/// A switch, also one written as text, as XML has it.
pub fn flag(value: &Json, path: &str) -> Option<bool> {
    match at(value, path)? {
        Json::Bool(flag) => Some(*flag),
        Json::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// A number, also one written as text; those with a fraction stay so.
pub fn number(value: &Json, path: &str) -> Option<Json> {
    match at(value, path)? {
        number @ Json::Number(_) => Some(number.clone()),
        Json::String(text) => {
            let whole = text.parse::<i64>().ok().map(Json::from);
            whole.or_else(|| text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Json::from))
        }
        _ => None,
    }
}

/// What stands under a key in a list of pairs, as services have settings: `Key` and `Value`, `key` and `value`.
pub fn entry<'a>(value: &'a Json, path: &str, key: &str) -> Option<&'a Json> {
    const NAMES: [(&str, &str); 2] = [("Key", "Value"), ("key", "value")];
    let of_pair = |pair: &'a Json| {
        NAMES.iter().find_map(|(name, content)| if is(pair, name, key) { at(pair, content) } else { None })
    };
    all(value, path).into_iter().find_map(of_pair)
}

/// An empty element of XML reads as empty text: nothing is set there.
fn is_set(value: &Json) -> bool {
    !value.is_null() && value != ""
}

fn elements(value: &Json) -> Box<dyn Iterator<Item = &Json> + '_> {
    match value {
        Json::Array(elements) => Box::new(elements.iter().flat_map(self::elements)),
        other => Box::new(std::iter::once(other)),
    }
}

fn into_elements(value: Json) -> Vec<Json> {
    match value {
        Json::Array(elements) => elements.into_iter().flat_map(into_elements).collect(),
        other => vec![other],
    }
}

/// Text with `{path}` in it filled from a value; none where something is missing.
pub fn fill(template: &str, of: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (path, left) = after.split_once('}')?;
        filled.push_str(before);
        filled.push_str(&of(path)?);
        rest = left;
    }
    filled.push_str(rest);
    Some(filled)
}

/// The paths in a template.
pub fn paths(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(path, _)| path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_on_the_way_are_walked_through() {
        let answer = json!({"a": [{"b": [{"c": "1"}, {"c": "2"}]}, {"b": {"c": "3"}}, {"b": ""}]});
        assert_eq!(all(&answer, "a.b.c"), [&json!("1"), &json!("2"), &json!("3")]);
        assert_eq!(number(&answer, "a.b.c"), Some(json!(1)));
        assert_eq!(all(&answer, "a.x").len(), 0);
        for path in ["a.b.c", "a.b", "a", "", "a.x", "a.b.x"] {
            let copied: Vec<Json> = all(&answer, path).into_iter().cloned().collect();
            assert_eq!(take_all(answer.clone(), path), copied, "{path}");
        }
    }

    #[test]
    fn a_template_without_all_its_parts_gives_nothing() {
        let of = |path: &str| (path == "id").then(|| "x".to_owned());
        assert_eq!(fill("arn:{id}/y", &of).as_deref(), Some("arn:x/y"));
        assert_eq!(fill("arn:{id}/{other}", &of), None);
    }
}
