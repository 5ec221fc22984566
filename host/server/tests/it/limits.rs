use std::time::{Duration, Instant};

use plumb_server::{Family, Limits, Need, Routes};
use plumb_store::Ledger;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::harness::{Answer, Server, next, rest};

const ASK: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: test\r\n\r\n";

#[tokio::test]
async fn a_head_beyond_the_bound_is_cut() {
    let server = Server::start().await;
    let head = |bytes: usize| {
        format!("GET /healthz HTTP/1.1\r\nhost: test\r\nconnection: close\r\nx: {}\r\n\r\n", "x".repeat(bytes))
    };
    assert_eq!(server.send(&head(15 << 10)).await.status, 200);
    let answer = server.send(&head(17 << 10)).await;
    assert_eq!((answer.status, answer.body.as_str()), (431, ""));
}

#[tokio::test]
async fn a_head_that_never_ends_is_closed_though_a_byte_comes_now_and_then() {
    let limits = Limits { header_read: Duration::from_millis(300), ..Limits::default() };
    let server = Server::limited(limits).await;
    let mut stream = server.connect().await;
    let begun = Instant::now();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nx: ").await.unwrap();
    assert!(dribbled_until_closed(&mut stream, begun, b"x").await < Duration::from_secs(2));
}

#[tokio::test]
async fn a_connection_that_says_nothing_or_never_ends_its_first_words_is_closed() {
    let limits = Limits { idle: Duration::from_millis(200), drain: Duration::from_millis(200), ..Limits::default() };
    let server = Server::limited(limits).await;
    let mut silent = server.connect().await;
    // The words an HTTP/2 client begins with, which hyper awaits without a time.
    let mut undecided = server.connect().await;
    undecided.write_all(b"PRI * HTTP/2").await.unwrap();
    let mut unused = server.connect().await;
    unused.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let begun = Instant::now();
    for stream in [&mut silent, &mut undecided, &mut unused] {
        dribbled_until_closed(stream, begun, b"").await;
    }
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

/// Sends a byte now and then until the server has closed the connection; says when that was.
async fn dribbled_until_closed(stream: &mut TcpStream, begun: Instant, byte: &[u8]) -> Duration {
    let mut buffer = [0; 256];
    while begun.elapsed() < Duration::from_secs(5) {
        let read = tokio::io::AsyncReadExt::read(stream, &mut buffer);
        match tokio::time::timeout(Duration::from_millis(50), read).await {
            Ok(Ok(0) | Err(_)) => return begun.elapsed(),
            Err(_) if stream.write_all(byte).await.is_err() => return begun.elapsed(),
            Ok(Ok(_)) | Err(_) => {}
        }
    }
    panic!("the connection stays open");
}

#[tokio::test]
async fn a_request_that_runs_longer_than_the_idle_time_is_not_cut() {
    let families = Routes::new()
        .get("/slow", Need::Public, Family::Native, || async { tokio::time::sleep(Duration::from_millis(500)).await });
    let limits = Limits { idle: Duration::from_millis(100), drain: Duration::ZERO, ..Limits::default() };
    let server = Server::with(Ledger::memory().unwrap(), limits, families).await;
    assert_eq!(server.get("/slow").await.status, 200);
}

#[tokio::test]
async fn connections_beyond_the_bound_wait_for_a_place() {
    let server = Server::limited(Limits { connections: 1, ..Limits::default() }).await;
    let mut first = server.connect().await;
    for _ in 0..2 {
        first.write_all(ASK).await.unwrap();
        assert_eq!(Answer::parse(&next(&mut first).await.unwrap()).status, 200);
    }
    let mut second = server.connect().await;
    second.write_all(b"GET /healthz HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n").await.unwrap();
    assert_eq!(next(&mut second).await, None);
    drop(first);
    assert_eq!(Answer::parse(&rest(&mut second).await).status, 200);
}
