//! Who is told what, and what becomes of messages.

use std::process::Stdio;

use plumb_engine::notify::Notifier;
use plumb_model::check::Severity;
use plumb_model::notification::{Delivery, DeliveryStatus, Destination, EventKind, Rule, ScanNotifications, UrlSource};
use plumb_model::schedule::{EventTrigger, Schedule};
use plumb_model::tenant::DEFAULT;
use plumb_store::DeliveryFilter;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use super::fixture::{Bench, running, waiting};

fn deliveries(bench: &Bench) -> Vec<Delivery> {
    bench.ledger.deliveries(&DEFAULT, DeliveryFilter::default(), 0, 1_000).unwrap().deliveries
}

fn everything() -> Vec<Rule> {
    vec![Rule::default()]
}

/// Runs a schedule's scan to its end and has everybody told.
async fn scan(bench: &Bench) {
    let schedule = bench.keep(bench.triggered(EventTrigger::Manual));
    scan_of(bench, schedule).await;
}

async fn scan_of(bench: &Bench, schedule: Schedule) {
    let schedule = bench.keep(schedule);
    bench.scheduler.run_now(&DEFAULT, &schedule.id).await.unwrap().unwrap();
    bench.settle().await;
    bench.look().await;
    bench.scheduler.notifier().flush().await.unwrap();
}

#[tokio::test]
async fn a_webhook_gets_a_cloud_event_that_the_receivers_library_verifies() {
    let bench = Bench::new(running()).await;
    let channel = bench.webhook(everything());
    // The library looks at the machine's clock.
    bench.set_clock(&jiff::Timestamp::now().to_string());
    scan(&bench).await;
    let asked = bench.receiver.asked();
    assert_eq!(asked.len(), 1, "{asked:?}");
    let event: Value = serde_json::from_slice(&asked[0].body).unwrap();
    let head = bench.scans().remove(0);
    let scan = uuid::Uuid::from_bytes(head.scan.id).to_string();
    assert_eq!(asked[0].headers["content-type"], "application/cloudevents+json; charset=utf-8");
    assert_eq!((&event["specversion"], &event["type"]), (&json!("1.0"), &json!("plumb.scan.completed")));
    assert_eq!((&event["subject"], &event["id"]), (&json!(scan), &json!(asked[0].headers["webhook-id"])));
    assert_eq!(event["data"]["scan"]["url"], format!("https://plumb.test/v1/scans/{scan}"));
    assert_eq!(event["data"]["dashboard_url"], format!("https://plumb.test/scans/{scan}"));
    let violations = event["data"]["violations"].as_object().unwrap().values().map(|count| count.as_u64().unwrap());
    assert_eq!(violations.sum::<u64>(), head.figures.unwrap().violations.iter().sum::<u64>());
    assert_eq!(event["data"]["new_violations"], event["data"]["violations"], "everything is new to the first scan");
    let verified = verify(&bench.settings.signing.channel_secret(&channel).text(), &asked[0]).await;
    let verified = verified.unwrap();
    assert_eq!((&verified["id"], &verified["data"]["worst"]), (&event["id"], &event["data"]["worst"]));
    let other =
        bench.settings.signing.channel_secret(&plumb_model::notification::Channel { secret_version: 1, ..channel });
    assert!(verify(&other.text(), &asked[0]).await.unwrap_err().contains("No matching signature"));
}

