//! The service as it is started: its first token, tokens made while it runs, its log, its end.

use crate::harness::Plumb;
use crate::service::Service;

#[test]
fn the_first_start_prints_an_admin_token_alone_and_the_next_prints_nothing() {
    let plumb = Plumb::new();
    let (first, _) = Service::start(&plumb, &[]).stop();
    let token = first.strip_suffix('\n').unwrap();
    assert!(token.starts_with("plumb_") && token.len() == 55, "{first:?}");
    let again = Service::start(&plumb, &[]);
    assert_eq!((again.status(token, "/v1/tokens"), again.status("plumb_x", "/v1/tokens")), (200, 401));
    assert_eq!(again.stop().0, "");
}

#[test]
fn tokens_are_made_and_revoked_and_the_ledger_backed_up_whether_or_not_a_server_runs() {
    let plumb = Plumb::new();
    let made = plumb.run(&["token", "create", "--role", "viewer", "--expires", "30d"]).expect(0);
    let before = made.stdout.strip_suffix('\n').unwrap().to_owned();
    let service = Service::start(&plumb, &[]);
    plumb.run(&["tenant", "create", "acme"]).expect(0);
    let made = plumb.run(&["token", "create", "--tenant", "acme", "--role", "admin", "--name", "pipeline"]).expect(0);
    let token = made.stdout.strip_suffix('\n').unwrap().to_owned();
    assert_eq!((service.status(&before, "/v1/tokens"), service.status(&token, "/v1/tokens")), (403, 200));
    let listed = plumb.run(&["token", "list", "--json"]).expect(0);
    assert!(!listed.stdout.contains(&token) && listed.stdout.contains("pipeline"));
    assert!(plumb.run(&["token", "list"]).expect(0).stdout.contains("acme"));
    plumb.run(&["token", "revoke", &token[..12]]).expect(0);
    assert_eq!(service.status(&token, "/v1/tokens"), 401);
    plumb.run(&["token", "revoke", "plumb_nobody"]).expect(1);
    plumb.run(&["db", "backup", "copy.redb"]).expect(0);
    assert!(plumb.path("copy.redb").exists());
    assert_eq!(service.stop().0, "", "a token was there before the first start");
    assert!(!plumb.path("data/control.sock").exists());
    plumb.run(&["db", "check"]).expect(0);
}

#[test]
fn the_log_is_json_on_every_line_and_holds_no_token() {
    let plumb = Plumb::new();
    plumb.run(&["token", "create", "--role", "admin"]).expect(0);
    let config = plumb.write("plumb.toml", "log = \"json\"\n[rate]\nfailures = 5\n");
    let made = plumb.run(&["token", "create", "--role", "admin"]).expect(0);
    let token = made.stdout.strip_suffix('\n').unwrap();
    let service = Service::start(&plumb, &["--config", config.to_str().unwrap()]);
    assert_eq!(service.status(token, "/v1/tokens"), 200);
    assert_eq!(service.status(token, &format!("/v1/tokens/{token}")), 405);
    let (_, log) = service.stop();
    let entries: Vec<serde_json::Value> = log.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(entries.iter().any(|entry| entry["route"] == "/v1/tokens" && entry["status"] == 200), "{log:#?}");
    assert!(!log.iter().any(|line| line.contains(&token[12..])), "{log:#?}");
}

#[test]
fn settings_that_are_wrong_and_a_lost_key_are_refused() {
    let plumb = Plumb::new();
    let config = plumb.write("plumb.toml", "lisen = \"127.0.0.1:0\"\n");
    let wrong = plumb.run(&["serve", "--config", config.to_str().unwrap()]).expect(2);
    assert!(wrong.stderr.contains("did you mean 'listen'?"), "{}", wrong.stderr);
    plumb.run(&["serve", "--tls-cert", "cert.pem"]).expect(2);
    plumb.run(&["token", "create"]).expect(2);
    plumb.run(&["token", "create", "--scope", "scans:write"]).expect(2);
    plumb.run(&["token", "create", "--role", "admin"]).expect(0);
    std::fs::remove_file(plumb.path("data/token.key")).unwrap();
    let lost = plumb.run(&["token", "create", "--role", "admin"]).expect(1);
    assert!(lost.stderr.contains("token.key is missing"), "{}", lost.stderr);
}

#[test]
fn a_backup_made_while_serving_serves_again_elsewhere_with_its_uploads_and_tokens() {
    let plumb = Plumb::new();
    let token = plumb.run(&["token", "create", "--role", "admin"]).expect(0).stdout.trim().to_owned();
    let service = Service::start(&plumb, &[]);
    let form = "--b\r\ncontent-disposition: form-data; name=\"control_id\"\r\n\r\nCC6.1\r\n--b\r\ncontent-disposition: form-data; \
                name=\"file\"; filename=\"note.txt\"\r\ncontent-type: text/plain\r\n\r\nreviewed\r\n--b--\r\n";
    let kind = "content-type: multipart/form-data; boundary=b\r\n";
    let (status, kept) = service.send(&token, "POST", "/api/evidence/upload", kind, form.as_bytes());
    assert_eq!(status, 201, "{kept}");
    plumb.run(&["db", "backup", "copy.redb"]).expect(0);
    service.kill();
    let copy = plumb.path("copy.redb");
    let other = Plumb::new();
    let restored = other.run(&["db", "restore", copy.to_str().unwrap()]).expect(0);
    assert!(restored.stdout.contains("everything is whole"), "{}", restored.stdout);
    let again = Service::start(&other, &[]);
    let url = kept["file"]["url"].as_str().unwrap();
    let (status, _, content) = again.exchange(&token, "GET", url, "", b"");
    assert_eq!((status, content.as_slice()), (200, b"reviewed".as_slice()));
    again.stop();
    let refused = other.run(&["db", "restore", copy.to_str().unwrap()]).expect(1);
    assert!(refused.stderr.contains("a folder that has no ledger"), "{}", refused.stderr);
}
