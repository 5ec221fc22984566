//! What can be typed about schedules.

use clap::{Args, Subcommand, ValueEnum};

use crate::arguments::{Json, Of};

#[derive(Debug, Subcommand)]
pub(crate) enum Schedule {
    /// Make a schedule
    #[command(
        after_help = "Example:\n  plumb schedule create nightly --cron '30 2 * * *' --timezone Europe/Berlin --environment production --provider aws"
    )]
    Create(NewSchedule),
    /// List schedules and when they fire next
    List {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        json: Json,
    },
    /// Let a schedule fire, from now on
    Enable {
        /// Its id, number or name
        schedule: String,
        #[command(flatten)]
        of: Of,
    },
    /// Keep a schedule from firing
    Disable {
        /// Its id, number or name
        schedule: String,
        #[command(flatten)]
        of: Of,
    },
    /// Delete a schedule; its scans stay
    Delete {
        /// Its id, number or name
        schedule: String,
        #[command(flatten)]
        of: Of,
    },
    /// Order its scan now, enabled or not: of the server that runs, else scan here and wait for the end
    Run {
        /// Its id, number or name
        schedule: String,
        #[command(flatten)]
        of: Of,
    },
    /// Show when a cron expression fires next, and make nothing
    #[command(after_help = "Example:\n  plumb schedule next '30 2 * * *' --timezone America/New_York")]
    Next {
        /// Minute, hour, day of month, month, day of week
        cron: String,
        /// IANA name
        #[arg(long, value_name = "ZONE", default_value = "UTC")]
        timezone: String,
    },
}

#[derive(Args, Debug)]
pub(crate) struct NewSchedule {
    /// Also the name of its scans
    pub(crate) name: String,
    /// Minute, hour, day of month, month, day of week
    #[arg(long)]
    pub(crate) cron: String,
    /// IANA name
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub(crate) timezone: String,
    /// The label `environment` of the targets to scan
    #[arg(long)]
    pub(crate) environment: String,
    /// A cloud, or a provider by name (repeatable)
    #[arg(long, required = true, value_name = "NAME")]
    pub(crate) provider: Vec<String>,
    /// Only this framework (repeatable) [default: all that fit]
    #[arg(short, long, value_name = "ID")]
    pub(crate) framework: Vec<String>,
    /// What is done when its scan has not ended at the time of the next
    #[arg(long, default_value = "skip")]
    pub(crate) overlap: Overlap,
    #[command(flatten)]
    pub(crate) of: Of,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Overlap {
    /// Leave the next out
    Skip,
    /// Let the next wait
    Queue,
    /// Cancel the older
    Cancel,
}

impl Overlap {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Overlap::Skip => "skip",
            Overlap::Queue => "queue",
            Overlap::Cancel => "cancel",
        }
    }
}
