//! Everything that a task asks, side by side: all its lists, page after page, and the details of what they name as soon as it is
//! named. What there is goes out in the order of the lists, of their pages and of what stands on them, whatever was answered first,
//! so that a replay finds the same in the same order.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use plumbline::http::{Answer, Client, Exchanging, Request};
use plumbline::provider::Error;
use serde_json::Value as Json;

use crate::answer::Failure;
use crate::batch::{Batch, Chosen, listed};
use crate::collect::{AllTags, Outlet};
use crate::session::{Asking, Turn};
use crate::tagging::{self, Tags};

/// Requests on their way: more than the host sends at once for one account, so that it never waits for this task to work through
/// answers. The answers are held by the host until they are taken.
const AT_ONCE: usize = 400;
/// Items whose details are asked for together, and which go out together.
const ITEMS: usize = 250;
/// Items that are held before further pages are asked for: a page more while the details of one are on their way. Each takes some kB.
const HELD: usize = 500;

/// Where something stands: listing and page, and for what follows from the page its position there, and so on for each step. So
/// what follows from a page stands between it and the next page.
type Key = Vec<usize>;

enum Node {
    List(List),
    Batch(Batch),
    /// A part of a list that is not known.
    Unknown(Rc<Chosen>, Failure),
}

/// A list, of which a page is to be asked for or is on its way.
struct List {
    chosen: Rc<Chosen>,
    step: usize,
    /// What it is listed for; null for the account and region.
    parent: Json,
    asking: Asking,
}

/// What a request is for.
enum Purpose {
    List(Key),
    Detail(Key, usize),
    Tags(&'static str),
}

pub(crate) struct Flow<'a> {
    exchange: Box<dyn Exchanging + 'a>,
    outlet: Outlet<'a>,
    nodes: BTreeMap<Key, Node>,
    /// The nodes of lists whose page is to be asked for.
    lists: BTreeSet<Key>,
    /// The nodes of batches that have something to ask.
    batches: BTreeSet<Key>,
    tags: AllTags,
    /// Types whose next page of tags is to be asked for.
    untagged: Vec<&'static str>,
    on_the_way: HashMap<u64, Purpose>,
    /// Items in all batches.
    held: usize,
}

