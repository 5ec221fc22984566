//! What can be typed about live clouds.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use plumb_engine::request::TargetRequest;
use plumb_model::target::CredentialReference;

/// Whose accounts are looked at, and as whom.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Live AWS")]
pub(crate) struct Accounts {
    /// A profile of the AWS command line [default: what the AWS environment says]
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    /// Scan this account, through the role where it is another one (repeatable) [default: that of the credentials]
    #[arg(long, value_name = "ID")]
    pub(crate) account: Vec<String>,
    /// The name of the role to take in other accounts
    #[arg(long, value_name = "NAME")]
    pub(crate) role: Option<String>,
    /// What the role's owner asks of whoever takes it
    #[arg(long, value_name = "ID", requires = "role")]
    pub(crate) external_id: Option<String>,
    /// Scan all active accounts of the organization, through the role
    #[arg(long, requires = "role", conflicts_with = "account")]
    pub(crate) organization: bool,
}

/// For `plumb scan aws`.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Live AWS")]
pub(crate) struct Cloud {
    #[command(flatten)]
    pub(crate) accounts: Accounts,
    /// How long one answer may take; a request with its repetitions, whose number AWS_MAX_ATTEMPTS bounds, takes four times that at
    /// most [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = super::duration)]
    pub(crate) request_timeout: Option<Duration>,
    /// Write every call and its answer, without secrets, to a new folder
    #[arg(long, value_name = "DIR", conflicts_with = "replay")]
    pub(crate) record: Option<PathBuf>,
    /// Take every answer from a folder that was recorded, without network and credentials; evaluate as of when it was recorded
    #[arg(long, value_name = "DIR")]
    pub(crate) replay: Option<PathBuf>,
}

impl Accounts {
    /// Whether anything is said of a target, which a scan that is taken up again has already.
    pub(crate) fn names_target(&self) -> bool {
        let Accounts { profile, account, role, external_id, organization } = self;
        profile.is_some() || !account.is_empty() || role.is_some() || external_id.is_some() || *organization
    }

    /// A target without files.
    pub(crate) fn target(&self, provider: &str) -> TargetRequest {
        let mut settings = serde_json::Map::new();
        if !self.account.is_empty() {
            settings.insert("accounts".to_owned(), self.account.clone().into());
        }
        for (name, value) in [("role", &self.role), ("external_id", &self.external_id)] {
            settings.extend(value.clone().map(|value| (name.to_owned(), value.into())));
        }
        if self.organization {
            settings.insert("organization".to_owned(), true.into());
        }
        TargetRequest {
            name: provider.to_owned(),
            provider: provider.to_owned(),
            settings,
            credentials: self.profile.clone().map(CredentialReference::Profile),
            ..TargetRequest::default()
        }
    }
}

/// What `plumb doctor` looks at beside the program itself.
#[derive(Debug, Subcommand)]
pub(crate) enum Doctor {
    /// Say who a scan of AWS would be, try which calls of its checks are allowed, and print the least IAM policy that they need
    Aws(DoctorAws),
}

#[derive(Args, Debug)]
pub(crate) struct DoctorAws {
    #[command(flatten)]
    pub(crate) accounts: Accounts,
    /// Only the checks of this framework (repeatable)
    #[arg(short, long, value_name = "ID")]
    pub(crate) framework: Vec<String>,
    /// Only this check (repeatable)
    #[arg(short, long, value_name = "ID")]
    pub(crate) check: Vec<String>,
    /// Only this region (repeatable)
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Vec<String>,
    /// Only the checks of this service (repeatable)
    #[arg(long, value_name = "SERVICE")]
    pub(crate) service: Vec<String>,
    /// What standard output gets
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: DoctorFormat,
}

/// What the doctor prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DoctorFormat {
    /// What is denied or fails, and the policy
    Table,
    /// Every right with every place it was tried in, and the policy
    Json,
    /// The policy alone
    Policy,
}
