//! Opens connections. A name is resolved once for each connection, all its addresses are judged, and the connection goes to one of
//! those that were judged: a name that answers differently the next time changes nothing.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use super::judged::{judge, judged};
use super::resolve::Resolve;
use super::{Allowed, Endpoint, Url};

/// Connecting and the handshake, each. A cloud's own endpoints take a tenth of a second.
const STEP_TIME: Duration = Duration::from_secs(10);
/// Addresses of one name that are tried, one after the other.
const ADDRESSES: usize = 4;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    /// Names the rule.
    #[error("{0}")]
    Refused(String),
    #[error("{0}")]
    Failed(String),
}

#[derive(Clone)]
pub(crate) struct Connector {
    pub(crate) allowed: Arc<Allowed>,
    pub(crate) resolver: Arc<dyn Resolve>,
    pub(crate) tls: Arc<ClientConfig>,
}

impl Connector {
    async fn connect(self, uri: Uri) -> Result<TokioIo<Stream>, ConnectError> {
        let url: Url = uri.to_string().parse().map_err(ConnectError::Refused)?;
        let endpoint = url.endpoint;
        self.allowed.check(&endpoint).map_err(ConnectError::Refused)?;
        let addresses = judged(&self.allowed, &*self.resolver, &endpoint).await?;
        let tcp = self.open(&endpoint, &addresses).await?;
        if !endpoint.is_https() {
            return Ok(TokioIo::new(Stream::Plain(tcp)));
        }
        let failed = |error: &dyn std::fmt::Display| ConnectError::Failed(format!("{endpoint}: TLS: {error}"));
        let name = ServerName::try_from(endpoint.host()).map_err(|error| failed(&error))?;
        let secured = timeout(STEP_TIME, TlsConnector::from(Arc::clone(&self.tls)).connect(name, tcp)).await;
        let secured = secured.map_err(|_| failed(&"no handshake in time"))?.map_err(|error| failed(&error))?;
        Ok(TokioIo::new(Stream::Tls(Box::new(secured))))
    }

    async fn open(&self, endpoint: &Endpoint, addresses: &[IpAddr]) -> Result<TcpStream, ConnectError> {
        let mut last = String::new();
        for address in addresses.iter().take(ADDRESSES) {
            match timeout(STEP_TIME, TcpStream::connect(SocketAddr::new(*address, endpoint.port()))).await {
                Ok(Ok(stream)) => {
                    // What the system really connected to is judged too.
                    let peer = stream.peer_addr().map_err(|error| ConnectError::Failed(error.to_string()))?;
                    judge(&self.allowed, endpoint, peer.ip())?;
                    // Requests are short and wait for their answers.
                    stream.set_nodelay(true).map_err(|error| ConnectError::Failed(error.to_string()))?;
                    return Ok(stream);
                }
                Ok(Err(error)) => last = error.to_string(),
                Err(_) => "no connection in time".clone_into(&mut last),
            }
        }
        Err(ConnectError::Failed(format!("{endpoint}: {last}")))
    }
}

impl tower_service::Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<TokioIo<Stream>, ConnectError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect(uri))
    }
}

/// A connection, secured or not.
pub(crate) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(context),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
