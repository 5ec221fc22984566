use std::time::Duration;

use axum::http::StatusCode;
use plumb_model::access::Scope;
use plumb_server::{Family, JsonBody, Limits, Need, Problem, Routes, ScanLimit};
use plumb_store::Ledger;

use crate::harness::Server;

#[tokio::test]
async fn what_is_not_there_is_a_problem_document() {
    let server = Server::start().await;
    for path in ["/nowhere", "/healthz/", "/v1/nowhere", "/nowhere?x=1"] {
        let answer = server.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        let problem = answer.problem();
        assert_eq!((&problem["title"], &problem["code"]), (&"Not Found".into(), &"not-found".into()));
    }
}

#[tokio::test]
async fn an_unknown_query_parameter_is_refused_by_name() {
    let server = Server::start().await;
    for path in ["/healthz", "/readyz", "/metrics"] {
        let answer = server.call(&server.admin, "GET", &format!("{path}?ver%22bose=1"), "").await;
        assert_eq!(answer.status, 400, "{path}");
        let problem = answer.problem();
        assert_eq!(problem["errors"][0]["field"], "ver\"bose");
        assert!(problem["detail"].as_str().unwrap().contains("'ver\"bose'"));
        assert_eq!(server.call(&server.admin, "GET", &format!("{path}?"), "").await.status, 200);
    }
    let long = server.get(&format!("/healthz?{}", "x".repeat(5000))).await;
    assert_eq!(long.problem()["errors"][0]["field"].as_str().unwrap().len(), 100);
}

#[tokio::test]
async fn a_wrong_method_is_a_problem_document_that_says_which_are_right() {
    let server = Server::start().await;
    let answer = server.ask("DELETE", "/healthz").await;
    assert_eq!(answer.status, 405);
    assert_eq!(answer.problem()["code"], "method-not-allowed");
    assert_eq!(answer.header("allow"), Some("GET,HEAD"));
}

#[tokio::test]
async fn what_fails_inside_stays_inside() {
    let families = Routes::new()
        .get("/panics", Need::Public, Family::Native, async || -> () { std::panic::panic_any("inner words") })
        .get("/fails", Need::Public, Family::Native, || async { (StatusCode::BAD_GATEWAY, "inner words") })
        .get("/refuses", Need::Public, Family::Native, || async {
            (StatusCode::CONFLICT, [("retry-after", "7")], "inner words")
        });
    let server = Server::with(Ledger::memory().unwrap(), Limits::default(), families).await;
    for (path, status, code) in
        [("/panics", 500, "internal-error"), ("/fails", 500, "internal-error"), ("/refuses", 409, "refused")]
    {
        let answer = server.get(path).await;
        assert_eq!((answer.status, !answer.body.contains("inner")), (status, true), "{path}: {answer:?}");
        assert_eq!(answer.body.len().to_string(), answer.header("content-length").unwrap());
        assert_eq!(answer.problem()["code"], code, "{path}");
    }
    assert_eq!(server.get("/refuses").await.header("retry-after"), Some("7"));
    let metrics = server.call(&server.admin, "GET", "/metrics", "").await.body;
    assert!(metrics.contains("{route=\"/panics\",status=\"500\"} 1\n"), "{metrics}");
}

#[tokio::test]
async fn a_handler_that_takes_too_long_is_given_up() {
    let families = Routes::new().get("/slow", Need::Public, Family::Native, std::future::pending::<()>);
    let limits = Limits { request: Duration::from_millis(100), ..Limits::default() };
    let server = Server::with(Ledger::memory().unwrap(), limits, families).await;
    let answer = server.get("/slow").await;
    assert_eq!((answer.status, &answer.problem()["code"]), (503, &"unavailable".into()));
}

