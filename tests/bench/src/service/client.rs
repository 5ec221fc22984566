//! A client that does as little as one can, so that what is measured is the server; and a server that does as little.

use std::convert::Infallible;
use std::net::SocketAddr;

use anyhow::{Context as _, Result, ensure};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Bytes of an answer's head, at most.
const HEAD: usize = 16 << 10;

/// An answer with a length.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Names in lower case, as they came.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// A connection that is kept.
pub(super) struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> Result<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, read: Vec::new() })
    }

    /// Sends a request and takes the head of its answer; what follows is left where it is.
    pub(super) async fn begin(&mut self, request: &str) -> Result<u16> {
        Ok(self.head(request).await?.0)
    }

    pub(super) async fn ask(&mut self, request: &str) -> Result<Answer> {
        let (status, headers) = self.head(request).await?;
        let length = headers.iter().find(|(name, _)| name == "content-length").map(|(_, value)| value.parse());
        let length: usize = length.context("an answer without a length")??;
        while self.read.len() < length {
            self.more().await?;
        }
        let rest = self.read.split_off(length);
        Ok(Answer { status, headers, body: std::mem::replace(&mut self.read, rest) })
    }

    async fn head(&mut self, request: &str) -> Result<(u16, Vec<(String, String)>)> {
        self.stream.write_all(request.as_bytes()).await?;
        let end = loop {
            if let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            ensure!(self.read.len() < HEAD, "an answer without an end to its head");
            self.more().await?;
        };
        let rest = self.read.split_off(end);
        let head = String::from_utf8(std::mem::replace(&mut self.read, rest))?;
        let status = head.split(' ').nth(1).context("an answer without a status")?.parse()?;
        let fields = head.lines().filter_map(|line| line.split_once(": "));
        Ok((status, fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
    }

    async fn more(&mut self) -> Result<()> {
        ensure!(self.stream.read_buf(&mut self.read).await? > 0, "the connection was closed");
        Ok(())
    }
}

/// Answers everything with the same bytes, through hyper alone.
pub(super) async fn bare_server(answer: &Answer) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let body = Bytes::from(answer.body.clone());
    let kept = |name: &str| !matches!(name, "content-length" | "date" | "connection");
    let headers: Vec<(String, String)> = answer.headers.iter().filter(|(name, _)| kept(name)).cloned().collect();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Err(error) = stream.set_nodelay(true) {
                eprintln!("{error}");
            }
            let (body, headers) = (body.clone(), headers.clone());
            tokio::spawn(async move {
                let answer = service_fn(move |_| {
                    let mut response = hyper::Response::new(Full::new(body.clone()));
                    for (name, value) in &headers {
                        if let (Ok(name), Ok(value)) =
                            (hyper::header::HeaderName::try_from(name), hyper::header::HeaderValue::try_from(value))
                        {
                            response.headers_mut().append(name, value);
                        }
                    }
                    async move { Ok::<_, Infallible>(response) }
                });
                // A client that goes away ends its connection in the middle.
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await.ok();
            });
        }
    });
    Ok(address)
}
