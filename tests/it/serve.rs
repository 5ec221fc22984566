//! The service as it is started: its first token, tokens made while it runs, its log, its end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, ChildStdout, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::harness::Plumb;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

struct Service {
    child: Child,
    address: String,
    stdout: ChildStdout,
    /// What it says on standard error after its address.
    log: mpsc::Receiver<String>,
    before: Vec<String>,
}

impl Service {
    fn start(plumb: &Plumb, further: &[&str]) -> Service {
        let mut arguments = vec!["serve", "--listen", "127.0.0.1:0"];
        arguments.extend(further);
        let mut command = plumb.command(&arguments);
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
        Service { stdout: child.stdout.take().unwrap(), child, address, log, before }
    }

    fn status(&self, token: &str, path: &str) -> u16 {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let head =
            format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// Stops it as an orchestrator does; what it printed, and the rest of its log.
    fn stop(mut self) -> (String, Vec<String>) {
        let pid = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).unwrap();
        (stdout, self.before.into_iter().chain(self.log.iter()).collect())
    }
}

fn lines(stderr: ChildStderr) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        BufReader::new(stderr).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
    });
    receiver
}

#[test]
fn the_first_start_prints_an_admin_token_alone_and_the_next_prints_nothing() {
    let plumb = Plumb::new();
    let (first, _) = Service::start(&plumb, &[]).stop();
    let token = first.strip_suffix('\n').unwrap();
    assert!(token.starts_with("plumb_") && token.len() == 55, "{first:?}");
    let again = Service::start(&plumb, &[]);
    assert_eq!((again.status(token, "/v1/tokens"), again.status("plumb_x", "/v1/tokens")), (200, 401));
    assert_eq!(again.stop().0, "");
}

#[test]
fn tokens_are_made_and_revoked_and_the_ledger_backed_up_whether_or_not_a_server_runs() {
    let plumb = Plumb::new();
    let made = plumb.run(&["token", "create", "--role", "viewer", "--expires", "30d"]).expect(0);
    let before = made.stdout.strip_suffix('\n').unwrap().to_owned();
    let service = Service::start(&plumb, &[]);
    plumb.run(&["tenant", "create", "acme"]).expect(0);
    let made = plumb.run(&["token", "create", "--tenant", "acme", "--role", "admin", "--name", "pipeline"]).expect(0);
    let token = made.stdout.strip_suffix('\n').unwrap().to_owned();
    assert_eq!((service.status(&before, "/v1/tokens"), service.status(&token, "/v1/tokens")), (403, 200));
    let listed = plumb.run(&["token", "list", "--json"]).expect(0);
    assert!(!listed.stdout.contains(&token) && listed.stdout.contains("pipeline"));
    assert!(plumb.run(&["token", "list"]).expect(0).stdout.contains("acme"));
    plumb.run(&["token", "revoke", &token[..12]]).expect(0);
    assert_eq!(service.status(&token, "/v1/tokens"), 401);
    plumb.run(&["token", "revoke", "plumb_nobody"]).expect(1);
    plumb.run(&["db", "backup", "copy.redb"]).expect(0);
    assert!(plumb.path("copy.redb").exists());
    assert_eq!(service.stop().0, "", "a token was there before the first start");
    assert!(!plumb.path("data/control.sock").exists());
    plumb.run(&["db", "check"]).expect(0);
}

#[test]
fn the_log_is_json_on_every_line_and_holds_no_token() {
    let plumb = Plumb::new();
    plumb.run(&["token", "create", "--role", "admin"]).expect(0);
    let config = plumb.write("plumb.toml", "log = \"json\"\n[rate]\nfailures = 5\n");
    let made = plumb.run(&["token", "create", "--role", "admin"]).expect(0);
    let token = made.stdout.strip_suffix('\n').unwrap();
    let service = Service::start(&plumb, &["--config", config.to_str().unwrap()]);
    assert_eq!(service.status(token, "/v1/tokens"), 200);
    assert_eq!(service.status(token, &format!("/v1/tokens/{token}")), 405);
    let (_, log) = service.stop();
    let entries: Vec<serde_json::Value> = log.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(entries.iter().any(|entry| entry["route"] == "/v1/tokens" && entry["status"] == 200), "{log:#?}");
    assert!(!log.iter().any(|line| line.contains(&token[12..])), "{log:#?}");
}

#[test]
fn settings_that_are_wrong_and_a_lost_key_are_refused() {
    let plumb = Plumb::new();
    let config = plumb.write("plumb.toml", "lisen = \"127.0.0.1:0\"\n");
    let wrong = plumb.run(&["serve", "--config", config.to_str().unwrap()]).expect(2);
    assert!(wrong.stderr.contains("did you mean 'listen'?"), "{}", wrong.stderr);
    plumb.run(&["serve", "--tls-cert", "cert.pem"]).expect(2);
    plumb.run(&["token", "create"]).expect(2);
    plumb.run(&["token", "create", "--scope", "scans:write"]).expect(2);
    plumb.run(&["token", "create", "--role", "admin"]).expect(0);
    std::fs::remove_file(plumb.path("data/token.key")).unwrap();
    let lost = plumb.run(&["token", "create", "--role", "admin"]).expect(1);
    assert!(lost.stderr.contains("token.key is missing"), "{}", lost.stderr);
}
