//! Asks a call about an item, page by page.

use std::collections::BTreeSet;

use plumbline::http::{Answer, Client, Request};
use serde_json::{Value as Json, json};

use crate::answer::{Failure, read};
use crate::call::Call;
use crate::request::{Caller, request};
use crate::value;

/// Pages of one list: with the hundred or so entries that a page has at the least, a million resources.
const PAGES: usize = 10_000;
/// Pages of one list with nothing on them, one after the other. Lists that are filtered have some; a thousand take minutes.
const EMPTY_PAGES: usize = 1000;
/// How often something is asked that is being made; nobody waits in between, and each answer takes some hundredths of a second.
const TRIES: usize = 100;

/// One page of what a call got.
pub type Page = Result<Option<Json>, Failure>;

/// A call on its way.
#[derive(Debug)]
pub struct Asking {
    pub call: &'static Call,
    token: Option<String>,
    seen: BTreeSet<String>,
    /// Pages since the last one with something on it.
    empty: usize,
    tries: usize,
}

/// What an answer comes to.
#[derive(Debug)]
pub struct Turn {
    /// None where it is to be asked again; two where what follows is not known.
    pub pages: Vec<Page>,
    /// Whether there is another request.
    pub goes_on: bool,
}

impl Asking {
    pub fn new(call: &'static Call) -> Asking {
        Asking { call, token: None, seen: BTreeSet::new(), empty: 0, tries: 0 }
    }

    /// The next request, or why there can be none.
    pub fn request(&self, caller: &Caller<'_>, item: &Json) -> Result<Request, Failure> {
        let request = request(caller, self.call, item, self.token.as_deref());
        request.map_err(|reason| Failure { reason, permission: None })
    }

    /// What an answer comes to, or what it comes to that there was no request.
    pub fn turn(&mut self, answer: Result<Answer, Failure>) -> Turn {
        let call = self.call;
        let page = answer.and_then(|answer| read(call, answer));
        let answered = page.as_ref().ok().and_then(Option::as_ref);
        if let (Some(answer), Some((path, text))) = (answered, call.until)
            && !value::is(answer, path, text)
        {
            self.tries += 1;
            if self.tries <= TRIES {
                return Turn { pages: Vec::new(), goes_on: true };
            }
            let reason = format!("{}: {path} was not {text} after {TRIES} answers", call.operation);
            return Turn { pages: vec![Err(Failure { reason, permission: None })], goes_on: false };
        }
        let is_empty = answered.is_some_and(|answer| value::all(answer, call.items).is_empty());
        self.empty = if is_empty { self.empty + 1 } else { 0 };
        let Some(token) = answered.and_then(|answer| token(call, answer)) else {
            return Turn { pages: vec![page], goes_on: false };
        };
        if self.seen.len() >= PAGES || self.empty >= EMPTY_PAGES || !self.seen.insert(token.clone()) {
            let reason = format!(
                "{}: its list never ends: page {} names a page that came before, or there are more than {PAGES}, \
                 or {EMPTY_PAGES} with nothing on them",
                call.operation,
                self.seen.len()
            );
            return Turn { pages: vec![page, Err(Failure { reason, permission: None })], goes_on: false };
        }
        self.token = Some(token);
        self.tries = 0;
        Turn { pages: vec![page], goes_on: true }
    }
}

/// Who asks, and for whom.
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

impl Session<'_> {
    /// All items of a list, one page after the other, or why they are not known.
    pub fn list(&self, call: &'static Call) -> Result<Vec<Json>, Failure> {
        let [items] = self.lists([call]);
        items
    }

    /// The same of several, side by side.
    pub fn lists<const N: usize>(&self, calls: [&'static Call; N]) -> [Result<Vec<Json>, Failure>; N] {
        let mut lists = calls.map(|call| (Some(Asking::new(call)), Ok(Vec::new())));
        loop {
            let mut requests = Vec::new();
            for (open, items) in &mut lists {
                match open.as_ref().map(|asking| asking.request(&self.caller, &Json::Null)) {
                    Some(Ok(request)) => requests.push(request),
                    Some(Err(failure)) => (*open, *items) = (None, Err(failure)),
                    None => {}
                }
            }
            if requests.is_empty() {
                return lists.map(|(_, items)| items);
            }
            let asked = lists.iter_mut().filter(|(open, _)| open.is_some());
            for ((open, items), answer) in asked.zip(self.client.send_all(&requests)) {
                let Some(mut asking) = open.take() else { continue };
                let Turn { pages, goes_on } = asking.turn(Ok(answer));
                for page in pages {
                    match (page, &mut *items) {
                        (Err(failure), Ok(_)) => *items = Err(failure),
                        (Ok(answer), Ok(items)) => {
                            items.extend(answer.into_iter().flat_map(|answer| items_of(asking.call, answer)));
                        }
                        _ => {}
                    }
                }
                *open = goes_on.then_some(asking);
            }
        }
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
