//! A remediation.

use plumb_model::check::PluginRef;
use plumb_model::outcome::Fingerprint;
use plumb_model::remediation::{Remediation, RemediationId, RemediationStatus, SentStep, StepState};
use plumb_model::resource::ResourceRef;
use plumb_model::scan::ScanId;
use plumb_model::tenant::TenantId;
use serde::{Deserialize, Serialize};

use crate::record::NamedRecord;
use crate::records::bytes::Fixed;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RemediationRecord {
    before: Fixed<16>,
    pub(crate) after: Option<Fixed<16>>,
    check_id: String,
    resource: ResourceRecord,
    fingerprint: Fixed<16>,
    plugin_id: String,
    plugin_version: String,
    plugin_digest: Fixed<32>,
    user: String,
    caller: String,
    started_at: String,
    ended_at: Option<String>,
    steps: Vec<StepRecord>,
    status: StatusRecord,
    message: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct ResourceRecord {
    id: String,
    kind: String,
    name: String,
    account: String,
    region: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct StepRecord {
    action: String,
    change: String,
    method: String,
    url: String,
    body: String,
    state: StateRecord,
}

#[derive(Debug, Serialize, Deserialize)]
enum StateRecord {
    Planned,
    Sent,
    Answered { status: u16, error_code: String },
    Unanswered(String),
    Unsent(String),
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum StatusRecord {
    Begun,
    Applied,
    Failed,
    Fixed,
    NotFixed,
}

impl NamedRecord for RemediationRecord {
    const VERSION: u8 = 1;
    /// Requests with their bodies.
    const COMPRESSED: bool = true;
}

impl From<&Remediation> for RemediationRecord {
    fn from(remediation: &Remediation) -> RemediationRecord {
        // Tenant, scan and id are the key.
        let Remediation { before, after, check_id, resource, fingerprint, plugin, user, caller, .. } =
            remediation.clone();
        let ResourceRef { id, kind, name, account, region } = resource;
        RemediationRecord {
            before: Fixed(before),
            after: after.map(Fixed),
            check_id,
            resource: ResourceRecord { id, kind, name, account, region },
            fingerprint: Fixed(fingerprint.0),
            plugin_id: plugin.id,
            plugin_version: plugin.version,
            plugin_digest: Fixed(plugin.digest),
            user,
            caller,
            started_at: remediation.started_at.clone(),
            ended_at: remediation.ended_at.clone(),
            steps: remediation.steps.iter().cloned().map(Into::into).collect(),
            status: match remediation.status {
                RemediationStatus::Begun => StatusRecord::Begun,
                RemediationStatus::Applied => StatusRecord::Applied,
                RemediationStatus::Failed => StatusRecord::Failed,
                RemediationStatus::Fixed => StatusRecord::Fixed,
                RemediationStatus::NotFixed => StatusRecord::NotFixed,
            },
            message: remediation.message.clone(),
        }
    }
}

impl RemediationRecord {
    pub(crate) fn status(&self) -> RemediationStatus {
        match self.status {
            StatusRecord::Begun => RemediationStatus::Begun,
            StatusRecord::Applied => RemediationStatus::Applied,
            StatusRecord::Failed => RemediationStatus::Failed,
            StatusRecord::Fixed => RemediationStatus::Fixed,
            StatusRecord::NotFixed => RemediationStatus::NotFixed,
        }
    }

    pub(crate) fn remediation(self, tenant: &TenantId, scan: &ScanId, id: &RemediationId) -> Remediation {
        let status = self.status();
        let ResourceRecord { id: resource, kind, name, account, region } = self.resource;
        Remediation {
            id: *id,
            tenant: *tenant,
            scan: *scan,
            before: self.before.0,
            after: self.after.map(|after| after.0),
            check_id: self.check_id,
            resource: ResourceRef { id: resource, kind, name, account, region },
            fingerprint: Fingerprint(self.fingerprint.0),
            plugin: PluginRef { id: self.plugin_id, version: self.plugin_version, digest: self.plugin_digest.0 },
            user: self.user,
            caller: self.caller,
            started_at: self.started_at,
            ended_at: self.ended_at,
            steps: self.steps.into_iter().map(Into::into).collect(),
            status,
            message: self.message,
        }
    }
}

impl From<SentStep> for StepRecord {
    fn from(step: SentStep) -> StepRecord {
        let SentStep { action, change, method, url, body, state } = step;
        let state = match state {
            StepState::Planned => StateRecord::Planned,
            StepState::Sent => StateRecord::Sent,
            StepState::Answered { status, error_code } => StateRecord::Answered { status, error_code },
            StepState::Unanswered(reason) => StateRecord::Unanswered(reason),
            StepState::Unsent(reason) => StateRecord::Unsent(reason),
        };
        StepRecord { action, change, method, url, body, state }
    }
}

impl From<StepRecord> for SentStep {
    fn from(record: StepRecord) -> SentStep {
        let StepRecord { action, change, method, url, body, state } = record;
        let state = match state {
            StateRecord::Planned => StepState::Planned,
            StateRecord::Sent => StepState::Sent,
            StateRecord::Answered { status, error_code } => StepState::Answered { status, error_code },
            StateRecord::Unanswered(reason) => StepState::Unanswered(reason),
            StateRecord::Unsent(reason) => StepState::Unsent(reason),
        };
        SentStep { action, change, method, url, body, state }
    }
}
