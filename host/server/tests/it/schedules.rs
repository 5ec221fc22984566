//! Schedules, the webhooks that set them off, and channels.

use jiff::Timestamp;
use plumb_model::access::{Grant, Role};
use plumb_model::tenant::{DEFAULT, Tenant};
use serde_json::{Value, json};

use crate::harness::{Answer, Server};

const OTHER: [u8; 16] = [7; 16];

fn body() -> Value {
    json!({
        "name": "Weekly Production Compliance Scan",
        "description": "Comprehensive compliance assessment every Sunday",
        "schedule": {"cron": "0 6 * * 0", "timezone": "UTC"},
        "scan_config": {"scan_type": "full", "environment": "production", "cloud_providers": ["aws", "azure", "gcp"]},
        "notifications": {"on_completion": true, "on_failure": true, "channels": ["email", "slack"]},
        "enabled": true,
    })
}

fn with(path: &str, value: Value) -> Value {
    let mut body = body();
    match value {
        Value::Null => {
            let (parent, last) = path.rsplit_once('/').unwrap();
            body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(last);
        }
        value => {
            let (parent, last) = path.rsplit_once('/').unwrap();
            body.pointer_mut(parent).unwrap()[last] = value;
        }
    }
    body
}

async fn call(server: &Server, method: &str, path: &str, body: &Value) -> Answer {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    server.call(&server.admin, method, path, &body).await
}

#[tokio::test]
async fn a_schedule_lives_from_its_making_to_its_end() {
    let server = Server::start().await;
    let made = call(&server, "POST", "/v1/scans/schedules", &body()).await;
    assert_eq!(made.status, 201, "{made:?}");
    let schedule = made.json();
    let path = format!("/v1/scans/schedules/{}", schedule["id"].as_str().unwrap());
    assert_eq!((made.header("location"), &schedule["number"]), (Some(path.as_str()), &json!(1)));
    let next: Vec<Timestamp> =
        schedule["next_runs"].as_array().unwrap().iter().map(|time| time.as_str().unwrap().parse().unwrap()).collect();
    assert_eq!(next.len(), 5);
    assert!(next.windows(2).all(|pair| (pair[1] - pair[0]).get_seconds() == 7 * 24 * 3600), "{next:?}");
    assert_eq!(
        (&schedule["schedule"], &schedule["overlap"]),
        (&json!({"cron": "0 6 * * 0", "timezone": "UTC"}), &json!("skip"))
    );
    assert_eq!(schedule["last_run"], Value::Null);
    assert_eq!(call(&server, "GET", "/v1/scans/schedules/1", &Value::Null).await.json(), schedule);
    let off = call(&server, "POST", &format!("{path}/disable"), &Value::Null).await.json();
    assert_eq!((&off["enabled"], &off["next_runs"]), (&json!(false), &json!([])));
    let listed = async |query: &str| {
        call(&server, "GET", &format!("/v1/scans/schedules{query}"), &Value::Null).await.json()["pagination"]["total"]
            .clone()
    };
    assert_eq!(
        (listed("").await, listed("?enabled=true").await, listed("?enabled=false").await),
        (1.into(), 0.into(), 1.into())
    );
    let on = call(&server, "POST", &format!("{path}/enable"), &Value::Null).await.json();
    assert_eq!(on["next_runs"].as_array().unwrap().len(), 5);
    let changed = with("/schedule", json!({"cron": "@daily", "timezone": "europe/berlin"}));
    let changed = call(&server, "PUT", &path, &changed).await.json();
    assert_eq!((&changed["schedule"]["timezone"], &changed["number"]), (&json!("Europe/Berlin"), &json!(1)));
    assert_eq!(changed["created_at"], schedule["created_at"]);
    let refused = call(&server, "POST", &format!("{path}/run"), &Value::Null).await;
    assert_eq!((refused.status, &refused.json()["details"][0]["field"]), (400, &json!("targets")));
    assert_eq!(call(&server, "DELETE", &path, &Value::Null).await.status, 204);
    for method in ["GET", "DELETE"] {
        assert_eq!(call(&server, method, &path, &Value::Null).await.status, 404);
    }
    assert!(server.ledger.check().unwrap().is_sound());
}

