//! Fetches a git repository to be read.
//!
//! The repository and its address are somebody else's. So: `https` alone, whatever the address turns into; no configuration, hook,
//! template, filter, submodule or credential of this machine or of the repository takes part; links become plain files; nobody is
//! asked anything; time and size are bounded. What comes out is a folder of files that is deleted with its owner.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

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
/// What git may know of this machine: where programs are, and how the network is reached.
const ENVIRONMENT: [&str; 9] = [
    "PATH",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "GIT_SSL_CAINFO",
];

/// Settings that hold whatever a repository says.
const SETTINGS: [&str; 14] = [
    "protocol.allow=never",
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
    pub(crate) fn fetch(url: &str, reference: Option<&str>) -> Result<Checkout, EngineError> {
        check_address(url)?;
        fetch(url, reference, "https", BYTES, TIME)
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
    pub(crate) async fn fetch(targets: &mut [TargetRequest]) -> Result<Checkouts, EngineError> {
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
            let fetched =
                tokio::task::spawn_blocking(move || Checkout::fetch(&repository.url, repository.reference.as_deref()));
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

/// Fetches by one protocol and no other.
fn fetch(
    url: &str,
    reference: Option<&str>,
    protocol: &str,
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
    command.envs(ENVIRONMENT.iter().filter_map(|name| Some((*name, std::env::var_os(name)?))));
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
    command.args(["-c", &format!("protocol.{protocol}.allow=always")]);
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
        fetch(url, reference, "file", bytes, Duration::from_mins(1)).map_err(|error| error.to_string())
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
        let refused = fetch(&address(repository.path()), None, "https", BYTES, TIME).unwrap_err().to_string();
        assert!(refused.contains("not allowed"), "{refused}");
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
            assert!(Checkout::fetch(address, None).is_err(), "{address}");
        }
        assert!(check_address("https://git.example.com/org/infra.git").is_ok());
        for reference in ["-b", "--upload-pack=x", "a b", "../x", "a..b", "", "a\nb", "$(x)"] {
            assert!(check_reference(reference).is_err(), "{reference}");
        }
        assert!(check_reference("release/1.2").is_ok());
    }
}
