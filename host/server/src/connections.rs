//! From a listening socket to requests, and to an orderly end.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::activity::{Activity, RunningBody};
use crate::housekeeping::keep_house;
use crate::limits::{ACCEPT_REST, Limits, STREAMS};
use crate::peer::Peer;
use crate::router::{router, routes};
use crate::routes::Routes;
use crate::state::AppState;
use crate::tls::Tls;

/// Serves HTTP/1 and HTTP/2 until `shutdown` ends. Then nothing is accepted any more, running requests have [`Limits::drain`] to end,
/// and what still runs after that is dropped.
pub async fn serve(listener: TcpListener, state: AppState, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    serve_with(listener, state, routes(), shutdown).await
}

/// The same with other routes, under the same bounds and layers.
pub async fn serve_with(
    listener: TcpListener,
    state: AppState,
    routes: Routes,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let housekept = CancellationToken::new();
    let housekeeping = tokio::spawn(keep_house(state.clone(), housekept.clone()));
    let server = Arc::new(Server::new(state, routes));
    let places = Arc::new(Semaphore::new(server.limits.connections));
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    tracing::info!(%address, "accepting connections");
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(ended) = connections.join_next() => note_panic(ended),
            accepted = accept(&listener, &places) => if let Some((stream, peer, place)) = accepted {
                connections.spawn(Arc::clone(&server).connection(stream, peer, place));
            },
        }
    }
    drop(listener);
    server.stop.cancel();
    tracing::info!(connections = connections.len(), "stopping");
    let drained = async {
        while let Some(ended) = connections.join_next().await {
            note_panic(ended);
        }
    };
    if timeout(server.limits.drain, drained).await.is_err() {
        tracing::warn!(connections = connections.len(), "dropping what has not ended in time");
        connections.shutdown().await;
    }
    // Last, so that nothing of the last requests is lost.
    housekept.cancel();
    if let Err(error) = housekeeping.await {
        tracing::error!(%error, "the housekeeping broke off");
    }
    Ok(())
}

/// The next connection, once there is a place for it. What fails is the client's or passes, so it never ends the server.
async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> Option<(TcpStream, Peer, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, address)) => Some((stream, Peer(address.ip()), place)),
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            sleep(ACCEPT_REST).await;
            None
        }
    }
}

fn note_panic(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a connection broke off");
    }
}

/// What all connections share.
struct Server {
    http: Builder<TokioExecutor>,
    router: Router,
    limits: Limits,
    tls: Option<Tls>,
    stop: CancellationToken,
}

impl Server {
    fn new(state: AppState, routes: Routes) -> Server {
        let (limits, tls) = (state.limits(), state.tls().cloned());
        let mut http = Builder::new(TokioExecutor::new());
        // Without a timer hyper keeps none of its times.
        http.http1()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header_read)
            .max_buf_size(usize::try_from(limits.header_bytes).unwrap_or(usize::MAX));
        http.http2()
            .timer(TokioTimer::new())
            .max_header_list_size(limits.header_bytes)
            .max_concurrent_streams(STREAMS)
            .keep_alive_interval(limits.idle)
            .keep_alive_timeout(limits.header_read);
        let stop = state.stopping();
        Server { http, router: router(state, routes), limits, tls, stop }
    }

    /// Secures a connection where that is wanted, then serves it. The time for the handshake is that for the head of a request.
    async fn connection(self: Arc<Server>, stream: TcpStream, peer: Peer, _place: OwnedSemaphorePermit) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "small answers may be held back");
        }
        let Some(Tls(acceptor)) = &self.tls else { return self.serve_stream(stream, peer).await };
        match timeout(self.limits.header_read, acceptor.accept(stream)).await {
            Ok(Ok(secured)) => self.serve_stream(secured, peer).await,
            Ok(Err(error)) => tracing::debug!(%error, "a connection was not secured"),
            Err(_) => tracing::debug!("a connection was not secured in time"),
        }
    }

    /// Serves one connection until it ends, has been idle for too long, or the server stops. hyper sets no time for the bytes that
    /// tell HTTP/1 from HTTP/2, nor for an HTTP/2 connection without requests: both are what the idle bound is for.
    async fn serve_stream(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, peer: Peer) {
        let activity = Activity::new();
        let service = service_fn(|request| self.answer(&activity, peer, request));
        let mut served = pin!(self.http.serve_connection_with_upgrades(TokioIo::new(stream), service));
        let ended = tokio::select! {
            ended = served.as_mut() => ended,
            () = self.until_close(&activity) => {
                served.as_mut().graceful_shutdown();
                match timeout(self.limits.drain, served).await {
                    Ok(ended) => ended,
                    Err(_) => return tracing::debug!("a connection did not end in time"),
                }
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        }
    }

    async fn until_close(&self, activity: &Activity) {
        tokio::select! {
            () = activity.idle(self.limits.idle) => {}
            () = self.stop.cancelled() => {}
        }
    }

    fn answer(
        &self,
        activity: &Activity,
        peer: Peer,
        mut request: Request<Incoming>,
    ) -> impl Future<Output = Result<Response<RunningBody>, Infallible>> + Send + use<> {
        let (running, router) = (activity.begin(), self.router.clone());
        request.extensions_mut().insert(peer);
        async move {
            let response = router.oneshot(request).await?;
            Ok(response.map(|body| running.until_sent(body)))
        }
    }
}
