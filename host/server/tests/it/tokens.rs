use std::time::Instant;

use plumb_model::access::{Grant, Role, Scope};
use plumb_model::tenant::Tenant;
use serde_json::{Value, json};

use crate::harness::{PATIENCE, Server};

const OTHER: [u8; 16] = [7; 16];

async fn server() -> Server {
    let server = Server::start().await;
    let tenant = Tenant { id: OTHER, name: "other".into(), ..Tenant::default_tenant() };
    server.ledger.create_tenant(&tenant).unwrap();
    server
}

async fn create(server: &Server, token: &str, body: &Value) -> (u16, Value) {
    let answer = server.call(token, "POST", "/v1/tokens", &body.to_string()).await;
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

#[tokio::test]
async fn a_token_is_shown_once_works_at_once_and_ends_when_it_is_revoked() {
    let server = server().await;
    let (status, made) = create(&server, &server.admin, &json!({"name": "pipeline", "role": "admin"})).await;
    assert_eq!(status, 201, "{made}");
    let (text, id) = (made["token"].as_str().unwrap(), made["id"].as_str().unwrap());
    assert!(text.starts_with(made["prefix"].as_str().unwrap()));
    let listed = server.call(text, "GET", "/v1/tokens", "").await;
    assert_eq!(listed.status, 200);
    assert!(!listed.body.contains(text) && listed.body.contains("pipeline"));
    let revoked = server.call(&server.admin, "DELETE", &format!("/v1/tokens/{id}"), "").await.json();
    assert!(revoked["revoked_at"].is_string());
    assert_eq!(server.call(text, "GET", "/v1/tokens", "").await.status, 401);
    let again = server.call(&server.admin, "DELETE", &format!("/v1/tokens/{id}"), "").await.json();
    assert_eq!(again["revoked_at"], revoked["revoked_at"]);
}

#[tokio::test]
async fn a_token_makes_none_that_may_do_more_than_itself() {
    let server = server().await;
    let maker = server.scoped(&[Scope::TokensWrite, Scope::ScansRead]);
    let (status, made) = create(&server, &maker, &json!({"name": "reader", "scopes": ["scans:read"]})).await;
    assert_eq!((status, &made["scopes"]), (201, &json!(["scans:read"])), "{made}");
    for body in [json!({"name": "x", "role": "viewer"}), json!({"name": "x", "scopes": ["scans:read", "audit:read"]})] {
        let (status, refused) = create(&server, &maker, &body).await;
        assert_eq!((status, &refused["code"]), (403, &"insufficient-scope".into()), "{refused}");
    }
}

#[tokio::test]
async fn a_tenant_neither_sees_nor_counts_nor_ends_the_tokens_of_another() {
    let server = server().await;
    let theirs = server.token(OTHER, Grant::Role(Role::Admin));
    let (_, ours) = create(&server, &server.admin, &json!({"name": "ours", "role": "viewer"})).await;
    let listed = server.call(&theirs, "GET", "/v1/tokens", "").await.json();
    assert_eq!((&listed["pagination"]["total"], listed["tokens"].as_array().unwrap().len()), (&json!(1), 1));
    let foreign = server.call(&theirs, "DELETE", &format!("/v1/tokens/{}", ours["id"].as_str().unwrap()), "").await;
    let unknown = server.call(&theirs, "DELETE", "/v1/tokens/0199f300-0000-7000-8000-000000000000", "").await;
    assert_eq!((foreign.status, &foreign.body), (404, &unknown.body));
    assert_eq!(server.call(ours["token"].as_str().unwrap(), "GET", "/v1/tokens", "").await.status, 403, "still known");
    let (status, refused) = create(&server, &theirs, &json!({"name": "x", "scopes": ["tenants:write"]})).await;
    assert_eq!((status, &refused["errors"][0]["field"]), (400, &"scopes".into()));
}

#[tokio::test]
async fn a_body_that_is_not_right_is_refused_with_the_field() {
    let server = server().await;
    for (body, field) in [
        (r#"{"name":"x","role":"admin","nmae":1}"#, "nmae"),
        (r#"{"name":"x","name":"y","role":"admin"}"#, "name"),
        (r#"{"role":"admin"}"#, "name"),
        (r#"{"name":7,"role":"admin"}"#, "name"),
        (r#"{"name":"x","role":"owner"}"#, "role"),
        (r#"{"name":"x","scopes":["scans:read","scans:write"]}"#, "scopes[1]"),
        (r#"{"name":"x","scopes":["scans:read",7]}"#, "scopes[1]"),
        (r#"{"name":"x"}"#, "scopes"),
        (r#"{"name":"x","role":"admin","scopes":[]}"#, "scopes"),
        (r#"{"name":"","role":"admin"}"#, "name"),
        (r#"{"name":"x","role":"admin","expires_at":"2020-01-01"}"#, "expires_at"),
        (r#"{"name":"x","role":"admin","expires_at":"tomorrow"}"#, "expires_at"),
        (r#"{"name":"x","role":"admin"}}"#, ""),
        (r#"["x"]"#, ""),
        ("nonsense", ""),
    ] {
        let answer = server.call(&server.admin, "POST", "/v1/tokens", body).await;
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
        assert_eq!(answer.problem()["errors"][0]["field"], field, "{body}: {answer:?}");
    }
    let text = [("content-type", "text/plain"), ("content-length", "2\r\n\r\n{}")];
    assert_eq!(server.call_with(&server.admin, "POST", "/v1/tokens", &text, "").await.status, 415);
}

#[tokio::test]
async fn a_page_is_cut_to_the_bound_and_says_so() {
    let server = server().await;
    for number in 0..4 {
        create(&server, &server.admin, &json!({"name": format!("n{number}"), "role": "viewer"})).await;
    }
    let page = async |query: &str| server.call(&server.admin, "GET", &format!("/v1/tokens{query}"), "").await;
    let first = page("?limit=2").await.json();
    assert_eq!(first["pagination"], json!({"total": 5, "limit": 2, "offset": 0, "has_more": true}));
    let last = page("?limit=2&offset=4").await.json();
    assert_eq!((last["tokens"].as_array().unwrap().len(), &last["pagination"]["has_more"]), (1, &json!(false)));
    assert_eq!(page("?limit=100000").await.json()["pagination"]["limit"], 100);
    assert_eq!(page("?limit=0").await.json()["pagination"]["limit"], 1);
    for (query, field) in
        [("?limit=-1", "limit"), ("?limit=x", "limit"), ("?limit=1&limit=2", "limit"), ("?page=1", "page")]
    {
        let refused = page(query).await;
        assert_eq!((refused.status, &refused.problem()["errors"][0]["field"]), (400, &field.into()), "{refused:?}");
    }
}

#[tokio::test]
async fn the_use_of_a_token_is_noted() {
    let server = server().await;
    let begun = Instant::now();
    loop {
        let listed = server.call(&server.admin, "GET", "/v1/tokens", "").await.json();
        if listed["tokens"][0]["last_used_at"].is_string() {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{listed}");
    }
}

#[tokio::test]
async fn tenants_are_made_and_listed_by_the_operator() {
    let server = server().await;
    let body = r#"{"name":"acme","retention_days":90}"#;
    let made = server.call(&server.admin, "POST", "/v1/tenants", body).await;
    assert_eq!((made.status, &made.json()["retention_days"]), (201, &json!(90)));
    assert_eq!(server.call(&server.admin, "POST", "/v1/tenants", body).await.status, 409);
    for wrong in [r#"{"name":"Acme"}"#, r#"{"name":""}"#, r#"{"name":"1a"}"#, r#"{"name":"a","retention_days":0}"#] {
        assert_eq!(server.call(&server.admin, "POST", "/v1/tenants", wrong).await.status, 400, "{wrong}");
    }
    let listed = server.call(&server.admin, "GET", "/v1/tenants", "").await.json();
    let names: Vec<_> = listed["tenants"].as_array().unwrap().iter().map(|tenant| tenant["name"].clone()).collect();
    assert_eq!(names, ["default", "acme", "other"]);
}
