//! How plans and remediations are shown.

use plumb_engine::remediation::mend::Prepared;
use plumb_engine::remediation::steps::{Item, JudgedStep, Judgement, Plan};
use plumb_model::remediation::Remediation;
use plumb_runtime::egress::{Authentication, Request};
use serde_json::{Value, json};

use crate::print;

/// Characters of an id that a list shows: the time to the millisecond and a little more, enough to name one by.
const SHOWN: usize = 16;

/// The violations and what is to be done, then each request whole: what is shown is what is sent.
pub(super) fn show(prepared: &Prepared) -> anyhow::Result<()> {
    let mut table = print::table(&["STEP", "CHECK", "RESOURCE", "ACTION", "MAY BE SENT", "CHANGE"]);
    let mut requests = Vec::new();
    let own = prepared.parts.iter().flat_map(|part| &part.items);
    for item in own.chain(&prepared.others) {
        let (check, resource) = (&item.finding.check_id, &item.finding.resource.id);
        match &item.plan {
            Plan::Settled(now) => {
                table.add_row(print::row(["–", check, resource, "", "", &format!("nothing: it is {now} by now")]));
            }
            Plan::None(why) => {
                table.add_row(print::row(["–", check, resource, "", "", why]));
            }
            Plan::Steps(steps) => {
                for JudgedStep { step, judgement } in steps {
                    requests.push(&step.request);
                    let number = requests.len().to_string();
                    let (action, may) = (&step.action, may(judgement));
                    table.add_row(print::row([&number, check, resource, action, &may, &step.change]));
                }
            }
        }
    }
    print::out(&table.to_string())?;
    for (number, request) in (1..).zip(requests) {
        print::out(&print::plain(&format!("\nstep {number}: {}", whole(request))))?;
    }
    Ok(())
}

fn may(judgement: &Judgement) -> String {
    match judgement {
        Judgement::Granted => "yes".to_owned(),
        Judgement::NotGranted => "not granted".to_owned(),
        Judgement::Refused(rule) => format!("refused: {rule}"),
    }
}

/// All of a request that decides what it does. Credentials are added when it is sent.
fn whole(request: &Request) -> String {
    let mut lines = vec![format!("{} {}", request.method.as_str(), request.url)];
    if let Authentication::AwsSigv4 { service, region, account } = &request.authentication {
        lines.push(format!("signed for {service} in {region} of {account}"));
    }
    lines.extend(request.headers.iter().map(|(name, value)| format!("{name}: {value}")));
    let body = String::from_utf8_lossy(request.body.as_deref().unwrap_or_default());
    lines.extend(body.lines().map(str::to_owned));
    lines.join("\n  ")
}

pub(super) fn plan_json(prepared: &Prepared) -> Vec<Value> {
    let own = prepared.parts.iter().flat_map(|part| &part.items);
    own.chain(&prepared.others).map(item_json).collect()
}

fn item_json(item: &Item) -> Value {
    let (state, reason, steps) = match &item.plan {
        Plan::Settled(now) => ("settled", now.as_str().to_owned(), Vec::new()),
        Plan::None(why) => ("by-hand", why.clone(), Vec::new()),
        Plan::Steps(steps) => ("steps", String::new(), steps.iter().map(step_json).collect()),
    };
    json!({
        "check_id": item.finding.check_id,
        "resource": item.finding.resource.id,
        "fingerprint": item.finding.fingerprint.to_string(),
        "plan": state,
        "reason": reason,
        "steps": steps,
    })
}

fn step_json(JudgedStep { step, judgement }: &JudgedStep) -> Value {
    json!({
        "action": step.action,
        "change": step.change,
        "granted": *judgement == Judgement::Granted,
        "refused": if let Judgement::Refused(rule) = judgement { Some(rule) } else { None },
        "method": step.request.method.as_str(),
        "url": step.request.url,
        "body": step.request.body.as_deref().map(String::from_utf8_lossy),
    })
}

/// One that was sent, in a line.
pub(super) fn line(remediation: &Remediation) -> String {
    let answers: Vec<String> =
        remediation.steps.iter().map(|step| format!("{} {}", step.action, step.state.words())).collect();
    format!("{} {}: {}", remediation.check_id, remediation.resource.id, answers.join(", "))
}

pub(super) fn table(remediations: &[Remediation]) -> String {
    let mut table = print::table(&["REMEDIATION", "WHEN", "BY", "CHECK", "RESOURCE", "STATUS", "REQUESTS", "MESSAGE"]);
    for remediation in remediations {
        let id: String = id(&remediation.id).chars().take(SHOWN).collect();
        let when: String = remediation.started_at.replace('T', " ").chars().take(16).collect();
        let answers: Vec<String> = remediation.steps.iter().map(|step| step.state.words()).collect();
        let Remediation { user, check_id, resource, status, message, .. } = remediation;
        let cells = [&id, &when, user, check_id, &resource.id, status.as_str(), &answers.join(", "), message];
        table.add_row(print::row(cells));
    }
    table.to_string()
}

/// All of one, for people.
pub(super) fn details(remediation: &Remediation) -> String {
    let Remediation { check_id, resource, user, caller, started_at, status, message, plugin, .. } = remediation;
    let after = remediation.after.as_ref().map_or_else(|| "none".to_owned(), id);
    let mut lines = vec![
        format!("{} {check_id}", id(&remediation.id)),
        format!("resource   {} ({})", resource.id, resource.kind),
        format!("status     {}", status.as_str()),
        format!("message    {message}"),
        format!("by         {user}, to the cloud {caller}"),
        format!("begun      {started_at}"),
        format!("ended      {}", remediation.ended_at.as_deref().unwrap_or("not yet, or it was cut off")),
        format!("plan       {} {}", plugin.id, plugin.version),
        format!("found by   {}", id(&remediation.scan)),
        format!("looked at  before by {}, after by {after}", id(&remediation.before)),
    ];
    for step in &remediation.steps {
        lines.push(format!("\n{}: {}", step.action, step.state.words()));
        lines.push(step.change.clone());
        lines.push(format!("{} {}", step.method, step.url));
        lines.extend(step.body.lines().map(str::to_owned));
    }
    lines.join("\n")
}

pub(super) fn json(remediation: &Remediation) -> Value {
    let steps: Vec<Value> = remediation
        .steps
        .iter()
        .map(|step| {
            json!({
                "action": step.action,
                "change": step.change,
                "method": step.method,
                "url": step.url,
                "body": step.body,
                "outcome": step.state.words(),
                "succeeded": step.state.is_success(),
            })
        })
        .collect();
    json!({
        "id": id(&remediation.id),
        "scan": id(&remediation.scan),
        "scan_before": id(&remediation.before),
        "scan_after": remediation.after.as_ref().map(id),
        "check_id": remediation.check_id,
        "resource": {
            "id": remediation.resource.id,
            "kind": remediation.resource.kind,
            "name": remediation.resource.name,
            "account": remediation.resource.account,
            "region": remediation.resource.region,
        },
        "fingerprint": remediation.fingerprint.to_string(),
        "plugin": { "id": remediation.plugin.id, "version": remediation.plugin.version, "digest": print::hex(&remediation.plugin.digest) },
        "user": remediation.user,
        "caller": remediation.caller,
        "started_at": remediation.started_at,
        "ended_at": remediation.ended_at,
        "status": remediation.status.as_str(),
        "message": remediation.message,
        "steps": steps,
    })
}

pub(super) fn id(bytes: &[u8; 16]) -> String {
    uuid::Uuid::from_bytes(*bytes).to_string()
}
