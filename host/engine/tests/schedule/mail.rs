//! Mail, through a real SMTP server.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use plumb_engine::notify::email::{Security, Smtp};
use plumb_engine::notify::secrets::SecretSource;
use plumb_engine::notify::{Notifier, Settings};
use plumb_model::notification::{Delivery, DeliveryStatus, Destination, Rule};
use plumb_model::schedule::{EventTrigger, Schedule};
use plumb_model::tenant::DEFAULT;
use plumb_store::DeliveryFilter;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::fixture::{Bench, running};

fn repository() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Where tests/validators/setup.sh has put what others wrote.
pub(super) fn validators() -> PathBuf {
    std::env::var_os("PLUMB_VALIDATORS").map_or_else(|| repository().join("target/validators"), Into::into)
}

pub(super) fn beside(script: &str) -> PathBuf {
    repository().join("tests/validators").join(script)
}

struct Server {
    _child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    port: u16,
}

impl Server {
    async fn start(mode: &str, pair: Option<&TempDir>) -> Server {
        let python = validators().join("venv/bin/python");
        assert!(python.exists(), "the SMTP server is not there; run tests/validators/setup.sh");
        let mut command = Command::new(python);
        command.arg(beside("smtp.py")).arg(mode);
        if let Some(pair) = pair {
            command.args([pair.path().join("cert.pem"), pair.path().join("key.pem")]);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.next_line().await.unwrap().unwrap().parse().unwrap();
        Server { _child: child, lines, port }
    }

    async fn mail(&mut self) -> Value {
        let line = tokio::time::timeout(Duration::from_secs(30), self.lines.next_line()).await;
        serde_json::from_str(&line.expect("no mail comes").unwrap().unwrap()).unwrap()
    }

    fn smtp(&self, security: Security, password: Option<&str>, folder: &TempDir) -> Smtp {
        let file = folder.path().join("password");
        if let Some(password) = password {
            std::fs::write(&file, format!("{password}\n")).unwrap();
        }
        Smtp {
            host: "localhost".into(),
            port: self.port,
            security,
            login: password.map(|_| ("plumb".into(), SecretSource::File(file))),
            from: "Plumb <plumb@example.com>".parse().unwrap(),
            authority: std::fs::read(folder.path().join("cert.pem")).ok(),
        }
    }
}

/// A certificate for `localhost`, and its key.
fn pair() -> TempDir {
    let folder = TempDir::new().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.path().join("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    folder
}

/// Scans, and sends one mail about it.
async fn sent(smtp: Smtp, name: &str, bucket: &str) -> Delivery {
    let bench = Bench::new(running()).await;
    let to = vec!["ops@example.com".to_owned(), "audit@example.com".to_owned()];
    bench.channel(1, "mail", Destination::Email(to), vec![Rule::default()]);
    bench.write(&[bucket]);
    let schedule = bench.keep(Schedule { name: name.into(), ..bench.triggered(EventTrigger::Manual) });
    bench.scheduler.run_now(&DEFAULT, &schedule.id).await.unwrap().unwrap();
    bench.settle().await;
    bench.look().await;
    let clock: std::sync::Arc<dyn plumb_engine::clock::Clock> =
        std::sync::Arc::<super::fixture::Standing>::clone(&bench.clock);
    let settings = Settings { smtp: Some(smtp), ..bench.settings.clone() };
    Notifier::new(std::sync::Arc::clone(&bench.ledger), clock, settings).flush().await.unwrap();
    let page = bench.ledger.deliveries(&DEFAULT, DeliveryFilter::default(), 0, 10).unwrap();
    assert_eq!(page.total, 1);
    page.deliveries[0].clone()
}

fn header<'m>(mail: &'m Value, name: &str) -> &'m str {
    let headers = mail["headers"].as_array().unwrap();
    headers.iter().find(|header| header[0] == name).map(|header| header[1].as_str().unwrap()).unwrap_or_default()
}

