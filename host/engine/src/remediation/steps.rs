//! What would be sent to mend a violation, held against what is granted. Nothing is sent here.

use plumb_model::outcome::{Finding, Verdict};
use plumb_model::resource::ResourceRef;
use plumb_runtime::Plugin;
use plumb_runtime::egress::{Authentication, Writer};
use plumb_runtime::remediation::Step;

/// A violation and what is to be done about it.
#[derive(Clone, Debug)]
pub struct Item {
    /// As the scan found it that is to be mended.
    pub finding: Finding,
    pub plan: Plan,
}

/// What is to be done about a violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// The check does not fail any more: says what it says now.
    Settled(Verdict),
    /// Nobody knows what to do: says why.
    None(String),
    /// In the order they are sent in.
    Steps(Vec<JudgedStep>),
}

impl Plan {
    /// The steps, if all of them may be sent.
    pub fn ready(&self) -> Option<&[JudgedStep]> {
        match self {
            Plan::Steps(steps) if steps.iter().all(|step| step.judgement == Judgement::Granted) => Some(steps),
            _ => None,
        }
    }
}

/// A step and whether it may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedStep {
    pub step: Step,
    pub judgement: Judgement,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    Granted,
    /// The plugin asks for the action, and the operator did not allow it.
    NotGranted,
    /// It is not what it says it is, or goes where it must not: names the rule.
    Refused(String),
}

/// Holds a step against the plugin's grant and the violation it is to mend. What it does is read from the request itself.
pub(super) fn judge(plugin: &Plugin, writer: &dyn Writer, resource: &ResourceRef, step: Step) -> JudgedStep {
    let judgement = match refusal(plugin, writer, resource, &step) {
        Err(rule) => Judgement::Refused(rule),
        Ok(()) if plugin.grant().writes().contain(&step.action) => Judgement::Granted,
        Ok(()) => Judgement::NotGranted,
    };
    JudgedStep { step, judgement }
}

fn refusal(plugin: &Plugin, writer: &dyn Writer, resource: &ResourceRef, step: &Step) -> Result<(), String> {
    let action = writer.action(plugin.grant().hosts(), &step.request)?;
    if action != step.action {
        return Err(format!("the plan calls it {}, and the request is {action}", step.action));
    }
    if !plugin.manifest().writes.contain(&action) {
        return Err(format!("the manifest of {} does not name {action}", plugin.manifest().id));
    }
    let Authentication::AwsSigv4 { region, account, .. } = &step.request.authentication else { return Ok(()) };
    if *account != resource.account {
        return Err(format!("it is for the account {account:?}, and the resource is of {:?}", resource.account));
    }
    let is_regional = !resource.region.is_empty() && resource.region != GLOBAL;
    if is_regional && *region != resource.region {
        return Err(format!("it is for the region {region:?}, and the resource is in {:?}", resource.region));
    }
    Ok(())
}

/// How providers call the region of what is in none.
const GLOBAL: &str = "global";
