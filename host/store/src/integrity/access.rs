//! Every token lies where its id says and belongs to a tenant, and every audit log is the one that was written: no entry changed,
//! taken out or cut off.

use std::collections::{BTreeMap, BTreeSet};

use plumb_model::tenant::DEFAULT;
use redb::ReadTransaction;

use crate::integrity::CheckReport;
use crate::integrity::records::each;
use crate::key::{hex, scan_name};
use crate::records::audit::AuditHeadRecord;
use crate::tables::{AUDIT, AUDIT_HEADS, IDEMPOTENCY, TENANTS, TOKEN_IDS, TOKENS};

pub(super) fn walk(transaction: &ReadTransaction, report: &mut CheckReport) {
    tokens(transaction, report);
    audit(transaction, report);
    each(&IDEMPOTENCY, transaction, report, |_, _, _| ());
}

fn tokens(transaction: &ReadTransaction, report: &mut CheckReport) {
    let (mut tenants, mut names) = (BTreeSet::from([DEFAULT]), BTreeSet::new());
    each(&TENANTS, transaction, report, |report, id, record| {
        tenants.insert(**id);
        if !names.insert(record.name) {
            report.problem(TENANTS.name, scan_name(id), "another tenant has the same name");
        }
    });
    let mut places = BTreeMap::new();
    each(&TOKEN_IDS, transaction, report, |_, (tenant, id), place| {
        places.insert(place.hash.0, (**tenant, **id));
    });
    each(&TOKENS, transaction, report, |report, hash, record| {
        if places.remove(*hash) != Some((record.tenant.0, record.id.0)) {
            report.problem(TOKENS.name, hex(*hash), "its id leads elsewhere");
        }
        if !tenants.contains(&record.tenant.0) {
            report.problem(TOKENS.name, hex(*hash), "the tenant it belongs to is missing");
        }
        if let Err(problem) = record.token() {
            report.problem(TOKENS.name, hex(*hash), problem);
        }
    });
    for (tenant, id) in places.values() {
        report.problem(TOKEN_IDS.name, format!("{}/{}", scan_name(tenant), scan_name(id)), "its token is missing");
    }
}

fn audit(transaction: &ReadTransaction, report: &mut CheckReport) {
    let mut logs: BTreeMap<[u8; 16], AuditHeadRecord> = BTreeMap::new();
    each(&AUDIT, transaction, report, |report, (tenant, sequence), record| {
        let head = logs.entry(**tenant).or_insert_with(|| AuditHeadRecord::empty(tenant));
        let next = head.followed_by(&record);
        let key = || format!("{}/{sequence}", scan_name(tenant));
        if next.length != *sequence {
            report.problem(AUDIT.name, key(), format!("entry {} is missing", next.length));
        } else if next.hash != record.hash {
            report.problem(AUDIT.name, key(), "it does not follow from the entry before it; one of them was changed");
        }
        if let Err(problem) = record.event(tenant) {
            report.problem(AUDIT.name, key(), problem);
        }
        // What comes after is held against what is there, so that one change is one problem.
        *head = AuditHeadRecord { length: *sequence, hash: record.hash };
    });
    each(&AUDIT_HEADS, transaction, report, |report, tenant, stated| {
        let found = logs.remove(*tenant).unwrap_or_else(|| AuditHeadRecord::empty(tenant));
        if (stated.length, stated.hash) != (found.length, found.hash) {
            let problem = format!("the log has {} entries and ended with entry {}", found.length, stated.length);
            report.problem(AUDIT_HEADS.name, scan_name(tenant), problem);
        }
    });
    for tenant in logs.keys() {
        report.problem(
            AUDIT_HEADS.name,
            scan_name(tenant),
            "it is missing, so nobody can say whether the log is whole",
        );
    }
}
