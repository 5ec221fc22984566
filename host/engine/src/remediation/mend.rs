//! Mends violations of a scan, where somebody granted that. In this order: the violations are looked at again, so that the plan
//! rests on what is there; the provider plans; whoever asked sees the steps; what is about to be sent is written down; it is sent
//! by the host, to the byte as it was shown; the violations are looked at once more, and what came of each is written down.
//!
//! One scan before and one after are for all violations of a run: a list of a service costs as much for one resource as for all.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::Arc;

use plumb_model::access::{Actor, AuditEvent};
use plumb_model::outcome::{Finding, Fingerprint, Verdict};
use plumb_model::remediation::{Remediation, RemediationStatus, SentStep, StepState};
use plumb_model::scan::{About, ScanId, ScanStatus, ScanType};
use plumb_model::target::CredentialReference;
use plumb_model::tenant::TenantId;
use plumb_runtime::egress::{Egress, HttpError, Request, Writer};
use plumb_runtime::manifest::Export;
use plumb_runtime::remediation::Violation;
use plumb_runtime::{Failure, Plugin};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::choose::{Wanted, selection, violations};
use super::steps::{Item, JudgedStep, Plan, judge};
use crate::error::EngineError;
use crate::event::Watcher;
use crate::request::{Conditions, ScanRequest, Selection, StoredRequest, TargetRequest};
use crate::scan::Engine;

/// Characters of an object in the audit log.
const OBJECT_CHARACTERS: usize = 500;

/// Opens what sends steps. Only who mends has one.
pub trait WriterSource: Debug + Send + Sync {
    /// An error says what is missing, and what to do.
    fn open(&self, target: &TargetRequest) -> Result<Arc<dyn Writer>, String>;
}

/// What the target of the scan is to be reached with, where that is not what the scan used: reading takes other rights.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instead {
    pub credentials: Option<CredentialReference>,
    pub settings: serde_json::Map<String, Value>,
}

/// Mends for somebody.
#[derive(Debug)]
pub struct Mender {
    pub engine: Engine,
    pub egress: Arc<dyn crate::egress::EgressSource>,
    pub writers: Arc<dyn WriterSource>,
    /// Who runs the program: `user@machine`.
    pub user: String,
    pub cancel: CancellationToken,
    pub watcher: Watcher,
}

/// What is to be done about the violations of a scan.
#[derive(Debug, Default)]
pub struct Prepared {
    /// One for each target of which a provider knows how to mend.
    pub parts: Vec<Part>,
    /// Violations that nobody can mend here.
    pub others: Vec<Item>,
    /// Violations beyond the bound of one run.
    pub more: usize,
}

/// What is to be done about the violations of one target.
#[derive(Debug)]
pub struct Part {
    scan: ScanId,
    tenant: TenantId,
    target: TargetRequest,
    /// The scan that the plan rests on.
    pub before: ScanId,
    selection: Selection,
    writer: Arc<dyn Writer>,
    pub plugin: Plugin,
    pub items: Vec<Item>,
}

