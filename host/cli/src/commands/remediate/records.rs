//! `plumb remediate list` and `show`.

use plumb_model::remediation::Remediation;
use plumb_model::tenant::TenantId;
use plumb_store::Ledger;
use serde_json::{Value, json};

use super::form;
use crate::arguments::remediate::List;
use crate::arguments::{Common, Json, Of};
use crate::commands::scan;
use crate::exit::{Exit, usage};
use crate::{context, print};

/// Rows of one list.
const MOST: usize = 1_000;

pub(super) fn list(common: &Common, arguments: &List) -> anyhow::Result<Exit> {
    let ledger = context::ledger(common)?;
    let scan = arguments.scan.as_deref().map(|text| scan::find(&ledger, text)).transpose()?;
    let all = ledger.remediations(&tenant(&ledger, &arguments.of)?)?;
    let of_scan = all.into_iter().filter(|one| scan.is_none_or(|scan| one.scan == scan));
    let shown: Vec<Remediation> = of_scan.take(arguments.limit.clamp(1, MOST)).collect();
    if arguments.json.json {
        let rows: Vec<Value> = shown.iter().map(form::json).collect();
        print::json(&json!({ "remediations": rows }))?;
    } else if shown.is_empty() {
        print::out("Nothing was changed yet. See what could be with: plumb remediate apply latest --dry-run")?;
    } else {
        print::out(&form::table(&shown))?;
    }
    Ok(Exit::Success)
}

pub(super) fn show(common: &Common, text: &str, of: &Of, json: Json) -> anyhow::Result<Exit> {
    let ledger = context::ledger(common)?;
    let all = ledger.remediations(&tenant(&ledger, of)?)?;
    let mut named = all.iter().filter(|one| form::id(&one.id).starts_with(text));
    let found = match (named.next(), named.next()) {
        (Some(found), None) => found,
        (None, _) => return Err(usage(format!("there is no remediation '{text}'; `plumb remediate list` names them"))),
        (Some(_), Some(_)) => {
            return Err(usage(format!("several remediations begin with '{text}'; give more of the id")));
        }
    };
    if json.json {
        print::json(&form::json(found))?;
    } else {
        print::out(&print::plain(&form::details(found)))?;
    }
    Ok(Exit::Success)
}

fn tenant(ledger: &Ledger, of: &Of) -> anyhow::Result<TenantId> {
    let found = ledger.tenant_named(&of.tenant)?;
    let unknown = || usage(format!("there is no tenant '{}'; `plumb tenant list` names them", of.tenant));
    Ok(found.ok_or_else(unknown)?.id)
}
