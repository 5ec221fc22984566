//! What an answer says: a structure, that there is nothing, or why it is not known.

use plumbline::http::{Answer, HttpError, Response};
use serde_json::Value as Json;

use crate::api::Protocol;
use crate::call::Call;
use crate::field::root;
use crate::xml;

/// A call without an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// Names the call.
    pub reason: String,
    /// The IAM action, where it was missing.
    pub permission: Option<String>,
}

/// What error codes of a missing right have in them. What else AWS answers with 403 (a wrong signature, an expired token) no
/// right would mend.
const DENIED: [&str; 4] = ["AccessDenied", "Unauthorized", "NotAuthorized", "AuthorizationError"];

/// What opens or divides elements in one answer. The largest pages have a third of it; each element takes up to a hundred times the
/// memory of its text, and a task that runs out of memory loses all it knows.
const MARKS: usize = 1_000_000;

/// The structure; none where an error code says that there is nothing.
pub fn read(call: &Call, answer: Answer) -> Result<Option<Json>, Failure> {
    let fail = |reason: String| Failure { reason: format!("{}: {reason}", call.operation), permission: None };
    let response = answer.map_err(|error| fail(transport(&error)))?;
    if response.status >= 400 {
        return refusal(call, &response);
    }
    if response.status >= 300 {
        return Err(fail(format!("answered with a redirect ({})", response.status)));
    }
    let text = std::str::from_utf8(&response.body).map_err(|_| fail("the answer is no text".to_owned()))?;
    if text.bytes().filter(|byte| b"<[{,".contains(byte)).count() > MARKS {
        return Err(fail(format!("the answer has more than {MARKS} elements")));
    }
    let structure = match call.api.protocol {
        Protocol::Json(..) | Protocol::RestJson => serde_json::from_str(text).ok().filter(|answer| lists(call, answer)),
        Protocol::Query(_) => xml::parse(text).and_then(|(_, mut root)| {
            // An operation that has nothing to say has an empty result element.
            root.get_mut(format!("{}Result", call.operation)).map(Json::take)
        }),
        Protocol::Ec2(_) => {
            let named = |name: &str| name.strip_suffix("Response") == Some(call.operation);
            xml::parse(text).filter(|(name, _)| named(name)).map(|(_, root)| root)
        }
        // The policy of a bucket is the body itself.
        Protocol::RestXml if text.trim_start().starts_with('{') => {
            serde_json::from_str(text).ok().filter(|policy: &Json| policy.get("Statement").is_some())
        }
        Protocol::RestXml => xml::parse(text).filter(|(name, _)| !is_page(name)).map(|(_, root)| root),
    };
    structure.map(Some).ok_or_else(|| fail(format!("the answer ({}) is not in the service's format", response.status)))
}

/// Whether an answer in JSON can be of this call: an object, and of a list one that has the list. One without anything is a list
/// without anything; what somebody on the way answers has something else.
fn lists(call: &Call, answer: &Json) -> bool {
    let Some(members) = answer.as_object() else { return false };
    let read = call.paging.map(|paging| root(paging.read));
    let is_known = |name: &str| name == root(call.items) || Some(name) == read;
    let mut said = members.iter().filter(|(_, member)| !member.is_null()).peekable();
    call.items.is_empty() || call.rows.is_some() || said.peek().is_none() || said.any(|(name, _)| is_known(name))
}

/// Whether an outermost element is that of a page for people, or of an error that calls itself a success.
fn is_page(name: &str) -> bool {
    name.eq_ignore_ascii_case("html") || matches!(name, "Error" | "ErrorResponse")
}

fn refusal(call: &Call, response: &Response) -> Result<Option<Json>, Failure> {
    let code = response.error_code.as_str();
    if call.absent.contains(&code) {
        return Ok(None);
    }
    let is_denied = DENIED.iter().any(|part| code.contains(part));
    let words = match (is_denied, code) {
        (true, _) => format!("{} is not allowed ({code})", call.permission()),
        (false, "") => format!("answered with status {}", response.status),
        (false, code) => format!("answered with {code} ({})", response.status),
    };
    let permission = is_denied.then(|| call.permission());
    Err(Failure { reason: format!("{}: {words}", call.operation), permission })
}

fn transport(error: &HttpError) -> String {
    match error {
        HttpError::Refused(rule) => format!("refused: {rule}"),
        HttpError::Unauthenticated(reason) => format!("there are no credentials for it: {reason}"),
        HttpError::Timeout => "no answer in time".to_owned(),
        HttpError::Connect(reason) => format!("no connection: {reason}"),
        HttpError::TooLarge(bytes) => format!("the answer has more than {bytes} bytes"),
        HttpError::BudgetSpent(which) => format!("not asked any more: {which}"),
    }
}
