//! What the client refuses, and what it never does.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use plumb_egress::guard::resolve::{Resolve, Resolving};
use plumb_egress::{Allowed, Trust, WebClient, WebError};

use crate::server::{Answer, Server, answer};

const PATIENCE: Duration = Duration::from_secs(20);

/// Gives one answer after the other, then the last one for ever.
#[derive(Debug)]
struct Scripted(Vec<Vec<IpAddr>>, AtomicUsize);

impl Scripted {
    fn new(answers: &[&[&str]]) -> Arc<Scripted> {
        let read = |answer: &&[&str]| answer.iter().map(|text| text.parse().unwrap()).collect();
        Arc::new(Scripted(answers.iter().map(read).collect(), AtomicUsize::new(0)))
    }
}

impl Resolve for Scripted {
    fn resolve<'a>(&'a self, _: &'a str) -> Resolving<'a> {
        Box::pin(async move {
            let number = self.1.fetch_add(1, Ordering::SeqCst).min(self.0.len() - 1);
            if self.0[number].is_empty() { Err(io::Error::other("no such name")) } else { Ok(self.0[number].clone()) }
        })
    }
}

async fn post(client: &WebClient, url: &str) -> Result<u16, WebError> {
    client.post(url, &[], b"{}".to_vec(), PATIENCE).await.map(|answer| answer.status)
}

fn refusal(result: Result<u16, WebError>) -> String {
    match result {
        Err(WebError::Refused(rule)) => rule,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_name_at_an_inner_address_is_refused_and_nothing_arrives() {
    let server = Server::start(|_, _| answer(200, &[], "")).await;
    let port = server.address.port();
    for inner in ["127.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "10.0.0.1"] {
        let resolver = Scripted::new(&[&[inner]]);
        let allowed = Allowed::public().on_any_port();
        let client = WebClient::with(allowed, &Trust::System, resolver).unwrap();
        let rule = refusal(post(&client, &format!("https://api.example.com:{port}/")).await);
        assert!(rule.contains("api.example.com is at"), "{rule}");
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn one_inner_address_among_public_ones_is_enough() {
    let client =
        WebClient::with(Allowed::public(), &Trust::System, Scripted::new(&[&["8.8.8.8", "127.0.0.1"]])).unwrap();
    assert!(refusal(post(&client, "https://api.example.com/").await).contains("loopback"));
}

#[tokio::test]
async fn a_name_that_answers_differently_the_second_time_is_judged_the_second_time() {
    let resolver = Scripted::new(&[&[], &["127.0.0.1"]]);
    let client = WebClient::with(Allowed::public(), &Trust::System, resolver).unwrap();
    assert!(matches!(post(&client, "https://api.example.com/").await, Err(WebError::Connect(_))));
    assert!(refusal(post(&client, "https://api.example.com/").await).contains("loopback"));
}

#[tokio::test]
async fn plain_http_other_ports_and_literal_addresses_are_refused() {
    let client = WebClient::new(Allowed::public()).unwrap();
    for (url, rule) in [
        ("http://api.example.com/", "is not https"),
        ("https://api.example.com:8443/", "is not at port 443"),
        ("https://8.8.8.8/", "is an address"),
        ("https://[2600:1f14::1]/", "is an address"),
        ("https://localhost/", "loopback"),
    ] {
        assert!(refusal(post(&client, url).await).contains(rule), "{url}");
    }
}

#[tokio::test]
async fn an_endpoint_of_the_operator_is_reached_and_no_other_port_of_its_host() {
    let (server, other) =
        (Server::start(|_, _| answer(200, &[], "")).await, Server::start(|_, _| answer(200, &[], "")).await);
    let client = WebClient::new(Allowed::public().and(server.url().parse().unwrap())).unwrap();
    assert_eq!(post(&client, &format!("{}/hook", server.url())).await, Ok(200));
    assert_eq!(server.asked()[0].line, "POST /hook");
    refusal(post(&client, &other.url()).await);
    refusal(post(&client, &format!("https://{}/", server.address)).await);
    assert!(other.asked().is_empty());
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let other = Server::start(|_, _| answer(200, &[], "")).await;
    let to = other.url();
    let server = Server::start(move |_, _| answer(307, &[("location", &to)], "")).await;
    let allowed = Allowed::public().and(server.url().parse().unwrap()).and(other.url().parse().unwrap());
    assert_eq!(post(&WebClient::new(allowed).unwrap(), &server.url()).await, Ok(307));
    assert!(other.asked().is_empty());
}

#[tokio::test]
async fn answers_are_bounded_in_length_and_time() {
    let server = Server::start(|_, asked| match asked.line.as_str() {
        "POST /endless" => Answer::Endless,
        "POST /claims" => Answer::Cut(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n".to_vec()),
        "POST /cut" => Answer::Cut(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf".to_vec()),
        "POST /nonsense" => Answer::Cut(b"\x16\x03\x01 this is no HTTP\r\n\r\n".to_vec()),
        _ => Answer::Silence,
    })
    .await;
    let client = WebClient::new(Allowed::public().and(server.url().parse().unwrap())).unwrap();
    let at = |path: &str| format!("{}{path}", server.url());
    assert!(matches!(post(&client, &at("/endless")).await, Err(WebError::TooLarge(_))));
    assert!(matches!(post(&client, &at("/claims")).await, Err(WebError::TooLarge(_))));
    assert!(matches!(post(&client, &at("/cut")).await, Err(WebError::Broken(_))));
    assert!(matches!(post(&client, &at("/nonsense")).await, Err(WebError::Broken(_))));
    let silent = client.post(&at("/"), &[], Vec::new(), Duration::from_millis(50)).await;
    assert_eq!(silent, Err(WebError::Timeout));
}
