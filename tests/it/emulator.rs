//! An emulator of AWS of a test's own.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::repository;

/// How long it may take to start.
const START: Duration = Duration::from_mins(1);

/// moto, stopped by its process.
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
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new(program("moto_server"))
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .env("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let emulator = Emulator { process, url: format!("http://127.0.0.1:{port}") };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < START, "moto does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        let path = repository().join("tests/cloud").join(script[0]);
        let made = Command::new(program("python")).arg(path).arg(&emulator.url).args(&script[1..]).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        (emulator, String::from_utf8(made.stdout).unwrap())
    }
}
