//! Resources that are not as they were captured.

use std::fmt;

use crate::check::Severity;
use crate::resource::ResourceRef;
use crate::scan::ScanId;
use crate::target::TargetId;
use crate::tenant::TenantId;

/// UUIDv7.
pub type DriftId = [u8; 16];

/// What a drift touches, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DriftType {
    Configuration,
    /// An attribute changed that matters to security.
    Security,
    /// A check that passed on the baseline fails now.
    Compliance,
}

impl DriftType {
    pub const ALL: [DriftType; 3] = [DriftType::Configuration, DriftType::Security, DriftType::Compliance];

    /// The word that every format uses.
    pub fn as_str(self) -> &'static str {
        match self {
            DriftType::Configuration => "configuration",
            DriftType::Security => "security",
            DriftType::Compliance => "compliance",
        }
    }
}

/// Where a drift stands. [`DriftStatus::may_become`] is the only table of moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DriftStatus {
    Detected,
    Investigating,
    Resolved,
}

impl DriftStatus {
    pub const ALL: [DriftStatus; 3] = [DriftStatus::Detected, DriftStatus::Investigating, DriftStatus::Resolved];

    /// The word that every format uses.
    pub fn as_str(self) -> &'static str {
        match self {
            DriftStatus::Detected => "detected",
            DriftStatus::Investigating => "investigating",
            DriftStatus::Resolved => "resolved",
        }
    }

    /// Whether the move is allowed. A difference that comes back is a drift of its own, so nothing leaves the last state.
    pub fn may_become(self, next: DriftStatus) -> bool {
        use DriftStatus::{Detected, Investigating, Resolved};
        matches!((self, next), (Detected, Investigating) | (Investigating, Resolved))
    }
}

/// What became of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DriftKind {
    /// It is there, with other attributes.
    Changed,
    /// It is not there, and everything that could have held it was looked at.
    Missing,
    /// It is there, and the baseline does not know it.
    Unmanaged,
}

impl DriftKind {
    pub const ALL: [DriftKind; 3] = [DriftKind::Changed, DriftKind::Missing, DriftKind::Unmanaged];

    /// The word that every format uses.
    pub fn as_str(self) -> &'static str {
        match self {
            DriftKind::Changed => "changed",
            DriftKind::Missing => "missing",
            DriftKind::Unmanaged => "unmanaged",
        }
    }
}

macro_rules! word {
    ($($name:ident: $what:literal),*) => {
        $(
            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.pad(self.as_str())
                }
            }

            impl std::str::FromStr for $name {
                type Err = String;

                fn from_str(word: &str) -> Result<$name, String> {
                    let found = $name::ALL.into_iter().find(|known| known.as_str() == word);
                    found.ok_or_else(|| {
                        let known = $name::ALL.map($name::as_str).join(", ");
                        format!(concat!("'{}' is no ", $what, "; use one of {}"), word, known)
                    })
                }
            }
        )*
    };
}

word!(DriftType: "drift type", DriftStatus: "drift status", DriftKind: "kind of drift");

/// One attribute that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Attribute names joined by dots; `[n]` or `[key]` behind a list that has more than one element. Empty for the whole resource.
    pub path: String,
    /// JSON text, shortened, without secrets; `null` where the attribute is not set.
    pub baseline: String,
    /// Likewise.
    pub current: String,
    /// How much a change of it matters to security; none where it does not.
    pub security: Option<Severity>,
}

/// A resource that differs from its baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    pub id: DriftId,
    pub tenant: TenantId,
    /// Counts the tenant's drifts; never given twice.
    pub number: u64,
    /// Whose baseline it is held against.
    pub target: TargetId,
    pub target_number: u64,
    /// Counts the tenant's resources that ever drifted.
    pub resource_number: u64,
    /// As it is now; for a missing one, as it was.
    pub resource: ResourceRef,
    /// Terraform address with its module path, without the file; the id where there is none.
    pub address: String,
    pub kind: DriftKind,
    pub drift_type: DriftType,
    pub severity: Severity,
    pub status: DriftStatus,
    /// One line for people, without secrets.
    pub summary: String,
    /// The attribute that matters most; empty where the whole resource is missing or unmanaged.
    pub path: String,
    /// Of that attribute: JSON text, shortened, without secrets.
    pub baseline_value: String,
    /// Likewise.
    pub current_value: String,
    /// RFC 6902 JSON Patch that makes the baseline's attributes the current ones, but for what does not count as a difference
    /// and for secrets, whose values are struck. JSON text.
    pub patch: String,
    /// The first thousand, in the order of attributes.
    pub differences: Vec<Difference>,
    /// The check that passed on the baseline and fails now, the worst where there are several.
    pub failing_check: Option<String>,
    /// BLAKE3 of the resource's document as the last scan saw it; none where it is missing.
    pub document: Option<[u8; 32]>,
    /// The scan that saw it last; none where that was deleted.
    pub scan: Option<ScanId>,
    /// The resolved drift of the same resource that came before.
    pub previous: Option<DriftId>,
    /// RFC 3339, UTC, milliseconds.
    pub detected_at: String,
    pub updated_at: String,
    pub resolved_at: Option<String>,
}

/// A resource as it ought to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    pub resource: ResourceRef,
    /// BLAKE3 of its document.
    pub digest: [u8; 32],
    /// The scan it was captured from.
    pub scan: ScanId,
    /// RFC 3339, UTC, milliseconds.
    pub captured_at: String,
}

/// What an attribute means when two versions of a resource are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A change matters to security, so much.
    Security(Severity),
    /// Names the elements of a list, so that they are compared by it and not by position. At the top it names the resource.
    IdentityKey,
    /// A list whose order says nothing.
    Unordered,
    /// Changes without anybody changing it.
    ProviderNoise,
    /// Never shown, never stored.
    Sensitive,
}

/// What a provider says of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeHint {
    /// Empty for every kind.
    pub kind: String,
    /// Attribute names joined by dots, list positions left out; empty for the resource itself.
    pub path: String,
    pub meaning: Meaning,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drift_goes_one_way_and_skips_no_state() {
        let allowed: Vec<_> = DriftStatus::ALL
            .into_iter()
            .flat_map(|from| DriftStatus::ALL.map(|to| (from, to)))
            .filter(|(from, to)| from.may_become(*to))
            .collect();
        let investigate = (DriftStatus::Detected, DriftStatus::Investigating);
        assert_eq!(allowed, [investigate, (DriftStatus::Investigating, DriftStatus::Resolved)]);
    }

    #[test]
    fn every_word_leads_back_to_its_value() {
        for status in DriftStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
        assert!("closed".parse::<DriftStatus>().unwrap_err().contains("detected, investigating, resolved"));
        assert_eq!("security".parse(), Ok(DriftType::Security));
        assert_eq!("missing".parse(), Ok(DriftKind::Missing));
    }
}
