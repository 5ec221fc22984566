//! What can be typed about mending.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use plumb_model::check::Severity;

use super::{Json, Of};

#[derive(Debug, Subcommand)]
pub(crate) enum Remediate {
    /// Write a shell script and Terraform that mend a scan's violations, to be read first. Nothing is run
    #[command(
        after_help = "Example:\n  plumb remediate plan latest --out fixes\n  less fixes/remediate.sh && REVIEWED=yes sh fixes/remediate.sh"
    )]
    Plan(Plan),
    /// Have a provider mend violations: look again, show each request, send those that are granted, look once more
    #[command(after_help = APPLY_EXAMPLES)]
    Apply(Box<Apply>),
    /// List what was changed, the latest first
    List(List),
    /// Show one remediation with its requests and what they came to
    Show {
        /// Its id, or the beginning of it
        remediation: String,
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        json: Json,
    },
}

const APPLY_EXAMPLES: &str = "Examples:
  plumb remediate apply latest --dry-run
  plumb remediate apply latest --check s3_bucket_object_versioning --grant-write provider-aws=s3:PutBucketVersioning

Exit codes: 0 all is right now, 2 nothing is granted or nobody said yes, 4 something could not be mended";

#[derive(Args, Debug)]
pub(crate) struct Plan {
    /// A scan, by its id or the beginning of it, or `latest`
    pub(crate) scan: String,
    /// Folder for `remediate.sh` and `remediate.tf`; files that are there are not written over
    #[arg(long, value_name = "DIR", default_value = "remediation")]
    pub(crate) out: PathBuf,
    /// Only violations of at least this severity
    #[arg(long, value_name = "SEVERITY", default_value = "informational")]
    pub(crate) severity: Severity,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Args, Debug)]
pub(crate) struct Apply {
    /// A scan, by its id or the beginning of it, or `latest`
    pub(crate) scan: String,
    /// Only the finding of this fingerprint, or the beginning of it (repeatable)
    #[arg(long, value_name = "FINGERPRINT")]
    pub(crate) finding: Vec<String>,
    /// Only this check; * and ? stand for any characters (repeatable)
    #[arg(short, long, value_name = "ID")]
    pub(crate) check: Vec<String>,
    /// Only this resource, likewise (repeatable)
    #[arg(long, value_name = "ID")]
    pub(crate) resource: Vec<String>,
    /// Only violations of at least this severity
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) severity: Option<Severity>,
    /// Let the steps of a plugin's plans do this, in this run (repeatable)
    #[arg(long, value_name = "PLUGIN=ACTION")]
    pub(crate) grant_write: Vec<String>,
    /// Show what would be sent, and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Send without asking
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) yes: bool,
    /// A profile of the AWS command line [default: what the scan was made with]
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    /// The name of the role to take in other accounts than that of the credentials [default: that of the scan]
    #[arg(long, value_name = "NAME")]
    pub(crate) role: Option<String>,
    /// What the role's owner asks of whoever takes it
    #[arg(long, value_name = "ID", requires = "role")]
    pub(crate) external_id: Option<String>,
    /// No progress bar and no progress lines
    #[arg(long)]
    pub(crate) no_progress: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Args, Debug)]
pub(crate) struct List {
    /// Only what mended violations of this scan, by its id or the beginning of it, or `latest`
    #[arg(long)]
    pub(crate) scan: Option<String>,
    /// How many, at most 1000
    #[arg(short = 'n', long, default_value_t = 20)]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) of: Of,
    #[command(flatten)]
    pub(crate) json: Json,
}
