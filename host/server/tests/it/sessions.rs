//! Sessions of the dashboard: who has one, what it opens, how it ends.

use std::collections::BTreeSet;

use plumb_model::access::{Grant, Role, Scope};
use plumb_model::tenant::DEFAULT;
use plumb_server::{Browser, Family, Limits, Need};

use crate::access::{OTHER, declared, path, server};
use crate::harness::{Answer, Server, new_scan};

/// A browser that has signed in.
struct Session<'a> {
    server: &'a Server,
    cookie: String,
    form_token: String,
}

async fn form(server: &Server, path: &str, headers: &str, body: &str) -> Answer {
    let kind = "content-type: application/x-www-form-urlencoded";
    let head = format!("POST {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n{kind}\r\n{headers}");
    server.send(&format!("{head}content-length: {}\r\n\r\n{body}", body.len())).await
}

/// A page's text, with slashes as they are.
fn text(page: &Answer) -> String {
    page.body.replace("&#x2f;", "/")
}

async fn sign_in(server: &Server, token: &str) -> Answer {
    form(server, "/sign-in", "", &format!("token={token}")).await
}

impl Session<'_> {
    async fn begin<'a>(server: &'a Server, token: &str) -> Session<'a> {
        let answer = sign_in(server, token).await;
        assert_eq!(answer.status, 303, "{answer:?}");
        // The first page that the token may see; its form to sign out has the form token.
        let home = answer.header("location").unwrap().to_owned();
        let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        let mut session = Session { server, cookie, form_token: String::new() };
        let page = session.get(&home, "").await.body;
        if let Some((_, rest)) = page.split_once("name=\"form_token\" value=\"") {
            session.form_token = rest.split('"').next().unwrap().to_owned();
        }
        session
    }

    async fn get(&self, path: &str, headers: &str) -> Answer {
        let head = format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncookie: {}\r\n", self.cookie);
        self.server.send(&format!("{head}{headers}\r\n")).await
    }

    async fn post(&self, path: &str, headers: &str, body: &str) -> Answer {
        form(self.server, path, &format!("cookie: {}\r\n{headers}", self.cookie), body).await
    }

    /// With the session's form token.
    async fn send(&self, path: &str, body: &str) -> Answer {
        self.post(path, "", &format!("form_token={}&{body}", self.form_token)).await
    }
}

#[tokio::test]
async fn a_session_opens_what_its_tokens_scopes_open_and_nothing_but_pages_and_streams() {
    let server = server().await;
    for scope in Scope::ALL {
        let session = Session::begin(&server, &server.scoped(&[scope])).await;
        for declared in declared() {
            let Need::Scope(needed) = declared.need else { continue };
            let path = path(&declared);
            let answer = match declared.method.as_str() {
                "GET" => session.get(&path, "accept: text/event-stream\r\n").await,
                "POST" => session.send(&path, "").await,
                _ => {
                    assert_eq!(declared.browser, Browser::Never);
                    continue;
                }
            };
            let name = format!("{} {path} with {scope}: {answer:?}", declared.method);
            match declared.browser {
                Browser::Never => assert_eq!(answer.status, 401, "{name}"),
                // Without a page that it may see a session has no form either.
                _ if session.form_token.is_empty() && declared.changes() => assert_eq!(answer.status, 403, "{name}"),
                _ if needed != scope => {
                    assert!(answer.status == 403 && answer.body.contains(needed.as_str()), "{name}");
                }
                _ => assert!(answer.status < 500 && ![401, 403].contains(&answer.status), "{name}"),
            }
        }
    }
}

#[tokio::test]
async fn a_form_without_the_sessions_own_token_changes_nothing() {
    let server = server().await;
    let session = Session::begin(&server, &server.admin).await;
    let other = Session::begin(&server, &server.admin).await;
    for declared in declared().iter().filter(|route| route.browser == Browser::Page && route.changes()) {
        let Need::Scope(_) = declared.need else { continue };
        let path = path(declared);
        let (own, foreign) = (&session.form_token, &other.form_token);
        for body in [String::new(), format!("form_token={foreign}"), format!("form_token={own}&form_token={own}")] {
            let answer = session.post(&path, "", &body).await;
            assert!(answer.status == 403 && answer.body.contains("not one of this session"), "{path} {answer:?}");
        }
        let elsewhere = session.post(&path, "origin: http://evil.test\r\n", &format!("form_token={own}")).await;
        assert_eq!((elsewhere.status, elsewhere.header("location")), (303, Some("/sign-in")), "{path}");
        let own = session.post(&path, "origin: http://test\r\n", &format!("form_token={own}")).await;
        assert!(own.status != 403 && own.header("location") != Some("/sign-in"), "{path} {own:?}");
    }
    let signed_out = session.post("/sign-out", "", "").await;
    assert_eq!(signed_out.status, 403);
    assert_eq!(session.get("/", "").await.status, 200);
}

