//! Every call's verdicts on an account are whole.

use redb::ReadTransaction;

use crate::integrity::CheckReport;
use crate::integrity::records::each;
use crate::key::KeyName;
use crate::tables::{ACCOUNT_VERDICTS, DigestKey};

pub(super) fn walk(transaction: &ReadTransaction, report: &mut CheckReport) {
    each(&ACCOUNT_VERDICTS, transaction, report, |report, key, record| {
        if let Err(problem) = record.kept() {
            let key = <(DigestKey, DigestKey, DigestKey)>::name(key);
            report.problem(ACCOUNT_VERDICTS.name, key, problem);
        }
    });
}
