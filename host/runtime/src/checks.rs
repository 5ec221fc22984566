//! Calls the `checks` interface and checks what it answers.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use plumb_model::check::{Check, Remediation, Scope, Severity};

use crate::batch;
use crate::bindings::checks::exports::plumbline::plugin::checks as wire;
use crate::bindings::types;
use crate::call;
use crate::error::{CallError, Failure};
use crate::host::Attachments;
use crate::host::snapshot::Snapshot;
use crate::limits::{ACCOUNT_OUTCOMES, CHECKS};
use crate::manifest::Export;
use crate::output::{is_bounded_id, is_plain_id, owned, text};
use crate::plugin::Plugin;

/// The function that is asked about accounts.
const ACCOUNT: &str = "checks.evaluate-account";

/// What a rule may know beside the resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    pub account: String,
    /// RFC 3339, UTC.
    pub scan_time: String,
}

/// What a check said. Its error is a not-evaluated with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stance {
    Pass,
    Fail(String),
    Manual(String),
    NotApplicable(String),
    NotEvaluated(String),
}

/// What a check said of one resource; both are positions in the lists of the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub check: usize,
    pub resource: usize,
    pub stance: Stance,
}

/// What a check said of an account, or of one of its resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountOutcome {
    pub check: usize,
    pub resource_id: Option<String>,
    pub stance: Stance,
}

impl Plugin {
    fn wrong_answer(&self, function: &'static str, reason: String) -> CallError {
        CallError {
            plugin: self.manifest().id.clone(),
            version: self.manifest().version.clone(),
            function,
            failure: Failure::BadOutput(reason),
        }
    }

    /// The plugin's checks, in its own order.
    pub async fn checks(&self) -> Result<Vec<Check>, CallError> {
        const FUNCTION: &str = "checks.describe";
        let Some(pre) = &self.inner.checks else { return Ok(Vec::new()) };
        let described = call::run(self, Export::Checks, FUNCTION, Attachments::default(), async |store| {
            let bindings = pre.instantiate_async(&mut *store).await?;
            Ok(Ok(bindings.plumbline_plugin_checks().call_describe(store).await?))
        })
        .await?;
        if described.len() > CHECKS {
            return Err(self.wrong_answer(FUNCTION, format!("{} checks; {CHECKS} is the bound", described.len())));
        }
        let mut seen = BTreeSet::new();
        described
            .into_iter()
            .map(|check| {
                if !is_plain_id(&check.id) {
                    let id = crate::output::line(&check.id);
                    return Err(self.wrong_answer(FUNCTION, format!("'{id}' is no check id (a-z, 0-9, '_')")));
                }
                if !seen.insert(check.id.clone()) {
                    return Err(self.wrong_answer(FUNCTION, format!("check '{}' stands twice", check.id)));
                }
                let mut subjects = check.subjects.iter();
                if let Some(stranger) =
                    subjects.find(|kind| check.scope != wire::Scope::Account || !check.kinds.contains(kind))
                {
                    let kind = crate::output::line(stranger);
                    let reason =
                        format!("check '{}' judges each {kind}, which is no kind of an account check", check.id);
                    return Err(self.wrong_answer(FUNCTION, reason));
                }
                Ok(self.check(check))
            })
            .collect()
    }

    fn check(&self, check: wire::Check) -> Check {
        let texts = |texts: Vec<String>| texts.iter().map(|each| text(each)).collect();
        Check {
            id: check.id,
            title: text(&check.title),
            description: text(&check.description),
            risk: text(&check.risk),
            severity: match check.severity {
                types::Severity::Informational => Severity::Informational,
                types::Severity::Low => Severity::Low,
                types::Severity::Medium => Severity::Medium,
                types::Severity::High => Severity::High,
                types::Severity::Critical => Severity::Critical,
            },
            scope: match check.scope {
                wire::Scope::Resource => Scope::Resource,
                wire::Scope::Account => Scope::Account,
            },
            kinds: texts(check.kinds),
            subjects: texts(check.subjects),
            reads: texts(check.reads),
            time_dependent: check.time_dependent,
            categories: texts(check.categories),
            references: texts(check.references),
            remediation: Remediation {
                text: text(&check.remediation.text),
                url: text(&check.remediation.url),
                command: text(&check.remediation.command),
                terraform: text(&check.remediation.terraform),
                effort_minutes: check.remediation.effort_minutes,
            },
            plugin: self.reference(),
        }
    }