#[tokio::test]
async fn a_stream_is_read_with_a_session_from_our_own_pages_only() {
    let server = server().await;
    server.ledger.create_scan(&new_scan(1)).unwrap();
    let session = Session::begin(&server, &server.admin).await;
    let ask = async |headers: &str| {
        let path = "/v1/scans/0199f300-0000-7000-8000-000000000000/stream";
        session.get(path, &format!("accept: text/event-stream\r\n{headers}")).await.status
    };
    // There is no such scan, which only somebody who is known is told.
    assert_eq!(ask("").await, 404);
    assert_eq!(ask("sec-fetch-site: same-origin\r\n").await, 404);
    for foreign in ["origin: http://evil.test\r\n", "sec-fetch-site: cross-site\r\n", "sec-fetch-site: same-site\r\n"] {
        assert_eq!(ask(foreign).await, 401, "{foreign}");
    }
}

#[tokio::test]
async fn a_session_ends_with_its_token_and_with_signing_out() {
    let server = server().await;
    let token = server.token(DEFAULT, Grant::Role(Role::Viewer));
    let (one, two) = (Session::begin(&server, &token).await, Session::begin(&server, &token).await);
    let out = one.send("/sign-out", "").await;
    assert!(out.status == 303 && out.header("set-cookie").unwrap().contains("Max-Age=0"), "{out:?}");
    assert_eq!((one.get("/", "").await.status, two.get("/", "").await.status), (303, 200));
    let known = server.ledger.tokens(&DEFAULT, 0, 100).unwrap().0;
    let viewer = known.iter().find(|known| known.grant == Grant::Role(Role::Viewer)).unwrap();
    server.ledger.revoke_token(&DEFAULT, &viewer.id, "2026-11-21T10:00:00.000Z").unwrap();
    let gone = two.get("/scans?status=running", "").await;
    assert_eq!(gone.status, 303);
    assert_eq!(gone.header("location"), Some("/sign-in?next=%2Fscans%3Fstatus%3Drunning"), "{gone:?}");
}

#[tokio::test]
async fn who_has_no_session_is_sent_to_sign_in_and_from_there_back() {
    let server = server().await;
    let sent = server.get("/scans?status=running").await;
    let place = sent.header("location").unwrap();
    assert_eq!((sent.status, place), (303, "/sign-in?next=%2Fscans%3Fstatus%3Drunning"));
    let page = server.get(place).await;
    assert!(text(&page).contains("value=\"/scans?status=running\""), "{page:?}");
    let body = format!("token={}&next=%2Fscans%3Fstatus%3Drunning", server.admin);
    assert_eq!(form(&server, "/sign-in", "", &body).await.header("location"), Some("/scans?status=running"));
    for elsewhere in ["%2F%2Fevil.test", "https%3A%2F%2Fevil.test", "%2F%5Cevil.test"] {
        let body = format!("token={}&next={elsewhere}", server.admin);
        assert_eq!(form(&server, "/sign-in", "", &body).await.header("location"), Some("/"), "{elsewhere}");
    }
    assert_eq!(form(&server, "/sign-in", "origin: http://evil.test\r\n", &body).await.status, 403);
}

#[tokio::test]
async fn wrong_tokens_are_refused_in_words_and_slowed_down_and_a_right_one_still_signs_in() {
    let server = Server::limited(Limits { failures: 3, ..Limits::default() }).await;
    for _ in 0..3 {
        let answer = sign_in(&server, "plumb_x").await;
        assert!(answer.status == 401 && answer.body.contains("This token is not valid"), "{answer:?}");
        assert!(!answer.body.contains("plumb_x") && answer.header("set-cookie").is_none());
    }
    let answer = sign_in(&server, "plumb_x").await;
    assert!(answer.status == 429 && answer.header("retry-after").is_some(), "{answer:?}");
    assert_eq!(sign_in(&server, &server.admin).await.status, 303);
}

#[tokio::test]
async fn another_tenants_session_sees_nothing_of_ours() {
    let server = server().await;
    server.ledger.create_scan(&new_scan(1)).unwrap();
    let other = server.token(OTHER, Grant::Role(Role::Admin));
    let session = Session::begin(&server, &other).await;
    for page in ["/", "/scans"] {
        let page = session.get(page, "").await;
        assert!(page.status == 200 && !page.body.contains("secret-estate"), "{page:?}");
    }
    for page in ["/scans/1", "/scans/1/findings", "/scans/00000000-0000-0000-0000-000000000001"] {
        assert_eq!(session.get(page, "").await.status, 404, "{page}");
    }
}