#[tokio::test]
async fn what_is_wrong_with_a_schedule_is_named_field_by_field() {
    let server = Server::start().await;
    let many = "1,".repeat(300) + "1 * * * *";
    for (path, value, field, words) in [
        ("/schedule/cron", json!("0 0 31 2 *"), "schedule.cron", "never fires"),
        ("/schedule/cron", json!("* * * * * *"), "schedule.cron", "5"),
        ("/schedule/cron", json!("61 * * * *"), "schedule.cron", "61 * * * *"),
        ("/schedule/cron", json!(many), "schedule.cron", "256"),
        ("/schedule/timezone", json!("Mars/Olympus"), "schedule.timezone", "IANA"),
        ("/schedule", Value::Null, "schedule", "trigger"),
        ("/name", json!("  "), "name", "200"),
        ("/scan_config/cloud_providers", json!([]), "scan_config.cloud_providers", "At least one"),
        ("/scan_config/cloud_providers", json!(["marsian"]), "scan_config.cloud_providers", "marsian"),
        ("/scan_config/frameworks", json!(["nothing"]), "scan_config.frameworks", "nothing"),
        ("/scan_config/execution", json!({"timeout": "9 years"}), "scan_config.execution.timeout", "24h"),
        ("/notifications/channels", json!(["pigeon"]), "notifications.channels", "pigeon"),
        ("/triggers", json!([{"type": "compliance_drift"}]), "triggers[0].score_fall", "points"),
        ("/triggers", json!([{"type": "manual", "score_fall": 1}]), "triggers[0].score_fall", "compliance_drift"),
        ("/triggers", json!([{"type": "manual"}, {"type": "manual"}]), "triggers[1].type", "already"),
        ("/triggers", json!([{"type": "moon"}]), "triggers[0].type", "moon"),
        ("/scan_config/colour", json!("red"), "scan_config.colour", "colour"),
        ("/overlap", json!("pile"), "overlap", "pile"),
    ] {
        let answer = call(&server, "POST", "/v1/scans/schedules", &with(path, value.clone())).await;
        let problem = answer.json();
        assert_eq!((answer.status, &problem["error_code"]), (400, &json!("SCAN_001")), "{path} {value}: {problem}");
        let detail = problem["details"].as_array().unwrap().iter().find(|detail| {
            field.starts_with(detail["field"].as_str().unwrap()) || detail["field"].as_str().unwrap().starts_with(field)
        });
        let detail = detail.unwrap_or_else(|| panic!("{path} {value}: {problem}"));
        assert!(problem.to_string().contains(words), "{path} {value}: {detail}");
    }
}

#[tokio::test]
async fn a_tenant_sees_no_schedule_and_no_channel_of_another() {
    let server = Server::start().await;
    let tenant = Tenant { id: OTHER, name: "other".into(), ..Tenant::default_tenant() };
    server.ledger.create_tenant(&tenant).unwrap();
    let theirs = server.token(OTHER, Grant::Role(Role::Admin));
    let schedule = call(&server, "POST", "/v1/scans/schedules", &body()).await.json();
    let channel = json!({"name": "ops", "type": "webhook", "url": "https://hooks.example.com/plumb"});
    let channel = call(&server, "POST", "/v1/notifications/channels", &channel).await.json();
    let (schedule, channel) = (schedule["id"].as_str().unwrap(), channel["id"].as_str().unwrap());
    for (method, path) in [
        ("GET", format!("/v1/scans/schedules/{schedule}")),
        ("GET", "/v1/scans/schedules/1".to_owned()),
        ("DELETE", format!("/v1/scans/schedules/{schedule}")),
        ("POST", format!("/v1/scans/schedules/{schedule}/run")),
        ("POST", format!("/v1/scans/schedules/{schedule}/enable")),
        ("GET", format!("/v1/notifications/channels/{channel}")),
        ("DELETE", format!("/v1/notifications/channels/{channel}")),
    ] {
        assert_eq!(server.call(&theirs, method, &path, "").await.status, 404, "{method} {path}");
    }
    for path in ["/v1/scans/schedules", "/v1/notifications/channels"] {
        let answer = server.call(&theirs, "GET", path, "").await;
        assert!(!answer.body.contains(schedule) && !answer.body.contains(channel));
    }
}