    /// What checks say of resources, each given as the bytes of an [`Intake`](crate::batch::Intake). The answer may lack pairs; it never holds a position outside the lists.
    pub async fn evaluate(
        &self,
        context: &Context,
        checks: &[String],
        resources: &[&[u8]],
    ) -> Result<Vec<Outcome>, CallError> {
        const FUNCTION: &str = "checks.evaluate";
        let Some(pre) = &self.inner.checks else { return Ok(Vec::new()) };
        let batch = batch::document(resources.iter().copied(), self.manifest().encoding)
            .map_err(|error| self.wrong_answer(FUNCTION, error.to_string()))?;
        let context = wire::Context { account: context.account.clone(), scan_time: context.scan_time.clone() };
        let attachments = Attachments { scan_time: Some(context.scan_time.clone()), ..Attachments::default() };
        let outcomes = call::run(self, Export::Checks, FUNCTION, attachments, async |store| {
            let bindings = pre.instantiate_async(&mut *store).await?;
            bindings.plumbline_plugin_checks().call_evaluate(store, &context, checks, &batch).await
        })
        .await?;
        if outcomes.len() > checks.len().saturating_mul(resources.len()) {
            return Err(self.wrong_answer(FUNCTION, format!("{} outcomes, more than were asked for", outcomes.len())));
        }
        outcomes
            .into_iter()
            .map(|outcome| {
                let check = usize::try_from(outcome.check).ok().filter(|check| *check < checks.len());
                let resource = usize::try_from(outcome.resource).ok().filter(|resource| *resource < resources.len());
                match (check, resource) {
                    (Some(check), Some(resource)) => Ok(Outcome { check, resource, stance: stance(outcome.verdict) }),
                    _ => Err(self.wrong_answer(
                        FUNCTION,
                        format!(
                            "an outcome for check {} and resource {}, which were not asked for",
                            outcome.check, outcome.resource
                        ),
                    )),
                }
            })
            .collect()
    }

    /// What checks say of each of an account's `subjects`, by their ids. The answer may lack some; it never has two of one, or
    /// one about anything else.
    pub async fn evaluate_subjects(
        &self,
        context: &Context,
        checks: &[String],
        subjects: &HashSet<&str>,
        snapshot: Arc<dyn Snapshot>,
    ) -> Result<Vec<AccountOutcome>, CallError> {
        let outcomes = self.evaluate_account(context, checks, snapshot).await?;
        let mut seen = HashSet::with_capacity(outcomes.len());
        for outcome in &outcomes {
            let id = outcome.resource_id.as_deref();
            if !id.is_some_and(|id| subjects.contains(id)) || !seen.insert((outcome.check, id)) {
                let (check, about) =
                    (checks.get(outcome.check).map_or("", String::as_str), id.unwrap_or("the account"));
                let reason = format!("{check} was not asked about {about}, or not twice");
                return Err(self.wrong_answer(ACCOUNT, crate::output::line(&reason)));
            }
        }
        drop(seen);
        Ok(outcomes)
    }

    /// What checks say of a whole account.
    pub async fn evaluate_account(
        &self,
        context: &Context,
        checks: &[String],
        snapshot: Arc<dyn Snapshot>,
    ) -> Result<Vec<AccountOutcome>, CallError> {
        let Some(pre) = &self.inner.checks else { return Ok(Vec::new()) };
        let context = wire::Context { account: context.account.clone(), scan_time: context.scan_time.clone() };
        let scan_time = Some(context.scan_time.clone());
        let attachments = Attachments { snapshot: Some(snapshot), scan_time, ..Attachments::default() };
        let outcomes = call::run(self, Export::Checks, ACCOUNT, attachments, async |store| {
            let bindings = pre.instantiate_async(&mut *store).await?;
            bindings.plumbline_plugin_checks().call_evaluate_account(store, &context, checks).await
        })
        .await?;
        if outcomes.len() > ACCOUNT_OUTCOMES {
            let reason = format!("{} outcomes; {ACCOUNT_OUTCOMES} is the bound", outcomes.len());
            return Err(self.wrong_answer(ACCOUNT, reason));
        }
        outcomes
            .into_iter()
            .map(|outcome| {
                let check = usize::try_from(outcome.check).ok().filter(|check| *check < checks.len());
                let good_id = outcome.resource_id.as_deref().is_none_or(is_bounded_id);
                match check.filter(|_| good_id) {
                    Some(check) => {
                        Ok(AccountOutcome { check, resource_id: outcome.resource_id, stance: stance(outcome.verdict) })
                    }
                    None => Err(self.wrong_answer(
                        ACCOUNT,
                        format!(
                            "an outcome for check {}, which was not asked for, or a resource id out of bounds",
                            outcome.check
                        ),
                    )),
                }
            })
            .collect()
    }
}

fn stance(verdict: wire::Verdict) -> Stance {
    match verdict {
        wire::Verdict::Pass => Stance::Pass,
        wire::Verdict::Fail(message) => Stance::Fail(owned(message)),
        wire::Verdict::Manual(message) => Stance::Manual(owned(message)),
        wire::Verdict::NotApplicable(message) => Stance::NotApplicable(owned(message)),
        wire::Verdict::NotEvaluated(message) => Stance::NotEvaluated(owned(message)),
        wire::Verdict::Error(message) => Stance::NotEvaluated(format!("the check broke: {}", text(&message))),
    }
}
