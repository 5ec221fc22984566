//! Which request could be made only after which answer: the plan before everything, a page before the next one, what a list names
//! before its details. A detail that takes something from another detail counts as if it did not, so a client that keeps to this is
//! rather too fast.

use std::collections::HashMap;
use std::ops::Range;

use super::account::{Asked, MARK, TOKEN, number_after};
use super::lists::LISTS;

/// Requests by their position.
#[derive(Default)]
pub(super) struct Following {
    /// The last of planning.
    plan: Option<usize>,
    /// By list and region: the page that was asked for last.
    pages: HashMap<(&'static str, String), usize>,
    /// By service: region, none for all of them, the numbers on a page, and the request for it.
    listed: HashMap<String, Vec<(Option<String>, Range<usize>, usize)>>,
}

impl Following {
    /// The request whose answer this one, at that position, was made from.
    pub(super) fn note(&mut self, asked: &Asked<'_>, service: &str, position: usize) -> Option<usize> {
        if matches!(asked.what.as_str(), "GetCallerIdentity" | "DescribeRegions") {
            self.plan = Some(position);
            return None;
        }
        if let Some(list) = LISTS.iter().find(|list| list.asked == asked.what) {
            let first = number_after(asked.text, TOKEN, 10);
            let before = self.pages.insert((list.asked, asked.region.to_owned()), position);
            let start = first.unwrap_or_default();
            let region = (!list.is_global).then(|| asked.region.to_owned());
            self.listed.entry(service.to_owned()).or_default().push((region, start..start + list.page, position));
            return if first.is_some() { before } else { self.plan };
        }
        let number = number_after(asked.text, MARK, 16);
        let of_service = self.listed.get(service).into_iter().flatten();
        let mut named = of_service.filter(|(region, numbers, _)| {
            number.is_some_and(|number| numbers.contains(&number))
                && region.as_deref().is_none_or(|own| own == asked.region)
        });
        named.next().map(|(_, _, page)| *page).or(self.plan)
    }
}
