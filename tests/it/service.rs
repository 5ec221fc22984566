//! Runs `plumb serve`, and asks it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::Plumb;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct Service {
    child: Child,
    pub(crate) address: String,
    stdout: ChildStdout,
    /// What it says on standard error after its address.
    log: Mutex<mpsc::Receiver<String>>,
    before: Vec<String>,
}

/// A test that fails leaves no server behind.
impl Drop for Service {
    fn drop(&mut self) {
        // One that has ended already cannot be killed.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Service {
    pub(crate) fn start(plumb: &Plumb, further: &[&str]) -> Service {
        Service::start_under(plumb, &[], further)
    }

    /// The same as an argument of another program, which has to become it.
    pub(crate) fn start_under(plumb: &Plumb, under: &[&str], further: &[&str]) -> Service {
        let mut arguments = vec!["serve", "--listen", "127.0.0.1:0"];
        arguments.extend(further);
        let mut command = plumb.command(&arguments);
        if let [program, rest @ ..] = under {
            let mut outer = Command::new(program);
            outer.args(rest).arg(command.get_program()).args(command.get_args());
            outer.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
            outer.current_dir(plumb.folder.path()).stdin(Stdio::null());
            command = outer;
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = lines(child.stderr.take().unwrap());
        let mut before = Vec::new();
        let address = loop {
            let line = log.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no address in {before:?}"));
            if let Some((_, address)) = line.split_once("listening on http://") {
                break address.to_owned();
            }
            before.push(line);
        };
        Service { stdout: child.stdout.take().unwrap(), child, address, log: Mutex::new(log), before }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it prints first, which is the first token of a new ledger.
    pub(crate) fn first_line(&mut self) -> String {
        let mut line = String::new();
        BufReader::new(&mut self.stdout).read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    pub(crate) fn status(&self, token: &str, path: &str) -> u16 {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let head =
            format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// Asks with a token and a body of JSON, if there is one; the status and the answer, null where that is no JSON.
    pub(crate) fn ask(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let body = body.map(ToString::to_string).unwrap_or_default();
        let kind = if body.is_empty() { "" } else { "content-type: application/json\r\n" };
        self.send(token, method, path, kind, body.as_bytes())
    }

    /// The same with any header lines and bytes.
    pub(crate) fn send(&self, token: &str, method: &str, path: &str, headers: &str, body: &[u8]) -> (u16, Value) {
        let (status, _, body) = self.exchange(token, method, path, headers, body);
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    /// Status, head and body.
    pub(crate) fn exchange(
        &self,
        token: &str,
        method: &str,
        path: &str,
        headers: &str,
        body: &[u8],
    ) -> (u16, String, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\nauthorization: Bearer {token}\r\n{headers}content-length: {}\r\n\r\n",
            self.address,
            body.len(),
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head, answer[end + 4..].to_vec())
    }

    /// Waits for the end of a scan; its details as `/v1/scans` shows them.
    pub(crate) fn ended(&self, token: &str, scan: &str) -> Value {
        let begun = Instant::now();
        loop {
            let (status, details) = self.ask(token, "GET", &format!("/v1/scans/{scan}"), None);
            assert_eq!(status, 200, "{details}");
            if !["pending", "running"].contains(&details["status"].as_str().unwrap()) {
                return details;
            }
            assert!(begun.elapsed() < PATIENCE, "{details}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it with no chance to do anything.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Stops it as an orchestrator does; what it printed, and the rest of its log.
    pub(crate) fn stop(mut self) -> (String, Vec<String>) {
        let pid = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).unwrap();
        let before = std::mem::take(&mut self.before);
        let log = self.log.lock().unwrap();
        (stdout, before.into_iter().chain(log.iter()).collect())
    }
}

fn lines(stderr: ChildStderr) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        BufReader::new(stderr).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
    });
    receiver
}
