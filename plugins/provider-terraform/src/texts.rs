//! Texts that stand many times, each held once and told by a number.

use std::collections::HashMap;
use std::rc::Rc;

use plumbline::provider::Error;

use crate::budget::Budget;

/// What a text takes beside its bytes: its slots in the table and the list, which double when full, and the allocator's share.
const TEXT_BYTES: usize = 80;

/// Each text once.
#[derive(Debug, Default)]
pub struct Texts {
    numbers: HashMap<Rc<str>, usize>,
    list: Vec<Rc<str>>,
}

impl Texts {
    /// The number of a text, which is given to it where it has none yet.
    pub fn keep(&mut self, text: &str, budget: &mut Budget) -> Result<usize, Error> {
        if let Some(number) = self.find(text) {
            return Ok(number);
        }
        budget.charge(TEXT_BYTES + text.len())?;
        let (number, text): (usize, Rc<str>) = (self.list.len(), text.into());
        self.list.push(Rc::clone(&text));
        self.numbers.insert(text, number);
        Ok(number)
    }

    pub fn find(&self, text: &str) -> Option<usize> {
        self.numbers.get(text).copied()
    }

    pub fn get(&self, number: usize) -> Option<&str> {
        self.list.get(number).map(AsRef::as_ref)
    }
}
