//! Tries each call of a task once, so that somebody can be told before a scan which of them are not allowed.
//!
//! Lists are asked for one page, details for the first item of it. Instead of resources there is one [`KIND`] for each call that was
//! tried, named by its IAM action, with a gap where it failed. What was not tried, because there is nothing to try it on, is not told.

use plumbline::http::Client;
use plumbline::provider::{AttributeGap, Error, Found, Inventory};
use serde_json::{Map, Value as Json};

use crate::answer::{Failure, read};
use crate::call::Call;
use crate::kind::{Kind, Listing};
use crate::request::{Caller, request};
use crate::session::items_of;
use crate::tagging;

/// The kind of what is emitted.
pub const KIND: &str = "aws_iam_action";

/// Tries what planning asked already: it was allowed, else there would be a gap instead.
pub fn planned(caller: &Caller<'_>, action: &str, inventory: &mut dyn Inventory) -> Result<(), Error> {
    inventory.emit(&told(caller, action, "plan", None))
}

/// Tries the calls that these kinds of a listing need.
pub fn listing(
    client: &dyn Client,
    caller: &Caller<'_>,
    listing: &Listing,
    kinds: &[&'static Kind],
    inventory: &mut dyn Inventory,
) -> Result<(), Error> {
    let mut trial = Trial { client, caller, inventory };
    let mut item = Json::Null;
    for step in listing.steps {
        let Some(answer) = trial.call(step, &item)? else { return Ok(()) };
        let Some(Json::Object(mut first)) = items_of(step, answer).into_iter().next() else { return Ok(()) };
        if !item.is_null() {
            first.insert("Parent".to_owned(), item);
        }
        item = first.into();
    }
    let needed = listing.needed(kinds);
    for wave in listing.details {
        for call in wave.iter().filter(|call| needed.contains(call.alias)) {
            let region = kinds.iter().find_map(|kind| (kind.region)(&item));
            let caller = Caller { region: region.as_deref().unwrap_or(caller.region), ..*caller };
            let answer = Trial { client, caller: &caller, inventory: trial.inventory }.call(call, &item)?;
            if let (Json::Object(item), Some(answer)) = (&mut item, answer) {
                let kept = if call.items.is_empty() { answer } else { items_of(call, answer).into() };
                item.insert(call.alias.to_owned(), kept);
            }
        }
    }
    for kind in kinds.iter().filter(|kind| !kind.tagged.is_empty()) {
        trial.call(&tagging::GET_RESOURCES, &tagging::of(kind.tagged))?;
    }
    Ok(())
}

struct Trial<'a> {
    client: &'a dyn Client,
    caller: &'a Caller<'a>,
    inventory: &'a mut dyn Inventory,
}

impl Trial<'_> {
    /// The answer; none where there is none, where there is nothing, and where the call does not fit the item.
    fn call(&mut self, call: &Call, item: &Json) -> Result<Option<Json>, Error> {
        if !(call.when)(item) {
            return Ok(None);
        }
        let Ok(request) = request(self.caller, call, item, None) else { return Ok(None) };
        let answer = self.client.send_all(&[request]).pop();
        let Some(answer) = answer else { return Ok(None) };
        let read = read(call, answer);
        let failure = read.as_ref().err();
        self.inventory.emit(&told(self.caller, &call.permission(), call.alias, failure))?;
        Ok(read.unwrap_or_default())
    }
}

fn told(caller: &Caller<'_>, action: &str, call: &str, failure: Option<&Failure>) -> Found {
    let gap = |failure: &Failure| AttributeGap {
        path: String::new(),
        reason: failure.reason.clone(),
        permission: failure.permission.clone(),
    };
    Found {
        id: format!("{}/{}/{action}/{call}", caller.account, caller.region),
        kind: KIND.to_owned(),
        name: action.to_owned(),
        account: caller.account.to_owned(),
        region: caller.region.to_owned(),
        config: Map::new(),
        gaps: failure.map(gap).into_iter().collect(),
        ..Found::default()
    }
}
