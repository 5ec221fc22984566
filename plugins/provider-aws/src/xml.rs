//! XML answers as the structure that JSON ones have: an element is an object of its children, one without children its text, and
//! several of a name are a list. Attributes and namespaces say nothing that is read.

use quick_xml::events::Event;
use quick_xml::{Reader, XmlVersion};
use serde_json::{Map, Value as Json};

/// Answers of AWS are nested a dozen levels deep.
const DEPTH: usize = 64;

#[derive(Default)]
struct Element {
    name: String,
    text: String,
    children: Map<String, Json>,
}

impl Element {
    fn finish(self) -> Json {
        if self.children.is_empty() { self.text.into() } else { self.children.into() }
    }

    fn add(&mut self, name: String, value: Json) {
        match self.children.get_mut(&name) {
            None => drop(self.children.insert(name, value)),
            Some(Json::Array(elements)) => elements.push(value),
            Some(first) => *first = vec![first.take(), value].into(),
        }
    }
}

/// The name of the outermost element, and what stands in it; none where it is no whole XML document, or nested deeper than any answer is.
pub fn parse(text: &str) -> Option<(String, Json)> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) if root.is_none() && open.len() < DEPTH => {
                open.push(Element { name: start.local_name().as_ref().to_owned(), ..Element::default() });
            }
            Event::Empty(start) => match open.last_mut() {
                Some(parent) => parent.add(start.local_name().as_ref().to_owned(), "".into()),
                None if root.is_none() => root = Some((start.local_name().as_ref().to_owned(), "".into())),
                None => return None,
            },
            Event::Text(text) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&text.xml_content(XmlVersion::Implicit1_0));
                }
            }
            Event::CData(text) => open.last_mut()?.text.push_str(&text),
            Event::GeneralRef(reference) => {
                let character = match reference.resolve_char_ref().ok()? {
                    Some(character) => character,
                    None => entity(&reference)?,
                };
                open.last_mut()?.text.push(character);
            }
            Event::End(_) => {
                let element = open.pop()?;
                let name = element.name.clone();
                match open.last_mut() {
                    Some(parent) => parent.add(name, element.finish()),
                    None => root = Some((name, element.finish())),
                }
            }
            Event::Eof => return if open.is_empty() { root } else { None },
            Event::Start(_) => return None,
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
        }
    }
}

/// The five that every XML document knows; others are declared in documents, which answers do not do.
fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn elements_become_objects_texts_and_lists() {
        let text = r#"<?xml version="1.0"?><R xmlns="x"><a>1 &amp; &#50;</a><l><item><b/></item><item>2</item></l>
            <p><![CDATA[{"x"}]]></p></R>"#;
        let expected = json!({"a": "1 & 2", "l": {"item": [{"b": ""}, "2"]}, "p": "{\"x\"}"});
        assert_eq!(parse(text), Some(("R".to_owned(), expected)));
        assert_eq!(parse("<LocationConstraint/>"), Some(("LocationConstraint".to_owned(), json!(""))));
    }

    #[test]
    fn what_is_no_whole_document_is_nothing() {
        for broken in ["", "<a>", "<a></b>", "{}", "<a>&unknown;</a>", "<!doctype html><html><p>x</html>"] {
            assert_eq!(parse(broken), None, "{broken}");
        }
        assert_eq!(parse(&format!("{}{}", "<a>".repeat(70), "</a>".repeat(70))), None);
    }
}
