//! Fetches a git repository to be read.
//!
//! The repository and its address are somebody else's. So: `https` alone, to addresses that were judged beforehand and that git is held
//! to, through no proxy and after no redirect; no configuration, hook, template, filter, submodule or credential of this machine or of
//! the repository takes part; links become plain files; nobody is asked anything; time and size are bounded. What comes out is a folder of files that is deleted with its owner.

use std::ffi::OsString;
use std::fs;
use std::io::Read;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::egress::EgressSource;
use crate::error::EngineError;
use crate::request::TargetRequest;

/// How long a fetch may take. Infrastructure code with its states comes within seconds.
const TIME: Duration = Duration::from_mins(5);
/// Bytes that a repository and its files may take: a hundred times what infrastructure code does.
const BYTES: u64 = 2 << 30;
/// How often time and size are looked at.
const LOOK: Duration = Duration::from_millis(100);
/// Bytes of an address, as browsers have it, and of the name of a branch, as file systems have it.
const ADDRESS_BYTES: usize = 2048;
const REFERENCE_BYTES: usize = 255;
/// What is kept of git's own words.
const WORDS_BYTES: u64 = 4096;
/// What git may know of this machine: where programs are, and whom it trusts. A proxy would resolve names by itself.
const ENVIRONMENT: [&str; 3] = ["PATH", "SSL_CERT_FILE", "GIT_SSL_CAINFO"];
/// The first release that can be held to addresses (`http.curloptResolve`); an earlier one would pass over the setting.
const LEAST_GIT: (u32, u32) = (2, 37);

/// Settings that hold whatever a repository says.
const SETTINGS: [&str; 16] = [
    "protocol.allow=never",
    "http.proxy=",
    // Alternates of a repository count as redirects.
    "http.followRedirects=false",
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.symlinks=false",
    "core.askPass=",
    "credential.helper=",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "transfer.fsckObjects=true",
    "transfer.bundleURI=false",
    "filter.lfs.smudge=",
    "filter.lfs.process=",
    "filter.lfs.required=false",
    "advice.detachedHead=false",
];

/// The files of a repository, deleted when this is dropped.
#[derive(Debug)]
pub(crate) struct Checkout {
    folder: TempDir,
}

impl Checkout {
    /// Fetches the newest state of a branch or tag, or of the branch that the repository itself prefers.
    /// Connects to `addresses` alone, where they are given.
    pub(crate) fn fetch(
        url: &str,
        reference: Option<&str>,
        addresses: Option<&[IpAddr]>,
    ) -> Result<Checkout, EngineError> {
        check_address(url)?;
        let pin = addresses.map(|addresses| pin(url, addresses)).transpose()?;
        fetch(url, reference, &Way { protocol: "https", pin }, BYTES, TIME)
    }

    /// A file or folder of it; an error if it would lie outside.
    pub(crate) fn path(&self, within: &Path) -> Result<PathBuf, EngineError> {
        check_within(within)?;
        let path = self.files().join(within);
        if fs::symlink_metadata(&path).is_err() {
            return Err(EngineError::Target(format!(
                "{}: the repository has no such file or folder",
                within.display()
            )));
        }
        Ok(path)
    }

    fn files(&self) -> PathBuf {
        self.folder.path().join("files")
    }
}

/// Refuses a path that would lead out of a repository, or into what git keeps there.
pub(crate) fn check_within(within: &Path) -> Result<(), EngineError> {
    let plain = within.components().all(|part| {
        matches!(part, std::path::Component::Normal(name) if name != ".git") || part == std::path::Component::CurDir
    });
    if !plain {
        return Err(EngineError::Target(format!(
            "{}: a path in a repository is relative and stays inside it",
            within.display()
        )));
    }
    Ok(())
}

/// What was fetched for a scan: its files are there as long as this is.
#[derive(Debug, Default)]
pub(crate) struct Checkouts(Vec<Checkout>);

