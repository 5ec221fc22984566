//! A message as a mail, and the SMTP server it goes through.

use std::time::Duration;

use jiff::Timestamp;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment};
use plumb_model::notification::{Delivery, EventKind};
use serde_json::Value;

use crate::notify::attempt::Outcome;
use crate::notify::secrets::SecretSource;

/// From the connection to the server's last word. A server that hangs takes this long, and no longer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// For the connection alone.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Characters of a subject.
const SUBJECT_CHARS: usize = 150;

const TEXT: &str = include_str!("email/message.txt");
const HTML: &str = include_str!("email/message.html");

/// The operator's SMTP server.
#[derive(Clone, Debug)]
pub struct Smtp {
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// A name and where its password is.
    pub login: Option<(String, SecretSource)>,
    pub from: Mailbox,
    /// PEM; what it holds is trusted instead of what the system does.
    pub authority: Option<Vec<u8>>,
}

/// How the connection is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// It begins in clear and is secured before anything is said. A server that does not offer that is not used.
    Starttls,
    /// From the first byte.
    Tls,
    /// Not at all: for a server on the same machine.
    None,
}

impl Smtp {
    pub(super) async fn send(&self, to: &[String], message: &Delivery, now: Timestamp) -> Outcome {
        let mail = match self.mail(to, message, now) {
            Ok(mail) => mail,
            Err(problem) => return Outcome::Refused(problem),
        };
        let transport = match self.transport() {
            Ok(transport) => transport,
            Err(problem) => return Outcome::failed(problem),
        };
        match tokio::time::timeout(TIMEOUT, transport.send(mail)).await {
            Ok(Ok(_)) => Outcome::Delivered,
            Ok(Err(error)) => Outcome::failed(explain(&error)),
            Err(_) => Outcome::failed("the SMTP server gave no answer in time"),
        }
    }

    fn transport(&self) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
        let wrong = |error: lettre::transport::smtp::Error| format!("certificates of the SMTP server: {error}");
        let tls = || {
            let mut parameters = TlsParameters::builder(self.host.clone());
            if let Some(authority) = &self.authority {
                parameters = parameters
                    .certificate_store(CertificateStore::None)
                    .add_root_certificate(Certificate::from_pem(authority).map_err(wrong)?);
            }
            parameters.build_rustls().map_err(wrong)
        };
        let tls = match self.security {
            Security::Starttls => Tls::Required(tls()?),
            Security::Tls => Tls::Wrapper(tls()?),
            Security::None => Tls::None,
        };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(self.host.clone())
            .port(self.port)
            .tls(tls)
            .hello_name(ClientId::Domain(self.from.email.domain().to_owned()))
            .timeout(Some(CONNECT_TIMEOUT));
        if let Some((user, password)) = &self.login {
            let password = password.read().map_err(|problem| format!("the SMTP password: {problem}"))?;
            transport = transport.credentials(Credentials::new(user.clone(), password));
        }
        Ok(transport.build())
    }

    /// The mail, with the same id through all attempts.
    fn mail(&self, to: &[String], message: &Delivery, now: Timestamp) -> Result<Message, String> {
        let data: Value = serde_json::from_str(&message.data).map_err(|error| error.to_string())?;
        let (text, html) = render(&data)?;
        let id = uuid::Uuid::from_bytes(message.id);
        let sent_at = std::time::SystemTime::from(now);
        let mut mail = Message::builder()
            .from(self.from.clone())
            .subject(subject(&data))
            .date(sent_at)
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())));
        for address in to {
            let mailbox: Mailbox = address.parse().map_err(|error| format!("the address '{address}': {error}"))?;
            mail = mail.to(mailbox);
        }
        let body = MultiPart::alternative()
            .singlepart(lettre::message::SinglePart::builder().header(ContentType::TEXT_PLAIN).body(text))
            .singlepart(lettre::message::SinglePart::builder().header(ContentType::TEXT_HTML).body(html));
        mail.multipart(body).map_err(|error| format!("the mail: {error}"))
    }
}

/// What went wrong, without what was sent.
fn explain(error: &lettre::transport::smtp::Error) -> String {
    let mut words = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        let inner_words = inner.to_string();
        if !words.contains(&inner_words) {
            words = format!("{words}: {inner_words}");
        }
        source = inner.source();
    }
    format!("SMTP: {words}")
}

/// Whether a text is an address that mail can be sent to.
pub fn is_address(text: &str) -> bool {
    text.parse::<lettre::Address>().is_ok()
}

/// One line about an event, for subjects and headers: what happened to which scan.
pub(super) fn title(data: &Value) -> String {
    let text = |pointer: &str| data.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let name = text("/scan/name");
    let kind = EventKind::ALL.into_iter().find(|kind| kind.as_str() == text("/event"));
    match kind {
        Some(EventKind::ScanCompleted) => match data.get("compliance_score").and_then(Value::as_f64) {
            Some(score) => format!("{name}: completed with a score of {score:.1}"),
            None => format!("{name}: completed"),
        },
        Some(EventKind::ScanFailed) => format!("{name}: failed"),
        Some(EventKind::ScanCancelled) => format!("{name}: cancelled"),
        Some(EventKind::DriftDetected) | None => format!("{}: drift detected", text("/target/name")),
    }
}

/// A subject is one line of printable characters, whatever a scan is called.
fn subject(data: &Value) -> String {
    let printable = title(data).chars().map(|c| if is_control(c) { ' ' } else { c }).collect::<String>();
    printable.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SUBJECT_CHARS).collect()
}

/// Controls, and what turns the direction of a text round: with these a subject can look like another.
fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// `2 critical, 1 low`; `none` where there is nothing.
pub(super) fn counts(counts: &Value) -> String {
    let counted = counts.as_object().into_iter().flatten();
    let counted: Vec<(&str, u64)> = counted
        .filter_map(|(severity, count)| Some((severity.as_str(), count.as_u64()?)))
        .filter(|(_, count)| *count > 0)
        .collect();
    let worst_first = plumb_model::check::Severity::WORST_FIRST.map(plumb_model::check::Severity::as_str);
    let of = |severity: &str| counted.iter().find(|(known, _)| *known == severity).map(|(_, count)| *count);
    let words: Vec<String> = worst_first
        .into_iter()
        .filter_map(|severity| of(severity).map(|count| format!("{count} {severity}")))
        .collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

/// The two bodies.
fn render(data: &Value) -> Result<(String, String), String> {
    let mut shown = data.clone();
    if let Some(members) = shown.as_object_mut() {
        members.insert("title".to_owned(), title(data).into());
        for name in ["violations", "new_violations", "new_drifts"] {
            if let Some(value) = members.get_mut(name) {
                *value = counts(value).into();
            }
        }
    }
    let mut templates = Environment::new();
    templates.set_auto_escape_callback(|name| if name == "html" { AutoEscape::Html } else { AutoEscape::None });
    let broken = |error: minijinja::Error| format!("the mail's template: {error}");
    templates.add_template("text", TEXT).map_err(broken)?;
    templates.add_template("html", HTML).map_err(broken)?;
    let made = |name: &str| templates.get_template(name)?.render(Serde(&shown));
    Ok((made("text").map_err(broken)?, made("html").map_err(broken)?))
}
