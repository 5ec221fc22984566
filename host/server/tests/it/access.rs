//! Who may do what: every route, every scope, the other tenant.

use plumb_model::access::{Grant, Role, Scope};
use plumb_model::tenant::{DEFAULT, Tenant};
use plumb_server::{Browser, Declared, Limits, Need, Routes, routes};
use plumb_store::Ledger;

use crate::harness::{Answer, Server, new_token};

/// Bounds that a test of all routes does not reach.
const WIDE: usize = 100_000;

pub(crate) const OTHER: [u8; 16] = [7; 16];

/// No record has it.
const NOBODY: &str = "0199f300-0000-7000-8000-000000000000";

pub(crate) async fn server() -> Server {
    let ledger = Ledger::memory().unwrap();
    let tenant = Tenant { id: OTHER, name: "other".into(), ..Tenant::default_tenant() };
    ledger.create_tenant(&tenant).unwrap();
    let limits = Limits { triggers: WIDE, failures: WIDE, ..Limits::default() };
    Server::with(ledger, limits, Routes::new()).await
}

pub(crate) fn declared() -> Vec<Declared> {
    routes().declared().cloned().collect()
}

/// The route's path with an id that nobody has for each parameter.
pub(crate) fn path(declared: &Declared) -> String {
    let parts = declared.path.split('/').map(|part| if part.starts_with('{') { NOBODY } else { part });
    parts.collect::<Vec<_>>().join("/")
}

async fn call(server: &Server, token: &str, declared: &Declared) -> Answer {
    let body = if declared.method == "GET" { "" } else { "{}" };
    server.call(token, declared.method.as_str(), &path(declared), body).await
}

#[test]
fn no_route_is_declared_twice_and_few_are_public() {
    let mut seen = std::collections::BTreeSet::new();
    for declared in declared() {
        let name = format!("{} {}", declared.method, declared.path);
        assert!(seen.insert(name.clone()), "{name}");
        let open = [
            "/healthz",
            "/readyz",
            "/openapi.json",
            "/docs",
            "/docs/page.js",
            "/docs/page.css",
            "/assets/{name}",
            "/sign-in",
            "/sign-out",
            "/v1/hooks/{id}",
        ];
        assert_eq!(declared.need == Need::Public, open.contains(&declared.path), "{name}");
    }
}

#[tokio::test]
async fn every_route_is_open_to_its_scope_and_to_no_other() {
    let server = server().await;
    for scope in Scope::ALL {
        let token = server.scoped(&[scope]);
        for declared in declared() {
            let answer = call(&server, &token, &declared).await;
            let name = format!("{} {} with {scope}: {answer:?}", declared.method, declared.path);
            assert!(answer.status < 500 && answer.status != 401, "{name}");
            match declared.need {
                Need::Scope(needed) if needed != scope => {
                    assert_eq!(answer.status, 403, "{name}");
                    assert!(answer.body.contains(needed.as_str()), "{name}");
                    let asked = answer.header("www-authenticate").unwrap();
                    assert!(asked.contains("insufficient_scope") && asked.contains(needed.as_str()), "{name}");
                }
                Need::Scope(_) | Need::Public => assert_ne!(answer.status, 403, "{name}"),
            }
        }
    }
}

#[tokio::test]
async fn another_tenant_has_the_same_routes_except_the_operators() {
    let server = server().await;
    let all = Grant::Scopes(Scope::ALL.into_iter().collect());
    for grant in [Grant::Role(Role::Admin), all] {
        let token = server.token(OTHER, grant);
        for declared in declared() {
            let answer = call(&server, &token, &declared).await;
            let operators = matches!(declared.need, Need::Scope(scope) if scope.is_operators());
            assert_eq!(answer.status == 403, operators, "{} {}: {answer:?}", declared.method, declared.path);
        }
    }
}

#[tokio::test]
async fn nobody_gets_in_without_a_token_that_is_known_and_in_force() {
    let server = server().await;
    let admin = Grant::Role(Role::Admin);
    let expired = server.keep_token(&plumb_model::access::Token {
        expires_at: Some("2026-01-01T00:00:00.000Z".into()),
        ..new_token(DEFAULT, admin)
    });
    let revoked = server.keep_token(&plumb_model::access::Token {
        revoked_at: Some("2026-01-01T00:00:00.000Z".into()),
        ..new_token(DEFAULT, admin)
    });
    let unknown = plumb_server::TokenText::random().unwrap().as_str().to_owned();
    let longer = format!("{}0", server.admin);
    for declared in declared().iter().filter(|declared| declared.need != Need::Public) {
        for token in ["", "plumb_", "x", &expired, &revoked, &unknown, &longer] {
            let answer = call(&server, token, declared).await;
            assert_eq!(answer.status, 401, "{} {} {token}: {answer:?}", declared.method, declared.path);
            assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer"), "{answer:?}");
        }
        let none = server.ask(declared.method.as_str(), &path(declared)).await;
        if declared.browser == Browser::Page {
            let place = none.header("location").unwrap_or_default();
            assert!(none.status == 303 && place.starts_with("/sign-in"), "{none:?}");
            continue;
        }
        assert_eq!((none.status, none.header("www-authenticate")), (401, Some("Bearer realm=\"plumb\"")), "{none:?}");
    }
}

#[tokio::test]
async fn a_token_counts_in_the_right_header_only_and_only_once() {
    let server = server().await;
    let ask = async |fields: &str| {
        let head = "GET /v1/tokens HTTP/1.1\r\nhost: test\r\nconnection: close\r\n";
        server.send(&format!("{head}{}\r\n\r\n", fields.replace("TOKEN", &server.admin))).await.status
    };
    assert_eq!(ask("authorization: bearer TOKEN").await, 200);
    for fields in [
        "authorization: TOKEN",
        "authorization: Basic TOKEN",
        "x-api-key: TOKEN",
        "cookie: token=TOKEN",
        "authorization: Bearer TOKEN\r\nauthorization: Bearer TOKEN",
        "authorization: Bearer TOKEN TOKEN",
    ] {
        assert_eq!(ask(fields).await, 401, "{fields}");
    }
    assert_eq!(server.get(&format!("/v1/tokens?token={}", server.admin)).await.status, 401);
}

#[tokio::test]
async fn every_route_refuses_a_parameter_it_does_not_know_by_name() {
    let server = server().await;
    for declared in declared() {
        let query = format!("{}?no-such=1", path(&declared));
        let body = if declared.method == "GET" { "" } else { "{}" };
        let answer = server.call(&server.admin, declared.method.as_str(), &query, body).await;
        let name = format!("{} {}: {answer:?}", declared.method, declared.path);
        assert_eq!(answer.status, 400, "{name}");
        assert!(answer.body.contains("no-such"), "{name}");
    }
}

#[tokio::test]
async fn failed_authentications_are_slowed_down_and_a_valid_token_still_passes() {
    let limits = Limits { failures: 3, ..Limits::default() };
    let server = Server::limited(limits).await;
    for _ in 0..3 {
        assert_eq!(server.get("/v1/tokens").await.status, 401);
    }
    let answer = server.get("/v1/tokens").await;
    assert_eq!(answer.status, 429);
    let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{answer:?}");
    assert_eq!(answer.header("ratelimit-remaining"), Some("0"));
    assert_eq!(server.call(&server.admin, "GET", "/v1/tokens", "").await.status, 200);
}