impl Checkouts {
    /// Fetches the repositories that targets name, and puts where their files are now in the place of their paths.
    pub(crate) async fn fetch(
        targets: &mut [TargetRequest],
        egress: Option<&dyn EgressSource>,
    ) -> Result<Checkouts, EngineError> {
        let mut checkouts = Checkouts::default();
        for target in targets {
            let Some(repository) = target.repository()? else { continue };
            // Names of files in ids begin at the one path; with several they would begin at a folder that changes each time.
            let within = match target.paths.as_slice() {
                [] => Path::new("."),
                [only] => only,
                _ => {
                    let problem = "a repository's `paths` has at most one; name the folder that holds them all";
                    return Err(EngineError::Target(format!("{}: {problem}", target.name)));
                }
            };
            let refused = |why: String| EngineError::Target(format!("{}: {why}", repository.url));
            let source = egress.ok_or_else(|| refused("nothing leaves this program".to_owned()))?;
            let addresses = source.addresses(&repository.url).await.map_err(refused)?;
            let fetched = tokio::task::spawn_blocking(move || {
                Checkout::fetch(&repository.url, repository.reference.as_deref(), addresses.as_deref())
            });
            let checkout = fetched.await.map_err(|error| EngineError::Stopped(error.to_string()))??;
            target.paths = vec![checkout.path(within)?];
            checkouts.0.push(checkout);
        }
        Ok(checkouts)
    }
}

/// Refuses every address but `https://host/path`. A password in one would end up in the ledger.
pub(crate) fn check_address(url: &str) -> Result<(), EngineError> {
    let refused = |why: &str| Err(EngineError::Target(format!("{url:?} cannot be fetched: {why}")));
    let Some(rest) = url.strip_prefix("https://") else {
        return refused("only addresses that begin with https:// are; ssh, git, file and others are refused");
    };
    if url.len() > ADDRESS_BYTES || !url.chars().all(|c| c.is_ascii_graphic() && c != '\\') {
        return refused("it is too long, or has spaces or characters that do not belong into an address");
    }
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('@') {
        return refused("it names a user or password; those are not kept");
    }
    let begins_well = host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[');
    if begins_well { Ok(()) } else { refused("it names no host") }
}

fn check_reference(reference: &str) -> Result<(), EngineError> {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '+');
    let good = !reference.is_empty()
        && reference.len() <= REFERENCE_BYTES
        && reference.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && reference.chars().all(known)
        && !reference.contains("..");
    if good { Ok(()) } else { Err(EngineError::Target(format!("{reference:?} is no name of a branch or tag"))) }
}

/// How a repository is reached.
struct Way<'a> {
    /// And no other.
    protocol: &'a str,
    /// A value of `http.curloptResolve`.
    pin: Option<String>,
}

/// Holds git to addresses: `host:port:address,…`, which curl takes instead of asking a resolver.
fn pin(url: &str, addresses: &[IpAddr]) -> Result<String, EngineError> {
    check_version()?;
    let authority = url.split('/').nth(2).unwrap_or_default();
    // A port follows the last colon, unless that stands within brackets.
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (authority, "443"),
    };
    let shown = |address: &IpAddr| match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    };
    let addresses: Vec<String> = addresses.iter().map(shown).collect();
    Ok(format!("{host}:{port}:{}", addresses.join(",")))
}

/// Refuses a git that would look names up by itself.
fn check_version() -> Result<(), EngineError> {
    let (major, minor) = LEAST_GIT;
    let words = Command::new("git").arg("version").env_clear().envs(kept()).stdin(Stdio::null()).output();
    let words = words.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    if version(&words).is_some_and(|found| found >= LEAST_GIT) {
        return Ok(());
    }
    let problem = format!("repositories are fetched with git {major}.{minor} or later, which can be held to addresses");
    Err(EngineError::Target(format!("{problem}; here is: {:?}; update it", words.trim())))
}

/// `git version 2.47.3 (words)`
fn version(words: &str) -> Option<(u32, u32)> {
    let mut parts = words.strip_prefix("git version ")?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.trim().parse().ok()?))
}

/// The variables of this process that git gets.
fn kept() -> impl Iterator<Item = (&'static str, OsString)> {
    ENVIRONMENT.iter().filter_map(|name| Some((*name, std::env::var_os(name)?)))
}

