//! Asks calls of items, side by side and page by page.

use std::collections::BTreeSet;

use plumbline::http::Client;
use plumbline::provider::Error;
use serde_json::{Value as Json, json};

use crate::answer::{Failure, read};
use crate::call::Call;
use crate::request::{Caller, request};
use crate::value;

/// Requests in one go, as many as the host takes: at the end of each go the last answers are waited for. The host bounds what is
/// under way; this bounds what is held here, answers of a few kB each. Lists are asked for fewer items at once.
const SLICE: usize = 1000;
/// Pages of one list: with the hundred or so entries that a page has at the least, a million resources.
const PAGES: usize = 10_000;
/// Pages of one list with nothing on them, one after the other. Lists that are filtered have some; a thousand take minutes.
const EMPTY_PAGES: usize = 1000;
/// How often something is asked that is being made; nobody waits in between, and each answer takes some hundredths of a second.
const TRIES: usize = 100;

/// A call to ask, and the position of the item it is about.
pub type Ask = (&'static Call, usize);

/// One page of what an ask got.
pub type Page = Result<Option<Json>, Failure>;

/// What a task asks with.
#[derive(Clone, Copy)]
pub struct Session<'a> {
    pub client: &'a dyn Client,
    pub caller: Caller<'a>,
}

impl std::fmt::Debug for Session<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Session({:?})", self.caller)
    }
}

/// An ask that goes on.
struct Open {
    ask: usize,
    token: Option<String>,
    seen: BTreeSet<String>,
    /// Pages since the last one with something on it.
    empty: usize,
    tries: usize,
}

impl Open {
    fn new(ask: usize) -> Open {
        Open { ask, token: None, seen: BTreeSet::new(), empty: 0, tries: 0 }
    }
}

impl Session<'_> {
    /// Asks everything, and gives each page with the position of its ask. `region_of` says where an item is to be asked about,
    /// where that is not the caller's region.
    ///
    /// # Errors
    /// What `take` gives.
    pub fn ask(
        &self,
        asks: &[Ask],
        items: &[Json],
        region_of: &dyn Fn(&Json) -> Option<String>,
        take: &mut dyn FnMut(usize, Page) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut open: Vec<Open> = (0..asks.len()).map(Open::new).collect();
        while !open.is_empty() {
            let mut next = Vec::new();
            for slice in open.chunks_mut(SLICE) {
                self.round(asks, items, region_of, slice, &mut next, take)?;
            }
            open = next;
        }
        Ok(())
    }

    fn round(
        &self,
        asks: &[Ask],
        items: &[Json],
        region_of: &dyn Fn(&Json) -> Option<String>,
        slice: &mut [Open],
        next: &mut Vec<Open>,
        take: &mut dyn FnMut(usize, Page) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut requests = Vec::with_capacity(slice.len());
        let mut sent = Vec::with_capacity(slice.len());
        for one in slice {
            let Some((call, position)) = asks.get(one.ask).copied() else { continue };
            let item = items.get(position).unwrap_or(&Json::Null);
            let region = region_of(item);
            let caller = Caller { region: region.as_deref().unwrap_or(self.caller.region), ..self.caller };
            match request(&caller, call, item, one.token.as_deref()) {
                Ok(request) => {
                    requests.push(request);
                    sent.push((one, call));
                }
                Err(reason) => take(one.ask, Err(Failure { reason, permission: None }))?,
            }
        }
        let answers = self.client.send_all(&requests);
        for ((one, call), answer) in sent.into_iter().zip(answers) {
            let page = read(call, answer);
            if let (Ok(Some(answer)), Some((path, text))) = (&page, call.until)
                && !value::is(answer, path, text)
            {
                if one.tries < TRIES {
                    next.push(Open { tries: one.tries + 1, ..Open::new(one.ask) });
                } else {
                    let reason = format!("{}: {path} was not {text} after {TRIES} answers", call.operation);
                    take(one.ask, Err(Failure { reason, permission: None }))?;
                }
                continue;
            }
            let answered = page.as_ref().ok().and_then(Option::as_ref);
            let is_empty = answered.is_some_and(|answer| value::all(answer, call.items).is_empty());
            let empty = if is_empty { one.empty + 1 } else { 0 };
            let following = answered.and_then(|answer| token(call, answer));
            take(one.ask, page)?;
            let Some(token) = following else { continue };
            let is_stuck = one.seen.len() >= PAGES || empty >= EMPTY_PAGES || !one.seen.insert(token.clone());
            if is_stuck {
                let reason = format!(
                    "{}: its list never ends: page {} names a page that came before, or there are more than {PAGES}, \
                     or {EMPTY_PAGES} with nothing on them",
                    call.operation,
                    one.seen.len()
                );
                take(one.ask, Err(Failure { reason, permission: None }))?;
            } else {
                let seen = std::mem::take(&mut one.seen);
                next.push(Open { token: Some(token), seen, empty, ..Open::new(one.ask) });
            }
        }
        Ok(())
    }
}

/// The token of the next page.
fn token(call: &Call, answer: &Json) -> Option<String> {
    value::text(answer, call.paging?.read)
}

/// The items of a page. A bare text or number is an item with that `Value`.
pub fn items_of(call: &Call, answer: Json) -> Vec<Json> {
    if let Some(rows) = call.rows {
        return rows(&answer);
    }
    let wrap = |element: Json| if element.is_object() { element } else { json!({"Value": element}) };
    if call.items.is_empty() {
        return vec![wrap(answer)];
    }
    value::take_all(answer, call.items).into_iter().map(wrap).collect()
}
