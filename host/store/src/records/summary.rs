//! The figures of a completed scan.

use std::collections::BTreeMap;

use plumb_model::outcome::Verdict;
use plumb_model::scan::Summary;
use serde::{Deserialize, Serialize};

use crate::record::NamedRecord;
use crate::records::check::SeverityRecord;
use crate::records::delta::{DeltaRecord, SignaturesRecord};
use crate::records::framework::FrameworkResultRecord;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SummaryRecord {
    resources: u64,
    violations_by_severity: BTreeMap<SeverityRecord, u64>,
    outcomes_by_verdict: BTreeMap<VerdictRecord, u64>,
    muted: u64,
    frameworks: Vec<FrameworkResultRecord>,
    delta: Option<DeltaRecord>,
    evaluated_now: u64,
    reused: u64,
    #[serde(default)]
    signatures: Option<SignaturesRecord>,
    #[serde(default)]
    effort_minutes: u64,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum VerdictRecord {
    Fail,
    NotEvaluated,
    Manual,
    NotApplicable,
    Pass,
}

impl NamedRecord for SummaryRecord {
    const VERSION: u8 = 1;
    const COMPRESSED: bool = true;
}

impl From<&Summary> for SummaryRecord {
    fn from(summary: &Summary) -> SummaryRecord {
        let violations = summary.violations_by_severity.iter();
        let outcomes = summary.outcomes_by_verdict.iter();
        SummaryRecord {
            resources: summary.resources,
            violations_by_severity: violations.map(|(severity, count)| ((*severity).into(), *count)).collect(),
            outcomes_by_verdict: outcomes.map(|(verdict, count)| ((*verdict).into(), *count)).collect(),
            muted: summary.muted,
            frameworks: summary.frameworks.iter().map(FrameworkResultRecord::from).collect(),
            delta: summary.delta.map(Into::into),
            evaluated_now: summary.evaluated_now,
            reused: summary.reused,
            signatures: summary.signatures.map(Into::into),
            effort_minutes: summary.effort_minutes,
        }
    }
}

impl From<SummaryRecord> for Summary {
    fn from(record: SummaryRecord) -> Summary {
        let violations = record.violations_by_severity.into_iter();
        let outcomes = record.outcomes_by_verdict.into_iter();
        Summary {
            resources: record.resources,
            violations_by_severity: violations.map(|(severity, count)| (severity.into(), count)).collect(),
            outcomes_by_verdict: outcomes.map(|(verdict, count)| (verdict.into(), count)).collect(),
            muted: record.muted,
            frameworks: record.frameworks.into_iter().map(Into::into).collect(),
            delta: record.delta.map(Into::into),
            evaluated_now: record.evaluated_now,
            reused: record.reused,
            signatures: record.signatures.map(Into::into),
            effort_minutes: record.effort_minutes,
        }
    }
}

impl From<Verdict> for VerdictRecord {
    fn from(verdict: Verdict) -> VerdictRecord {
        match verdict {
            Verdict::Fail => VerdictRecord::Fail,
            Verdict::NotEvaluated => VerdictRecord::NotEvaluated,
            Verdict::Manual => VerdictRecord::Manual,
            Verdict::NotApplicable => VerdictRecord::NotApplicable,
            Verdict::Pass => VerdictRecord::Pass,
        }
    }
}

impl From<VerdictRecord> for Verdict {
    fn from(record: VerdictRecord) -> Verdict {
        match record {
            VerdictRecord::Fail => Verdict::Fail,
            VerdictRecord::NotEvaluated => Verdict::NotEvaluated,
            VerdictRecord::Manual => Verdict::Manual,
            VerdictRecord::NotApplicable => Verdict::NotApplicable,
            VerdictRecord::Pass => Verdict::Pass,
        }
    }
}
