//! What was changed in a cloud to mend a violation: by whom, with which requests, and what came of it.

use crate::check::PluginRef;
use crate::outcome::Fingerprint;
use crate::resource::ResourceRef;
use crate::scan::ScanId;
use crate::tenant::TenantId;

/// UUIDv7.
pub type RemediationId = [u8; 16];

/// One violation that somebody had mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remediation {
    pub id: RemediationId,
    pub tenant: TenantId,
    /// The scan that found the violation.
    pub scan: ScanId,
    /// The scan that looked at the resource just before, on which the plan rests.
    pub before: ScanId,
    /// The scan that looked at it afterwards.
    pub after: Option<ScanId>,
    pub check_id: String,
    pub resource: ResourceRef,
    pub fingerprint: Fingerprint,
    /// The plugin that made the plan.
    pub plugin: PluginRef,
    /// Who ran the program, as the machine knows them: `user@machine`.
    pub user: String,
    /// Who the cloud took them for.
    pub caller: String,
    /// RFC 3339, UTC, milliseconds.
    pub started_at: String,
    pub ended_at: Option<String>,
    pub steps: Vec<SentStep>,
    pub status: RemediationStatus,
    /// What the check said before and says now, or why nobody knows.
    pub message: String,
}

/// One request of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentStep {
    /// `s3:PutBucketVersioning`
    pub action: String,
    /// The plugin's words for what changes.
    pub change: String,
    pub method: String,
    pub url: String,
    /// As it was shown and sent.
    pub body: String,
    pub state: StepState,
}

/// What is known of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepState {
    /// Nothing was sent.
    Planned,
    /// It was written down that it would be sent, and nothing after that: nobody knows whether it took effect.
    Sent,
    /// The cloud answered.
    Answered { status: u16, error_code: String },
    /// It was sent and there was no answer: nobody knows whether it took effect.
    Unanswered(String),
    /// It did not leave the program.
    Unsent(String),
}

impl StepState {
    /// Whether the cloud said that it took effect.
    pub fn is_success(&self) -> bool {
        matches!(self, StepState::Answered { status: 200..=299, .. })
    }

    /// For people.
    pub fn words(&self) -> String {
        match self {
            StepState::Planned => "not sent".to_owned(),
            StepState::Sent => "sent, outcome unknown".to_owned(),
            StepState::Answered { status, error_code } if error_code.is_empty() => format!("answered {status}"),
            StepState::Answered { status, error_code } => format!("answered {status} {error_code}"),
            StepState::Unanswered(reason) => format!("sent, outcome unknown: {reason}"),
            StepState::Unsent(reason) => format!("not sent: {reason}"),
        }
    }
}

/// How far a remediation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RemediationStatus {
    /// Its requests are being sent. Where nobody is at it any more, it was cut off: what was sent may have taken effect.
    Begun,
    /// All its requests took effect; the resource was not looked at again.
    Applied,
    /// One of its requests did not take effect, or nobody knows, and the resource was not seen to be right.
    Failed,
    /// The check passes now.
    Fixed,
    /// The check does not pass now, though all requests took effect.
    NotFixed,
}

impl RemediationStatus {
    pub const ALL: [RemediationStatus; 5] = [
        RemediationStatus::Begun,
        RemediationStatus::Applied,
        RemediationStatus::Failed,
        RemediationStatus::Fixed,
        RemediationStatus::NotFixed,
    ];

    /// The word that every format uses.
    pub fn as_str(self) -> &'static str {
        match self {
            RemediationStatus::Begun => "begun",
            RemediationStatus::Applied => "applied",
            RemediationStatus::Failed => "failed",
            RemediationStatus::Fixed => "fixed",
            RemediationStatus::NotFixed => "not-fixed",
        }
    }

    /// The one place that says which may follow which.
    pub fn may_become(self, next: RemediationStatus) -> bool {
        use RemediationStatus::{Applied, Begun, Failed, Fixed, NotFixed};
        matches!((self, next), (Begun, Applied | Failed) | (Applied, Fixed | NotFixed) | (Failed, Fixed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_fixed_before_it_was_sent_and_what_is_fixed_stays_so() {
        use RemediationStatus::{Applied, Begun, Failed, Fixed, NotFixed};
        assert!(!Begun.may_become(Fixed) && !Begun.may_become(NotFixed));
        assert!(Begun.may_become(Applied) && Applied.may_become(Fixed) && Failed.may_become(Fixed));
        for end in [Fixed, NotFixed] {
            assert!(RemediationStatus::ALL.into_iter().all(|next| !end.may_become(next)));
        }
    }

    #[test]
    fn what_had_no_answer_is_never_called_a_success() {
        let unsure = [StepState::Planned, StepState::Sent, StepState::Unanswered(String::new())];
        assert!(unsure.iter().all(|state| !state.is_success()));
        let answered = |status| StepState::Answered { status, error_code: String::new() };
        assert!(answered(204).is_success() && !answered(301).is_success() && !answered(403).is_success());
        assert!(StepState::Sent.words().contains("outcome unknown"));
    }
}