fn fetch(
    url: &str,
    reference: Option<&str>,
    way: &Way<'_>,
    most_bytes: u64,
    most_time: Duration,
) -> Result<Checkout, EngineError> {
    if let Some(reference) = reference {
        check_reference(reference)?;
    }
    let failed = |error: std::io::Error| EngineError::Target(format!("{url}: {error}"));
    let checkout = Checkout { folder: TempDir::with_prefix("plumb-").map_err(failed)? };
    let home = checkout.folder.path().join("home");
    fs::create_dir(&home).map_err(failed)?;
    let mut command = Command::new("git");
    command.env_clear();
    command.envs(kept());
    command.envs([
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_ATTR_NOSYSTEM", "1"),
        ("GIT_LFS_SKIP_SMUDGE", "1"),
        ("LC_ALL", "C"),
    ]);
    command.env("HOME", &home).current_dir(checkout.folder.path());
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    command.args(["-c", &format!("protocol.{}.allow=always", way.protocol)]);
    if let Some(pin) = &way.pin {
        command.args(["-c", &format!("http.curloptResolve={pin}")]);
    }
    command.args(["clone", "--quiet", "--depth=1", "--single-branch", "--no-tags", "--no-recurse-submodules"]);
    command.args(["--no-local", "--template="]);
    if let Some(reference) = reference {
        command.arg(format!("--branch={reference}"));
    }
    command.args(["--", url, "files"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let git =
        command.spawn().map_err(|error| EngineError::Target(format!("git cannot be run: {error}; install it")))?;
    let mut git = Running(git);
    let words = git.0.stderr.take().map(|words| {
        std::thread::spawn(move || {
            let mut text = Vec::new();
            let mut bounded = words.take(WORDS_BYTES);
            let read = bounded.read_to_end(&mut text);
            // The rest is read all the same: a full pipe would stop git.
            let drained = std::io::copy(&mut bounded.into_inner(), &mut std::io::sink());
            if let Err(error) = read.and(drained) {
                tracing::debug!("what git says cannot be read: {error}");
            }
            String::from_utf8_lossy(&text).trim().to_owned()
        })
    });
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = git.0.try_wait().map_err(failed)? {
            break status;
        }
        if begun.elapsed() > most_time {
            return Err(EngineError::Target(format!("{url}: not fetched within {} s", most_time.as_secs())));
        }
        if size_of(checkout.folder.path()) > most_bytes {
            return Err(too_large(url, most_bytes));
        }
        std::thread::sleep(LOOK);
    };
    let words = words.and_then(|words| words.join().ok()).unwrap_or_default();
    if !status.success() {
        return Err(EngineError::Target(format!("{url}: git could not fetch it: {words}")));
    }
    if size_of(checkout.folder.path()) > most_bytes {
        return Err(too_large(url, most_bytes));
    }
    Ok(checkout)
}

fn too_large(url: &str, bytes: u64) -> EngineError {
    EngineError::Target(format!("{url}: it takes more than {} MiB", bytes >> 20))
}

/// A child that does not outlive its owner.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended long ago, unless a bound was reached.
        if let Ok(None) = self.0.try_wait()
            && let Err(error) = self.0.kill().and_then(|()| self.0.wait().map(drop))
        {
            tracing::warn!("git cannot be stopped: {error}");
        }
    }
}

