//! Verdicts and findings.

use std::fmt;

use crate::check::Severity;
use crate::delta::Delta;
use crate::resource::ResourceRef;

/// The five verdicts. A check that broke is not-evaluated, with its error as the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    Fail,
    NotEvaluated,
    Manual,
    NotApplicable,
    Pass,
}

impl Verdict {
    /// In the order people read in.
    pub const ALL: [Verdict; 5] =
        [Verdict::Fail, Verdict::NotEvaluated, Verdict::Manual, Verdict::NotApplicable, Verdict::Pass];

    /// The word that every format uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Fail => "fail",
            Verdict::NotEvaluated => "not-evaluated",
            Verdict::Manual => "manual",
            Verdict::NotApplicable => "not-applicable",
            Verdict::Pass => "pass",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What stays the same when a finding is seen again: check, account and resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 16]);

impl Fingerprint {
    /// The first half of BLAKE3 over the three, each with its length in front so that no two triples run together.
    pub fn new(check: &str, account: &str, resource: &str) -> Fingerprint {
        let mut hasher = blake3::Hasher::new();
        for part in [check, account, resource] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let mut half = [0; 16];
        half.copy_from_slice(hasher.finalize().as_bytes().first_chunk::<16>().unwrap_or(&[0; 16]));
        Fingerprint(half)
    }
}

impl std::str::FromStr for Fingerprint {
    type Err = String;

    fn from_str(text: &str) -> Result<Fingerprint, String> {
        let wrong = || "a fingerprint has 32 hexadecimal digits in lower case".to_owned();
        let digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 32 || !text.as_bytes().iter().all(digit) {
            return Err(wrong());
        }
        u128::from_str_radix(text, 16).map(|number| Fingerprint(number.to_be_bytes())).map_err(|_| wrong())
    }
}

impl fmt::Display for Fingerprint {
    /// 32 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A control that a finding counts for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ControlRef {
    pub framework: String,
    pub control: String,
}

/// The verdict of one check on one resource or account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub check_id: String,
    pub severity: Severity,
    pub verdict: Verdict,
    /// For a finding about an account: the account as id and account, everything else empty.
    pub resource: ResourceRef,
    /// Why; empty for a pass.
    pub message: String,
    pub fingerprint: Fingerprint,
    /// Against the previous scan; for failures only.
    pub delta: Option<Delta>,
    /// The reason of the mute that covers it.
    pub muted: Option<String>,
    /// BLAKE3 of the resource document the verdict rests on; none for an account.
    pub resource_digest: Option<[u8; 32]>,
}

impl Finding {
    /// A failure nobody has accepted.
    pub fn is_violation(&self) -> bool {
        self.verdict == Verdict::Fail && self.muted.is_none()
    }
}
