//! A scan followed while it runs: over a WebSocket and as server-sent events, by readers that come back and by one that never reads.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::Message;
use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderValue;

use crate::harness::Plumb;
use crate::service::Service;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_mins(1);
/// Resources of a scan that is met while it runs.
const MANY: usize = 20_000;

struct Case {
    plumb: Plumb,
    service: Service,
    token: String,
    target: String,
}

impl Case {
    fn new() -> Case {
        let plumb = Plumb::new();
        let bucket = |number: usize| {
            let name = format!("lake{number}");
            json!({
                "mode": "managed", "type": "aws_s3_bucket", "name": name,
                "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
                "instances": [{"schema_version": 0, "attributes": {"id": name, "bucket": name}}],
            })
        };
        let state = json!({
            "version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "l", "outputs": {},
            "resources": (0..MANY).map(bucket).collect::<Vec<_>>(),
        });
        let state = plumb.write("infra/terraform.tfstate", state.to_string());
        let token = plumb.run(&["token", "create", "--role", "admin"]).expect(0).stdout.trim().to_owned();
        let service = Service::start(&plumb, &[]);
        let target = json!({"name": "org/infra", "provider": "terraform", "settings": {"paths": [state]}});
        let (status, target) = service.ask(&token, "POST", "/v1/targets", Some(&target));
        assert_eq!(status, 201, "{target}");
        let target = target["id"].as_str().unwrap().to_owned();
        Case { plumb, service, token, target }
    }

    fn begin(&self) -> String {
        let (status, begun) =
            self.service.ask(&self.token, "POST", &format!("/api/scans/trigger/{}", self.target), None);
        assert_eq!(status, 201, "{begun}");
        begun["data"]["_id"].as_str().unwrap().to_owned()
    }

    fn socket(&self, scan: &str, token: &str) -> Result<tungstenite::WebSocket<TcpStream>, u16> {
        let stream = TcpStream::connect(&self.service.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut request =
            format!("ws://{}/v1/scans/{scan}/stream", self.service.address).into_client_request().unwrap();
        request.headers_mut().insert("authorization", HeaderValue::from_str(&format!("Bearer {token}")).unwrap());
        match tungstenite::client(request, stream) {
            Ok((socket, _)) => Ok(socket),
            Err(tungstenite::HandshakeError::Failure(tungstenite::Error::Http(response))) => {
                Err(response.status().as_u16())
            }
            Err(other) => panic!("{other}"),
        }
    }

    /// Server-sent events after an id, to the end of the stream.
    fn events(&self, scan: &str, last: Option<u64>) -> Vec<Value> {
        let mut stream = TcpStream::connect(&self.service.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let last = last.map(|last| format!("last-event-id: {last}\r\n")).unwrap_or_default();
        let (address, token) = (&self.service.address, &self.token);
        write!(
            stream,
            "GET /v1/scans/{scan}/stream HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nauthorization: Bearer {token}\r\naccept: text/event-stream\r\n{last}\r\n"
        )
        .unwrap();
        let lines = BufReader::new(stream).lines().map(Result::unwrap);
        lines.filter_map(|line| line.strip_prefix("data: ").map(|data| serde_json::from_str(data).unwrap())).collect()
    }
}

/// Everything a socket says until it is closed in good order.
fn read_all(socket: &mut tungstenite::WebSocket<TcpStream>) -> Vec<Value> {
    let mut events = Vec::new();
    loop {
        match socket.read().unwrap() {
            Message::Text(text) => events.push(serde_json::from_str(&text).unwrap()),
            Message::Close(frame) => {
                assert_eq!(frame.unwrap().code, tungstenite::protocol::frame::coding::CloseCode::Normal);
                return events;
            }
            Message::Ping(_) | Message::Pong(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

fn sequence(event: &Value) -> u64 {
    event["sequence"].as_u64().unwrap()
}

/// A run of events in order, which ends with the scan's end.
#[track_caller]
fn is_whole(events: &[Value], scan: &str) {
    assert!(events.is_sorted_by(|one, next| sequence(one) < sequence(next)), "{events:#?}");
    assert!(events.iter().all(|event| event["scan_id"] == scan), "{events:#?}");
    let last = events.last().unwrap();
    assert_eq!((&last["type"], &last["status"]), (&json!("status"), &json!("completed")), "{events:#?}");
}

#[test]
fn both_ways_tell_the_same_and_one_who_comes_back_gets_the_rest() {
    let case = Case::new();
    let scan = case.begin();
    let mut socket = case.socket(&scan, &case.token).unwrap();
    let live = read_all(&mut socket);
    is_whole(&live, &scan);
    assert!(live.iter().any(|event| event["type"] == "progress"), "{live:#?}");
    let sent = case.events(&scan, None);
    is_whole(&sent, &scan);
    let lasting = |events: &[Value]| -> Vec<Value> {
        events.iter().filter(|event| event["type"] != "progress").cloned().collect()
    };
    assert_eq!(lasting(&live), lasting(&sent));
    let middle = sequence(&sent[1]);
    let rest = case.events(&scan, Some(middle));
    assert_eq!(rest, sent.iter().filter(|event| sequence(event) > middle).cloned().collect::<Vec<_>>());
    case.service.stop();
}

#[test]
fn a_reader_that_never_reads_holds_up_nothing_and_strangers_are_told_nothing() {
    let case = Case::new();
    case.plumb.run(&["tenant", "create", "acme"]).expect(0);
    let made = case.plumb.run(&["token", "create", "--tenant", "acme", "--role", "admin"]).expect(0);
    let stranger = made.stdout.trim().to_owned();
    let scan = case.begin();
    let _deaf = case.socket(&scan, &case.token).unwrap();
    assert_eq!(case.socket(&scan, &stranger).unwrap_err(), 404);
    assert_eq!(case.socket(&scan, "plumb_nobody").unwrap_err(), 401);
    assert_eq!(case.service.ended(&case.token, &scan)["status"], "completed");
    // A stream that is there when its scan is deleted ends; the scan is gone for whoever asks then.
    let again = case.begin();
    let mut socket = case.socket(&again, &case.token).unwrap();
    case.service.ended(&case.token, &again);
    assert_eq!(case.service.ask(&case.token, "DELETE", &format!("/api/scans/{again}"), None).0, 200);
    assert!(!read_all(&mut socket).is_empty());
    assert_eq!(case.socket(&again, &case.token).unwrap_err(), 404);
    case.service.stop();
}
