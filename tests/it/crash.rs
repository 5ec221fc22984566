//! The service is killed at moments it does not choose, again and again, while clients trigger, cancel, upload and delete. What it
//! has acknowledged is held against what it has after each restart.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::Plumb;
use crate::service::Service;

/// How often it is killed. `PLUMB_CRASHES` says otherwise.
const CRASHES: usize = 200;
/// Clients at the same time.
const CLIENTS: usize = 4;
/// Resources of the target: enough that kills meet scans at work.
const RESOURCES: usize = 600;
/// The longest that a server lives, in milliseconds.
const LIFE: u64 = 250;
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Xorshift: the same moments for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// What somebody was told.
#[derive(Default)]
struct Acknowledged {
    /// Scans that were begun. Whether one was cancelled or deleted is known only where that was answered.
    scans: BTreeSet<String>,
    cancelled: BTreeSet<String>,
    deleted: BTreeSet<String>,
    /// Somebody asked for it, and was not answered.
    perhaps_cancelled: BTreeSet<String>,
    perhaps_deleted: BTreeSet<String>,
    /// The bytes by the id.
    uploads: BTreeMap<String, Vec<u8>>,
    /// Terminal states that were seen: there is one for each scan.
    ended: BTreeMap<String, String>,
}

/// A request that may find nobody; none then, or where the answer was cut short.
fn ask(address: &str, token: &str, method: &str, path: &str, headers: &str, body: &[u8]) -> Option<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nauthorization: Bearer {token}\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(answer.get(..end)?).ok()?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let body = answer.get(end + 4..)?.to_vec();
    // What has no length comes in chunks: only streams do that here, and none is asked for.
    let whole = length.and_then(|length| length.parse().ok()).is_none_or(|length: usize| length == body.len());
    whole.then_some((head.split(' ').nth(1)?.parse().ok()?, body))
}

fn parsed(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or(Value::Null)
}

/// One client, until nobody answers any more.
fn client(address: &str, token: &str, target: &str, mut random: Random, model: &Mutex<Acknowledged>) {
    loop {
        let pick = |random: &mut Random| {
            let scans: Vec<String> = model.lock().unwrap().scans.iter().rev().take(12).cloned().collect();
            let count = u64::try_from(scans.len()).unwrap();
            (count > 0).then(|| scans[usize::try_from(random.below(count)).unwrap()].clone())
        };
        match random.below(8) {
            0..=2 => {
                let path = format!("/api/scans/trigger/{target}");
                let Some((status, body)) = ask(address, token, "POST", &path, "", b"") else { return };
                assert!([201, 429].contains(&status), "{status} {}", String::from_utf8_lossy(&body));
                if status == 201 {
                    let id = parsed(&body)["data"]["_id"].as_str().unwrap().to_owned();
                    model.lock().unwrap().scans.insert(id);
                }
            }
            3 | 4 => {
                let Some(id) = pick(&mut random) else { continue };
                model.lock().unwrap().perhaps_cancelled.insert(id.clone());
                let answer = ask(address, token, "DELETE", &format!("/v1/scans/{id}"), "", b"");
                let Some((status, body)) = answer else { return };
                assert!([200, 404, 409].contains(&status), "{status} {}", String::from_utf8_lossy(&body));
                if status == 200 {
                    model.lock().unwrap().cancelled.insert(id);
                }
            }
            5 => {
                let Some(id) = pick(&mut random) else { continue };
                model.lock().unwrap().perhaps_deleted.insert(id.clone());
                let answer = ask(address, token, "DELETE", &format!("/api/scans/{id}"), "", b"");
                let Some((status, body)) = answer else { return };
                assert!([200, 404, 409].contains(&status), "{status} {}", String::from_utf8_lossy(&body));
                if status == 200 {
                    model.lock().unwrap().deleted.insert(id);
                }
            }
            _ => {
                let content =
                    format!("note {}\n", random.below(u64::MAX)).repeat(1 + usize::try_from(random.below(40)).unwrap());
                let form = format!(
                    "--cut\r\ncontent-disposition: form-data; name=\"control_id\"\r\n\r\nCC6.1\r\n\
                     --cut\r\ncontent-disposition: form-data; name=\"framework_id\"\r\n\r\nsoc2_aws\r\n\
                     --cut\r\ncontent-disposition: form-data; name=\"file\"; filename=\"note.txt\"\r\ncontent-type: text/plain\r\n\r\n{content}\r\n--cut--\r\n"
                );
                let kind = "content-type: multipart/form-data; boundary=cut\r\n";
                let answer = ask(address, token, "POST", "/api/evidence/upload", kind, form.as_bytes());
                let Some((status, body)) = answer else { return };
                assert_eq!(status, 201, "{}", String::from_utf8_lossy(&body));
                let id = parsed(&body)["id"].as_str().unwrap().to_owned();
                model.lock().unwrap().uploads.insert(id, content.into_bytes());
            }
        }
    }
}