impl Mender {
    /// Looks at the wanted violations of a scan again, and asks providers for the steps that mend them. Nothing is changed.
    pub async fn prepare(&self, scan: &ScanId, wanted: &Wanted, instead: &Instead) -> Result<Prepared, EngineError> {
        let ledger = self.engine.ledger();
        let name = uuid::Uuid::from_bytes(*scan).to_string();
        let kept = ledger.scan(scan)?.ok_or_else(|| EngineError::Target(format!("there is no scan {name}")))?;
        let stored = StoredRequest::from_bytes(&kept.settings)
            .map_err(|error| EngineError::BrokenRequest(name, error.to_string()))?;
        let (mut left, more) = violations(ledger, scan, wanted)?;
        let mut prepared = Prepared { more, ..Prepared::default() };
        if left.is_empty() {
            return Ok(prepared);
        }
        let selection = selection(&stored.selection, &ledger.catalogue(scan)?, &left);
        for target in stored.targets {
            let plugin = self.engine.library().provider(&target.provider)?.clone();
            if left.is_empty() || !plugin.exports(Export::Remediation) {
                continue;
            }
            let target = instead.of(target);
            let wrong = |problem: String| EngineError::Target(format!("{}: {problem}", target.name));
            let egress = self.egress.open(&target).map_err(wrong)?;
            let writer = self.writers.open(&target).map_err(wrong)?;
            let before = self.look(&target, kept.scan.tenant, &selection, "before").await?;
            let seen = self.seen(&before)?;
            let mut items = Vec::new();
            let mut unseen = Vec::new();
            for finding in left {
                match seen.get(&finding.fingerprint) {
                    None => unseen.push(finding),
                    Some(now) => {
                        let plan = self.plan(&plugin, &egress, writer.as_ref(), now).await?;
                        items.push(Item { finding, plan });
                    }
                }
            }
            left = unseen;
            let (scan, tenant, selection) = (*scan, kept.scan.tenant, selection.clone());
            prepared.parts.push(Part { scan, tenant, target, before, selection, writer, plugin, items });
        }
        let why = if prepared.parts.is_empty() {
            "no provider of the scan's targets knows how to mend; see `plumb remediate plan`"
        } else {
            "it was not seen when it was looked at again"
        };
        prepared.others = left.into_iter().map(|finding| Item { finding, plan: Plan::None(why.to_owned()) }).collect();
        Ok(prepared)
    }

    /// A scan of what is to be mended. It is recorded as every other, and nobody is compared with it but its like.
    async fn look(
        &self,
        target: &TargetRequest,
        tenant: TenantId,
        selection: &Selection,
        when: &str,
    ) -> Result<ScanId, EngineError> {
        let about = About {
            name: format!("{when} remediation"),
            scan_type: ScanType::ResourceSpecific,
            targets: target.id.into_iter().collect(),
            ..About::default()
        };
        let request = ScanRequest {
            tenant,
            about,
            targets: vec![target.clone()],
            selection: selection.clone(),
            ..ScanRequest::default()
        };
        self.engine.scan(request, Conditions::default(), self.cancel.clone(), self.watcher.clone()).await
    }

    fn seen(&self, scan: &ScanId) -> Result<HashMap<Fingerprint, Finding>, EngineError> {
        let mut seen = HashMap::new();
        self.engine.ledger().findings(scan, |finding| {
            seen.insert(finding.fingerprint, finding);
            Ok::<(), EngineError>(())
        })?;
        Ok(seen)
    }

    async fn plan(
        &self,
        plugin: &Plugin,
        egress: &Arc<dyn Egress>,
        writer: &dyn Writer,
        now: &Finding,
    ) -> Result<Plan, EngineError> {
        match now.verdict {
            Verdict::Fail => {}
            Verdict::Pass | Verdict::NotApplicable => return Ok(Plan::Settled(now.verdict)),
            Verdict::NotEvaluated | Verdict::Manual => return Ok(Plan::None(now.message.clone())),
        }
        let violation =
            Violation { check: now.check_id.clone(), resource: now.resource.clone(), document: self.document(now)? };
        let planned = plugin.remediation_plan(&violation, Arc::clone(egress)).await;
        Ok(match planned {
            Ok(None) => Plan::None(format!("{} does not know how to mend this", plugin.manifest().id)),
            Ok(Some(steps)) if steps.is_empty() => {
                Plan::None(format!("{} says that nothing is left to change", plugin.manifest().id))
            }
            Ok(Some(steps)) => {
                let judged = |step| judge(plugin, writer, &now.resource, step);
                Plan::Steps(steps.into_iter().map(judged).collect())
            }
            // What the provider says of the resource reads best alone.
            Err(error) => Plan::None(match &error.failure {
                Failure::Invalid(message) | Failure::Denied(message) | Failure::Unavailable(message) => message.clone(),
                _ => error.to_string(),
            }),
        })
    }

