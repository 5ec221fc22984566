//! What a request brings, as types that cannot be wrong. Whatever a route does not know is refused by name: a misspelt field that
//! was passed over would give an answer that looks like what was asked for.

mod id;
mod json;
mod number;
mod outline;
mod page;
mod query;
mod strict;

pub use id::{PathParams, RecordId};
pub use json::JsonBody;
pub(crate) use json::whole;
pub(crate) use number::WholeNumber;
pub use page::{MAX_PAGE, Page};
pub use query::{NoParameters, Query};

/// The name and the words in an error of serde: it puts the field it means between the first two backticks.
fn blamed(error: &str) -> Option<&str> {
    let about = ["unknown field", "missing field", "duplicate field"].iter().any(|start| error.starts_with(start));
    about.then(|| error.split('`').nth(1)).flatten()
}
