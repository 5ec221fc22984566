//! What is written down of requests, and that a request with a key takes effect once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::StatusCode;
use plumb_model::access::{Grant, Role, Scope};
use plumb_model::tenant::{DEFAULT, Tenant};
use plumb_server::{Family, JsonBody, Limits, Routes};
use plumb_store::Ledger;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::harness::Server;

const OTHER: [u8; 16] = [7; 16];

async fn log(server: &Server, token: &str) -> Vec<Value> {
    server.call(token, "GET", "/v1/audit", "").await.json()["entries"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_change_is_written_down_with_who_did_it_and_a_reading_is_not() {
    let server = Server::start().await;
    let made = server.call(&server.admin, "POST", "/v1/tokens", r#"{"name":"x","role":"viewer"}"#).await;
    server.call(&server.admin, "GET", "/v1/tokens", "").await;
    let entries = log(&server, &server.admin).await;
    assert_eq!(entries.len(), 1, "{entries:#?}");
    let entry = &entries[0];
    assert_eq!(
        (&entry["action"], &entry["result"], &entry["actor"]),
        (&json!("POST /v1/tokens"), &json!("done"), &json!("token"))
    );
    assert_eq!(entry["object"], format!("/v1/tokens/{}", made.json()["id"].as_str().unwrap()));
    assert_eq!(entry["request_id"].as_str(), made.header("x-request-id"));
    assert!(
        !server.call(&server.admin, "GET", "/v1/audit", "").await.body.contains(made.json()["token"].as_str().unwrap())
    );
}

/// An entry that was written afterwards has the status of the answer as its result; one that was committed with its change does not.
#[tokio::test]
async fn whatever_changes_the_ledger_is_committed_with_its_entry() {
    let server = Server::start().await;
    let schedule = json!({
        "name": "nightly", "schedule": {"cron": "0 2 * * *"},
        "scan_config": {"scan_type": "full", "environment": "production", "cloud_providers": ["aws"]},
        "triggers": [{"type": "webhook"}],
    });
    let channel = json!({"name": "ops", "type": "webhook", "url": "https://hooks.example.com/plumb"});
    let calls = [
        ("POST", "/v1/tokens", json!({"name": "x", "role": "viewer"}), 201),
        ("POST", "/v1/tenants", json!({"name": "acme"}), 201),
        ("POST", "/v1/mutes", json!({"check": "*", "reason": "accepted"}), 201),
        ("POST", "/v1/scans/schedules", schedule.clone(), 201),
        ("PUT", "/v1/scans/schedules/1", schedule, 200),
        ("POST", "/v1/scans/schedules/1/disable", Value::Null, 200),
        ("POST", "/v1/scans/schedules/1/enable", Value::Null, 200),
        ("POST", "/v1/scans/schedules/1/secret", Value::Null, 200),
        ("DELETE", "/v1/scans/schedules/1", Value::Null, 204),
        ("POST", "/v1/notifications/channels", channel.clone(), 201),
    ];
    let mut changes = 0;
    for (method, path, body, status) in calls {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = server.call(&server.admin, method, path, &body).await;
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
        changes += 1;
        let entry = log(&server, &server.admin).await.remove(0);
        assert_eq!(
            (&entry["sequence"], &entry["result"]),
            (&json!(changes), &json!("done")),
            "{method} {path}: {entry}"
        );
    }
    // What is not there changes nothing, and what is refused says so.
    for (method, path) in
        [("DELETE", "/v1/mutes/0199f300-0000-7000-8000-000000000000"), ("DELETE", "/v1/scans/schedules/7")]
    {
        assert_eq!(server.call(&server.admin, method, path, "").await.status, 404);
        let entry = log(&server, &server.admin).await.remove(0);
        assert_eq!(entry["result"], "404", "{method} {path}: {entry}");
    }
    let entries = log(&server, &server.admin).await;
    let made = entries.iter().find(|entry| entry["action"] == "POST /v1/mutes").unwrap();
    let mutes = server.call(&server.admin, "GET", "/v1/mutes", "").await.json();
    assert_eq!(
        made["object"],
        format!("/v1/mutes/{}", mutes["mutes"][0]["id"].as_str().unwrap()),
        "it names what was made"
    );
    assert!(server.ledger.check().unwrap().is_sound());
}

#[tokio::test]
async fn refusals_are_written_down_and_those_of_one_kind_together() {
    let mut server = Server::start().await;
    let viewer = server.token(DEFAULT, Grant::Role(Role::Viewer));
    for _ in 0..5 {
        assert_eq!(server.call("plumb_wrong", "GET", "/v1/tokens", "").await.status, 401);
        assert_eq!(server.call(&viewer, "POST", "/v1/tokens", "{}").await.status, 403);
    }
    let ledger = Arc::clone(&server.ledger);
    assert_eq!(ledger.audit(&DEFAULT, None, 100).unwrap().len(), 2, "the first of each kind");
    server.stop();
    server.ended().await;
    let entries = ledger.audit(&DEFAULT, None, 100).unwrap();
    let mut counts: Vec<_> = entries
        .iter()
        .map(|entry| (entry.event.result.as_str(), entry.event.object.as_str(), entry.event.count))
        .collect();
    counts.sort_unstable();
    assert_eq!(
        counts,
        [("401", "127.0.0.1", 1), ("401", "127.0.0.1", 4), ("403", "/v1/tokens", 1), ("403", "/v1/tokens", 4)]
    );
    assert!(ledger.check().unwrap().is_sound());
}

#[tokio::test]
async fn a_tenant_reads_its_own_log_and_cannot_tell_that_there_is_another() {
    let server = Server::start().await;
    let tenant = Tenant { id: OTHER, name: "other".into(), ..Tenant::default_tenant() };
    server.ledger.create_tenant(&tenant).unwrap();
    let theirs = server.token(OTHER, Grant::Role(Role::Admin));
    server.call(&server.admin, "POST", "/v1/tokens", r#"{"name":"ours","role":"viewer"}"#).await;
    server.call(&theirs, "POST", "/v1/tokens", r#"{"name":"theirs","role":"viewer"}"#).await;
    let entries = log(&server, &theirs).await;
    assert_eq!((entries.len(), &entries[0]["sequence"]), (1, &json!(1)));
}

#[tokio::test]
async fn the_log_is_read_in_pages_from_its_end() {
    let server = Server::start().await;
    for _ in 0..5 {
        server.call(&server.admin, "POST", "/v1/tokens", r#"{"name":"x","role":"viewer"}"#).await;
    }
    let page = async |query: &str| server.call(&server.admin, "GET", &format!("/v1/audit{query}"), "").await.json();
    let numbers = |page: &Value| -> Vec<u64> {
        page["entries"].as_array().unwrap().iter().map(|entry| entry["sequence"].as_u64().unwrap()).collect()
    };
    let (first, second, last) =
        (page("?limit=2").await, page("?limit=2&before=4").await, page("?limit=2&before=2").await);
    assert_eq!((numbers(&first), numbers(&second), numbers(&last)), (vec![5, 4], vec![3, 2], vec![1]));
    assert_eq!(
        (&first["has_more"], &last["has_more"], &first["head"]["length"]),
        (&json!(true), &json!(false), &json!(5))
    );
    assert_eq!(first["head"]["hash"], first["entries"][0]["hash"]);
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Made {
    name: String,
}

/// A route that makes something, counts how often, and waits where a name says so.
fn making(count: &Arc<AtomicUsize>, begun: &Arc<Notify>, go_on: &Arc<Notify>) -> Routes {
    let (count, begun, go_on) = (Arc::clone(count), Arc::clone(begun), Arc::clone(go_on));
    Routes::new()
        .post("/made", Scope::ScansTrigger, Family::Native, async move |JsonBody(made): JsonBody<Made>| {
            let number = count.fetch_add(1, Ordering::Relaxed);
            if made.name == "slow" {
                begun.notify_one();
                go_on.notified().await;
            }
            let status = if made.name == "fails" { StatusCode::BAD_GATEWAY } else { StatusCode::CREATED };
            (status, axum::Json(json!({"number": number})))
        })
        .creating()
        .triggering()
}

struct Making {
    server: Server,
    count: Arc<AtomicUsize>,
    begun: Arc<Notify>,
    go_on: Arc<Notify>,
}

impl Making {
    async fn start() -> Making {
        let (count, begun, go_on) = (Arc::default(), Arc::new(Notify::new()), Arc::new(Notify::new()));
        let routes = making(&count, &begun, &go_on);
        let server = Server::with(Ledger::memory().unwrap(), Limits::default(), routes).await;
        Making { server, count, begun, go_on }
    }

    async fn make(&self, token: &str, key: &str, name: &str) -> crate::harness::Answer {
        let body = json!({"name": name}).to_string();
        self.server.call_with(token, "POST", "/made", &[("idempotency-key", key)], &body).await
    }
}

#[tokio::test]
async fn the_same_key_and_body_are_answered_the_first_result_again() {
    let making = Making::start().await;
    let admin = making.server.admin.clone();
    let (first, again) = (making.make(&admin, "k1", "a").await, making.make(&admin, "\"k1\"", "a").await);
    assert_eq!((first.status, &first.body), (201, &r#"{"number":0}"#.to_owned()));
    assert_eq!((again.status, &again.body, again.header("idempotent-replayed")), (201, &first.body, Some("true")));
    assert_eq!(making.make(&admin, "k1", "b").await.status, 422, "another body");
    assert_eq!(making.make(&admin, "k2", "a").await.json()["number"], 1, "another key");
    let other = making.server.scoped(&[Scope::ScansTrigger]);
    assert_eq!(making.make(&other, "k1", "a").await.json()["number"], 2, "another sender");
    for key in ["", "with space", &"k".repeat(256)] {
        assert_eq!(making.make(&admin, key, "a").await.status, 400, "{key}");
    }
    assert_eq!(making.count.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn what_failed_may_be_tried_again_with_its_key() {
    let making = Making::start().await;
    let admin = making.server.admin.clone();
    assert_eq!(making.make(&admin, "k", "fails").await.status, 500);
    assert_eq!(making.make(&admin, "k", "works").await.status, 201);
}

#[tokio::test]
async fn a_request_whose_twin_runs_is_refused_and_one_whose_client_left_takes_effect() {
    let making = Making::start().await;
    let admin = making.server.admin.clone();
    let body = r#"{"name":"slow"}"#;
    let mut stream = making.server.connect().await;
    let head = format!(
        "POST /made HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {admin}\r\nidempotency-key: k\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    tokio::io::AsyncWriteExt::write_all(&mut stream, head.as_bytes()).await.unwrap();
    making.begun.notified().await;
    assert_eq!(making.make(&admin, "k", "slow").await.status, 409);
    drop(stream);
    making.go_on.notify_one();
    let begun = std::time::Instant::now();
    let answer = loop {
        let answer = making.make(&admin, "k", "slow").await;
        if answer.status != 409 && answer.status != 429 {
            break answer;
        }
        assert!(begun.elapsed() < crate::harness::PATIENCE, "{answer:?}");
    };
    assert_eq!((answer.status, answer.body.as_str()), (201, r#"{"number":0}"#));
    assert_eq!(making.count.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_token_that_is_made_twice_with_a_key_is_one_and_shown_once() {
    let server = Server::start().await;
    let make = async || {
        let body = r#"{"name":"x","role":"viewer"}"#;
        server.call_with(&server.admin, "POST", "/v1/tokens", &[("idempotency-key", "k")], body).await.json()
    };
    let (first, again) = (make().await, make().await);
    assert_eq!(first["id"], again["id"]);
    assert!(first["token"].is_string() && again.get("token").is_none());
}

#[tokio::test]
async fn a_token_starts_no_more_scans_in_a_minute_than_it_may() {
    let making = Making::start().await;
    let admin = making.server.admin.clone();
    for left in (0..10).rev() {
        let answer = making.make(&admin, &format!("k{left}"), "a").await;
        assert_eq!((answer.status, answer.header("ratelimit-remaining")), (201, Some(left.to_string().as_str())));
    }
    let refused = making.make(&admin, "more", "a").await;
    assert_eq!((refused.status, &refused.problem()["code"]), (429, &"rate-limited".into()));
    assert_eq!(refused.header("ratelimit-limit"), Some("10"));
    assert_eq!(refused.header("ratelimit-policy"), Some("\"trigger\";q=10;w=60"));
    let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds));
    let other = making.server.scoped(&[Scope::ScansTrigger]);
    assert_eq!(making.make(&other, "k", "a").await.status, 201, "another token has its own");
}
