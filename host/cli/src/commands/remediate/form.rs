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
    let mut text = format!("{} {}", request.method.as_str(), request.url);
    if let Authentication::AwsSigv4 { service, region, account } = &request.authentication {
        text.push_str(&format!("\n  signed for {service} in {region} of {account}"));
    }
    for (name, value) in &request.headers {
        text.push_str(&format!("\n  {name}: {value}"));
    }
    if let Some(body) = request.body.as_deref().filter(|body| !body.is_empty()) {
        text.push_str(&format!("\n  {}", String::from_utf8_lossy(body).replace('\n', "\n  ")));
    }
    text
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
    let mut text = format!(
        "{} {check_id}\nresource   {} ({})\nstatus     {}\n",
        id(&remediation.id),
        resource.id,
        resource.kind,
        status.as_str()
    );
    text.push_str(&format!("by         {user}, to the cloud {caller}\nbegun      {started_at}\n"));
    text.push_str(&format!("plan       {} {}\n", plugin.id, plugin.version));
    text.push_str(&format!("scans      {} found it, {} looked before", id(&remediation.scan), id(&remediation.before)));
    if let Some(after) = &remediation.after {
        text.push_str(&format!(", {} after", id(after)));
    }
    if !message.is_empty() {
        text.push_str(&format!("\nmessage    {message}"));
    }
    for step in &remediation.steps {
        text.push_str(&format!("\n\n{}: {}\n{}\n{} {}", step.action, step.state.words(), step.change, step.method, step.url));
        if !step.body.is_empty() {
            text.push_str(&format!("\n{}", step.body));
        }
    }
    text
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