/// Bytes beneath a folder. Files come and go meanwhile; those that cannot be looked at count nothing.
fn size_of(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let about = fs::symlink_metadata(entry.path()).ok()?;
            Some(if about.is_dir() { size_of(&entry.path()) } else { about.len() })
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;

    use super::*;

    fn git(folder: &Path, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]);
        let done = command.args(arguments).current_dir(folder).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    /// A repository with a state, a link out of it, and files that git acts upon.
    fn repository() -> TempDir {
        let folder = TempDir::new().unwrap();
        let path = folder.path();
        git(path, &["init", "-q"]);
        fs::create_dir(path.join("infra")).unwrap();
        fs::write(path.join("infra/terraform.tfstate"), "{}").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", path.join("infra/secrets.json")).unwrap();
        fs::write(path.join(".gitattributes"), "* filter=lfs\n*.x filter=evil\n").unwrap();
        fs::write(path.join(".gitmodules"), "[submodule \"a\"]\npath = a\nurl = file:///etc\n").unwrap();
        git(path, &["-c", "filter.lfs.clean=cat", "add", "-A"]);
        git(path, &["commit", "-qm", "a"]);
        git(path, &["branch", "other"]);
        folder
    }

    fn address(folder: &Path) -> String {
        format!("file://{}", folder.display())
    }

    fn fetched(url: &str, reference: Option<&str>, bytes: u64) -> Result<Checkout, String> {
        let way = Way { protocol: "file", pin: None };
        fetch(url, reference, &way, bytes, Duration::from_mins(1)).map_err(|error| error.to_string())
    }

    #[test]
    fn links_of_a_repository_lead_nowhere_and_its_paths_stay_inside() {
        let repository = repository();
        let checkout = fetched(&address(repository.path()), Some("other"), BYTES).unwrap();
        assert!(checkout.path(Path::new("infra/terraform.tfstate")).unwrap().is_file());
        let link = checkout.path(Path::new("infra/secrets.json")).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_file());
        assert_eq!(fs::read_to_string(link).unwrap(), "/etc/passwd");
        for outside in ["/etc", "../x", "infra/../../x", ".git/config", "absent"] {
            assert!(checkout.path(Path::new(outside)).is_err(), "{outside}");
        }
        let kept = checkout.folder.path().to_owned();
        drop(checkout);
        assert!(!kept.exists());
    }

    #[test]
    fn what_is_too_large_or_not_there_is_an_error() {
        let repository = repository();
        assert!(fetched(&address(repository.path()), None, 10).unwrap_err().contains("more than 0 MiB"));
        assert!(fetched(&address(repository.path()), Some("absent"), BYTES).unwrap_err().contains("absent"));
        assert!(fetched("file:///nowhere/at/all", None, BYTES).unwrap_err().contains("git could not fetch it"));
    }

    #[test]
    fn a_protocol_that_is_not_allowed_is_not_used_even_if_the_address_slips_through() {
        let repository = repository();
        let way = Way { protocol: "https", pin: None };
        let refused = fetch(&address(repository.path()), None, &way, BYTES, TIME).unwrap_err().to_string();
        assert!(refused.contains("not allowed"), "{refused}");
    }

    /// Takes one request and answers it; what was asked.
    fn answering(listener: TcpListener, answer: String) -> std::thread::JoinHandle<String> {
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 4096];
            let count = stream.read(&mut asked).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8_lossy(&asked[..count]).into_owned()
        })
    }

    #[test]
    fn git_connects_where_it_is_told_to_and_follows_nobody_elsewhere() {
        let (told, elsewhere) = (TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
        let port = told.local_addr().unwrap().port();
        let lure = format!("http://{}/infra.git/info/refs?service=git-upload-pack", elsewhere.local_addr().unwrap());
        elsewhere.set_nonblocking(true).unwrap();
        let answer =
            format!("HTTP/1.1 302 Found\r\nlocation: {lure}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        let asked = answering(told, answer);
        // No resolver knows the name.
        let url = format!("http://repository.invalid:{port}/infra.git");
        let pin = Some(pin(&url, &["127.0.0.1".parse().unwrap()]).unwrap());
        let refused = fetch(&url, None, &Way { protocol: "http", pin }, BYTES, TIME).unwrap_err().to_string();
        assert!(refused.contains("git could not fetch it"), "{refused}");
        let asked = asked.join().unwrap();
        assert!(asked.starts_with("GET /infra.git/info/refs"), "{asked}");
        assert!(asked.to_lowercase().contains(&format!("host: repository.invalid:{port}")), "{asked}");
        let followed = elsewhere.accept().unwrap_err();
        assert_eq!(followed.kind(), std::io::ErrorKind::WouldBlock, "it followed a redirect");
    }

    #[test]
    fn a_host_is_held_to_its_addresses_and_an_old_git_to_nothing() {
        let addresses: Vec<IpAddr> = vec!["192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap()];
        let held = |url: &str| pin(url, &addresses).unwrap();
        assert_eq!(held("https://git.example.com/org/infra.git"), "git.example.com:443:192.0.2.1,[2001:db8::1]");
        assert_eq!(held("https://git.example.com:8443"), "git.example.com:8443:192.0.2.1,[2001:db8::1]");
        for (words, found) in [
            ("git version 2.47.3\n", Some((2, 47))),
            ("git version 2.39.5 (Apple Git-154)", Some((2, 39))),
            ("git version 2.37\n", Some((2, 37))),
            ("git: command not found", None),
            ("", None),
        ] {
            assert_eq!(version(words), found, "{words:?}");
        }
        assert!(Some((2, 36)) < Some(LEAST_GIT) && Some((3, 0)) > Some(LEAST_GIT));
    }

    #[test]
    fn addresses_that_lead_elsewhere_are_refused_before_git_sees_them() {
        for address in [
            "file:///etc",
            "/etc",
            "ssh://host/a",
            "git@host:a/b.git",
            "git://host/a",
            "http://host/a",
            "ext::sh -c touch% /tmp/x",
            "https::ext::sh",
            "--upload-pack=touch /tmp/x",
            "-u",
            "https://",
            "https:///a",
            "https://-oProxyCommand=x/a",
            "https://user:pass@host/a",
            "https://host/a b",
            "https://host/a\n",
            "https://host\\@other/a",
            "HTTPS://host/a",
            "",
        ] {
            assert!(check_address(address).is_err(), "{address}");
            assert!(Checkout::fetch(address, None, None).is_err(), "{address}");
        }
        assert!(check_address("https://git.example.com/org/infra.git").is_ok());
        for reference in ["-b", "--upload-pack=x", "a b", "../x", "a..b", "", "a\nb", "$(x)"] {
            assert!(check_reference(reference).is_err(), "{reference}");
        }
        assert!(check_reference("release/1.2").is_ok());
    }
}
