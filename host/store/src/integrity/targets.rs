//! Targets, policies, mutes and numbers: names and keys lead to what is there, and numbers are those that were given.

use std::collections::{BTreeMap, BTreeSet};

use redb::ReadTransaction;

use crate::integrity::CheckReport;
use crate::integrity::records::each;
use crate::key::KeyName;
use crate::tables::{COUNTERS, MUTES, NUMBERS, POLICIES, POLICY_KEYS, TARGET_NAMES, TARGETS};
use crate::targets::name_key;

pub(super) fn walk(transaction: &ReadTransaction, report: &mut CheckReport) {
    let (mut names, mut policies) = (BTreeMap::new(), BTreeSet::new());
    each(&TARGETS, transaction, report, |_, (tenant, id), target| {
        names.insert((**tenant, name_key(&target.name)), **id);
    });
    each(&TARGET_NAMES, transaction, report, |report, key, record| {
        if names.remove(&(*key.0, *key.1)) != Some(record.id.0) {
            report.problem(
                TARGET_NAMES.name,
                <(&[u8; 16], &[u8; 32])>::name(key),
                "its target is missing or has another name",
            );
        }
    });
    for (tenant, _) in names.keys() {
        report.problem(TARGETS.name, crate::key::scan_name(tenant), "a target's name leads nowhere");
    }
    each(&POLICIES, transaction, report, |_, (tenant, id), _| {
        policies.insert((**tenant, **id));
    });
    each(&POLICY_KEYS, transaction, report, |report, key, record| {
        if !policies.remove(&(*key.0, record.id.0)) {
            report.problem(POLICY_KEYS.name, <(&[u8; 16], &[u8; 32])>::name(key), "its policy is missing");
        }
    });
    for (tenant, _) in &policies {
        report.problem(POLICIES.name, crate::key::scan_name(tenant), "no key leads to a policy");
    }
    each(&MUTES, transaction, report, |_, _, _| ());
    let mut last = BTreeMap::new();
    each(&COUNTERS, transaction, report, |_, (tenant, kind), counter| {
        last.insert((**tenant, *kind), counter.last);
    });
    each(&NUMBERS, transaction, report, |report, key, _| {
        let (tenant, kind, number) = *key;
        if last.get(&(*tenant, kind)).is_none_or(|last| number > *last) {
            report.problem(NUMBERS.name, <(&[u8; 16], u8, u64)>::name(key), "the number was never given");
        }
    });
}