/// Holds what the service has against what it has said.
fn compare(service: &Service, token: &str, model: &mut Acknowledged, round: usize) {
    for id in &model.scans {
        let (status, details) = service.ask(token, "GET", &format!("/v1/scans/{id}"), None);
        if model.deleted.contains(id) {
            assert_eq!(status, 404, "round {round}: {id} was deleted, and is there");
            continue;
        }
        if status == 404 {
            assert!(model.perhaps_deleted.contains(id), "round {round}: {id} is lost");
            continue;
        }
        assert_eq!(status, 200, "round {round}: {details}");
        let now = details["status"].as_str().unwrap();
        if model.cancelled.contains(id) {
            assert_eq!(now, "cancelled", "round {round}: {details}");
        }
        if now == "cancelled" {
            assert!(model.perhaps_cancelled.contains(id), "round {round}: nobody cancelled {id}");
        }
        assert_ne!(now, "failed", "round {round}: {details}");
        if ["completed", "cancelled"].contains(&now) {
            let before = model.ended.entry(id.clone()).or_insert_with(|| now.to_owned());
            assert_eq!(before, now, "round {round}: {id} has ended twice");
        } else {
            assert!(!model.ended.contains_key(id), "round {round}: {id} had ended, and is {now} again");
        }
        if now == "completed" {
            assert_eq!(details["progress"]["scanned_resources"], RESOURCES, "round {round}: {details}");
        }
    }
    for (id, content) in &model.uploads {
        let (status, _, body) = service.exchange(token, "GET", &format!("/api/evidence/{id}/content"), "", b"");
        assert_eq!((status, &body), (200, content), "round {round}: upload {id}");
    }
}

#[test]
fn whatever_was_acknowledged_is_there_after_every_kill() {
    let crashes = std::env::var("PLUMB_CRASHES").map_or(CRASHES, |count| count.parse().unwrap());
    let plumb = Plumb::new();
    let bucket = |number: usize| {
        let name = format!("lake{number}");
        json!({
            "mode": "managed", "type": "aws_s3_bucket", "name": name,
            "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
            "instances": [{"schema_version": 0, "attributes": {"id": name, "bucket": name, "acl": "private"}}],
        })
    };
    let state = json!({
        "version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "l", "outputs": {},
        "resources": (0..RESOURCES).map(bucket).collect::<Vec<_>>(),
    });
    let state = plumb.write("infra/terraform.tfstate", state.to_string());
    let config = plumb.write("plumb.toml", "[rate]\ntriggers = 100000\n[scans]\nmax_concurrent = 2\nqueue = 8\n");
    let config = ["--config", config.to_str().unwrap()];
    let token = plumb.run(&["token", "create", "--role", "admin"]).expect(0).stdout.trim().to_owned();
    let mut service = Service::start(&plumb, &config);
    let target =
        json!({"name": "org/infra", "provider": "terraform", "settings": {"paths": [state.parent().unwrap()]}});
    let (status, target) = service.ask(&token, "POST", "/v1/targets", Some(&target));
    assert_eq!(status, 201, "{target}");
    let target = target["id"].as_str().unwrap().to_owned();
    let model = Mutex::new(Acknowledged::default());
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for round in 0..crashes {
        let address = service.address.clone();
        std::thread::scope(|scope| {
            for _ in 0..CLIENTS {
                let random = Random(random.below(u64::MAX - 1) + 1);
                scope.spawn(|| client(&address, &token, &target, random, &model));
            }
            std::thread::sleep(Duration::from_millis(random.below(LIFE)));
            service.kill();
        });
        service = Service::start(&plumb, &config);
        // The whole model at each tenth restart; it grows, and so does the time to look at it.
        if round % 10 == 9 || round + 1 == crashes {
            compare(&service, &token, &mut model.lock().unwrap(), round);
        }
    }
    let mut model = model.into_inner().unwrap();
    for id in model.scans.difference(&model.deleted) {
        if !model.perhaps_deleted.contains(id) {
            let details = service.ended(&token, id);
            assert!(["completed", "cancelled"].contains(&details["status"].as_str().unwrap()), "{details}");
        }
    }
    compare(&service, &token, &mut model, crashes);
    assert!(
        model.scans.len() > crashes / 4 && model.uploads.len() > crashes / 4,
        "too little happened to mean anything"
    );
    assert!(
        model.ended.values().any(|end| end == "completed") && !model.cancelled.is_empty() && !model.deleted.is_empty()
    );
    service.stop();
    plumb.run(&["db", "check"]).expect(0);
}
