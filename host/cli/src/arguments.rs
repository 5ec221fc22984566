//! What can be typed.

pub(crate) mod access;
pub(crate) mod cloud;
pub(crate) mod drift;
mod evidence;
pub(crate) mod remediate;
mod schedule;

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use plumb_model::check::Severity;
use plumb_report::Format;

pub(crate) use evidence::{Evidence, EvidenceList, EvidenceVerify};
pub(crate) use schedule::{NewSchedule, Schedule};

/// Scans cloud accounts and infrastructure code for compliance violations. Everything that knows a cloud or a framework is a
/// sandboxed plugin.
#[derive(Debug, Parser)]
#[command(name = "plumb", version, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: Common,
    /// Say more on standard error; twice for the plugins' own words too
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

const EXAMPLES: &str = "Examples:
  plumb scan terraform infra/                     scan all states and plans in a folder
  plumb scan terraform plan.json -f cis_5.0_aws   gate a pull request on one framework
  plumb history                                   what was scanned, and how it came out
  plumb framework show cis_5.0_aws                a framework's controls and their checks

Exit codes: 0 clean, 1 the program failed, 2 wrong usage, 3 findings, 4 incomplete scan, 130 interrupted";

/// What every command understands.
#[derive(Args, Clone, Debug)]
pub(crate) struct Common {
    /// Folder of the ledger [default: plumb under the XDG data folder]
    #[arg(long, global = true, value_name = "DIR", env = "PLUMB_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// Folder of plugins (*.wasm); one with the id of a built-in plugin replaces it
    #[arg(long, global = true, value_name = "DIR", env = "PLUMB_PLUGINS")]
    pub(crate) plugins: Vec<PathBuf>,
    /// Allow a plugin a capability that is not given to all
    #[arg(long, global = true, value_name = "PLUGIN=CAPABILITY")]
    pub(crate) grant: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Scan a target and record what was found
    Scan(Box<Scan>),
    /// List recorded scans, newest first
    History(History),
    /// Compare two recorded scans
    Diff(Diff),
    /// Capture baselines, and hold targets against them
    #[command(subcommand)]
    Drift(drift::Drift),
    /// List frameworks, or show one
    #[command(subcommand)]
    Framework(Framework),
    /// List checks, or show one
    #[command(subcommand)]
    Check(Check),
    /// Make, build, list and inspect plugins
    #[command(subcommand)]
    Plugin(Plugin),
    /// Accept findings, with a reason and an owner
    #[command(subcommand)]
    Mute(Mute),
    /// Write down how to mend what a scan found, or have it mended
    #[command(subcommand)]
    Remediate(remediate::Remediate),
    /// List, export and verify what proves how controls came out
    #[command(subcommand)]
    Evidence(Evidence),
    /// Look after the ledger
    #[command(subcommand)]
    Db(Db),
    /// Serve the API over HTTP until interrupted
    Serve(access::Serve),
    /// Make, list and revoke tokens for the API
    #[command(subcommand)]
    Token(access::Token),
    /// Make and list tenants of the API
    #[command(subcommand)]
    Tenant(access::Tenant),
    /// Make, list, switch and delete schedules, which a server fires
    #[command(subcommand)]
    Schedule(Schedule),
    /// Say whether everything plumb needs is in order
    #[command(args_conflicts_with_subcommands = true)]
    Doctor {
        #[command(subcommand)]
        about: Option<cloud::Doctor>,
    },
    /// Print a completion script for a shell
    #[command(after_help = "Example:\n  plumb completions bash > ~/.local/share/bash-completion/completions/plumb")]
    Completions { shell: clap_complete::Shell },
    /// Compile a component from standard input: what plumb starts to compile plugins out of its own process
    #[command(hide = true)]
    Compile,
}

