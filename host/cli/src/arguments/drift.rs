//! What can be typed after `plumb drift`.

use clap::{Args, Subcommand, ValueEnum};
use plumb_model::check::Severity;
use plumb_model::drift::{DriftStatus, DriftType};

#[derive(Debug, Subcommand)]
pub(crate) enum Drift {
    /// Scan a target and make what is there its baseline
    Capture(Capture),
    /// Scan a target and hold it against its baseline
    Detect(Detect),
    /// List drifts, newest first
    List(List),
    /// Show a drift with all its differences
    #[command(after_help = "Examples:\n  plumb drift show 12\n  plumb drift show 0199f3 -o json")]
    Show {
        /// The drift, by its number, its id or the beginning of it
        drift: String,
        #[command(flatten)]
        output: Form,
    },
    /// Mark a drift as resolved
    #[command(after_help = "Examples:\n  plumb drift resolve 12\n  plumb drift resolve 12 --capture-baseline")]
    Resolve {
        /// The drift, by its number, its id or the beginning of it
        drift: String,
        /// Make what the last scan saw of the resource its baseline
        #[arg(long)]
        capture_baseline: bool,
        #[command(flatten)]
        output: Form,
    },
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  plumb drift capture terraform infra/ --name production
  plumb drift capture terraform https://git.example.com/org/infra.git --ref main --name production")]
pub(crate) struct Capture {
    /// A provider and what it is to look at: `terraform PATH...`, or `terraform https://HOST/REPOSITORY.git [FOLDER]`
    #[arg(value_name = "TARGET", required = true)]
    pub(crate) target: Vec<String>,
    /// What to call the target [default: as it is typed, with whole paths]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Branch or tag of a repository [default: the one it prefers]
    #[arg(long = "ref", value_name = "REF")]
    pub(crate) reference: Option<String>,
    #[command(flatten)]
    pub(crate) run: Run,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  plumb drift detect terraform infra/
  plumb drift detect terraform later.tfstate --baseline production
  plumb drift detect terraform infra/ --against aws --region eu-west-1

Exit codes: 0 in sync, 3 drift, 4 something could not be read, so it is neither")]
pub(crate) struct Detect {
    /// A provider and what it is to look at: `terraform PATH...`
    #[arg(value_name = "TARGET", required = true)]
    pub(crate) target: Vec<String>,
    /// Hold it against the baseline of the target of this name [default: the target's own]
    #[arg(long, value_name = "NAME")]
    pub(crate) baseline: Option<String>,
    /// Make what the code says the baseline, and hold this against it: `aws` for the account that the AWS environment names
    #[arg(long, value_name = "PROVIDER", conflicts_with = "baseline")]
    pub(crate) against: Option<String>,
    /// Branch or tag of a repository [default: the one it prefers]
    #[arg(long = "ref", value_name = "REF", requires = "against")]
    pub(crate) reference: Option<String>,
    /// Only this region of what it is held against (repeatable)
    #[arg(long, value_name = "REGION", requires = "against")]
    pub(crate) region: Vec<String>,
    /// Report unmanaged resources that the cloud makes by itself, such as a default network; else they are counted alone
    #[arg(long)]
    pub(crate) defaults: bool,
    /// A profile of the AWS command line for what it is held against
    #[arg(long, value_name = "PROFILE", requires = "against")]
    pub(crate) profile: Option<String>,
    #[command(flatten)]
    pub(crate) run: Run,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  plumb drift list --status detected\n  plumb drift list --severity critical -o json"
)]
pub(crate) struct List {
    /// Only of the target of this name
    #[arg(long, value_name = "NAME")]
    pub(crate) target: Option<String>,
    /// Only of this severity
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) severity: Option<Severity>,
    /// Only of this type: configuration, security, compliance
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) drift_type: Option<DriftType>,
    /// Only in this state: detected, investigating, resolved
    #[arg(long, value_name = "STATUS")]
    pub(crate) status: Option<DriftStatus>,
    /// How many
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) output: Form,
}

/// What a scan for drift takes beside its target.
#[derive(Args, Debug)]
pub(crate) struct Run {
    /// No progress on standard error
    #[arg(long)]
    pub(crate) no_progress: bool,
    #[command(flatten)]
    pub(crate) output: Form,
}

#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Form {
    /// For people or for programs
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: Output,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    Table,
    Json,
}
