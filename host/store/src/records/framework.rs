//! How a framework came out.

use plumb_model::framework::{ControlResult, ControlStatus, FrameworkResult};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FrameworkResultRecord {
    id: String,
    title: String,
    version: String,
    controls: Vec<ControlResultRecord>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ControlResultRecord {
    id: String,
    title: String,
    section: Vec<String>,
    status: ControlStatusRecord,
    checks: Vec<String>,
    missing_checks: Vec<String>,
    excluded_checks: Vec<String>,
    failures: u64,
}

#[derive(Debug, Serialize, Deserialize)]
enum ControlStatusRecord {
    Fail,
    NotEvaluated,
    Manual,
    NotApplicable,
    Pass,
}

impl From<&FrameworkResult> for FrameworkResultRecord {
    fn from(result: &FrameworkResult) -> FrameworkResultRecord {
        FrameworkResultRecord {
            id: result.id.clone(),
            title: result.title.clone(),
            version: result.version.clone(),
            controls: result.controls.iter().map(ControlResultRecord::from).collect(),
        }
    }
}

impl From<FrameworkResultRecord> for FrameworkResult {
    fn from(record: FrameworkResultRecord) -> FrameworkResult {
        FrameworkResult {
            id: record.id,
            title: record.title,
            version: record.version,
            controls: record.controls.into_iter().map(ControlResult::from).collect(),
        }
    }
}

impl From<&ControlResult> for ControlResultRecord {
    fn from(result: &ControlResult) -> ControlResultRecord {
        ControlResultRecord {
            id: result.id.clone(),
            title: result.title.clone(),
            section: result.section.clone(),
            status: match result.status {
                ControlStatus::Fail => ControlStatusRecord::Fail,
                ControlStatus::NotEvaluated => ControlStatusRecord::NotEvaluated,
                ControlStatus::Manual => ControlStatusRecord::Manual,
                ControlStatus::NotApplicable => ControlStatusRecord::NotApplicable,
                ControlStatus::Pass => ControlStatusRecord::Pass,
            },
            checks: result.checks.clone(),
            missing_checks: result.missing_checks.clone(),
            excluded_checks: result.excluded_checks.clone(),
            failures: result.failures,
        }
    }
}

impl From<ControlResultRecord> for ControlResult {
    fn from(record: ControlResultRecord) -> ControlResult {
        ControlResult {
            id: record.id,
            title: record.title,
            section: record.section,
            status: match record.status {
                ControlStatusRecord::Fail => ControlStatus::Fail,
                ControlStatusRecord::NotEvaluated => ControlStatus::NotEvaluated,
                ControlStatusRecord::Manual => ControlStatus::Manual,
                ControlStatusRecord::NotApplicable => ControlStatus::NotApplicable,
                ControlStatusRecord::Pass => ControlStatus::Pass,
            },
            checks: record.checks,
            missing_checks: record.missing_checks,
            excluded_checks: record.excluded_checks,
            failures: record.failures,
        }
    }
}
