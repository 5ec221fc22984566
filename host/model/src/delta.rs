//! What changed between two scans.

/// A violation against the previous scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Delta {
    New,
    Unchanged,
    Resolved,
    /// The later scan did not look at it, so nobody knows.
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

/// How many violations of each delta. Always: `new + unchanged` is the later scan's count, and
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
    /// The check could not be decided, or was not asked.
    NotEvaluated,
    /// The resource was not there, and everything that could have held it was looked at.
    Absent,
    /// The resource was not there, but not everything was looked at.
    OutOfSight,
}

impl Sighting {
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
