//! What is to be done about the violations of a scan, resource by resource. Nothing is done: people read a plan first.

use std::collections::BTreeMap;

use plumb_model::check::{Check, Severity};
use plumb_model::outcome::Finding;
use plumb_model::resource::ResourceRef;
use plumb_model::scan::ScanId;
use plumb_store::{Ledger, StoreError, StoredDocument};
use serde_json::{Map, Value};

use super::{Filled, fill};
use crate::drift::document::Document;

/// What mends the violations of one resource.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourcePlan {
    pub resource: ResourceRef,
    /// The worst first.
    pub items: Vec<Item>,
}

/// What mends one violation.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub check_id: String,
    pub title: String,
    pub severity: Severity,
    pub text: String,
    /// None where the check has no command.
    pub command: Option<Filled>,
    /// Empty where the check has none.
    pub terraform: String,
    pub effort_minutes: u32,
}

impl Item {
    /// Whether the command can be run as it stands.
    pub fn is_ready(&self) -> bool {
        self.command.as_ref().is_some_and(|command| command.missing.is_empty())
    }
}

/// The plan for a scan: its violations of at least a severity, those of the worst resources first. Takes the memory of all of them.
pub fn plan(ledger: &Ledger, scan: &ScanId, least: Severity) -> Result<Vec<ResourcePlan>, StoreError> {
    let catalogue = ledger.catalogue(scan)?;
    let mut findings: Vec<Finding> = Vec::new();
    ledger.findings(scan, |finding| {
        if finding.is_violation() && finding.severity >= least {
            findings.push(finding);
        }
        Ok::<(), StoreError>(())
    })?;
    let digests: Vec<_> = findings.iter().filter_map(|finding| finding.resource_digest).collect();
    let documents = ledger.documents(&digests)?;
    let read = |found: Option<StoredDocument>| Some(Document::read(&found?).ok()?.config);
    let documents: BTreeMap<_, _> = digests.into_iter().zip(documents.into_iter().map(read)).collect();
    let mut order: Vec<String> = Vec::new();
    let mut plans: BTreeMap<String, ResourcePlan> = BTreeMap::new();
    for finding in findings {
        let Some(check) = catalogue.checks.get(&finding.check_id) else { continue };
        let document = finding.resource_digest.and_then(|digest| documents.get(&digest)).and_then(Option::as_ref);
        let item = item(check, &finding, document);
        let id = finding.resource.id.clone();
        let plan = plans.entry(id.clone()).or_insert_with(|| {
            order.push(id);
            ResourcePlan { resource: finding.resource, items: Vec::new() }
        });
        plan.items.push(item);
    }
    Ok(order.iter().filter_map(|id| plans.remove(id)).collect())
}

fn item(check: &Check, finding: &Finding, document: Option<&Map<String, Value>>) -> Item {
    let mend = &check.remediation;
    let command = (!mend.command.is_empty()).then(|| fill(&mend.command, &finding.resource, document));
    Item {
        check_id: check.id.clone(),
        title: check.title.clone(),
        severity: finding.severity,
        text: mend.text.clone(),
        command,
        terraform: mend.terraform.clone(),
        effort_minutes: mend.effort_minutes,
    }
}
