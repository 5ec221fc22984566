use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper_util::rt::{TokioExecutor, TokioIo};
use plumb_model::scan::ScanStatus;
use plumb_server::{Limits, Routes};
use plumb_store::Ledger;

use crate::harness::{Server, new_scan};

#[tokio::test]
async fn a_server_whose_ledger_can_be_read_is_up_and_ready() {
    let server = Server::start().await;
    for path in ["/healthz", "/readyz"] {
        let answer = server.get(path).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "{\"status\":\"ok\"}"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
}

/// A ledger with one scan, whose record was altered on the disk.
fn broken_ledger(folder: &std::path::Path) -> Ledger {
    let ledger = Ledger::open(folder).unwrap();
    ledger.create_scan(&new_scan(1)).unwrap();
    drop(ledger);
    let file = folder.join("ledger.redb");
    let mut bytes = std::fs::read(&file).unwrap();
    let target = b"secret-estate";
    let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(target)).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at] ^= 0xff;
    }
    std::fs::write(&file, bytes).unwrap();
    Ledger::open(folder).unwrap()
}

#[tokio::test]
async fn a_server_whose_ledger_cannot_be_read_is_up_but_not_ready_and_does_not_say_why() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::with(broken_ledger(folder.path()), Limits::default(), Routes::new()).await;
    assert_eq!(server.get("/healthz").await.status, 200);
    let answer = server.get("/readyz").await;
    assert_eq!(answer.status, 503, "{answer:?}");
    let problem = answer.problem();
    assert_eq!(problem["code"], "not-ready");
    assert!(!["scans", "record", "damaged", "redb"].iter().any(|word| answer.body.contains(word)), "{answer:?}");
}

#[tokio::test]
async fn metrics_of_a_ledger_that_cannot_be_read_say_so_and_claim_no_scans() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::with(broken_ledger(folder.path()), Limits::default(), Routes::new()).await;
    let answer = server.call(&server.admin, "GET", "/metrics", "").await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("\nplumb_ledger_readable 0\n"), "{}", answer.body);
    assert!(!answer.body.contains("plumb_ledger_scans"), "{}", answer.body);
}

#[tokio::test]
async fn metrics_count_requests_by_route_and_scans_by_status_and_name_the_build() {
    let ledger = Ledger::memory().unwrap();
    (0..3).for_each(|number| ledger.create_scan(&new_scan(number)).unwrap());
    ledger.transition(&new_scan(1).id, ScanStatus::Cancelled, "2026-11-21T10:00:01.000Z", Some("stopped")).unwrap();
    let server = Server::with(ledger, Limits::default(), Routes::new()).await;
    for path in ["/healthz", "/healthz", "/secret-path", "/other"] {
        server.get(path).await;
    }
    let answer = server.call(&server.admin, "GET", "/metrics", "").await;
    assert_eq!(answer.header("content-type"), Some("application/openmetrics-text; version=1.0.0; charset=utf-8"));
    let version = env!("CARGO_PKG_VERSION");
    for line in [
        "plumb_http_requests_total{route=\"/healthz\",status=\"200\"} 2",
        "plumb_http_requests_total{route=\"none\",status=\"404\"} 2",
        "plumb_ledger_scans{status=\"pending\"} 2",
        "plumb_ledger_scans{status=\"cancelled\"} 1",
        "plumb_ledger_scans{status=\"completed\"} 0",
        "plumb_ledger_readable 1",
        &format!("plumb_build_info{{version=\"{version}\"}} 1"),
    ] {
        assert!(answer.body.lines().any(|known| known == line), "{line} is not in\n{}", answer.body);
    }
    assert!(answer.body.ends_with("# EOF\n"));
    assert_eq!(answer.body.matches("# EOF").count(), 1);
    assert!(!answer.body.contains("secret"), "{}", answer.body);
    for line in answer.body.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(name.starts_with("plumb_") && value.parse::<f64>().is_ok(), "{line}");
    }
}

#[tokio::test]
async fn metrics_look_at_the_newest_thousand_scans_only() {
    let ledger = Ledger::memory().unwrap();
    (0..1001).for_each(|number| ledger.create_scan(&new_scan(number)).unwrap());
    ledger.transition(&new_scan(0).id, ScanStatus::Cancelled, "2026-11-21T10:00:01.000Z", None).unwrap();
    let server = Server::with(ledger, Limits::default(), Routes::new()).await;
    let body = server.call(&server.admin, "GET", "/metrics", "").await.body;
    assert!(body.contains("plumb_ledger_scans{status=\"pending\"} 1000\n"), "{body}");
    assert!(body.contains("plumb_ledger_scans{status=\"cancelled\"} 0\n"), "{body}");
}

#[tokio::test]
async fn every_answer_has_an_id_that_the_client_did_not_choose() {
    let server = Server::start().await;
    let ask = "GET /healthz HTTP/1.1\r\nhost: test\r\nx-request-id: mine\r\nconnection: close\r\n\r\n";
    let (first, second) = (server.send(ask).await, server.send(ask).await);
    let ids = [first.header("x-request-id").unwrap(), second.header("x-request-id").unwrap()];
    assert!(ids[0] != ids[1] && ids.iter().all(|id| id.len() == 36), "{ids:?}");
    assert!(server.get("/nowhere").await.header("x-request-id").is_some());
}

#[tokio::test]
async fn http_2_is_spoken_on_the_same_port() {
    let server = Server::start().await;
    let io = TokioIo::new(server.connect().await);
    let (mut client, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    let request = hyper::Request::get("http://test/readyz").body(Empty::<Bytes>::new()).unwrap();
    let answer = client.send_request(request).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.version()), (200, hyper::Version::HTTP_2));
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "{\"status\":\"ok\"}");
}
