//! One-byte codes of the model's enums, for columns. A code keeps its meaning for as long as there are ledgers.

use plumb_model::check::Severity;
use plumb_model::delta::{Delta, Resolution};
use plumb_model::outcome::Verdict;

/// An enum with a code.
pub(crate) trait Code: Copy + 'static {
    const NAME: &'static str;

    /// Every value and its code.
    const TABLE: &'static [(Self, u8)];

    fn code(self) -> u8;

    fn from_code(code: u8) -> Result<Self, String> {
        let found = Self::TABLE.iter().find(|(_, known)| *known == code);
        found.map(|(value, _)| *value).ok_or_else(|| format!("{code} is no {}", Self::NAME))
    }
}

impl Code for Severity {
    const NAME: &'static str = "severity";

    const TABLE: &'static [(Severity, u8)] = &[
        (Severity::Informational, 0),
        (Severity::Low, 1),
        (Severity::Medium, 2),
        (Severity::High, 3),
        (Severity::Critical, 4),
    ];

    fn code(self) -> u8 {
        match self {
            Severity::Informational => 0,
            Severity::Low => 1,
            Severity::Medium => 2,
            Severity::High => 3,
            Severity::Critical => 4,
        }
    }
}

impl Code for Verdict {
    const NAME: &'static str = "verdict";

    const TABLE: &'static [(Verdict, u8)] = &[
        (Verdict::Pass, 0),
        (Verdict::Fail, 1),
        (Verdict::Manual, 2),
        (Verdict::NotApplicable, 3),
        (Verdict::NotEvaluated, 4),
    ];

    fn code(self) -> u8 {
        match self {
            Verdict::Pass => 0,
            Verdict::Fail => 1,
            Verdict::Manual => 2,
            Verdict::NotApplicable => 3,
            Verdict::NotEvaluated => 4,
        }
    }
}

impl Code for Option<Delta> {
    const NAME: &'static str = "delta";

    const TABLE: &'static [(Option<Delta>, u8)] = &[
        (None, 0),
        (Some(Delta::New), 1),
        (Some(Delta::Unchanged), 2),
        (Some(Delta::Resolved), 3),
        (Some(Delta::Incomparable), 4),
    ];

    fn code(self) -> u8 {
        match self {
            None => 0,
            Some(Delta::New) => 1,
            Some(Delta::Unchanged) => 2,
            Some(Delta::Resolved) => 3,
            Some(Delta::Incomparable) => 4,
        }
    }
}

impl Code for Resolution {
    const NAME: &'static str = "resolution";

    const TABLE: &'static [(Resolution, u8)] = &[(Resolution::Fixed, 0), (Resolution::ResourceRemoved, 1)];

    fn code(self) -> u8 {
        match self {
            Resolution::Fixed => 0,
            Resolution::ResourceRemoved => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds<T: Code + PartialEq + std::fmt::Debug>() {
        for (value, code) in T::TABLE {
            assert_eq!(value.code(), *code);
            assert_eq!(T::from_code(*code), Ok(*value));
        }
        assert!(T::from_code(u8::try_from(T::TABLE.len()).unwrap()).is_err());
    }

    #[test]
    fn every_code_leads_back_to_its_value() {
        holds::<Severity>();
        holds::<Verdict>();
        holds::<Option<Delta>>();
        holds::<Resolution>();
    }
}
