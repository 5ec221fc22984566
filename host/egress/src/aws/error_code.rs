//! What AWS calls an error: in a header, in JSON, in XML; an emulator or a proxy may answer anything.

use crate::client::Answer;

/// Bytes of a code; longer ones are none.
const CODE_BYTES: usize = 128;

/// The code of an answer from 400 on; empty where it names none.
pub(crate) fn error_code(answer: &Answer) -> String {
    if answer.status < 400 {
        return String::new();
    }
    let named = answer.header("x-amzn-errortype").map(str::to_owned);
    let named = named.or_else(|| json_code(&answer.body)).or_else(|| xml_text(&answer.body, "Code"));
    named.map(|code| plain(&code)).unwrap_or_default()
}

/// `com.amazonaws.kms#NotFoundException:http://…` is `NotFoundException`.
fn plain(code: &str) -> String {
    let code = code.split([':', ';']).next().unwrap_or_default();
    let code = code.rsplit('#').next().unwrap_or_default().trim();
    let fits =
        code.len() <= CODE_BYTES && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if fits { code.to_owned() } else { String::new() }
}

fn json_code(body: &[u8]) -> Option<String> {
    if body.first() != Some(&b'{') {
        return None;
    }
    let document: serde_json::Value = serde_json::from_slice(body).ok()?;
    let named = ["__type", "code", "Code"].iter().find_map(|name| document.get(name));
    named.and_then(serde_json::Value::as_str).map(str::to_owned)
}

/// The text of the first element of a name. Enough for errors and for the answers of sts, whose texts have neither elements nor
/// more than the five entities.
pub(crate) fn xml_text(body: &[u8], name: &str) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (inner, _) = rest.split_once(&format!("</{name}>"))?;
    if inner.contains('<') {
        return None;
    }
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    Some(entities.iter().fold(inner.trim().to_owned(), |text, (entity, sign)| text.replace(entity, sign)))
}
