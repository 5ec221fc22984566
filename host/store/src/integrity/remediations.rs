//! Remediations can be read, and what is called fixed was looked at afterwards.

use plumb_model::remediation::RemediationStatus;
use redb::ReadTransaction;

use crate::integrity::CheckReport;
use crate::integrity::records::each;
use crate::key::KeyName;
use crate::tables::REMEDIATIONS;

pub(super) fn walk(transaction: &ReadTransaction, report: &mut CheckReport) {
    each(&REMEDIATIONS, transaction, report, |report, key, record| {
        let name = || <(&[u8; 16], &[u8; 16], &[u8; 16])>::name(key);
        let seen = matches!(record.status(), RemediationStatus::Fixed | RemediationStatus::NotFixed);
        if seen && record.after.is_none() {
            report.problem(REMEDIATIONS.name, name(), "nobody looked at the resource again, and it is called seen");
        }
    });
}