#[tokio::test]
async fn a_webhook_is_heard_once_for_each_signed_message() {
    let server = Server::start().await;
    let hooked = with("/triggers", json!([{"type": "webhook"}]));
    let made = call(&server, "POST", "/v1/scans/schedules", &hooked).await.json();
    let id = made["id"].as_str().unwrap();
    assert_eq!(made["webhook_url"], format!("http://test/v1/hooks/{id}"));
    let kept = server.ledger.schedule(&DEFAULT, uuid(id).as_bytes()).unwrap().unwrap();
    let secret = server.signing().schedule_secret(&kept);
    assert_eq!(made["webhook_secret"], secret.text());
    let shown = call(&server, "GET", &format!("/v1/scans/schedules/{id}"), &Value::Null).await;
    assert!(!shown.body.contains("whsec_"), "it is shown once");
    let send = async |message: &str, age: i64, signature: Option<String>, body: &str| {
        let sent = Timestamp::now().as_second() - age;
        let signature = signature.unwrap_or_else(|| secret.sign(message, sent, body.as_bytes()));
        server
            .send(&format!(
                "POST /v1/hooks/{id} HTTP/1.1\r\nhost: test\r\nconnection: close\r\nwebhook-id: {message}\r\n\
                 webhook-timestamp: {sent}\r\nwebhook-signature: {signature}\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            ))
            .await
    };
    let first = send("m1", 0, None, "{}").await;
    assert_eq!((first.status, first.body.as_str()), (202, r#"{"scan_id":null}"#), "{first:?}");
    let state = server.ledger.schedule(&DEFAULT, &kept.id).unwrap().unwrap().state;
    assert!(state.last_problem.unwrap().contains("no target"), "there is nothing to scan");
    assert_eq!(send("m1", 0, None, "{}").await.status, 202);
    for (message, age, signature, body) in [
        ("m2", 301, None, "{}"),
        ("m2", -301, None, "{}"),
        ("m2", 0, Some(secret.sign("m3", 0, b"{}")), "{}"),
        ("m2", 0, Some(String::from("v1,")), "{}"),
        ("m1", 0, None, "another body"),
    ] {
        let answer = send(message, age, signature, body).await;
        assert_eq!(answer.status, 401, "{answer:?}");
        answer.problem();
    }
    let entries = server.ledger.audit(&DEFAULT, None, 100).unwrap();
    let heard = entries.iter().filter(|entry| entry.event.action == "POST /v1/hooks/{id}").count();
    assert_eq!(heard, 1, "{entries:?}");
    let renewed = call(&server, "POST", &format!("/v1/scans/schedules/{id}/secret"), &Value::Null).await.json();
    assert_ne!(renewed["webhook_secret"], made["webhook_secret"]);
    assert_eq!(send("m4", 0, None, "{}").await.status, 401, "the old secret");
}

#[tokio::test]
async fn a_schedule_without_a_webhook_has_no_url_that_is_heard() {
    let server = Server::start().await;
    let made = call(&server, "POST", "/v1/scans/schedules", &body()).await.json();
    let id = made["id"].as_str().unwrap();
    assert_eq!(server.ask("POST", &format!("/v1/hooks/{id}")).await.status, 404);
    let renewed = call(&server, "POST", &format!("/v1/scans/schedules/{id}/secret"), &Value::Null).await;
    assert_eq!(renewed.status, 409);
}

#[tokio::test]
async fn a_channel_shows_its_secret_once_and_names_what_is_wrong() {
    let server = Server::start().await;
    let path = "/v1/notifications/channels";
    let hook = json!({"name": "ops", "type": "webhook", "url": "https://hooks.example.com/plumb",
        "rules": [{"events": ["drift.detected"], "min_severity": "high", "score_fall": 2.5}]});
    let make = async || {
        server.call_with(&server.admin, "POST", path, &[("idempotency-key", "k")], &hook.to_string()).await.json()
    };
    let (first, again) = (make().await, make().await);
    assert!(first["webhook_secret"].as_str().unwrap().starts_with("whsec_") && again.get("webhook_secret").is_none());
    assert_eq!(
        (&first["id"], &first["rules"]),
        (
            &again["id"],
            &json!([{"events": ["drift.detected"], "min_severity": "high",
        "new_violations_only": false, "score_fall": 2.5}])
        )
    );
    assert!(!call(&server, "GET", path, &Value::Null).await.body.contains("whsec_"));
    for (wrong, field) in [
        (json!({"name": "ops", "type": "email", "to": ["a@b.c"]}), ""),
        (json!({"name": "slack", "type": "email", "to": ["a@b.c"]}), "name"),
        (json!({"name": "a", "type": "email", "to": []}), "to"),
        (json!({"name": "a", "type": "email", "to": ["not an address"]}), "to"),
        (json!({"name": "a", "type": "email", "to": ["a@b.c\r\nBcc: d@e.f"]}), "to"),
        (json!({"name": "a", "type": "slack", "url": "https://hooks.slack.com/services/T/B/x"}), "url"),
        (json!({"name": "a", "type": "slack", "url_secret": "nobody's"}), "url_secret"),
        (json!({"name": "a", "type": "webhook"}), "url"),
        (json!({"name": "a", "type": "webhook", "url": "https://h.test/?token=x"}), "url"),
        (json!({"name": "a", "type": "webhook", "url": "https://user:pw@h.test/"}), "url"),
        (
            json!({"name": "a", "type": "webhook", "url": "https://h.test/", "rules": [{"score_fall": 0}]}),
            "rules[0].score_fall",
        ),
    ] {
        let answer = call(&server, "POST", path, &wrong).await;
        if field.is_empty() {
            assert_eq!(answer.status, 409, "{wrong}: {answer:?}");
        } else {
            assert_eq!(answer.status, 400, "{wrong}: {answer:?}");
            assert!(
                answer.problem()["detail"].as_str().unwrap().contains(&format!("'{field}'")),
                "{wrong}: {answer:?}"
            );
        }
    }
}

fn uuid(text: &str) -> uuid::Uuid {
    uuid::Uuid::try_parse(text).unwrap()
}
