//! Resources that differ from their baselines.

use plumb_model::check::Severity;
use plumb_model::drift::{Difference, Drift, DriftId, DriftKind, DriftStatus, DriftType};
use plumb_model::resource::ResourceRef;
use plumb_model::target::TargetId;
use plumb_model::tenant::TenantId;
use serde::{Deserialize, Serialize};

use crate::record::NamedRecord;
use crate::records::bytes::Fixed;
use crate::records::check::SeverityRecord;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DriftRecord {
    pub(crate) number: u64,
    pub(crate) target: Fixed<16>,
    target_number: u64,
    /// Under which the target's baselines and drifts know the resource.
    pub(crate) resource_key: Fixed<16>,
    resource_number: u64,
    resource: ResourceRecord,
    address: String,
    kind: KindRecord,
    drift_type: TypeRecord,
    severity: SeverityRecord,
    status: StatusRecord,
    summary: String,
    path: String,
    baseline_value: String,
    current_value: String,
    patch: String,
    differences: Vec<DifferenceRecord>,
    failing_check: Option<String>,
    pub(crate) document: Option<Fixed<32>>,
    pub(crate) scan: Option<Fixed<16>>,
    /// Scans in the ledger that saw it.
    pub(crate) scans: u32,
    previous: Option<Fixed<16>>,
    detected_at: String,
    updated_at: String,
    resolved_at: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct ResourceRecord {
    id: String,
    kind: String,
    name: String,
    account: String,
    region: String,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum KindRecord {
    Changed,
    Missing,
    Unmanaged,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum TypeRecord {
    Configuration,
    Security,
    Compliance,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum StatusRecord {
    Detected,
    Investigating,
    Resolved,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct DifferenceRecord {
    path: String,
    baseline: String,
    current: String,
    security: Option<SeverityRecord>,
}

/// The drift that a resource had last.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LastDriftRecord {
    pub(crate) drift: Fixed<16>,
    /// Of the resource; it keeps it when it drifts again.
    pub(crate) resource_number: u64,
}

/// A scan saw a drift; the key says it all.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SeenDriftRecord {}

impl NamedRecord for DriftRecord {
    const VERSION: u8 = 1;
    const COMPRESSED: bool = true;
}

impl NamedRecord for LastDriftRecord {
    const VERSION: u8 = 1;
}

impl NamedRecord for SeenDriftRecord {
    const VERSION: u8 = 1;
}

impl DriftRecord {
    pub(crate) fn new(drift: &Drift, resource_key: [u8; 16], scans: u32) -> DriftRecord {
        let Drift { resource, differences, .. } = drift.clone();
        let ResourceRef { id, kind, name, account, region } = resource;
        DriftRecord {
            number: drift.number,
            target: Fixed(drift.target),
            target_number: drift.target_number,
            resource_key: Fixed(resource_key),
            resource_number: drift.resource_number,
            resource: ResourceRecord { id, kind, name, account, region },
            address: drift.address.clone(),
            kind: match drift.kind {
                DriftKind::Changed => KindRecord::Changed,
                DriftKind::Missing => KindRecord::Missing,
                DriftKind::Unmanaged => KindRecord::Unmanaged,
            },
            drift_type: match drift.drift_type {
                DriftType::Configuration => TypeRecord::Configuration,
                DriftType::Security => TypeRecord::Security,
                DriftType::Compliance => TypeRecord::Compliance,
            },
            severity: drift.severity.into(),
            status: match drift.status {
                DriftStatus::Detected => StatusRecord::Detected,
                DriftStatus::Investigating => StatusRecord::Investigating,
                DriftStatus::Resolved => StatusRecord::Resolved,
            },
            summary: drift.summary.clone(),
            path: drift.path.clone(),
            baseline_value: drift.baseline_value.clone(),
            current_value: drift.current_value.clone(),
            patch: drift.patch.clone(),
            differences: differences.into_iter().map(DifferenceRecord::from).collect(),
            failing_check: drift.failing_check.clone(),
            document: drift.document.map(Fixed),
            scan: drift.scan.map(Fixed),
            scans,
            previous: drift.previous.map(Fixed),
            detected_at: drift.detected_at.clone(),
            updated_at: drift.updated_at.clone(),
            resolved_at: drift.resolved_at.clone(),
        }
    }

    pub(crate) fn drift(self, tenant: &TenantId, id: &DriftId) -> Drift {
        let target: TargetId = self.target.0;
        let status = self.status();
        let ResourceRecord { id: resource, kind, name, account, region } = self.resource;
        Drift {
            id: *id,
            tenant: *tenant,
            number: self.number,
            target,
            target_number: self.target_number,
            resource_number: self.resource_number,
            resource: ResourceRef { id: resource, kind, name, account, region },
            address: self.address,
            kind: match self.kind {
                KindRecord::Changed => DriftKind::Changed,
                KindRecord::Missing => DriftKind::Missing,
                KindRecord::Unmanaged => DriftKind::Unmanaged,
            },
            drift_type: match self.drift_type {
                TypeRecord::Configuration => DriftType::Configuration,
                TypeRecord::Security => DriftType::Security,
                TypeRecord::Compliance => DriftType::Compliance,
            },
            severity: self.severity.into(),
            status,
            summary: self.summary,
            path: self.path,
            baseline_value: self.baseline_value,
            current_value: self.current_value,
            patch: self.patch,
            differences: self.differences.into_iter().map(Difference::from).collect(),
            failing_check: self.failing_check,
            document: self.document.map(|digest| digest.0),
            scan: self.scan.map(|scan| scan.0),
            previous: self.previous.map(|previous| previous.0),
            detected_at: self.detected_at,
            updated_at: self.updated_at,
            resolved_at: self.resolved_at,
        }
    }

    pub(crate) fn status(&self) -> DriftStatus {
        match self.status {
            StatusRecord::Detected => DriftStatus::Detected,
            StatusRecord::Investigating => DriftStatus::Investigating,
            StatusRecord::Resolved => DriftStatus::Resolved,
        }
    }
}

impl From<Difference> for DifferenceRecord {
    fn from(difference: Difference) -> DifferenceRecord {
        let Difference { path, baseline, current, security } = difference;
        DifferenceRecord { path, baseline, current, security: security.map(SeverityRecord::from) }
    }
}

impl From<DifferenceRecord> for Difference {
    fn from(record: DifferenceRecord) -> Difference {
        let DifferenceRecord { path, baseline, current, security } = record;
        Difference { path, baseline, current, security: security.map(Severity::from) }
    }
}
