use std::sync::Arc;
use std::time::{Duration, Instant};

use plumb_server::{Family, Limits, Need, Routes};
use plumb_store::Ledger;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::harness::{Answer, Server, next, rest};

const SLOW: &[u8] = b"GET /slow HTTP/1.1\r\nhost: test\r\n\r\n";

/// A route that says when it has begun, and ends when it is told to.
fn slow(begun: &Arc<Notify>, go_on: &Arc<Notify>) -> Routes {
    let (begun, go_on) = (Arc::clone(begun), Arc::clone(go_on));
    Routes::new().get("/slow", Need::Public, Family::Native, async move || {
        begun.notify_one();
        go_on.notified().await;
        "done"
    })
}

async fn with_a_running_request(limits: Limits, go_on: &Arc<Notify>) -> (Server, TcpStream) {
    let begun = Arc::new(Notify::new());
    let server = Server::with(Ledger::memory().unwrap(), limits, slow(&begun, go_on)).await;
    let mut stream = server.connect().await;
    stream.write_all(SLOW).await.unwrap();
    begun.notified().await;
    (server, stream)
}

#[tokio::test]
async fn a_stop_lets_a_running_request_end_and_takes_no_other() {
    let go_on = Arc::new(Notify::new());
    let (mut server, mut stream) = with_a_running_request(Limits::default(), &go_on).await;
    let mut idle = server.connect().await;
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
    assert!(next(&mut idle).await.is_some(), "the connection is served and stays open");
    server.stop();
    assert_eq!(rest(&mut idle).await, "", "a connection without a request is closed at once");
    assert!(TcpStream::connect(server.address).await.is_err(), "nothing is accepted any more");
    assert_eq!(next(&mut stream).await, None, "the request still runs");
    go_on.notify_one();
    let answer = Answer::parse(&rest(&mut stream).await);
    assert_eq!((answer.status, answer.body.as_str()), (200, "done"));
    server.ended().await;
}

#[tokio::test]
async fn a_request_that_does_not_end_is_dropped_after_its_time() {
    let limits = Limits { drain: Duration::from_millis(200), ..Limits::default() };
    let (mut server, mut stream) = with_a_running_request(limits, &Arc::new(Notify::new())).await;
    let begun = Instant::now();
    server.stop();
    server.ended().await;
    assert!((Duration::from_millis(200)..Duration::from_secs(2)).contains(&begun.elapsed()), "{:?}", begun.elapsed());
    assert_eq!(rest(&mut stream).await, "");
}
