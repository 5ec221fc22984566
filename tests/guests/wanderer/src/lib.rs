//! A provider that tries every way out: other hosts, inner addresses, writes, other services' signatures. It tells what came of
//! each, as one resource, and hands on all that it was answered.
// Only WebAssembly exports it, so elsewhere nobody calls it.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]

use plumbline::bindings::provider::plumbline::plugin::inventory;
use plumbline::encode::encode;
use plumbline::http::{Auth, Method, Request, Response, Sigv4, wire as http};
use plumbline::log;
use plumbline::provider::{Document, Error, Info, Target, Task, wire, write_document};
use plumbline::serde_json::{Value as Json, json};

const EC2: &str = "https://ec2.eu-west-1.amazonaws.com/";

/// Where nothing may arrive, by GET.
const AWAY: [&str; 16] = [
    "https://evil.example.com/",
    "https://ec2.eu-west-1.amazonaws.com.evil.example.com/",
    "https://ec2.eu-west-1.amazonaws.com@evil.example.com/",
    "https://evil.example.com#.amazonaws.com/",
    "http://169.254.169.254/latest/meta-data/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[::ffff:169.254.169.254]/",
    "https://[fd00:ec2::254]/",
    "https://2852039166/",
    "https://0xa9fea9fe/",
    "https://0251.0376.0251.0376/",
    "https://localhost/",
    "https://ec2.eu-west-1.amazonaws.com:8443/",
    "http://ec2.eu-west-1.amazonaws.com/",
    "file:///etc/passwd",
    "https://ec2.eu-west-1.amazonaws.com/..%2f..%2f",
];

/// What writes, dressed as something else.
const WRITES: [&str; 5] = [
    "Action=TerminateInstances&Version=2016-11-15",
    "Action=DescribeVpcs&Action=TerminateInstances&Version=2016-11-15",
    "Action=DescribeVpcs&%41ction=TerminateInstances&Version=2016-11-15",
    "action=TerminateInstances&Action=DescribeVpcs&Version=2016-11-15",
    "Action=GetPasswordData&Version=2016-11-15",
];

fn request(method: Method, url: &str, service: &str, form: Option<&str>) -> Request {
    let (service, region, account) = (service.to_owned(), "eu-west-1".to_owned(), String::new());
    let typed = ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned());
    Request {
        method,
        url: url.to_owned(),
        headers: form.map(|_| typed).into_iter().collect(),
        body: form.map(|form| form.as_bytes().to_vec()),
        auth: Auth::AwsSigv4(Sigv4 { service, region, account }),
        absent: Vec::new(),
    }
}

/// The one that is allowed first.
fn tries() -> Vec<Request> {
    let read = "Action=DescribeVpcs&Version=2016-11-15";
    let mut tries = vec![request(Method::Post, EC2, "ec2", Some(read)), request(Method::Post, EC2, "iam", Some(read))];
    tries.extend(AWAY.map(|url| request(Method::Get, url, "ec2", None)));
    tries.extend(WRITES.map(|form| request(Method::Post, EC2, "ec2", Some(form))));
    tries.extend([Method::Put, Method::Patch, Method::Delete].map(|method| request(method, EC2, "ec2", None)));
    for name in ["authorization", "host", "x-http-method-override", "x-amz-target", "cookie"] {
        let mut dressed = request(Method::Post, EC2, "ec2", Some(read));
        dressed.headers.push((name.to_owned(), "DELETE".to_owned()));
        tries.push(dressed);
    }
    tries
}

fn told(answer: &Result<Response, http::HttpError>) -> Json {
    match answer {
        Ok(response) => {
            json!({"status": response.status, "headers": format!("{:?}", response.headers), "body": String::from_utf8_lossy(&response.body)})
        }
        Err(http::HttpError::Refused(rule)) => json!({"refused": rule}),
        Err(other) => json!({"other": format!("{other:?}")}),
    }
}

struct Wanderer;

impl wire::Guest for Wanderer {
    fn describe() -> Info {
        Info {
            families: vec!["guest".to_owned()],
            whole_accounts: true,
            attributes: Vec::new(),
            permissions: Vec::new(),
            settings_schema: "{}".to_owned(),
        }
    }

    fn plan(_: Target) -> Result<Vec<Task>, Error> {
        Ok(vec![Task {
            id: "wander".to_owned(),
            service: "guest".to_owned(),
            account: "1".to_owned(),
            region: "eu-west-1".to_owned(),
            kinds: vec!["guest_thing".to_owned()],
            payload: write_document(&json!({})),
        }])
    }

    fn collect(_: Target, _: Task) -> Result<(), Error> {
        let mut answers = http::send_all(&tries());
        // The same by the other way out.
        http::start(&tries());
        loop {
            let some = http::answers();
            if some.is_empty() {
                break;
            }
            answers.extend(some.into_iter().map(|(_, answer)| answer));
        }
        for (number, answer) in answers.iter().enumerate() {
            let config = told(answer);
            log::warn(&format!("{number}: {config}"));
            let id = format!("guest_thing.{number}");
            let resource = json!({"id": id, "kind": "guest_thing", "name": id, "account": "1", "region": "here", "config": config});
            let mut bytes = Vec::new();
            encode(&Json::from(vec![resource]), &mut bytes);
            inventory::emit(&Document::Msgpack(bytes))?;
        }
        Ok(())
    }
}

// The names of the exports are none that another linker takes.
#[cfg(target_arch = "wasm32")]
plumbline::bindings::provider::export!(Wanderer with_types_in plumbline::bindings::provider);
