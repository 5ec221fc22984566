//! The settings of `plumb serve`: a file, and what was typed, which goes before it.
//!
//! ```toml
//! listen = "127.0.0.1:8080"
//! log = "json"                     # text or json; left out: errors only
//!
//! [tls]
//! cert = "cert.pem"
//! key = "key.pem"
//!
//! [limits]                         # bytes, seconds, counts
//! header_bytes = 16384
//! body_bytes = 1048576
//! connections = 512
//! streams = 1000
//! header_seconds = 10
//! idle_seconds = 30
//! request_seconds = 30
//! upload_seconds = 600
//! drain_seconds = 20
//!
//! [rate]                           # in any minute
//! triggers = 10                    # scans started with one token
//! failures = 30                    # failed authentications from one address
//!
//! [scans]                          # per tenant
//! max_concurrent = 10
//! queue = 100
//! allowed_paths = ["/srv/infra"]   # where targets may be; left out: wherever the server may read
//! allowed_credentials = ["environment", "profile:audit"]   # what targets of clouds may name; left out: none
//! allowed_repositories = ["https://git.internal"]   # may be fetched from though they are not public
//!
//! [smtp]                           # for mail; left out: none is sent
//! host = "smtp.example.com"
//! port = 587                       # left out: 587, 465 for tls, 25 for none
//! security = "starttls"            # starttls, tls, or none for a server on this machine
//! user = "plumb"
//! password = { environment = "PLUMB_SMTP_PASSWORD" }  # or { file = "smtp.password" }
//! from = "Plumb <plumb@example.com>"
//! # ca = "ca.pem"                  # trusted instead of the system's authorities
//!
//! [notifications]
//! public_url = "https://plumb.example.com"            # for links in messages, to the dashboard and the API
//! allowed_endpoints = ["https://hooks.internal:8443"] # may be reached though they are not public
//!
//! [secrets.slack-security]         # URLs that channels name and nobody sees
//! file = "slack-security.url"      # or environment = "VARIABLE"
//! tenant = "default"               # who may name it; left out: the default tenant
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use plumb_egress::Endpoint;
use plumb_server::{Limits, ScanSettings, Tls};
use serde::Deserialize;

use crate::arguments::access::{LogForm, Serve};
use crate::exit::usage;
use crate::notifications::{Notifications, NotificationsSection, Secret, SmtpSection};

const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// Settings larger than this are none.
const MOST_BYTES: u64 = 1 << 20;

/// The least that hyper takes for the head of a request.
const LEAST_HEADER_BYTES: u32 = 8192;

/// Below this likeness (0 to 1) a suggestion confuses more than it helps.
const LIKE: f64 = 0.7;

