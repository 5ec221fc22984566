//! Calls the `remediation` interface and checks what it answers. A plan is only read here: who shows it, judges it and sends it is
//! elsewhere.

use std::sync::Arc;

use plumb_model::resource::ResourceRef;

use crate::bindings::remediation::exports::plumbline::plugin::remediation as wire;
use crate::bindings::types::Document;
use crate::call;
use crate::egress::{Egress, Request};
use crate::error::{CallError, Failure};
use crate::host::Attachments;
use crate::host::http::checked;
use crate::limits::{STEP_BODY, STEPS};
use crate::manifest::{Encoding, Export};
use crate::output::line;
use crate::plugin::Plugin;

const FUNCTION: &str = "remediation.plan";

/// One request that mends something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What the plugin says it does: `s3:PutBucketVersioning`.
    pub action: String,
    /// What changes, for people.
    pub change: String,
    pub request: Request,
}

/// A check that failed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Violation {
    pub check: String,
    pub resource: ResourceRef,
    /// The resource with all its keys, as structure; none where the violation is of an account itself.
    pub document: Option<serde_json::Value>,
}

impl Plugin {
    /// The steps that mend a violation; none where the plugin does not know how.
    pub async fn remediation_plan(
        &self,
        violation: &Violation,
        egress: Arc<dyn Egress>,
    ) -> Result<Option<Vec<Step>>, CallError> {
        let Some(pre) = &self.inner.remediation else { return Ok(None) };
        let batch = serde_json::Value::from(violation.document.iter().cloned().collect::<Vec<_>>());
        let asked = wire::Violation {
            check: violation.check.clone(),
            resource_id: violation.resource.id.clone(),
            account: violation.resource.account.clone(),
            region: violation.resource.region.clone(),
            resource: match self.manifest().encoding {
                Encoding::Json => Document::Json(batch.to_string()),
                // Only a value that serde_json could not hold fails to encode.
                Encoding::Msgpack => Document::Msgpack(rmp_serde::to_vec(&batch).unwrap_or_default()),
            },
        };
        let attachments = Attachments { egress: Some(egress), ..Attachments::default() };
        let steps = call::run(self, Export::Remediation, FUNCTION, attachments, async |store| {
            let bindings = pre.instantiate_async(&mut *store).await?;
            bindings.plumbline_plugin_remediation().call_plan(store, &asked).await
        })
        .await?;
        let Some(steps) = steps else { return Ok(None) };
        let wrong = |reason| CallError {
            plugin: self.manifest().id.clone(),
            version: self.manifest().version.clone(),
            function: FUNCTION,
            failure: Failure::BadOutput(reason),
        };
        if steps.len() > STEPS {
            return Err(wrong(format!("{} steps; {STEPS} is the bound", steps.len())));
        }
        steps.into_iter().map(|given| step(given).map_err(wrong)).collect::<Result<_, _>>().map(Some)
    }
}

/// The step, if people can read all of it.
fn step(step: wire::Step) -> Result<Step, String> {
    let wire::Step { action, change, request } = step;
    let action = line(&action);
    let request = checked(request).map_err(|error| format!("the step {action}: {error}"))?;
    let body = request.body.as_deref().unwrap_or_default();
    let is_shown = |c: char| !c.is_control() || c == '\n' || c == '\t';
    let is_readable = std::str::from_utf8(body).is_ok_and(|text| text.chars().all(is_shown));
    if body.len() > STEP_BODY || !is_readable {
        return Err(format!("the body of the step {action} is no plain text of at most {STEP_BODY} bytes"));
    }
    Ok(Step { action, change: line(&change), request })
}
