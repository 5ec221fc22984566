//! What changed between two scans.

use crate::outcome::{Finding, Fingerprint, Verdict};

/// A violation against the previous scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Delta {
    New,
    Unchanged,
    Resolved,
    /// The later scan did not look at it, or it was accepted meanwhile.
    Incomparable,
}

impl Delta {
    /// The word that every format uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Delta::New => "new",
            Delta::Unchanged => "unchanged",
            Delta::Resolved => "resolved",
            Delta::Incomparable => "incomparable",
        }
    }
}

/// Why a violation is resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resolution {
    /// The check no longer fails.
    Fixed,
    /// The resource is gone.
    ResourceRemoved,
}

/// Check and account of a violation: what a history counts, where many resources fail one check for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Signature([u8; 16]);

impl Signature {
    /// A digest of `check:account`.
    pub fn new(check: &str, account: &str) -> Signature {
        Signature(Fingerprint::new(check, account, "").0)
    }
}

/// The signatures of a scan's violations, and what became of those of the previous scan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignatureFigures {
    pub violations: u64,
    /// Everything is new where there is nothing to compare with.
    pub delta: DeltaCounts,
}

/// How many violations (failures nobody has accepted) of each delta. Always: `new + unchanged` is the later scan's count, and
/// `resolved + unchanged + incomparable` the earlier one's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeltaCounts {
    pub new: u64,
    pub unchanged: u64,
    pub resolved: u64,
    pub incomparable: u64,
}

/// What the later scan knows of a violation of the earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// It fails again.
    Fails,
    /// The check was decided and no longer fails.
    Decided,
    /// The check could not be decided, was not asked, or its failure was accepted.
    NotEvaluated,
    /// The resource was not there, and everything that could have held it was looked at.
    Absent,
    /// The resource was not there, but not everything was looked at.
    OutOfSight,
}

impl Sighting {
    /// What a finding of the later scan says of the violation it repeats. One that was accepted meanwhile has not gone away.
    pub fn of(finding: &Finding) -> Sighting {
        match finding.verdict {
            Verdict::Fail if finding.muted.is_none() => Sighting::Fails,
            Verdict::Pass | Verdict::NotApplicable => Sighting::Decided,
            Verdict::Fail | Verdict::Manual | Verdict::NotEvaluated => Sighting::NotEvaluated,
        }
    }

    /// What became of the earlier violation.
    pub fn delta(self) -> (Delta, Option<Resolution>) {
        match self {
            Sighting::Fails => (Delta::Unchanged, None),
            Sighting::Decided => (Delta::Resolved, Some(Resolution::Fixed)),
            Sighting::Absent => (Delta::Resolved, Some(Resolution::ResourceRemoved)),
            Sighting::NotEvaluated | Sighting::OutOfSight => (Delta::Incomparable, None),
        }
    }
}
