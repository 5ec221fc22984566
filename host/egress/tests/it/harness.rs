//! An [`Aws`] whose endpoint is a server of the test, and requests as a plugin makes them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use plumb_egress::{Aws, Environment, Options, Pace, Recording};
use plumb_runtime::egress::{Authentication, Egress, HttpError, Method, Request, Response};
use plumb_runtime::grant::Hosts;
use serde_json::{Map, Value};

/// A key as people have it; nothing of it may turn up anywhere.
pub(crate) const SECRET: &str = "canary/wJalrXUtnFEMI+K7MDENGbPxRfiCY0";
pub(crate) const TOKEN: &str = "canary/IQoJb3JpZ2luX2VjEXAMPLE+TOKEN/0123456789==";

/// Repeats as often as in earnest, without the long pauses.
pub(crate) fn quick() -> Pace {
    Pace {
        pause: Duration::from_millis(1),
        longest_pause: Duration::from_secs(2),
        attempt_time: Duration::from_millis(500),
        whole_time: Duration::from_secs(10),
        ..Pace::default()
    }
}

/// The variables of a program whose home and endpoint are the test's.
pub(crate) fn variables(home: &Path, endpoint: &str) -> Vec<(String, String)> {
    [
        ("HOME", home.to_str().unwrap()),
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_SESSION_TOKEN", TOKEN),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

pub(crate) fn open(variables: Vec<(String, String)>, settings: Value, recording: Option<Recording>) -> Aws {
    let settings: Map<String, Value> = settings.as_object().cloned().unwrap();
    let environment = Environment::new(variables);
    let recording = recording.map(Arc::new);
    Aws::open(Options { settings, environment, recording, pace: quick(), ..Options::default() }).unwrap()
}

/// With keys of the environment.
pub(crate) fn aws(endpoint: &str) -> Aws {
    open(variables(Path::new("/nonexistent"), endpoint), Value::Object(Map::new()), None)
}

/// With keys of the environment, and another patience.
pub(crate) fn with_pace(endpoint: &str, pace: Pace) -> Aws {
    let environment = Environment::new(variables(Path::new("/nonexistent"), endpoint));
    Aws::open(Options { environment, pace, ..Options::default() }).unwrap()
}

pub(crate) fn hosts() -> Hosts {
    Hosts::new(["*.amazonaws.com".to_owned(), "*.api.aws".to_owned()]).unwrap()
}

pub(crate) async fn send(aws: &Aws, request: Request) -> Result<Response, HttpError> {
    aws.send(&hosts(), request).await
}

pub(crate) fn signed(service: &str, region: &str) -> Authentication {
    Authentication::AwsSigv4 { service: service.to_owned(), region: region.to_owned(), account: String::new() }
}

pub(crate) fn get(service: &str, url: &str) -> Request {
    let authentication = signed(service, "eu-west-1");
    Request { method: Method::Get, url: url.to_owned(), headers: Vec::new(), body: None, authentication }
}

/// A call of the Query protocol.
pub(crate) fn query(service: &str, form: &str) -> Request {
    Request {
        method: Method::Post,
        url: format!("https://{service}.eu-west-1.amazonaws.com/"),
        headers: vec![("Content-Type".to_owned(), "application/x-www-form-urlencoded; charset=utf-8".to_owned())],
        body: Some(form.as_bytes().to_vec()),
        authentication: signed(service, "eu-west-1"),
    }
}

/// A call of the JSON protocol.
pub(crate) fn json(service: &str, target: &str, body: &str) -> Request {
    Request {
        method: Method::Post,
        url: format!("https://{service}.eu-west-1.amazonaws.com/"),
        headers: vec![
            ("Content-Type".to_owned(), "application/x-amz-json-1.1".to_owned()),
            ("X-Amz-Target".to_owned(), target.to_owned()),
        ],
        body: Some(body.as_bytes().to_vec()),
        authentication: signed(service, "eu-west-1"),
    }
}

/// The rule that refused.
#[track_caller]
pub(crate) fn refusal(result: Result<Response, HttpError>) -> String {
    match result {
        Err(HttpError::Refused(rule)) => rule,
        other => panic!("not refused: {other:?}"),
    }
}