#[tokio::test]
async fn signing_in_and_what_forms_do_stand_in_the_audit_log() {
    let server = server().await;
    let session = Session::begin(&server, &server.admin).await;
    sign_in(&server, "plumb_x").await;
    assert_eq!(session.send("/drifts/1/status", "status=investigating").await.status, 404);
    session.send("/sign-out", "").await;
    let log = server.call(&server.admin, "GET", "/v1/audit", "").await.json();
    let entries: BTreeSet<(String, String)> = log["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["action"].as_str().unwrap().to_owned(), entry["result"].as_str().unwrap().to_owned()))
        .collect();
    for (action, result) in [
        ("POST /sign-in", "303"),
        ("POST /sign-in", "401"),
        ("POST /drifts/{id}/status", "404"),
        ("POST /sign-out", "303"),
    ] {
        assert!(entries.contains(&(action.to_owned(), result.to_owned())), "{action} {result} in {entries:?}");
    }
}

#[tokio::test]
async fn pages_are_kept_by_nobody_load_nothing_from_elsewhere_and_have_nothing_inline() {
    let server = server().await;
    let session = Session::begin(&server, &server.admin).await;
    let cookie = sign_in(&server, &server.admin).await;
    let cookie = cookie.header("set-cookie").unwrap();
    assert!(["HttpOnly", "SameSite=Strict", "Path=/"].iter().all(|part| cookie.contains(part)), "{cookie}");
    for declared in declared().iter().filter(|route| route.family == Family::Dashboard && !route.changes()) {
        if declared.path.starts_with("/assets") {
            continue;
        }
        let page = session.get(&path(declared), "").await;
        if page.status == 303 {
            continue;
        }
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{page:?}");
        assert_eq!(page.header("cache-control"), Some("no-store"), "{page:?}");
        let inline = [" style=", "<style", " onclick=", "javascript:", "//cdn"];
        assert!(!inline.iter().any(|part| page.body.contains(part)), "{page:?}");
        let page = text(&page);
        let assets: Vec<&str> = page.split('"').filter(|text| text.starts_with("/assets/")).collect();
        assert!(assets.len() >= 3, "{page}");
        for asset in assets {
            let asset = server.get(asset).await;
            assert!(asset.status == 200 && asset.header("cache-control").unwrap().contains("immutable"), "{asset:?}");
        }
    }
}

#[tokio::test]
async fn a_schedules_form_shows_its_next_times_and_what_is_wrong_beside_the_field_and_only_making_it_is_written_down() {
    let server = server().await;
    let session = Session::begin(&server, &server.admin).await;
    let preview = session.send("/schedules/preview", "cron=30+2+*+*+*&timezone=Europe%2FBerlin&name=").await;
    assert_eq!((preview.status, preview.body.matches("02:30 CE").count()), (200, 5), "{preview:?}");
    for (body, id) in [
        ("cron=0+0+31+2+*", "cron-wrong"),
        ("cron=", "cron-wrong"),
        ("cron=@daily&timezone=Mars%2FBase", "timezone-wrong"),
    ] {
        let answer = session.send("/schedules/preview", body).await;
        assert!(answer.status == 200 && answer.body.contains(&format!("id=\"{id}\"")), "{body}: {answer:?}");
    }
    let unmade = session.send("/schedules/new", "cron=@daily&name=&triggers=compliance_drift&score_fall=much").await;
    assert_eq!(unmade.status, 400, "{unmade:?}");
    for field in ["name", "environment", "cloud_providers", "triggers"] {
        assert!(unmade.body.contains(&format!("id=\"{field}-wrong\"")), "{field}: {unmade:?}");
    }
    assert!(unmade.body.contains("value=\"@daily\""), "what was typed stays: {unmade:?}");
    assert_eq!(server.ledger.schedules(&DEFAULT).unwrap(), []);
    let whole = "cron=@daily&timezone=UTC&name=nightly&environment=production&cloud_providers=aws&cloud_providers=gcp&overlap=queue";
    let made = session.send("/schedules/new", whole).await;
    assert_eq!((made.status, made.header("location")), (303, Some("/schedules/1")), "{made:?}");
    let kept = server.ledger.schedules(&DEFAULT).unwrap().remove(0);
    assert_eq!((kept.name.as_str(), kept.config.cloud_providers.len(), kept.enabled), ("nightly", 2, true));
    let log = server.ledger.audit(&DEFAULT, None, 100).unwrap();
    let of = |action: &str| log.iter().filter(|entry| entry.event.action == action).count();
    assert_eq!((of("POST /schedules/preview"), of("POST /schedules/new")), (0, 2), "{log:?}");
}
