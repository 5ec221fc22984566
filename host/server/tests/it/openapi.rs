//! The document of the API is complete, and is the one that is committed.

use std::collections::BTreeSet;

use plumb_server::{Family, described, document, routes};

use crate::harness::Server;

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");

#[test]
fn every_route_is_described_and_nothing_else_is() {
    let routes = routes();
    let name = |method: &dyn std::fmt::Display, path: &str| format!("{method} {path}");
    // Pages are for people; what programs ask is described.
    let asked_by_programs = routes.declared().filter(|route| route.family != Family::Dashboard);
    let declared: BTreeSet<_> = asked_by_programs.map(|route| name(&route.method, route.path)).collect();
    let described: BTreeSet<_> =
        described(&document(&routes)).iter().map(|(path, method)| name(method, path)).collect();
    assert_eq!(declared, described);
}

#[test]
fn every_operation_has_an_id_of_its_own() {
    let document = serde_json::to_value(document(&routes())).unwrap();
    let items = document["paths"].as_object().unwrap().values();
    let operations: Vec<_> = items.flat_map(|item| item.as_object().unwrap().values()).collect();
    let ids: BTreeSet<_> = operations.iter().map(|operation| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), operations.len(), "{ids:?}");
}

#[tokio::test]
async fn the_committed_document_is_the_one_that_is_served() {
    let server = Server::start().await;
    let document = server.get("/openapi.json").await.body;
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(COMMITTED, &document).unwrap();
    }
    let committed = std::fs::read_to_string(COMMITTED).unwrap_or_default();
    assert!(committed == document, "openapi.json is old; renew it with `UPDATE=1 cargo test -p plumb-server openapi`");
    assert!(document.starts_with("{\n  \"openapi\": \"3.1.0\""));
}

#[tokio::test]
async fn the_page_is_served_from_here_and_reaches_nowhere_else() {
    let server = Server::start().await;
    let page = server.get("/docs").await;
    assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));
    for path in ["/docs/page.js", "/docs/page.css", "/openapi.json"] {
        assert!(page.body.contains(&format!("\"{path}\"")), "{path}");
        let asset = server.get(path).await;
        assert!(asset.status == 200 && !asset.body.contains("http://") && !asset.body.contains("cdn"), "{path}");
    }
}