    fn document(&self, finding: &Finding) -> Result<Option<Value>, EngineError> {
        let Some(digest) = finding.resource_digest else { return Ok(None) };
        let found = self.engine.ledger().documents(&[digest])?.into_iter().next().flatten();
        Ok(found.and_then(|bytes| rmp_serde::from_slice(&bytes).ok()))
    }

    /// Sends the steps of a part whose steps are all granted, and looks at what came of them. `tell` hears of each violation as soon
    /// as its steps were sent. Once it is cancelled the answer to the request on its way is waited for, and no other is sent.
    pub async fn apply(&self, part: Part, tell: &mut dyn FnMut(&Remediation)) -> Result<Vec<Remediation>, EngineError> {
        let ready = part.items.iter().filter_map(|item| Some((&item.finding, item.plan.ready()?)));
        let ready: Vec<(&Finding, &[JudgedStep])> = ready.collect();
        if ready.is_empty() {
            return Ok(Vec::new());
        }
        let caller = part.writer.caller().await;
        let caller = caller.map_err(|problem| EngineError::Target(format!("{}: {problem}", part.target.name)))?;
        let mut done = Vec::new();
        // Violations that one request mends together have it sent once.
        let mut sent: Vec<(Request, StepState)> = Vec::new();
        for (finding, steps) in ready {
            if self.cancel.is_cancelled() {
                break;
            }
            let remediation = self.send(&part, finding, steps, &caller, &mut sent).await?;
            tell(&remediation);
            done.push(remediation);
        }
        if done.is_empty() {
            return Ok(done);
        }
        // What was sent is looked at even where somebody has had enough.
        let after = self.look_after(&part).await?;
        let seen = self.seen(&after)?;
        for remediation in &mut done {
            self.conclude(remediation, after, seen.get(&remediation.fingerprint))?;
        }
        Ok(done)
    }

    /// Writes down each step before it is sent, and what came of it.
    async fn send(
        &self,
        part: &Part,
        finding: &Finding,
        steps: &[JudgedStep],
        caller: &str,
        sent: &mut Vec<(Request, StepState)>,
    ) -> Result<Remediation, EngineError> {
        let ledger = self.engine.ledger();
        let mut remediation = self.intent(part, finding, steps, caller);
        for (position, JudgedStep { step, .. }) in steps.iter().enumerate() {
            if position > 0 && self.cancel.is_cancelled() {
                break;
            }
            let known = sent.iter().find(|(request, _)| *request == step.request).map(|(_, state)| state.clone());
            set(&mut remediation, position, known.clone().unwrap_or(StepState::Sent));
            if position == 0 {
                ledger.begin_remediation(&remediation, &self.event(&remediation))?;
            } else {
                ledger.note_remediation(&remediation, None)?;
            }
            let state = if let Some(state) = known {
                state
            } else {
                let grant = part.plugin.grant();
                let answer = part.writer.write(grant.hosts(), grant.writes(), step.request.clone()).await;
                let state = state(part.writer.as_ref(), answer);
                sent.push((step.request.clone(), state.clone()));
                state
            };
            let goes_on = state.is_success();
            set(&mut remediation, position, state);
            if !goes_on {
                break;
            }
        }
        let all = remediation.steps.iter().all(|step| step.state.is_success());
        remediation.status = if all { RemediationStatus::Applied } else { RemediationStatus::Failed };
        ledger.note_remediation(&remediation, None)?;
        Ok(remediation)
    }

