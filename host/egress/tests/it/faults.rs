//! A cloud that throttles, breaks, is slow, or answers nonsense.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use plumb_egress::{Aws, Environment, Options, Pace};
use plumb_runtime::egress::{HttpError, Response};

use crate::harness::{aws, get, json, query, quick, send, variables, with_pace};
use crate::server::{Answer, Server, answer};

const READ: &str = "Action=DescribeVpcs&Version=2016-11-15";

async fn ask(script: impl Fn(usize) -> Answer + Send + Sync + 'static) -> (Result<Response, HttpError>, usize) {
    let server = Server::start(move |number, _| script(number)).await;
    let result = send(&aws(&server.url()), query("ec2", READ)).await;
    (result, server.asked().len())
}

#[tokio::test]
async fn throttling_is_waited_out_whatever_its_status() {
    let throttled = [
        answer(429, &[("retry-after", "0")], ""),
        answer(400, &[("x-amzn-errortype", "ThrottlingException:http://internal")], ""),
        answer(400, &[], r#"{"__type": "com.amazonaws.x#TooManyRequestsException"}"#),
        answer(503, &[], "<Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors></Response>"),
    ];
    let (result, count) = ask(move |number| throttled.get(number).cloned().unwrap_or(answer(200, &[], "well"))).await;
    assert_eq!((result.unwrap().body, count), (b"well".to_vec(), 5));
}

#[tokio::test]
async fn bursts_of_errors_cut_answers_and_silence_are_repeated() {
    let (result, count) = ask(|number| match number {
        0 => answer(503, &[], "<html>busy</html>"),
        1 => Answer::Cut(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_vec()),
        2 => Answer::Cut(Vec::new()),
        3 => Answer::Silence,
        _ => answer(200, &[], "whole"),
    })
    .await;
    assert_eq!(result.unwrap().body, b"whole");
    assert!(count >= 5, "{count}");
}

#[tokio::test]
async fn what_stays_broken_ends_with_what_it_is() {
    let (result, count) = ask(|_| answer(503, &[], "<E><Code>ServiceUnavailable</Code></E>")).await;
    let response = result.unwrap();
    assert_eq!((response.status, response.error_code.as_str(), count), (503, "ServiceUnavailable", 6));
    let (result, count) = ask(|_| answer(500, &[], "<html>not implemented</html>")).await;
    assert_eq!((result.unwrap().status, count), (500, 3));
    let (result, _) = ask(|_| Answer::Silence).await;
    assert_eq!(result, Err(HttpError::Timeout));
    let (result, count) = ask(|_| Answer::Endless).await;
    assert!(matches!(result, Err(HttpError::TooLarge(_))), "{result:?}");
    assert_eq!(count, 1);
}

#[tokio::test]
async fn refusals_and_unknown_names_are_answers() {
    for (status, body, code) in [
        (403, r#"{"__type":"AccessDeniedException","Message":"no"}"#, "AccessDeniedException"),
        (403, "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>", "AccessDenied"),
        (404, r#"{"code":"NoSuchThing"}"#, "NoSuchThing"),
        (404, "<html><Code>not a code!</Code></html>", ""),
        (400, "{", ""),
        (400, "", ""),
    ] {
        let body = body.to_owned();
        let (result, count) = ask(move |_| answer(status, &[("content-type", "text/plain")], &body)).await;
        let response = result.unwrap();
        assert_eq!((response.status, response.error_code.as_str(), count), (status, code, 1));
    }
}

#[tokio::test]
async fn a_pause_longer_than_anybody_waits_ends_the_request() {
    let (result, count) = ask(|_| answer(429, &[("retry-after", "86400")], "")).await;
    assert_eq!((result.unwrap().status, count), (429, 1));
}

#[tokio::test]
async fn a_pause_may_be_named_by_its_end_told_by_the_clock_that_names_it() {
    let dated = |end: &str| {
        let headers = [("date", "Sun, 06 Nov 1994 08:49:37 GMT"), ("retry-after", end)];
        let throttled = answer(429, &headers, "");
        move |number: usize| if number == 0 { throttled.clone() } else { answer(200, &[], "well") }
    };
    // A day away, a second away, over.
    let (result, count) = ask(dated("Mon, 07 Nov 1994 08:49:37 GMT")).await;
    assert_eq!((result.unwrap().status, count), (429, 1));
    for end in ["Sun, 06 Nov 1994 08:49:38 GMT", "Sun, 06 Nov 1994 08:00:00 GMT", "tomorrow"] {
        let (result, count) = ask(dated(end)).await;
        assert_eq!((result.unwrap().status, count), (200, 2), "{end}");
    }
}

#[tokio::test]
async fn many_answers_without_end_are_read_a_few_at_a_time_and_all_end() {
    let server = Server::start(|_, _| Answer::Endless).await;
    let patient = Pace { attempt_time: Duration::from_mins(1), whole_time: Duration::from_mins(2), ..quick() };
    let aws = with_pace(&server.url(), patient);
    let many = futures::future::join_all((0..24).map(|_| send(&aws, query("ec2", READ)))).await;
    assert!(many.iter().all(|result| matches!(result, Err(HttpError::TooLarge(_)))), "{many:?}");
}

#[tokio::test]
async fn attempts_are_those_that_the_environment_asks_for() {
    let server = Server::start(|_, _| answer(503, &[], "")).await;
    let with_attempts = |attempts: &str| {
        let mut variables = variables(Path::new("/nonexistent"), &server.url());
        variables.push(("AWS_MAX_ATTEMPTS".to_owned(), attempts.to_owned()));
        let environment = Environment::new(variables);
        Aws::open(Options { environment, pace: quick(), ..Options::default() })
    };
    let aws = with_attempts("2").unwrap();
    assert_eq!(send(&aws, query("ec2", READ)).await.unwrap().status, 503);
    assert_eq!(server.asked().len(), 2);
    for wrong in ["0", "21", "many"] {
        assert!(with_attempts(wrong).unwrap_err().contains("AWS_MAX_ATTEMPTS"), "{wrong}");
    }
}

#[tokio::test]
async fn a_service_that_always_fails_is_left_alone() {
    let server = Server::start(|_, asked| {
        if asked.header("x-amz-target").is_some() { answer(200, &[], "{}") } else { answer(503, &[], "") }
    })
    .await;
    let aws = aws(&server.url());
    let many = |count| futures::future::join_all((0..count).map(|_| send(&aws, query("ec2", READ))));
    assert!(many(16).await.iter().all(Result::is_ok), "each has the last answer");
    let asked = server.asked().len();
    for result in many(400).await {
        assert!(
            matches!(&result, Err(HttpError::Connect(reason)) if reason.contains("failed too often")),
            "{result:?}"
        );
    }
    assert_eq!(server.asked().len(), asked);
    let other = send(&aws, json("dynamodb", "DynamoDB_20120810.ListTables", "{}")).await;
    assert_eq!(other.unwrap().status, 200, "other services are asked");
}

#[tokio::test]
async fn requests_at_once_stay_within_their_lane() {
    static NOW: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    let server = Server::start(|_, _| {
        let now = NOW.fetch_add(1, Ordering::SeqCst) + 1;
        MOST.fetch_max(now, Ordering::SeqCst);
        std::thread::sleep(std::time::Duration::from_millis(1));
        NOW.fetch_sub(1, Ordering::SeqCst);
        answer(200, &[], "")
    })
    .await;
    let aws = aws(&server.url());
    for result in futures::future::join_all((0..500).map(|_| send(&aws, query("ec2", READ)))).await {
        assert_eq!(result.unwrap().status, 200);
    }
    assert!(MOST.load(Ordering::SeqCst) <= 64);
}

#[tokio::test]
async fn a_wrong_clock_is_corrected_once() {
    let expired = "<E><Code>RequestExpired</Code></E>";
    let date = [("date", "Mon, 01 Jan 2035 00:00:00 GMT")];
    let server = Server::start(move |_, asked| {
        let signed = asked.header("x-amz-date").unwrap_or_default();
        if signed.starts_with("20350101T00") { answer(200, &date, "") } else { answer(400, &date, expired) }
    })
    .await;
    let aws = aws(&server.url());
    assert_eq!(send(&aws, query("ec2", READ)).await.unwrap().status, 200);
    assert_eq!(send(&aws, query("ec2", READ)).await.unwrap().status, 200);
    assert_eq!(server.asked().len(), 3, "the second request is right at once");
    let server = Server::start(move |_, _| answer(400, &date, expired)).await;
    let aws = crate::harness::aws(&server.url());
    assert_eq!(send(&aws, query("ec2", READ)).await.unwrap().error_code, "RequestExpired");
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_a_bucket_stands_in_the_path_of_another_endpoint() {
    let server = Server::start(|_, _| {
        answer(301, &[("location", "http://169.254.169.254/"), ("x-amz-bucket-region", "eu-west-1")], "")
    })
    .await;
    let request = get("s3", "https://my.bucket.s3.eu-west-1.amazonaws.com/?location");
    let response = send(&aws(&server.url()), request).await.unwrap();
    assert_eq!(response.status, 301);
    assert!(response.headers.contains(&("x-amz-bucket-region".to_owned(), "eu-west-1".to_owned())));
    let asked = server.asked();
    assert_eq!((asked.len(), asked[0].line.as_str()), (1, "GET /my.bucket/?location="));
    assert!(asked[0].header("x-amz-content-sha256").is_some() && asked[0].header("accept-encoding").is_none());
}