#[derive(Args, Debug)]
#[command(after_help = SCAN_EXAMPLES)]
pub(crate) struct Scan {
    /// A provider and what it is to look at: `terraform PATH...`, where a path is a state (.tfstate), the output of
    /// `terraform show -json`, or a folder of them; or `aws`, the live account of the usual AWS environment
    #[arg(value_name = "TARGET", required_unless_present = "resume")]
    pub(crate) target: Vec<String>,
    /// Only this framework and its checks (repeatable) [default: all that fit]
    #[arg(short, long, value_name = "ID")]
    pub(crate) framework: Vec<String>,
    /// Only this check (repeatable)
    #[arg(short, long, value_name = "ID")]
    pub(crate) check: Vec<String>,
    /// Not this check (repeatable)
    #[arg(short, long, value_name = "ID")]
    pub(crate) exclude_check: Vec<String>,
    /// Only checks of at least this severity
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) severity: Option<Severity>,
    /// Only this region (repeatable)
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Vec<String>,
    /// Only checks of this service, the first word of their ids (repeatable)
    #[arg(long, value_name = "SERVICE")]
    pub(crate) service: Vec<String>,
    /// A report, to standard output or to a file: table, json, csv, html, markdown, sarif, ocsf, junit (repeatable)
    #[arg(short, long, value_name = "FORMAT[=FILE]", default_value = "table")]
    pub(crate) output: Vec<Output>,
    /// Exit with 3 from this severity on; `none` never does
    #[arg(long, value_name = "SEVERITY", default_value = "low")]
    pub(crate) fail_on: FailOn,
    /// Exit with 4 where less than this was evaluated
    #[arg(long, value_name = "PERCENT")]
    pub(crate) min_coverage: Option<f64>,
    /// Stop after this time, and keep what there is: 90s, 10m, 1h
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
    /// File of accepted findings [default: mutes.toml beside the ledger, if it is there]
    #[arg(long, value_name = "FILE")]
    pub(crate) mutes: Option<PathBuf>,
    /// Take up a scan that was interrupted or failed
    #[arg(long, value_name = "SCAN", conflicts_with_all = ["target", "framework", "check", "exclude_check", "severity", "region", "service"])]
    pub(crate) resume: Option<String>,
    /// No progress on standard error
    #[arg(long)]
    pub(crate) no_progress: bool,
    #[command(flatten)]
    pub(crate) cloud: cloud::Cloud,
}

const SCAN_EXAMPLES: &str = "Examples:
  plumb scan terraform terraform.tfstate
  plumb scan terraform infra/ -o table -o html=report.html
  terraform show -json plan.out > plan.json && plumb scan terraform plan.json --fail-on high
  plumb scan terraform infra/ -f soc2_aws -o json | jq .summary
  plumb scan aws --profile audit --region eu-west-1
  plumb scan aws --account 111111111111 --account 222222222222 --role Audit
  plumb scan --resume 0199f3";

/// `FORMAT` or `FORMAT=FILE`.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub(crate) format: Format,
    pub(crate) file: Option<PathBuf>,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Output, String> {
        let (format, file) = text.split_once('=').map_or((text, None), |(format, file)| (format, Some(file)));
        let format = format.parse().map_err(|error| format!("{error}"))?;
        match file {
            Some("") => Err("no file after '='".to_owned()),
            _ => Ok(Output { format, file: file.map(PathBuf::from) }),
        }
    }
}

/// A severity, or never.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FailOn(pub(crate) Option<Severity>);

impl FromStr for FailOn {
    type Err = String;

