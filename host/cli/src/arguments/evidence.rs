//! `plumb evidence`, as it is typed.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use plumb_model::evidence::EvidenceKind;

use crate::arguments::Json;

#[derive(Debug, Subcommand)]
pub(crate) enum Evidence {
    /// List evidence, the latest first
    #[command(
        after_help = "Examples:\n  plumb evidence list --scan latest\n  plumb evidence list --control 2.1.1 -o json"
    )]
    List(EvidenceList),
    /// Write the content of a piece of evidence to standard output or a file
    #[command(after_help = "Example:\n  plumb evidence export 17 control.json")]
    Export {
        /// Its id, number or key
        id: String,
        file: Option<PathBuf>,
    },
    /// Make evidence anew from the record, replay its verdicts with the plugins that gave them, and compare byte for byte
    #[command(after_help = VERIFY_HELP)]
    Verify(EvidenceVerify),
}

const VERIFY_HELP: &str = "Examples:
  plumb evidence verify 17
  plumb evidence verify --all --scan latest
  plumb --plugins old-plugins evidence verify --all

Exit codes: 0 everything is as it was, 3 something is not, 1 something could not be verified, for example because the
plugin that decided is not there in the same version";

#[derive(Args, Debug)]
pub(crate) struct EvidenceList {
    /// Only of this scan, by its id, the beginning of it, or `latest`
    #[arg(long, value_name = "SCAN")]
    pub(crate) scan: Option<String>,
    /// Only for this framework
    #[arg(short, long, value_name = "ID")]
    pub(crate) framework: Option<String>,
    /// Only for this control
    #[arg(long, value_name = "ID")]
    pub(crate) control: Option<String>,
    /// Only what scans made, or what was uploaded: auto, manual
    #[arg(long, value_name = "KIND", value_parser = evidence_kind)]
    pub(crate) kind: Option<EvidenceKind>,
    /// How many
    #[arg(long, default_value_t = 50)]
    pub(crate) limit: usize,
    /// How many to pass over
    #[arg(long, default_value_t = 0)]
    pub(crate) offset: u64,
    /// table or json
    #[arg(short, long, value_name = "FORMAT", value_parser = ["table", "json"], default_value = "table")]
    pub(crate) output: String,
}

#[derive(Args, Debug)]
pub(crate) struct EvidenceVerify {
    /// Its id, number or key (repeatable)
    #[arg(value_name = "ID", required_unless_present = "all")]
    pub(crate) ids: Vec<String>,
    /// All there is
    #[arg(long, conflicts_with = "ids")]
    pub(crate) all: bool,
    /// With --all: only of this scan, by its id, the beginning of it, or `latest`
    #[arg(long, value_name = "SCAN", requires = "all")]
    pub(crate) scan: Option<String>,
    #[command(flatten)]
    pub(crate) json: Json,
}

fn evidence_kind(word: &str) -> Result<EvidenceKind, String> {
    let known = EvidenceKind::ALL.into_iter().find(|kind| kind.as_str() == word);
    known.ok_or_else(|| format!("'{word}' is no kind of evidence; use auto or manual"))
}