/// What the package that receivers use makes of a request.
async fn verify(secret: &str, asked: &super::fixture::Asked) -> Result<Value, String> {
    let mut command = tokio::process::Command::new("node");
    command.arg(super::mail::beside("webhook.cjs")).arg(secret);
    command.env("NODE_PATH", super::mail::validators().join("node_modules"));
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut node = piped.spawn().expect("node is not there; install Node.js");
    let input = json!({"headers": asked.headers, "body": String::from_utf8(asked.body.clone()).unwrap()});
    let mut stdin = node.stdin.take().unwrap();
    stdin.write_all(input.to_string().as_bytes()).await.unwrap();
    drop(stdin);
    let output = node.wait_with_output().await.unwrap();
    if output.status.success() {
        return Ok(serde_json::from_slice(&output.stdout).unwrap());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test]
async fn slack_gets_blocks_within_its_bounds_and_no_markup_of_a_resource() {
    let bench = Bench::new(running()).await;
    bench.channel(1, "slack", Destination::Slack(UrlSource::Secret("slack".into())), everything());
    let hostile = "<!channel> <https://evil.test|click> & *bold*";
    bench.write(&[hostile, &"long".repeat(2_000)]);
    let schedule = Schedule { name: format!("nightly {hostile}"), ..bench.triggered(EventTrigger::Manual) };
    scan_of(&bench, schedule).await;
    let asked = bench.receiver.asked();
    assert_eq!(asked[0].url, "https://hooks.slack.test/services/T0/B0/topsecret");
    let payload: Value = serde_json::from_slice(&asked[0].body).unwrap();
    let blocks = payload["blocks"].as_array().unwrap();
    assert!((1..=50).contains(&blocks.len()));
    // docs.slack.dev/reference/block-kit/blocks: types, and how long their texts may be.
    for block in blocks {
        let keys: Vec<&str> = block.as_object().unwrap().keys().map(String::as_str).collect();
        match block["type"].as_str().unwrap() {
            "header" => {
                assert_eq!((keys, &block["text"]["type"]), (vec!["text", "type"], &json!("plain_text")));
                assert!((1..=150).contains(&block["text"]["text"].as_str().unwrap().chars().count()));
            }
            "section" => {
                assert_eq!((keys, &block["text"]["type"]), (vec!["text", "type"], &json!("mrkdwn")));
                assert!((1..=3000).contains(&block["text"]["text"].as_str().unwrap().chars().count()));
            }
            "context" => assert!((1..=10).contains(&block["elements"].as_array().unwrap().len())),
            other => panic!("{other}"),
        }
        if block["type"] != "header" {
            let text = block.to_string();
            assert!(!text.contains("<!channel>") && !text.contains("<https://evil.test"), "{text}");
        }
    }
    assert!(!payload["text"].as_str().unwrap().contains('<'));
    assert!(payload.to_string().contains("&lt;!channel&gt;"));
    let scan = uuid::Uuid::from_bytes(bench.scans()[0].scan.id);
    let links = blocks.last().unwrap()["elements"][0]["text"].as_str().unwrap();
    assert!(links.starts_with(&format!("<https://plumb.test/scans/{scan}|")), "{links}");
    assert!(links.contains(&format!("<https://plumb.test/v1/scans/{scan}|")), "{links}");
    assert!(!format!("{:?}", deliveries(&bench)).contains("topsecret"));
}

#[tokio::test]
async fn what_does_not_arrive_is_tried_for_a_day_then_dead_and_can_be_sent_anew() {
    let mut bench = Bench::new(running()).await;
    bench.webhook(everything());
    bench.receiver.answer(Err("no connection"));
    scan(&bench).await;
    let mut tries = bench.receiver.asked().len();
    assert_eq!(tries, 1);
    bench.scheduler.notifier().flush().await.unwrap();
    assert_eq!(bench.receiver.asked().len(), 1, "it is not due yet");
    bench.receiver.answer(Ok(503));
    while deliveries(&bench)[0].status == DeliveryStatus::Pending {
        bench.set_clock(&deliveries(&bench)[0].next_attempt_at.clone().unwrap());
        // A program that begins anew goes on where the last one was.
        bench.restart(running()).await;
        bench.scheduler.notifier().flush().await.unwrap();
        tries += 1;
    }
    let dead = deliveries(&bench).remove(0);
    assert_eq!((dead.status, dead.attempts, tries), (DeliveryStatus::Dead, 8, 8));
    assert_eq!(dead.last_error.as_deref(), Some("it answered 503"));
    let ids: Vec<_> = bench.receiver.asked().iter().map(|asked| asked.headers["webhook-id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "a receiver knows it again: {ids:?}");
    bench.receiver.answer(Ok(204));
    let at = plumb_engine::clock::rfc3339(plumb_engine::clock::Clock::now(&*bench.clock));
    bench.ledger.replay_delivery(&DEFAULT, &dead.id, &at).unwrap().unwrap();
    bench.scheduler.notifier().flush().await.unwrap();
    assert_eq!(deliveries(&bench)[0].status, DeliveryStatus::Delivered);
    assert!(bench.ledger.replay_delivery(&DEFAULT, &dead.id, &at).is_err(), "it has arrived");
    assert!(bench.ledger.check().unwrap().is_sound());
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_what_is_gone_is_not_asked_again() {
    for (status, outcome) in [(302, DeliveryStatus::Pending), (410, DeliveryStatus::Dead)] {
        let bench = Bench::new(running()).await;
        bench.webhook(everything());
        bench.receiver.answer(Ok(status));
        scan(&bench).await;
        assert_eq!((bench.receiver.asked().len(), deliveries(&bench)[0].status), (1, outcome), "{status}");
    }
}

#[tokio::test]
async fn only_what_a_rule_wants_is_told() {
    let rules = [
        (Rule { events: vec![EventKind::ScanFailed], ..Rule::default() }, [0, 0]),
        (Rule { events: vec![EventKind::ScanCompleted], ..Rule::default() }, [1, 1]),
        (Rule { new_violations_only: true, ..Rule::default() }, [1, 0]),
        (Rule { new_violations_only: true, min_severity: Some(Severity::Low), ..Rule::default() }, [1, 0]),
        (Rule { score_fall: Some(0.1), ..Rule::default() }, [0, 0]),
    ];
    for (rule, expected) in rules {
        let bench = Bench::new(running()).await;
        bench.webhook(vec![rule.clone()]);
        let mut told = Vec::new();
        for _ in expected {
            scan(&bench).await;
            told.push(bench.receiver.asked().len() - told.iter().sum::<usize>());
        }
        assert_eq!(told, expected, "{rule:?}");
    }
}

#[tokio::test]
async fn a_scan_is_told_over_the_channels_it_names_and_one_that_is_not_there_can_be_seen() {
    let bench = Bench::new(running()).await;
    bench.webhook(Vec::new());
    let channels = vec!["webhook".to_owned(), "hook".to_owned(), "email".to_owned()];
    let notifications = ScanNotifications { on_completion: true, on_failure: false, channels };
    scan_of(&bench, Schedule { notifications, ..bench.triggered(EventTrigger::Manual) }).await;
    assert_eq!(bench.receiver.asked().len(), 1, "named by kind and by name it is told once");
    let found = deliveries(&bench);
    let dead: Vec<_> = found.iter().filter(|delivery| delivery.status == DeliveryStatus::Dead).collect();
    assert_eq!((found.len(), dead.len(), dead[0].channel_name.as_str()), (2, 1, "email"));
    assert!(dead[0].last_error.as_deref().unwrap().contains("no enabled channel"));
}

#[tokio::test]
async fn what_happened_before_a_crash_is_told_after_it() {
    let mut bench = Bench::new(waiting()).await;
    bench.webhook(everything());
    let schedule = bench.keep(bench.triggered(EventTrigger::Manual));
    let ordered = bench.scheduler.run_now(&DEFAULT, &schedule.id).await.unwrap().unwrap();
    bench.service.cancel(&DEFAULT, &ordered.head.scan.id).await.unwrap();
    // Nobody has looked since.
    bench.restart(waiting()).await;
    bench.look().await;
    bench.look().await;
    bench.scheduler.notifier().flush().await.unwrap();
    let found = deliveries(&bench);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].event, found[0].status), (EventKind::ScanCancelled, DeliveryStatus::Delivered));
}

#[tokio::test]
async fn a_dead_channel_holds_up_no_other() {
    let bench = Bench::new(running()).await;
    bench.channel(1, "slack", Destination::Slack(UrlSource::Secret("nobody keeps it".into())), everything());
    bench.channel(2, "mail", Destination::Email(vec!["ops@example.com".into()]), everything());
    bench.channel(3, "hook", Destination::Webhook(UrlSource::Plain("https://hooks.test/".into())), everything());
    scan(&bench).await;
    let outcome = |name: &str| {
        let found = deliveries(&bench).into_iter().find(|delivery| delivery.channel_name == name).unwrap();
        (found.status, found.last_error.unwrap_or_default())
    };
    assert_eq!(outcome("hook").0, DeliveryStatus::Delivered);
    assert_eq!(
        outcome("slack"),
        (DeliveryStatus::Pending, "the operator keeps no secret 'nobody keeps it'".to_owned())
    );
    assert_eq!(outcome("mail"), (DeliveryStatus::Pending, "the operator has set no SMTP server".to_owned()));
    let notifier: &Notifier = bench.scheduler.notifier();
    assert!(!notifier.has_smtp());
}