#[tokio::test]
async fn a_body_beyond_the_bound_is_refused_whether_it_says_its_size_or_not() {
    let families = Routes::new()
        .post("/takes", Need::Public, Family::Native, |body: axum::body::Bytes| async move { body.len().to_string() });
    let limits = Limits { body_bytes: 1000, ..Limits::default() };
    let server = Server::with(Ledger::memory().unwrap(), limits, families).await;
    let post = "POST /takes HTTP/1.1\r\nhost: test\r\nconnection: close\r\n";
    let sized = |size: usize| format!("{post}content-length: {size}\r\n\r\n{}", "x".repeat(size));
    let chunked =
        |size: usize| format!("{post}transfer-encoding: chunked\r\n\r\n{size:x}\r\n{}\r\n0\r\n\r\n", "x".repeat(size));
    for (request, status) in [(sized(1000), 200), (sized(1001), 413), (chunked(1000), 200), (chunked(1001), 413)] {
        let answer = server.send(&request).await;
        assert_eq!(answer.status, status, "{answer:?}");
        if status == 413 {
            assert_eq!(answer.problem()["code"], "too-large");
        }
    }
}

#[tokio::test]
async fn each_family_has_its_documented_form_whatever_goes_wrong() {
    let at = |family, path: &'static str| {
        Routes::new().get(path, Need::Public, family, async || -> () { std::panic::panic_any("inner words") }).post(
            path,
            Need::Scope(Scope::ScansTrigger),
            family,
            async |_: JsonBody<Vec<u8>>| (),
        )
    };
    let routes =
        at(Family::S1, "/api/scans/{id}").merge(at(Family::S2, "/api/scan/history")).merge(at(Family::S3, "/v1/scans"));
    let server = Server::with(Ledger::memory().unwrap(), Limits::default(), routes).await;
    // A panic, a wrong method, no token, a body that is wrong, a path that is not there.
    for (base, place, unknown) in [
        ("S1", "/api/scans/1", "/api/scans/1/nowhere"),
        ("S2", "/api/scan/history", "/api/scan/nowhere"),
        ("S3", "/v1/scans", "/v1/scans/nowhere"),
    ] {
        let admin = server.admin.as_str();
        let wrong = [
            (500, server.get(place).await),
            (405, server.ask("DELETE", place).await),
            (401, server.ask("POST", place).await),
            (400, server.call(admin, "POST", place, r#"["x"]"#).await),
            (404, server.get(unknown).await),
        ];
        for (status, answer) in wrong {
            assert_eq!(answer.status, status, "{base}: {answer:?}");
            let (words, error) = (answer.json(), status_word(status));
            match base {
                "S1" => assert_eq!((&words["success"], &words["error"]), (&false.into(), &error.into()), "{words}"),
                "S2" => assert_eq!(words["error"], error.to_uppercase(), "{words}"),
                _ => {
                    let s3 = if status == 400 { "invalid_scan_config" } else { error };
                    assert_eq!(words["error"], s3, "{words}");
                    assert!(words["error_code"].as_str().unwrap().starts_with("SCAN_0"), "{words}");
                    assert!(
                        words["details"].is_array() && words["timestamp"].as_str().unwrap().ends_with('Z'),
                        "{words}"
                    );
                }
            }
            let said = if base == "S3" { &words["error_description"] } else { &words["message"] };
            assert!(said.as_str().is_some_and(|said| said.ends_with('.')), "{words}");
        }
    }
}

fn status_word(status: u16) -> &'static str {
    match status {
        400 => "invalid_body",
        401 => "unauthorized",
        404 => "not_found",
        405 => "method_not_allowed",
        _ => "internal_error",
    }
}

#[tokio::test]
async fn a_scan_that_finds_no_place_is_told_every_figure() {
    let limit = ScanLimit { current_scans: 10, max_concurrent: 10, queue_position: 5, estimated_wait_seconds: 900 };
    let full = async move || -> Result<(), Problem> { Err(Problem::scan_limit(limit)) };
    let routes = Routes::new().post("/v1/scans", Need::Public, Family::S3, full).post(
        "/full",
        Need::Public,
        Family::Native,
        full,
    );
    let server = Server::with(Ledger::memory().unwrap(), Limits::default(), routes).await;
    let answer = server.ask("POST", "/v1/scans").await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("900")));
    let mut body = answer.json();
    assert!(body["timestamp"].take().is_string());
    let figures = serde_json::json!({
        "error": "scan_limit_exceeded", "error_description": "Maximum concurrent scans exceeded.", "error_code": "SCAN_002",
        "current_scans": 10, "max_concurrent": 10, "queue_position": 5, "estimated_wait_time": "15m", "retry_after": 900,
        "timestamp": null,
    });
    assert_eq!(body, figures);
    assert_eq!(server.ask("POST", "/full").await.problem()["queue_position"], 5);
}