/// What the service is started with.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) listen: SocketAddr,
    pub(crate) tls: Option<Tls>,
    pub(crate) limits: Limits,
    pub(crate) scans: ScanSettings,
    /// The credentials that targets may name.
    pub(crate) lent: BTreeSet<String>,
    /// Where repositories of targets may be besides public addresses.
    pub(crate) repositories: Vec<Endpoint>,
    pub(crate) notifications: Notifications,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    listen: Option<SocketAddr>,
    log: Option<LogForm>,
    tls: Option<Pair>,
    #[serde(default)]
    limits: Bounds,
    #[serde(default)]
    rate: Rate,
    #[serde(default)]
    scans: Scans,
    smtp: Option<SmtpSection>,
    #[serde(default)]
    notifications: NotificationsSection,
    #[serde(default)]
    secrets: BTreeMap<String, Secret>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    cert: PathBuf,
    key: PathBuf,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bounds {
    header_bytes: Option<u32>,
    body_bytes: Option<usize>,
    connections: Option<usize>,
    streams: Option<usize>,
    header_seconds: Option<u64>,
    idle_seconds: Option<u64>,
    request_seconds: Option<u64>,
    upload_seconds: Option<u64>,
    drain_seconds: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rate {
    triggers: Option<usize>,
    failures: Option<usize>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scans {
    max_concurrent: Option<usize>,
    queue: Option<usize>,
    allowed_paths: Option<Vec<PathBuf>>,
    #[serde(default)]
    allowed_credentials: BTreeSet<String>,
    #[serde(default)]
    allowed_repositories: Vec<String>,
}

/// How to log, which has to be known before anything else.
pub(crate) fn log_form(typed: &Serve) -> anyhow::Result<Option<LogForm>> {
    let file = typed.config.as_deref().map(read_file).transpose()?;
    Ok(typed.log.or(file.and_then(|file| file.log)))
}

/// What holds, all told.
pub(crate) fn read(typed: &Serve) -> anyhow::Result<Service> {
    let file = typed.config.as_deref().map(read_file).transpose()?.unwrap_or_default();
    let named = typed.tls_cert.clone().zip(typed.tls_key.clone()).map(|(cert, key)| Pair { cert, key });
    // Where a file names others, they are meant from where it stands.
    let folder = typed.config.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
    let pair = named.or(file.tls.map(|Pair { cert, key }| Pair { cert: folder.join(cert), key: folder.join(key) }));
    let tls = pair.map(|Pair { cert, key }| Tls::from_files(&cert, &key)).transpose();
    let endpoint =
        |text: &String| text.parse().map_err(|problem| usage(format!("scans.allowed_repositories: {problem}")));
    Ok(Service {
        repositories: file.scans.allowed_repositories.iter().map(endpoint).collect::<anyhow::Result<_>>()?,
        listen: typed.listen.or(file.listen).unwrap_or(LISTEN),
        tls: tls.map_err(|error| usage(error.to_string()))?,
        limits: limits(&file.limits, &file.rate)?,
        lent: file.scans.allowed_credentials.clone(),
        scans: scans(file.scans, folder)?,
        notifications: Notifications::read(file.smtp, file.secrets, file.notifications, folder)?,
    })
}

fn limits(bounds: &Bounds, rate: &Rate) -> anyhow::Result<Limits> {
    let default = Limits::default();
    let time = |name: &str, seconds: Option<u64>, default: Duration| {
        positive(name, seconds).map(|seconds| seconds.map_or(default, Duration::from_secs))
    };
    let header_bytes = bounds.header_bytes.unwrap_or(default.header_bytes);
    if header_bytes < LEAST_HEADER_BYTES {
        return Err(usage(format!(
            "limits.header_bytes: {header_bytes} is less than the {LEAST_HEADER_BYTES} that any client needs"
        )));
    }
    Ok(Limits {
        header_read: time("limits.header_seconds", bounds.header_seconds, default.header_read)?,
        idle: time("limits.idle_seconds", bounds.idle_seconds, default.idle)?,
        request: time("limits.request_seconds", bounds.request_seconds, default.request)?,
        upload: time("limits.upload_seconds", bounds.upload_seconds, default.upload)?,
        drain: time("limits.drain_seconds", bounds.drain_seconds, default.drain)?,
        header_bytes,
        body_bytes: positive("limits.body_bytes", bounds.body_bytes)?.unwrap_or(default.body_bytes),
        connections: positive("limits.connections", bounds.connections)?.unwrap_or(default.connections),
        streams: positive("limits.streams", bounds.streams)?.unwrap_or(default.streams),
        triggers: positive("rate.triggers", rate.triggers)?.unwrap_or(default.triggers),
        failures: positive("rate.failures", rate.failures)?.unwrap_or(default.failures),
    })
}

fn scans(scans: Scans, folder: &Path) -> anyhow::Result<ScanSettings> {
    let default = ScanSettings::default();
    Ok(ScanSettings {
        max_concurrent: positive("scans.max_concurrent", scans.max_concurrent)?.unwrap_or(default.max_concurrent),
        queue: scans.queue.unwrap_or(default.queue),
        allowed_paths: scans.allowed_paths.unwrap_or_default().iter().map(|path| folder.join(path)).collect(),
    })
}

fn positive<N: PartialEq + From<u8>>(name: &str, number: Option<N>) -> anyhow::Result<Option<N>> {
    if number == Some(N::from(0)) { Err(usage(format!("{name}: 0 would let nothing through"))) } else { Ok(number) }
}

fn read_file(path: &Path) -> anyhow::Result<File> {
    let wrong = |problem: &dyn std::fmt::Display| usage(format!("{}: {problem}", path.display()));
    let size = std::fs::metadata(path).map_err(|error| wrong(&error))?.len();
    if size > MOST_BYTES {
        return Err(wrong(&format!("{size} bytes; {MOST_BYTES} is the bound")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
    toml::from_str(&text).map_err(|error| wrong(&format!("{error}{}", near(error.message()))))
}

/// A suggestion for a field that is not known. serde puts it between the first two backticks, and the known ones between the next.
fn near(message: &str) -> String {
    let mut named = message.split('`').skip(1).step_by(2);
    let wrong = named.next().filter(|_| message.starts_with("unknown field")).unwrap_or_default();
    let rated = named.map(|known| (strsim::jaro_winkler(wrong, known), known));
    match rated.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((likeness, known)) if likeness > LIKE => format!("did you mean '{known}'?"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str) -> anyhow::Result<Service> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plumb.toml");
        std::fs::write(&path, text).unwrap();
        read(&Serve { listen: None, config: Some(path), tls_cert: None, tls_key: None, log: None })
    }

    #[test]
    fn the_example_above_is_read_whole() {
        let lines = include_str!("service.rs").lines().filter_map(|line| line.strip_prefix("//!"));
        let example: Vec<&str> =
            lines.skip_while(|line| *line != " ```toml").skip(1).take_while(|line| *line != " ```").collect();
        let example = example.join("\n").replace("[tls]\n cert = \"cert.pem\"\n key = \"key.pem\"", "");
        let service = with(&example).unwrap();
        assert_eq!(service.limits, Limits::default());
        assert_eq!(service.listen, LISTEN);
        assert_eq!(service.scans, ScanSettings { allowed_paths: vec!["/srv/infra".into()], ..ScanSettings::default() });
    }

    #[test]
    fn an_empty_file_changes_nothing() {
        let service = with("").unwrap();
        assert_eq!(
            (service.limits, service.scans, service.listen),
            (Limits::default(), ScanSettings::default(), LISTEN)
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_what_may_be_meant() {
        for (text, words) in [
            ("lisen = \"127.0.0.1:1\"", "did you mean 'listen'?"),
            ("[limits]\nconections = 1", "did you mean 'connections'?"),
            ("[rate]\ntriggers = 0", "rate.triggers"),
            ("[limits]\nheader_bytes = 100", "8192"),
            ("listen = \"nowhere\"", "listen"),
            ("[tls]\ncert = \"a.pem\"", "key"),
            ("[tls]\ncert = \"a.pem\"\nkey = \"b.pem\"", "a.pem"),
            ("log = \"xml\"", "xml"),
            ("[smtp]\nhost = \"h\"\nfrom = \"nobody\"", "smtp.from"),
            ("[smtp]\nhost = \"h\"\nfrom = \"a@b.c\"\nuser = \"u\"", "smtp.password"),
            (
                "[smtp]\nhost = \"h\"\nfrom = \"a@b.c\"\nuser = \"u\"\npassword = {file = \"p\"}\nsecurity = \"none\"",
                "never sent in clear",
            ),
            ("[secrets.a]\ntenant = \"default\"", "secrets.a: give either environment or file"),
            ("[notifications]\npublic_url = \"plumb.test\"", "notifications.public_url: a URL begins with"),
            ("[notifications]\npublic_url = \"https://a/?b\"", "notifications.public_url: it is what links begin with"),
            ("[notifications]\nallowed_endpoints = [\"https://a/b\"]", "notifications.allowed_endpoints"),
            ("[scans]\nallowed_repositories = [\"git.internal\"]", "scans.allowed_repositories"),
        ] {
            let error = with(text).unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