    fn intent(&self, part: &Part, finding: &Finding, steps: &[JudgedStep], caller: &str) -> Remediation {
        let writer = part.writer.as_ref();
        let planned = |JudgedStep { step, .. }: &JudgedStep| SentStep {
            action: step.action.clone(),
            change: writer.redact(&step.change),
            method: step.request.method.as_str().to_owned(),
            url: writer.redact(&step.request.url),
            body: writer.redact(&String::from_utf8_lossy(step.request.body.as_deref().unwrap_or_default())),
            state: StepState::Planned,
        };
        Remediation {
            id: *uuid::Uuid::now_v7().as_bytes(),
            tenant: part.tenant,
            scan: part.scan,
            before: part.before,
            after: None,
            check_id: finding.check_id.clone(),
            resource: finding.resource.clone(),
            fingerprint: finding.fingerprint,
            plugin: part.plugin.reference(),
            user: self.user.clone(),
            caller: caller.to_owned(),
            started_at: self.engine.now(),
            ended_at: None,
            steps: steps.iter().map(planned).collect(),
            status: RemediationStatus::Begun,
            message: finding.message.clone(),
        }
    }

    fn event(&self, remediation: &Remediation) -> AuditEvent {
        let Remediation { check_id, resource, user, caller, .. } = remediation;
        let object = format!("{check_id} {} by {user} as {caller}", resource.id);
        AuditEvent {
            tenant: remediation.tenant,
            at: self.engine.now(),
            actor: Actor::Cli,
            action: "remediate apply".to_owned(),
            object: object.chars().take(OBJECT_CHARACTERS).collect(),
            result: remediation.status.as_str().to_owned(),
            request_id: None,
            count: 1,
        }
    }

    /// The second look is not cancelled with the rest: it says what became of what was sent.
    async fn look_after(&self, part: &Part) -> Result<ScanId, EngineError> {
        let still = Mender {
            engine: self.engine.clone(),
            egress: Arc::clone(&self.egress),
            writers: Arc::clone(&self.writers),
            user: self.user.clone(),
            cancel: CancellationToken::new(),
            watcher: self.watcher.clone(),
        };
        still.look(&part.target, part.tenant, &part.selection, "after").await
    }

    fn conclude(&self, remediation: &mut Remediation, after: ScanId, now: Option<&Finding>) -> Result<(), EngineError> {
        let ended = self.engine.ledger().scan_head(&after)?.map(|head| head.scan.status);
        let applied = remediation.status == RemediationStatus::Applied;
        let (status, message) = match now {
            Some(now) if now.verdict == Verdict::Pass => (RemediationStatus::Fixed, String::new()),
            Some(now) if now.verdict == Verdict::Fail && applied => (RemediationStatus::NotFixed, now.message.clone()),
            Some(now) => (remediation.status, format!("{}: {}", now.verdict, now.message)),
            None if ended == Some(ScanStatus::Completed) => {
                (remediation.status, "it was not seen when it was looked at again".to_owned())
            }
            None => (remediation.status, "looking at it again did not come to an end".to_owned()),
        };
        (remediation.status, remediation.message) = (status, message);
        (remediation.after, remediation.ended_at) = (Some(after), Some(self.engine.now()));
        let event = self.event(remediation);
        Ok(self.engine.ledger().note_remediation(remediation, Some(&event))?)
    }
}

impl Instead {
    fn of(&self, mut target: TargetRequest) -> TargetRequest {
        target.credentials = self.credentials.clone().or(target.credentials);
        target.settings.extend(self.settings.clone());
        target
    }
}

fn set(remediation: &mut Remediation, position: usize, state: StepState) {
    if let Some(step) = remediation.steps.get_mut(position) {
        step.state = state;
    }
}

fn state(writer: &dyn Writer, answer: Result<plumb_runtime::egress::Response, HttpError>) -> StepState {
    match answer {
        Ok(response) => {
            StepState::Answered { status: response.status, error_code: writer.redact(&response.error_code) }
        }
        Err(error @ (HttpError::Refused(_) | HttpError::Unauthenticated(_) | HttpError::BudgetSpent(_))) => {
            StepState::Unsent(writer.redact(&error.to_string()))
        }
        Err(error) => StepState::Unanswered(writer.redact(&error.to_string())),
    }
}