#[tokio::test]
async fn a_mail_arrives_with_text_and_html_in_which_a_resource_is_only_text() {
    let mut server = Server::start("plain", None).await;
    let folder = TempDir::new().unwrap();
    let name = "nightly\r\nBcc: everybody@example.com\u{202e}";
    let hostile = "<script>alert(1)</script>&<b>";
    let delivery = sent(server.smtp(Security::None, None, &folder), name, hostile).await;
    assert_eq!((delivery.status, delivery.last_error.as_deref()), (DeliveryStatus::Delivered, None));
    let mail = server.mail().await;
    assert_eq!(mail["to"], serde_json::json!(["ops@example.com", "audit@example.com"]));
    let subject = header(&mail, "Subject");
    assert!(subject.starts_with("nightly Bcc: everybody@example.com : completed"), "{subject:?}");
    assert!(header(&mail, "Bcc").is_empty() && !subject.contains(char::is_control));
    assert!(header(&mail, "Message-ID").contains(&uuid::Uuid::from_bytes(delivery.id).to_string()));
    let (text, html) = (mail["parts"]["text/plain"].as_str().unwrap(), mail["parts"]["text/html"].as_str().unwrap());
    assert!(text.contains(hostile), "{text}");
    let page = format!("https://plumb.test/scans/{}", uuid::Uuid::from_bytes(delivery.scan));
    assert!(text.contains(&format!("Look at it: {page}")), "{text}");
    assert!(html.contains(&format!("href=\"{}\"", page.replace('/', "&#x2f;"))) || html.contains(&page), "{html}");
    assert!(!html.contains("<script>") && html.contains("&lt;script&gt;"), "{html}");
}

#[tokio::test]
async fn a_mail_goes_over_a_secured_connection_with_a_password() {
    for (mode, security) in [("starttls", Security::Starttls), ("tls", Security::Tls)] {
        let folder = pair();
        let mut server = Server::start(mode, Some(&folder)).await;
        let smtp = server.smtp(security, Some("correct horse"), &folder);
        let delivery = sent(smtp, "nightly", "lake").await;
        assert_eq!((delivery.status, delivery.last_error), (DeliveryStatus::Delivered, None), "{mode}");
        let mail = server.mail().await;
        assert_eq!((&mail["secured"], &mail["login"]), (&true.into(), &"plumb".into()), "{mode}");
    }
}

#[tokio::test]
async fn a_server_that_cannot_be_trusted_or_refuses_is_tried_again_and_told_without_the_password() {
    let folder = pair();
    let server = Server::start("starttls", Some(&folder)).await;
    let wrong_password = server.smtp(Security::Starttls, Some("wrong donkey"), &folder);
    let stranger = Smtp { authority: None, ..server.smtp(Security::Starttls, Some("wrong donkey"), &folder) };
    let plain = Server::start("plain", None).await;
    let no_starttls = plain.smtp(Security::Starttls, None, &folder);
    let refusing = Server::start("refuse", None).await;
    let nobody = Smtp { port: 1, ..refusing.smtp(Security::None, None, &folder) };
    let refused = refusing.smtp(Security::None, None, &folder);
    let cases = [
        (wrong_password, "535"),
        (stranger, "ertificate"),
        (no_starttls, "STARTTLS"),
        (nobody, "refused"),
        (refused, "550"),
    ];
    for (smtp, words) in cases {
        let delivery = sent(smtp, "nightly", "lake").await;
        let error = delivery.last_error.unwrap();
        assert_eq!((delivery.status, delivery.attempts), (DeliveryStatus::Pending, 1), "{error}");
        assert!(error.contains(words) && !error.contains("donkey"), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_never_says_a_word_is_given_up_after_a_while() {
    let folder = TempDir::new().unwrap();
    let server = Server::start("hang", None).await;
    let delivery = sent(server.smtp(Security::None, None, &folder), "nightly", "lake").await;
    assert_eq!(delivery.status, DeliveryStatus::Pending);
    assert!(delivery.last_error.is_some());
}
