//! Every cached verdict decodes, and one on a resource belongs to a plugin.

use std::collections::BTreeMap;

use redb::ReadTransaction;

use crate::batch::Digest;
use crate::integrity::CheckReport;
use crate::integrity::records::{each, each_value};
use crate::key::{KeyName, hex};
use crate::tables::{ACCOUNT_VERDICTS, PLUGINS, VERDICTS};
use crate::verdicts::decode;

pub(super) fn walk(transaction: &ReadTransaction, report: &mut CheckReport) {
    let mut plugins: BTreeMap<u32, Digest> = BTreeMap::new();
    each(&PLUGINS, transaction, report, |report, digest, record| {
        if plugins.insert(record.number, **digest).is_some() {
            report.problem(PLUGINS.name, hex(*digest), format!("number {} stands for two plugins", record.number));
        }
    });
    let walked = each_value(&VERDICTS, transaction, report, |report, key, value| {
        let plugin = plugins.get(&key.0).ok_or_else(|| "the plugin it belongs to is missing".to_owned());
        if let Err(problem) = plugin.and_then(|plugin| decode(plugin, key.1, value)) {
            report.problem(VERDICTS.name, <(u32, &'static [u8; 32])>::name(key), problem);
        }
    });
    if let Err(error) = walked {
        report.error(error);
    }
    each(&ACCOUNT_VERDICTS, transaction, report, |report, place, record| {
        if let Err(problem) = record.kept() {
            report.problem(ACCOUNT_VERDICTS.name, hex(*place), problem);
        }
    });
}
