//! An emulator of AWS of a test's own.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::repository;

/// How long it may take to start.
const START: Duration = Duration::from_mins(1);

/// Stopped by its process.
pub(crate) struct Emulator {
    process: Child,
    pub(crate) url: String,
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn program(name: &str) -> PathBuf {
    let path = repository().join("target/cloud/venv/bin").join(name);
    assert!(path.exists(), "{} is not there; run tests/cloud/setup.sh", path.display());
    path
}

impl Emulator {
    /// With what a script of `tests/cloud` makes.
    pub(crate) fn with(script: &str) -> Emulator {
        Emulator::made(&[script]).0
    }

    /// The same with arguments for the script; and what it prints.
    pub(crate) fn made(script: &[&str]) -> (Emulator, String) {
        let emulator = Emulator::empty();
        let arguments: Vec<&str> = std::iter::once(emulator.url.as_str()).chain(script[1..].iter().copied()).collect();
        let printed = run(script[0], &arguments);
        (emulator, printed)
    }

    /// With nothing in it.
    pub(crate) fn empty() -> Emulator {
        Emulator::start(|port| {
            let mut command = Command::new(program("moto_server"));
            command.args(["-H", "127.0.0.1", "-p", port]);
            command.env("MOTO_EC2_LOAD_DEFAULT_AMIS", "false").env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true");
            command
        })
    }

    /// Another one than moto, with other defaults, other errors and other gaps: what works on both is not fitted to one. Its own
    /// files go to a folder.
    pub(crate) fn other(folder: &Path) -> Emulator {
        Emulator::start(|port| {
            let mut command = Command::new(program("ministack"));
            command.env("BIND_HOST", "127.0.0.1").env("GATEWAY_PORT", port).env("HOME", folder).current_dir(folder);
            command
        })
    }

    fn start(command: impl FnOnce(&str) -> Command) -> Emulator {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = command(&port.to_string()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let emulator = Emulator { process, url: format!("http://127.0.0.1:{port}") };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < START, "the emulator does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        emulator
    }
}

/// Runs a script of `tests/cloud`; what it prints.
pub(crate) fn run(script: &str, arguments: &[&str]) -> String {
    let path = repository().join("tests/cloud").join(script);
    let made = Command::new(program("python")).arg(path).args(arguments).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8(made.stdout).unwrap()
}
