//! What can be typed about the service and who may use it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use plumb_model::access::{Role, Scope};

use crate::arguments::Json;

#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  plumb serve --listen 127.0.0.1:8080 --data /var/lib/plumb\n  plumb serve --config plumb.toml --log json\n\nThe first start prints an admin token on standard output, once."
)]
pub(crate) struct Serve {
    /// Address and port; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// Settings of the service, TOML; what is typed here goes before what stands there
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Secure connections with this certificate (PEM, with those it rests on)
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The certificate's private key (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Log each request on standard error in this form
    #[arg(long, value_name = "FORM")]
    pub(crate) log: Option<LogForm>,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogForm {
    /// A line for people
    Text,
    /// An object on each line
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Make a token and print it, this once
    #[command(
        after_help = "Examples:\n  plumb token create --role admin\n  plumb token create --tenant acme --scope scans:read --scope scans:trigger --name pipeline --expires 90d"
    )]
    Create {
        /// Whose records it reaches
        #[arg(long, value_name = "NAME", default_value = plumb_model::tenant::DEFAULT_NAME)]
        tenant: String,
        /// What it may do: admin, member or viewer
        #[arg(long, required_unless_present = "scope", conflicts_with = "scope")]
        role: Option<Role>,
        /// One thing it may do, such as scans:read (repeatable)
        #[arg(long)]
        scope: Vec<Scope>,
        /// For people: who or what uses it
        #[arg(long, default_value = "command line")]
        name: String,
        /// How long it is valid: 12h, 30d [default: until it is revoked]
        #[arg(long, value_name = "TIME", value_parser = lifetime)]
        expires: Option<Duration>,
    },
    /// List tokens, without their text
    List {
        /// Only of this tenant
        #[arg(long, value_name = "NAME")]
        tenant: Option<String>,
        #[command(flatten)]
        json: Json,
    },
    /// End a token for good
    #[command(after_help = "Example:\n  plumb token revoke plumb_q4Zt0a")]
    Revoke {
        /// Its id, at least 8 characters of its beginning, or those that `plumb token list` shows
        token: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Tenant {
    /// Make a tenant: records of its own, which no other tenant can see
    #[command(
        after_help = "Example:\n  plumb tenant create acme --retention-days 365 && plumb token create --tenant acme --role admin"
    )]
    Create {
        /// Small letters, digits and dashes
        name: String,
        /// Remove its scans, with their evidence, when they are older
        #[arg(long, value_name = "DAYS")]
        retention_days: Option<u32>,
        /// Scans that may run at a time
        #[arg(long, value_name = "COUNT")]
        max_concurrent_scans: Option<u32>,
    },
    /// List tenants
    List(Json),
}

fn lifetime(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let seconds = match unit {
        "m" => Some(60),
        "h" => Some(3600),
        "d" => Some(86_400),
        _ => None,
    };
    let whole = number.parse::<u64>().ok().zip(seconds).and_then(|(number, seconds)| number.checked_mul(seconds));
    match whole {
        Some(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("'{text}' is no time such as 90m, 12h or 30d")),
    }
}
