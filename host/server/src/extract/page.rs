//! Pages of lists.

use crate::extract::number::WholeNumber;

/// The most that one page holds; a greater wish is cut to it, and the answer says the size used.
pub const MAX_PAGE: u64 = 100;

/// Which part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    pub offset: u64,
    /// From 1 to [`MAX_PAGE`].
    pub limit: u64,
}

impl Page {
    /// By offset, as S2, S3 and S4 have it. `default` is the family's page size.
    pub fn by_offset(offset: Option<WholeNumber>, limit: Option<WholeNumber>, default: u64) -> Page {
        let limit = limit.map_or(default, WholeNumber::get);
        Page { offset: offset.map_or(0, WholeNumber::get), limit: limit.clamp(1, MAX_PAGE) }
    }

    /// By number from 1, as S1 has it.
    pub fn by_number(page: Option<WholeNumber>, limit: Option<WholeNumber>, default: u64) -> Page {
        let Page { limit, .. } = Page::by_offset(None, limit, default);
        Page { offset: page.map_or(1, WholeNumber::get).saturating_sub(1).saturating_mul(limit), limit }
    }

    /// The page's number, from 1.
    pub fn number(self) -> u64 {
        // The limit is at least 1.
        self.offset / self.limit.max(1) + 1
    }

    /// Whether a list of this length goes on behind the page.
    pub fn has_more(self, total: u64) -> bool {
        self.offset.saturating_add(self.limit) < total
    }

    /// For taking the page from an iterator.
    pub fn range(self) -> (usize, usize) {
        let whole = |number| usize::try_from(number).unwrap_or(usize::MAX);
        (whole(self.offset), whole(self.limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole(number: u64) -> WholeNumber {
        serde_json::from_value(number.min(u64::MAX >> 1).into()).unwrap()
    }

    proptest! {
        #[test]
        fn pages_by_number_cover_a_list_without_gap_or_overlap(limit in 0..300u64, total in 0..2000u64) {
            let (mut number, mut seen) = (1, 0);
            loop {
                let page = Page::by_number(Some(whole(number)), Some(whole(limit)), 20);
                prop_assert_eq!((page.offset, page.number()), (seen, number));
                prop_assert!((1..=MAX_PAGE).contains(&page.limit));
                seen += page.limit.min(total.saturating_sub(seen));
                if !page.has_more(total) {
                    break;
                }
                number += 1;
            }
            prop_assert_eq!(seen, total);
        }

        #[test]
        fn no_wish_overflows(offset: Option<u64>, page: Option<u64>, limit: Option<u64>, total: u64) {
            let (offset, page, limit) = (offset.map(whole), page.map(whole), limit.map(whole));
            for page in [Page::by_offset(offset, limit, 20), Page::by_number(page, limit, 20)] {
                prop_assert!(page.limit <= MAX_PAGE && page.number() >= 1);
                prop_assert!(!page.has_more(total) || page.offset < total);
            }
        }
    }
}