    fn from_str(word: &str) -> Result<FailOn, String> {
        if word == "none" { Ok(FailOn(None)) } else { Ok(FailOn(Some(word.parse()?))) }
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let seconds = match unit {
        "" | "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3600),
        _ => None,
    };
    let whole = number.parse::<u64>().ok().zip(seconds).and_then(|(number, seconds)| number.checked_mul(seconds));
    match whole {
        Some(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("'{text}' is no time such as 90s, 10m or 1h")),
    }
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  plumb history\n  plumb history --limit 100 --json")]
pub(crate) struct History {
    /// Show this scan whole, by its id or the beginning of it
    pub(crate) scan: Option<String>,
    /// How many
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) json: Json,
    /// For one scan: reports, as for `plumb scan`
    #[arg(short, long, value_name = "FORMAT[=FILE]", requires = "scan")]
    pub(crate) output: Vec<Output>,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  plumb diff 0199f3 0199f4\n  plumb diff 0199f3 latest --json")]
pub(crate) struct Diff {
    /// The earlier scan, by its id or the beginning of it
    pub(crate) earlier: String,
    /// The later one, or `latest`
    pub(crate) later: String,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// Whose records.
#[derive(Args, Debug)]
pub(crate) struct Of {
    #[arg(long, value_name = "NAME", default_value = plumb_model::tenant::DEFAULT_NAME)]
    pub(crate) tenant: String,
}

#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Json {
    /// For programs
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Framework {
    /// List the frameworks of all loaded plugins
    List(Json),
    /// Show a framework's controls, and which of their checks are there
    #[command(after_help = "Example:\n  plumb framework show cis_5.0_aws")]
    Show {
        id: String,
        #[command(flatten)]
        json: Json,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Check {
    /// List the checks of all loaded plugins
    List {
        /// Only of this service
        #[arg(long)]
        service: Option<String>,
        #[command(flatten)]
        json: Json,
    },
    /// Show what a check looks at and how to mend what it finds
    #[command(after_help = "Example:\n  plumb check show s3_bucket_default_encryption")]
    Show {
        id: String,
        #[command(flatten)]
        json: Json,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Plugin {
    /// Make a project for a plugin, with one check and its test
    #[command(
        after_help = "Example:\n  plumb plugin new acme-checks && cd acme-checks && cargo test && plumb plugin build"
    )]
    New {
        /// The plugin's id, and the folder's name
        id: String,
        /// Where to put the folder
        #[arg(long, default_value = ".")]
        directory: PathBuf,
    },
    /// Build the plugin project in a folder to a component with its manifest inside
    #[command(after_help = "Example:\n  plumb plugin build && plumb --plugins target/plugin scan terraform infra/")]
    Build {
        #[arg(default_value = ".")]
        directory: PathBuf,
        /// Where to put the component [default: target/plugin/ID.wasm in the folder]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// List the loaded plugins, what they bring and what they may
    List(Json),
    /// Show what a component is and asks for, without running it
    #[command(after_help = "Example:\n  plumb plugin inspect vendor-framework.wasm")]
    Inspect {
        file: PathBuf,
        #[command(flatten)]
        json: Json,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Mute {
    /// Accept findings: at least a reason and an owner
    #[command(
        after_help = "Example:\n  plumb mute add --check s3_bucket_object_versioning --resource '*.scratch*' \\\n    --reason 'scratch data' --owner data-team --expires 2027-01-31"
    )]
    Add(MuteRule),
    /// List what is accepted
    List {
        #[command(flatten)]
        file: MuteFile,
        #[command(flatten)]
        json: Json,
    },
    /// Take an entry away, by its number in the list
    Remove {
        number: usize,
        #[command(flatten)]
        file: MuteFile,
    },
}

#[derive(Args, Debug)]
pub(crate) struct MuteFile {
    /// File of accepted findings [default: mutes.toml beside the ledger]
    #[arg(long = "mutes", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct MuteRule {
    /// Check id; * and ? stand for any characters
    #[arg(long, default_value = "*")]
    pub(crate) check: String,
    /// Resource id, likewise
    #[arg(long, default_value = "*")]
    pub(crate) resource: String,
    /// Account, likewise
    #[arg(long, default_value = "*")]
    pub(crate) account: String,
    /// Region, likewise
    #[arg(long, default_value = "*")]
    pub(crate) region: String,
    /// Why it is accepted
    #[arg(long)]
    pub(crate) reason: String,
    /// Who answers for it
    #[arg(long)]
    pub(crate) owner: String,
    /// The last day it holds: 2027-01-31
    #[arg(long, value_name = "DATE")]
    pub(crate) expires: Option<jiff::civil::Date>,
    #[command(flatten)]
    pub(crate) file: MuteFile,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Db {
    /// Read the whole ledger and name everything that is damaged
    Check(Json),
    /// Write a copy of the ledger to a file, of uploads, if there are any, to a folder FILE.blobs, and of the key of tokens to FILE.key
    #[command(after_help = "Example:\n  plumb db backup /backups/ledger-2026-11-21.redb")]
    Backup {
        /// Must not exist
        file: PathBuf,
        #[command(flatten)]
        format: Json,
    },
    /// Make a ledger of a backup, in the folder that --data names, and read all of it
    #[command(after_help = "Example:\n  plumb db restore /backups/ledger-2026-11-21.redb --data /srv/plumb")]
    Restore {
        file: PathBuf,
        #[command(flatten)]
        format: Json,
    },
    /// Remove resource documents, cached verdicts and files of uploads that nothing names any more
    Prune(Json),
    /// Make the ledger's file as small as what is in it
    Compact(Json),
}
