//! Administration from the machine itself, while the server runs.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use crate::harness::service;
use plumb_server::{AdminCommand, AppState, Control, TokenKey, TokenText, ask, perform};
use plumb_store::Ledger;
use serde_json::json;

fn create(tenant: &str, role: Option<&str>, scopes: &[&str]) -> AdminCommand {
    AdminCommand::TokenCreate {
        tenant: tenant.into(),
        name: "test".into(),
        role: role.map(str::to_owned),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        expires_in_seconds: Some(3600),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_asked_over_the_socket_is_done_and_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let (ledger, key) = (Arc::new(Ledger::memory().unwrap()), TokenKey::random().unwrap());
    // Left by a server that is gone.
    drop(std::os::unix::net::UnixListener::bind(folder.path().join("control.sock")).unwrap());
    let control = Control::bind(folder.path()).unwrap();
    let socket = folder.path().join("control.sock");
    assert_eq!(std::fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);
    let serving = tokio::spawn(control.serve(AppState::new(service(&ledger), key.clone())));
    let path = folder.path().to_owned();
    let asked = tokio::task::spawn_blocking(move || {
        let made = ask(&path, &create("default", Some("admin"), &[]).into()).unwrap();
        let wrong = ask(&path, &create("nobody", Some("admin"), &[]).into()).unwrap_err();
        assert!(wrong.to_string().contains("'nobody'"), "{wrong}");
        let listed = ask(&path, &AdminCommand::TokenList { tenant: None }.into()).unwrap();
        let prefix = made["about"]["prefix"].as_str().unwrap().to_owned();
        let revoked = ask(&path, &AdminCommand::TokenRevoke { token: prefix }.into()).unwrap();
        (made, listed, revoked)
    });
    let (made, listed, revoked) = asked.await.unwrap();
    let text = made["token"].as_str().unwrap();
    let stored = ledger.token_by_hash(&key.hash(&TokenText::parse(text).unwrap())).unwrap().unwrap();
    assert!(stored.revoked_at.is_some() && stored.expires_at.is_some());
    assert_eq!((&listed[0]["about"]["id"], &listed[0]["tenant"]), (&revoked["id"], &json!("default")));
    assert!(!listed.to_string().contains(text));
    let actions: Vec<_> =
        ledger.audit(&[0; 16], None, 10).unwrap().into_iter().map(|entry| entry.event.action).collect();
    assert_eq!(actions, ["token revoke", "token create"]);
    serving.abort();
    serving.await.unwrap_err();
    assert!(!socket.exists());
    let path = folder.path().to_owned();
    assert!(ask(&path, &AdminCommand::TenantList {}.into()).unwrap_err().nobody_listens());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_command_is_refused_and_the_next_one_is_heard() {
    use std::io::{Read, Write};
    let folder = tempfile::tempdir().unwrap();
    let state = AppState::new(service(&Arc::new(Ledger::memory().unwrap())), TokenKey::random().unwrap());
    let serving = tokio::spawn(Control::bind(folder.path()).unwrap().serve(state));
    let path = folder.path().to_owned();
    let asked = tokio::task::spawn_blocking(move || {
        for question in ["", "nonsense", "{}", r#"{"command":"token-create"}"#, r#"{"command":"tenant-list","more":1}"#]
        {
            let mut stream = std::os::unix::net::UnixStream::connect(path.join("control.sock")).unwrap();
            stream.write_all(question.as_bytes()).unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("{\"failed\""), "{question}: {answer}");
        }
        ask(&path, &AdminCommand::TenantList {}.into()).unwrap()
    });
    assert_eq!(asked.await.unwrap()[0]["name"], "default");
    serving.abort();
}

#[test]
fn a_command_says_what_is_wrong_with_it() {
    let (ledger, key) = (Ledger::memory().unwrap(), TokenKey::random().unwrap());
    let wrong = |command: AdminCommand| perform(&ledger, &key, &command).unwrap_err().to_string();
    assert!(wrong(create("default", Some("owner"), &[])).contains("viewer"));
    assert!(wrong(create("default", Some("admin"), &["scans:read"])).contains("not both"));
    assert!(wrong(create("default", None, &[])).contains("scope"));
    assert!(wrong(create("default", None, &["scans:write"])).contains("scans:trigger"));
    assert!(wrong(AdminCommand::TokenRevoke { token: "plumb_aaaaaa".into() }).contains("plumb token list"));
    let acme = AdminCommand::TenantCreate { name: "acme".into(), retention_days: None, max_concurrent_scans: None };
    perform(&ledger, &key, &acme).unwrap();
    assert!(wrong(create("acme", None, &["tenants:write"])).contains("default tenant"));
    perform(&ledger, &key, &create("acme", Some("admin"), &[])).unwrap();
    perform(&ledger, &key, &create("acme", Some("admin"), &[])).unwrap();
    let all = perform(&ledger, &key, &AdminCommand::TokenList { tenant: None }).unwrap();
    let begin = |token: usize| all[token]["about"]["id"].as_str().unwrap()[..8].to_owned();
    assert!(begin(0) != begin(1) || wrong(AdminCommand::TokenRevoke { token: begin(0) }).contains("more than one"));
    assert!(ledger.check().unwrap().is_sound());
}
