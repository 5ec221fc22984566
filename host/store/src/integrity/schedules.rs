//! Schedules, channels, events and messages: they can be read; a schedule bears the number that leads to it, and no message is both on
//! its way and over.

use std::collections::BTreeSet;

use plumb_model::notification::DeliveryStatus;
use redb::ReadTransaction;

use crate::integrity::CheckReport;
use crate::integrity::records::each;
use crate::key::KeyName;
use crate::numbers::Numbered;
use crate::tables::{CHANNELS, DELIVERIES, EVENTS, NUMBERS, OUTBOX, SCHEDULES};

pub(super) fn walk(transaction: &ReadTransaction, report: &mut CheckReport) {
    let mut numbered = BTreeSet::new();
    each(&NUMBERS, transaction, report, |_, (tenant, kind, number), record| {
        if *kind == Numbered::Schedule.code() {
            numbered.insert((**tenant, record.id.0, *number));
        }
    });
    each(&SCHEDULES, transaction, report, |report, key, schedule| {
        if !numbered.contains(&(*key.0, *key.1, schedule.number)) {
            report.problem(SCHEDULES.name, <(&[u8; 16], &[u8; 16])>::name(key), "its number leads elsewhere");
        }
    });
    each(&CHANNELS, transaction, report, |_, _, _| ());
    each(&EVENTS, transaction, report, |_, _, _| ());
    let mut pending = BTreeSet::new();
    each(&OUTBOX, transaction, report, |report, key, record| {
        pending.insert((*key.0, *key.1));
        if record.status() != DeliveryStatus::Pending {
            report.problem(OUTBOX.name, <(&[u8; 16], &[u8; 16])>::name(key), "a message that is over is on its way");
        }
    });
    each(&DELIVERIES, transaction, report, |report, key, record| {
        if record.status() == DeliveryStatus::Pending || pending.contains(&(*key.0, *key.1)) {
            let name = <(&[u8; 16], &[u8; 16])>::name(key);
            report.problem(DELIVERIES.name, name, "a message that is on its way is over");
        }
    });
}
