//! The pages of every run follow one another without a break, their entries lie in order and inside, and there are as many as the
//! index says.

use std::collections::BTreeMap;

use redb::ReadTransaction;

use crate::batch::Digest;
use crate::index::{FIRST, PageKey, name};
use crate::integrity::CheckReport;
use crate::integrity::records::each;
use crate::key::KeyName;
use crate::records::index::{IndexPage, IndexRecord};
use crate::tables::{INDEX_PAGES, INDEXES};

/// A run as it is walked through.
struct Run {
    /// Where its next page has to begin; none behind its last.
    next: Option<Digest>,
    entries: u64,
}

/// Visits every entry of every index, with the key of its index.
pub(super) fn walk(
    transaction: &ReadTransaction,
    report: &mut CheckReport,
    mut visit: impl FnMut(&mut CheckReport, &Digest, &Digest, &[u8]),
) {
    let mut indexes: BTreeMap<u32, (Digest, IndexRecord)> = BTreeMap::new();
    each(&INDEXES, transaction, report, |report, key, record| {
        if let Some((other, _)) = indexes.insert(record.number, (**key, record)) {
            report.problem(INDEXES.name, name(key), format!("it has the same number as the index of {}", name(&other)));
        }
    });
    let mut runs: BTreeMap<(u32, u64), Run> = BTreeMap::new();
    each(&INDEX_PAGES, transaction, report, |report, key, page| {
        let Some((index, _)) = indexes.get(&key.0) else {
            report.problem(INDEX_PAGES.name, PageKey::name(key), "the index it belongs to is missing");
            return;
        };
        let run = runs.entry((key.0, key.1)).or_insert(Run { next: Some(FIRST), entries: 0 });
        if run.next.as_ref() != Some(key.2) {
            report.problem(INDEX_PAGES.name, PageKey::name(key), "the page before it is missing");
        }
        run.next = page.until;
        if let Err(problem) = each_entry(key.2, &page, |digest, value| {
            run.entries += 1;
            visit(report, index, digest, value);
        }) {
            report.problem(INDEX_PAGES.name, PageKey::name(key), problem);
        }
    });
    for (number, (key, record)) in &indexes {
        for stated in &record.runs {
            match runs.remove(&(*number, stated.number)) {
                Some(Run { next: None, entries }) if entries == stated.entries => {}
                found => {
                    let entries = found.map_or(0, |run| run.entries);
                    let problem = format!("run {} has {entries} whole entries of {}", stated.number, stated.entries);
                    report.problem(INDEXES.name, name(key), problem);
                }
            }
        }
    }
    for ((index, run), _) in runs {
        report.problem(INDEX_PAGES.name, format!("{index}/{run}"), "its index has no such run");
    }
}

fn each_entry(first: &Digest, page: &IndexPage, mut visit: impl FnMut(&Digest, &[u8])) -> Result<(), String> {
    let mut last = None;
    for entry in page.entries.iter() {
        let (digest, value) = entry?;
        let inside = digest >= first && page.until.is_none_or(|until| *digest < until);
        if !inside || last.is_some_and(|last| last >= digest) {
            return Err("its entries are out of order".into());
        }
        visit(digest, value);
        last = Some(digest);
    }
    Ok(())
}
