//! What forms send, and what the forms above lists ask for.

use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use serde::Serialize;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, IntoDeserializer};

use crate::browser::FORM_TOKEN;
use crate::extract::whole;
use crate::limits::FORM_BYTES;
use crate::problem::Problem;

const KIND: &str = "application/x-www-form-urlencoded";

/// The fields of a form as a `T`, which has to be `deny_unknown_fields`. The form's token was looked at by the guard.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form<T>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Form<T>, Problem> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let essence = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
        if !essence.is_some_and(|kind| kind.eq_ignore_ascii_case(KIND)) {
            return Err(Problem::unsupported_media_type(KIND));
        }
        let bytes = whole(request.into_body()).await?;
        if bytes.len() > FORM_BYTES {
            return Err(Problem::too_large());
        }
        parse(&bytes).map(Form)
    }
}

/// One of some words in the query of a list; the empty choice of a form is none.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Choice<T>(pub(crate) Option<T>);

impl<T> Default for Choice<T> {
    fn default() -> Choice<T> {
        Choice(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Choice<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Choice<T>, D::Error> {
        let word = String::deserialize(deserializer)?;
        if word.is_empty() {
            return Ok(Choice(None));
        }
        T::deserialize(word.into_deserializer()).map(|word| Choice(Some(word)))
    }
}

/// A field that was left empty was not filled in. Browsers send the ends of lines as two characters.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let fields = form_urlencoded::parse(bytes).filter(|(name, value)| name != FORM_TOKEN && !value.is_empty());
    let fields = fields.map(|(name, value)| (name, value.replace("\r\n", "\n")));
    let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let reader = serde_html_form::Deserializer::new(form_urlencoded::parse(text.as_bytes()));
    serde_path_to_error::deserialize(reader)
        .map_err(|error| Problem::invalid_body(error.path().to_string(), error.inner().to_string()))
}
