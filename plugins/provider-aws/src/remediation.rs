//! Plans to mend what checks found, where one setting does it. Nothing is sent here but what reads: the host shows the steps and
//! sends them. [`fixes`] has one line for each check, [`password`] the one policy that can only be replaced as a whole.

pub mod fixes;
pub mod password;

use plumbline::http::Client;
use plumbline::provider::Error;
use plumbline::remediation::{Step, Violation, resource};
use serde_json::{Value as Json, json};

use crate::api::Partition;
use crate::call::Call;
use crate::request::{Caller, request};
use crate::value;

/// The steps for a violation; none where it takes more than a setting.
///
/// # Errors
/// Where something that the plan rests on could not be read.
pub fn plan(client: &dyn Client, violation: &Violation) -> Result<Option<Vec<Step>>, Error> {
    let item = resource(violation)?.unwrap_or_else(|| json!({"kind": "", "config": {}}));
    let partition = partition(violation);
    let caller = Caller {
        partition,
        account: &violation.account,
        sign_as: &violation.account,
        region: if violation.region.is_empty() { partition.first_region() } else { &violation.region },
    };
    if password::MENDED.contains(&violation.check.as_str()) {
        return password::step(client, &caller).map(|step| Some(step.into_iter().collect()));
    }
    let kind = value::text(&item, "kind").unwrap_or_default();
    let Some(fix) = fixes::FIXES.iter().find(|fix| fix.check == violation.check && fix.fits(&kind)) else {
        return Ok(None);
    };
    let change = value::fill(fix.change, &|path| value::text(&item, path));
    let change = change.ok_or_else(|| Error::Invalid("the resource lacks what its step is to name".to_owned()))?;
    Ok(Some(vec![step(&caller, &fix.call, &item, change)?]))
}

fn step(caller: &Caller<'_>, call: &Call, item: &Json, change: String) -> Result<Step, Error> {
    let request = request(caller, call, item, None).map_err(Error::Invalid)?;
    Ok(Step { action: call.permission(), change, request })
}

/// As the ARN says, or the region.
fn partition(violation: &Violation) -> Partition {
    let named = violation.resource_id.strip_prefix("arn:").and_then(|rest| rest.split(':').next());
    let of_arn = Partition::ALL.into_iter().find(|partition| Some(partition.as_str()) == named);
    of_arn.unwrap_or_else(|| Partition::of_region(&violation.region))
}
