//! What can be typed about live clouds.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

/// For `plumb scan aws`.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Live AWS")]
pub(crate) struct Cloud {
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
    /// How long one answer may take; a request with its repetitions, whose number AWS_MAX_ATTEMPTS bounds, takes four times that at
    /// most [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = super::duration)]
    pub(crate) request_timeout: Option<Duration>,
    /// Write every call and its answer, without secrets, to a new folder
    #[arg(long, value_name = "DIR", conflicts_with = "replay")]
    pub(crate) record: Option<PathBuf>,
    /// Take every answer from a folder that was recorded, without network and credentials
    #[arg(long, value_name = "DIR")]
    pub(crate) replay: Option<PathBuf>,
}

impl Cloud {
    /// Whether anything is said of a target, which a scan that is taken up again has already.
    pub(crate) fn names_target(&self) -> bool {
        let Cloud { profile, account, role, external_id, organization, request_timeout: _, record: _, replay: _ } =
            self;
        profile.is_some() || !account.is_empty() || role.is_some() || external_id.is_some() || *organization
    }
}

/// What `plumb doctor` looks at beside the program itself.
#[derive(Debug, Subcommand)]
pub(crate) enum Doctor {
    /// Say who a scan of AWS would be, and print the least IAM policy that its checks need
    Aws(DoctorAws),
}

#[derive(Args, Debug)]
pub(crate) struct DoctorAws {
    /// A profile of the AWS command line [default: what the AWS environment says]
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    /// Only the checks of this framework (repeatable)
    #[arg(short, long, value_name = "ID")]
    pub(crate) framework: Vec<String>,
    /// Only this check (repeatable)
    #[arg(short, long, value_name = "ID")]
    pub(crate) check: Vec<String>,
}
