//! A server on a free port, and a client that says exactly what it is told to.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use plumb_engine::clock::SystemClock;
use plumb_engine::scan::Engine;
use plumb_engine::service::Service;
use plumb_engine::service::queue::Bounds;
use plumb_model::access::{Grant, Role, Scope, Token};
use plumb_model::tenant::{DEFAULT, TenantId};
use plumb_server::{AppState, Limits, Routes, Tls, TokenKey, TokenText, routes, serve_with};
use plumb_store::{Ledger, NewScan};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Longer than anything here takes; what waits this long hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Long enough that an answer that was going to come has come.
pub(crate) const A_MOMENT: Duration = Duration::from_millis(300);

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) ledger: Arc<Ledger>,
    key: TokenKey,
    /// May do everything.
    pub(crate) admin: String,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<std::io::Result<()>>,
}

impl Server {
    pub(crate) async fn start() -> Server {
        Server::with(Ledger::memory().unwrap(), Limits::default(), Routes::new()).await
    }

    pub(crate) async fn limited(limits: Limits) -> Server {
        Server::with(Ledger::memory().unwrap(), limits, Routes::new()).await
    }

    /// Over secured connections.
    pub(crate) async fn secured(tls: Tls) -> Server {
        Server::made(Ledger::memory().unwrap(), Routes::new(), |state| state.with_tls(tls)).await
    }

    /// With further routes.
    pub(crate) async fn with(ledger: Ledger, limits: Limits, further: Routes) -> Server {
        Server::made(ledger, further, |state| state.with_limits(limits)).await
    }

    async fn made(ledger: Ledger, further: Routes, settle: impl FnOnce(AppState) -> AppState) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (ledger, key) = (Arc::new(ledger), TokenKey::random().unwrap());
        let admin = make_token(&ledger, &key, DEFAULT, Grant::Role(Role::Admin));
        let state = settle(AppState::new(service(&ledger), key.clone()));
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(serve_with(listener, state, beside(further), async {
            stopped.await.ok();
        }));
        Server { address, ledger, key, admin, stop: Some(stop), running }
    }

    pub(crate) fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Waits until the server has ended.
    pub(crate) async fn ended(self) {
        timeout(PATIENCE, self.running).await.expect("the server does not end").unwrap().unwrap();
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path).await
    }

    /// Without a token.
    pub(crate) async fn ask(&self, method: &str, path: &str) -> Answer {
        self.send(&format!("{method} {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n")).await
    }

    /// With a token, and a body of JSON if it is not empty.
    pub(crate) async fn call(&self, token: &str, method: &str, path: &str, body: &str) -> Answer {
        self.call_with(token, method, path, &[], body).await
    }

    pub(crate) async fn call_with(
        &self,
        token: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\nauthorization: Bearer {token}\r\n");
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        if !body.is_empty() {
            write!(head, "content-type: application/json\r\ncontent-length: {}\r\n", body.len()).unwrap();
        }
        self.send(&format!("{head}\r\n{body}")).await
    }

    /// A new token.
    pub(crate) fn token(&self, tenant: TenantId, grant: Grant) -> String {
        make_token(&self.ledger, &self.key, tenant, grant)
    }

    /// A new token of the default tenant with these scopes.
    pub(crate) fn scoped(&self, scopes: &[Scope]) -> String {
        self.token(DEFAULT, Grant::Scopes(scopes.iter().copied().collect()))
    }

    /// What webhooks' secrets are derived from.
    pub(crate) fn signing(&self) -> plumb_engine::notify::signature::SigningKey {
        self.key.signing()
    }

    /// A token that was made otherwise.
    pub(crate) fn keep_token(&self, token: &Token) -> String {
        let text = TokenText::random().unwrap();
        self.ledger.create_token(&self.key.hash(&text), token).unwrap();
        text.as_str().to_owned()
    }

    pub(crate) async fn send(&self, request: &str) -> Answer {
        let mut stream = self.connect().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        Answer::parse(&rest(&mut stream).await)
    }
}

/// The server's own routes with further ones; those alone where they stand in the place of its own.
fn beside(further: Routes) -> Routes {
    let own: Vec<&str> = further.declared().map(|route| route.path).collect();
    let taken = own.iter().any(|path| path.starts_with("/api/") || path.starts_with("/v1/scans"));
    if taken { further } else { routes().merge(further) }
}

/// Scans nothing: no plugin is loaded.
pub(crate) fn service(ledger: &Arc<Ledger>) -> Service {
    let engine = Engine::new(Arc::clone(ledger), Arc::default(), Arc::new(SystemClock));
    Service::start(engine, Bounds::default()).unwrap()
}

pub(crate) fn new_token(tenant: TenantId, grant: Grant) -> Token {
    static NUMBER: AtomicU8 = AtomicU8::new(1);
    Token {
        id: [NUMBER.fetch_add(1, Ordering::Relaxed); 16],
        tenant,
        name: "test".into(),
        grant,
        prefix: "plumb_aaaaaa".into(),
        created_at: "2026-11-21T10:00:00.000Z".into(),
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
    }
}

fn make_token(ledger: &Ledger, key: &TokenKey, tenant: TenantId, grant: Grant) -> String {
    let text = TokenText::random().unwrap();
    ledger.create_token(&key.hash(&text), &new_token(tenant, grant)).unwrap();
    text.as_str().to_owned()
}

/// Everything until the server closes the connection.
pub(crate) async fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut text)).await.expect("the connection stays open").unwrap();
    String::from_utf8(text).unwrap()
}

/// What arrives next, or nothing within a moment.
pub(crate) async fn next(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = vec![0; 4096];
    let count = timeout(A_MOMENT, stream.read(&mut bytes)).await.ok()?.unwrap();
    bytes.truncate(count);
    Some(String::from_utf8(bytes).unwrap())
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case, as they came.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn parse(text: &str) -> Answer {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer but {text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields.find(|(field, _)| *field == name).map(|(_, value)| value)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        serde_json::from_str(&self.body).unwrap()
    }

    /// The problem document this is.
    pub(crate) fn problem(&self) -> serde_json::Value {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let problem: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(problem["status"], self.status);
        assert_eq!(problem["type"], "about:blank");
        assert!(problem["detail"].as_str().unwrap().ends_with('.'));
        problem
    }
}

pub(crate) fn new_scan(number: u16) -> NewScan {
    let mut id = [0; 16];
    id[14..].copy_from_slice(&number.to_be_bytes());
    NewScan {
        id,
        target: "terraform secret-estate/".into(),
        provider: "terraform".into(),
        created_at: "2026-11-21T10:00:00.000Z".into(),
        ..NewScan::default()
    }
}