impl<'a> Flow<'a> {
    pub(crate) fn new(client: &'a dyn Client, outlet: Outlet<'a>) -> Flow<'a> {
        Flow {
            exchange: client.exchange(),
            outlet,
            nodes: BTreeMap::new(),
            lists: BTreeSet::new(),
            batches: BTreeSet::new(),
            tags: HashMap::new(),
            untagged: Vec::new(),
            on_the_way: HashMap::new(),
            held: 0,
        }
    }

    /// Asks until nothing is left to ask.
    pub(crate) fn run(mut self, chosen: Vec<Rc<Chosen>>) -> Result<(), Error> {
        for (position, chosen) in chosen.into_iter().enumerate() {
            self.list(vec![position, 0], &chosen, 0, Json::Null);
        }
        loop {
            let sent = self.send();
            let settled = self.settle()?;
            if !self.on_the_way.is_empty() {
                let answers = self.exchange.answers();
                if answers.is_empty() {
                    return Err(Error::Unavailable("the host has no answers to what it was asked".to_owned()));
                }
                for (number, answer) in answers {
                    if let Some(purpose) = self.on_the_way.remove(&number) {
                        self.take(purpose, Ok(answer));
                    }
                }
            } else if self.nodes.is_empty() {
                return Ok(());
            } else if sent + settled == 0 {
                return Err(Error::Internal("something is left to ask, and nothing is asked".to_owned()));
            }
        }
    }

    /// Sends what may be on its way; says how much was settled or sent.
    fn send(&mut self) -> usize {
        let (mut requests, mut purposes, mut count) = (Vec::new(), Vec::new(), 0);
        while self.on_the_way.len() + requests.len() < AT_ONCE
            && let Some(purpose) = self.next()
        {
            count += 1;
            match self.request(&purpose) {
                Ok(request) => {
                    requests.push(request);
                    purposes.push(purpose);
                }
                Err(failure) => self.take(purpose, Err(failure)),
            }
        }
        if !requests.is_empty() {
            let first = self.exchange.start(&requests);
            self.on_the_way.extend((first..).zip(purposes));
        }
        count
    }

    /// What to ask next. Pages come first, because what follows from them cannot be asked before; but only while there is room for
    /// what they name, or where everything else waits for them.
    fn next(&mut self) -> Option<Purpose> {
        if let Some(resource_type) = self.untagged.pop() {
            return Some(Purpose::Tags(resource_type));
        }
        let front = self.nodes.first_key_value().map(|(key, _)| key);
        if self.lists.first().is_some_and(|key| self.held < HELD || Some(key) == front) {
            return self.lists.pop_first().map(Purpose::List);
        }
        let key = self.batches.first()?.clone();
        let Some(Node::Batch(batch)) = self.nodes.get_mut(&key) else { return None };
        let ask = batch.next();
        if !batch.has_unsent() {
            self.batches.remove(&key);
        }
        Some(Purpose::Detail(key, ask?))
    }

    fn request(&self, purpose: &Purpose) -> Result<Request, Failure> {
        let caller = &self.outlet.caller;
        let asked = match purpose {
            Purpose::List(key) => match self.nodes.get(key) {
                Some(Node::List(list)) => Some(list.asking.request(caller, &list.parent)),
                _ => None,
            },
            Purpose::Detail(key, ask) => match self.nodes.get(key) {
                Some(Node::Batch(batch)) => Some(batch.request(*ask, caller)),
                _ => None,
            },
            Purpose::Tags(resource_type) => {
                let asking = self.tags.get(resource_type).and_then(|tags| tags.asking.as_ref());
                asking.map(|asking| asking.request(caller, &tagging::of(resource_type)))
            }
        };
        asked.unwrap_or_else(|| Err(Failure { reason: "a request for nothing".to_owned(), permission: None }))
    }

    fn take(&mut self, purpose: Purpose, answer: Result<Answer, Failure>) {
        match purpose {
            Purpose::List(key) => self.take_page(key, answer),
            Purpose::Detail(key, ask) => {
                if let Some(Node::Batch(batch)) = self.nodes.get_mut(&key) {
                    batch.take(ask, answer);
                    self.go_on(key);
                }
            }
            Purpose::Tags(resource_type) => {
                let Some(tags) = self.tags.get_mut(resource_type) else { return };
                let Some(mut asking) = tags.asking.take() else { return };
                let Turn { pages, goes_on } = asking.turn(answer);
                pages.into_iter().for_each(|page| tags.keep(page));
                if goes_on {
                    tags.asking = Some(asking);
                    self.untagged.push(resource_type);
                }
            }
        }
    }

    /// Puts what stands on a page between it and the next one.
    fn take_page(&mut self, mut key: Key, answer: Result<Answer, Failure>) {
        let Some(Node::List(mut list)) = self.nodes.remove(&key) else { return };
        let Turn { pages, goes_on } = list.asking.turn(answer);
        let mut position = 0;
        let mut place = |key: &Key| {
            position += 1;
            key.iter().copied().chain([position]).collect::<Key>()
        };
        for page in pages {
            match page {
                Err(failure) => {
                    self.nodes.insert(place(&key), Node::Unknown(Rc::clone(&list.chosen), failure));
                }
                Ok(None) => {}
                Ok(Some(answer)) => {
                    let mut items = listed(list.asking.call, answer, &list.parent);
                    if list.step + 1 < list.chosen.listing.steps.len() {
                        for item in items {
                            let first = place(&key).into_iter().chain([0]).collect();
                            self.list(first, &list.chosen, list.step + 1, item);
                        }
                        continue;
                    }
                    while !items.is_empty() {
                        let rest = items.split_off(items.len().min(ITEMS));
                        let some = std::mem::replace(&mut items, rest);
                        self.held += some.len();
                        let key = place(&key);
                        self.nodes.insert(key.clone(), Node::Batch(Batch::new(Rc::clone(&list.chosen), some)));
                        self.go_on(key);
                    }
                }
            }
        }
        if goes_on {
            if let Some(page) = key.last_mut() {
                *page += 1;
            }
            self.lists.insert(key.clone());
            self.nodes.insert(key, Node::List(list));
        }
    }

    /// Lists something for a parent that a list is asked about.
    fn list(&mut self, key: Key, chosen: &Rc<Chosen>, step: usize, parent: Json) {
        if let Some(call) = chosen.listing.steps.get(step).filter(|call| (call.when)(&parent)) {
            self.lists.insert(key.clone());
            let (chosen, asking) = (Rc::clone(chosen), Asking::new(call));
            self.nodes.insert(key, Node::List(List { chosen, step, parent, asking }));
        }
    }

    /// Begins a batch's next wave where the last one is there, and asks for its tags where all are.
    fn go_on(&mut self, key: Key) {
        let Some(Node::Batch(batch)) = self.nodes.get_mut(&key) else { return };
        batch.go_on(&|region| self.outlet.is_asked_for(region));
        if batch.is_done {
            for resource_type in batch.tagged() {
                if !self.tags.contains_key(resource_type) {
                    self.tags.insert(resource_type, Tags::default());
                    self.untagged.push(resource_type);
                }
            }
        } else if batch.has_unsent() {
            self.batches.insert(key);
        }
    }

    /// Hands out what nothing that is still asked for stands before; says how much.
    fn settle(&mut self) -> Result<usize, Error> {
        let mut count = 0;
        while let Some(first) = self.nodes.first_entry() {
            let is_whole = |tags: &Tags| tags.asking.is_none();
            let is_ready = match first.get() {
                Node::List(_) => false,
                Node::Unknown(..) => true,
                Node::Batch(batch) => batch.is_done && batch.tagged().all(|of| self.tags.get(of).is_some_and(is_whole)),
            };
            if !is_ready {
                break;
            }
            match first.remove() {
                Node::List(_) => {}
                Node::Unknown(chosen, failure) => self.outlet.unknown(&chosen.kinds, &failure),
                Node::Batch(batch) => {
                    self.held = self.held.saturating_sub(batch.count);
                    self.outlet.emit(&batch, &self.tags)?;
                }
            }
            count += 1;
        }
        Ok(count)
    }
}
