//! Items of a list while their details are asked for: wave by wave, those of one wave side by side.

use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use plumbline::http::{Answer, Request};
use serde_json::Value as Json;

use crate::answer::Failure;
use crate::call::Call;
use crate::kind::{Kind, Listing};
use crate::request::Caller;
use crate::session::{Asking, Page, Turn, items_of};

/// A listing, and what of it is wanted.
#[derive(Debug)]
pub struct Chosen {
    pub listing: &'static Listing,
    pub kinds: Vec<&'static Kind>,
    /// The names of the detail calls that these kinds need.
    pub needed: BTreeSet<&'static str>,
}

impl Chosen {
    /// Where an item is, and is to be asked about, where that is not the task's region.
    pub fn region_of(&self, item: &Json) -> Option<String> {
        self.kinds.iter().find_map(|kind| (kind.region)(item))
    }
}

/// The detail calls that failed for an item, by alias.
pub type Failures = Vec<(&'static str, Failure)>;

/// A detail call about one of the items.
#[derive(Debug)]
struct Ask {
    asking: Asking,
    item: usize,
    pages: Vec<Page>,
}

#[derive(Debug)]
pub struct Batch {
    pub chosen: Rc<Chosen>,
    /// How many items there were at first.
    pub count: usize,
    pub items: Vec<Json>,
    /// Of each item.
    pub failures: Vec<Failures>,
    /// Waves that were begun.
    waves: usize,
    /// Those of the last wave.
    asks: Vec<Ask>,
    unsent: VecDeque<usize>,
    open: usize,
    pub is_done: bool,
}

impl Batch {
    pub fn new(chosen: Rc<Chosen>, items: Vec<Json>) -> Batch {
        let failures = items.iter().map(|_| Vec::new()).collect();
        let (count, asks, unsent) = (items.len(), Vec::new(), VecDeque::new());
        Batch { chosen, count, items, failures, waves: 0, asks, unsent, open: 0, is_done: false }
    }

    /// Begins the next wave that has something to ask, once all of the one before is there; it is done where none has. Items in
    /// regions that nobody asked for are left out as soon as a wave begins.
    pub fn go_on(&mut self, is_asked_for: &dyn Fn(&str) -> bool) {
        while self.open == 0 && !self.is_done {
            for ask in std::mem::take(&mut self.asks) {
                if let (Some(item), Some(failures)) = (self.items.get_mut(ask.item), self.failures.get_mut(ask.item)) {
                    ask.pages.into_iter().for_each(|page| keep(ask.asking.call, page, item, failures));
                }
            }
            let Some(wave) = self.chosen.listing.details.get(self.waves) else {
                self.is_done = true;
                return;
            };
            self.waves += 1;
            let known = std::mem::take(&mut self.items).into_iter().zip(std::mem::take(&mut self.failures));
            let is_wanted = |item: &Json| self.chosen.region_of(item).is_none_or(|region| is_asked_for(&region));
            (self.items, self.failures) = known.filter(|(item, _)| is_wanted(item)).unzip();
            for (position, item) in self.items.iter().enumerate() {
                let calls = wave.iter().filter(|call| self.chosen.needed.contains(call.alias) && (call.when)(item));
                self.asks.extend(calls.map(|call| Ask {
                    asking: Asking::new(call),
                    item: position,
                    pages: Vec::new(),
                }));
            }
            self.open = self.asks.len();
            self.unsent = (0..self.open).collect();
        }
    }

    pub fn has_unsent(&self) -> bool {
        !self.unsent.is_empty()
    }

    /// The next request to send.
    pub fn next(&mut self) -> Option<usize> {
        self.unsent.pop_front()
    }

    /// The request of an ask, or why there can be none.
    pub fn request(&self, ask: usize, caller: &Caller<'_>) -> Result<Request, Failure> {
        let lost = || Failure { reason: "a detail of no item".to_owned(), permission: None };
        let ask = self.asks.get(ask).ok_or_else(lost)?;
        let item = self.items.get(ask.item).ok_or_else(lost)?;
        let region = self.chosen.region_of(item);
        ask.asking.request(&Caller { region: region.as_deref().unwrap_or(caller.region), ..*caller }, item)
    }

    /// Takes what an ask got.
    pub fn take(&mut self, position: usize, answer: Result<Answer, Failure>) {
        let Some(ask) = self.asks.get_mut(position) else { return };
        let Turn { pages, goes_on } = ask.asking.turn(answer);
        ask.pages.extend(pages);
        if goes_on {
            self.unsent.push_front(position);
        } else {
            self.open = self.open.saturating_sub(1);
        }
    }

    /// What the tagging API calls the types of what is there, where that API is to be asked.
    pub fn tagged(&self) -> impl Iterator<Item = &'static str> {
        let kinds = self.chosen.kinds.iter().filter(|kind| !kind.tagged.is_empty());
        kinds.filter(|kind| self.items.iter().any(|item| (kind.keep)(item))).map(|kind| kind.tagged)
    }
}

/// Puts what a detail call got where the attributes look for it.
fn keep(call: &Call, page: Page, item: &mut Json, failures: &mut Failures) {
    match page {
        Err(failure) => failures.push((call.alias, failure)),
        Ok(None) => {}
        Ok(Some(answer)) => {
            let Json::Object(item) = item else { return };
            if call.items.is_empty() {
                item.insert(call.alias.to_owned(), answer);
            } else if let Json::Array(kept) = item.entry(call.alias).or_insert_with(|| Json::Array(Vec::new())) {
                kept.extend(items_of(call, answer));
            }
        }
    }
}

/// The items of a page of a list, each with what it was listed for as its `Parent`.
pub fn listed(call: &Call, answer: Json, parent: &Json) -> Vec<Json> {
    let mut items = items_of(call, answer);
    if !parent.is_null() {
        for map in items.iter_mut().filter_map(Json::as_object_mut) {
            map.insert("Parent".to_owned(), parent.clone());
        }
    }
    items
}
