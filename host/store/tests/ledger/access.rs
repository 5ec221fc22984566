//! Tenants, tokens, the audit log and requests with keys.

use plumb_model::access::{Actor, AuditEvent, Grant, Role, Scope, Token};
use plumb_model::tenant::{DEFAULT, Tenant};
use plumb_store::{KeyedRequest, Known, Ledger, StoreError, StoredAnswer};
use redb::{Database, ReadableTable, TableDefinition};

use super::fixture::{AT, Folder};

const OTHER: [u8; 16] = [7; 16];

type AuditKey = (&'static [u8; 16], u64);
const AUDIT: TableDefinition<'static, AuditKey, &[u8]> = TableDefinition::new("audit");

fn tenant(id: [u8; 16], name: &str) -> Tenant {
    Tenant {
        id,
        name: name.into(),
        created_at: Some(AT.into()),
        retention_days: Some(90),
        max_concurrent_scans: Some(2),
    }
}

fn token(tenant: [u8; 16], number: u8, grant: Grant) -> Token {
    Token {
        id: [number; 16],
        tenant,
        name: format!("token {number}"),
        grant,
        prefix: format!("plumb_{number}"),
        created_at: AT.into(),
        expires_at: Some("2027-11-21T10:00:00.000Z".into()),
        revoked_at: None,
        last_used_at: None,
    }
}

fn event(tenant: [u8; 16], number: usize) -> AuditEvent {
    AuditEvent {
        tenant,
        at: AT.into(),
        actor: if number.is_multiple_of(2) { Actor::Token([1; 16]) } else { Actor::Cli },
        action: format!("action {number}"),
        object: "/v1/tokens".into(),
        result: "201".into(),
        request_id: Some(format!("request {number}")),
        count: 1,
    }
}

#[test]
fn tenants_are_found_by_id_and_name_and_the_default_one_is_always_there() {
    let ledger = Ledger::memory().unwrap();
    assert_eq!(ledger.tenant_named("default").unwrap().unwrap().id, DEFAULT);
    let acme = tenant(OTHER, "acme");
    ledger.create_tenant(&acme).unwrap();
    assert_eq!(ledger.tenant(&OTHER).unwrap(), Some(acme.clone()));
    assert_eq!(ledger.tenant_named("acme").unwrap(), Some(acme));
    for taken in [tenant([8; 16], "acme"), tenant([8; 16], "default"), tenant(DEFAULT, "free"), tenant(OTHER, "free")] {
        assert!(matches!(ledger.create_tenant(&taken), Err(StoreError::TenantExists(_))), "{taken:?}");
    }
    assert_eq!((ledger.tenants().unwrap().len(), ledger.tenant(&[8; 16]).unwrap()), (2, None));
}

#[test]
fn a_token_comes_back_as_it_was_and_belongs_to_its_tenant_alone() {
    let ledger = Ledger::memory().unwrap();
    ledger.create_tenant(&tenant(OTHER, "acme")).unwrap();
    assert!(!ledger.has_tokens().unwrap());
    let scopes = Grant::Scopes(Scope::ALL.into_iter().collect());
    let (ours, theirs) = (token(DEFAULT, 1, scopes), token(OTHER, 2, Grant::Role(Role::Member)));
    ledger.create_token(&[11; 32], &ours).unwrap();
    ledger.create_token(&[12; 32], &theirs).unwrap();
    assert_eq!(ledger.token_by_hash(&[11; 32]).unwrap().as_deref(), Some(&ours));
    assert_eq!(ledger.token_by_hash(&[13; 32]).unwrap(), None);
    assert_eq!(ledger.token(&OTHER, &theirs.id).unwrap().as_ref(), Some(&theirs));
    assert_eq!(ledger.token(&DEFAULT, &theirs.id).unwrap(), None);
    assert_eq!(ledger.revoke_token(&DEFAULT, &theirs.id, AT).unwrap(), None);
    assert_eq!(ledger.tokens(&OTHER, 0, 10).unwrap(), (vec![theirs], 1));
    assert!(ledger.has_tokens().unwrap() && ledger.check().unwrap().is_sound());
}

#[test]
fn a_token_that_is_revoked_keeps_the_first_time_and_one_that_is_used_the_last() {
    let ledger = Ledger::memory().unwrap();
    let token = token(DEFAULT, 1, Grant::Role(Role::Viewer));
    ledger.create_token(&[11; 32], &token).unwrap();
    ledger.touch_token(&[11; 32], "2026-11-21T11:00:00.000Z").unwrap();
    ledger.touch_token(&[11; 32], "2026-11-21T12:00:00.000Z").unwrap();
    ledger.revoke_token(&DEFAULT, &token.id, "2026-11-21T13:00:00.000Z").unwrap();
    let revoked = ledger.revoke_token(&DEFAULT, &token.id, "2026-11-21T14:00:00.000Z").unwrap().unwrap();
    assert_eq!(revoked.last_used_at.as_deref(), Some("2026-11-21T12:00:00.000Z"));
    assert_eq!(revoked.revoked_at.as_deref(), Some("2026-11-21T13:00:00.000Z"));
    ledger.touch_token(&[99; 32], AT).unwrap();
    assert!(ledger.check().unwrap().is_sound());
}

#[test]
fn tokens_are_listed_in_pages() {
    let ledger = Ledger::memory().unwrap();
    for number in 1..=7 {
        ledger.create_token(&[number; 32], &token(DEFAULT, number, Grant::Role(Role::Viewer))).unwrap();
    }
    let page = |offset, limit| {
        let (tokens, count) = ledger.tokens(&DEFAULT, offset, limit).unwrap();
        (tokens.iter().map(|token| token.id[0]).collect::<Vec<_>>(), count)
    };
    assert_eq!(page(0, 3), (vec![1, 2, 3], 7));
    assert_eq!(page(6, usize::MAX), (vec![7], 7));
    assert_eq!(page(7, 3), (vec![], 7));
}

#[test]
fn an_audit_log_is_one_chain_for_each_tenant_and_is_read_from_its_end() {
    let ledger = Ledger::memory().unwrap();
    ledger.create_tenant(&tenant(OTHER, "acme")).unwrap();
    for number in 1..=5 {
        ledger.append_audit(&event(DEFAULT, number)).unwrap();
        ledger.append_audit(&event(OTHER, number)).unwrap();
    }
    let entries = ledger.audit(&DEFAULT, Some(5), 2).unwrap();
    assert_eq!(entries.iter().map(|entry| entry.sequence).collect::<Vec<_>>(), [4, 3]);
    assert_eq!(entries[0].event, event(DEFAULT, 4));
    let (ours, theirs) = (ledger.audit_head(&DEFAULT).unwrap(), ledger.audit_head(&OTHER).unwrap());
    assert_eq!((ours.length, ours.hash), (5, ledger.audit(&DEFAULT, None, 1).unwrap()[0].hash));
    assert_ne!(ours.hash, theirs.hash, "the same events of another tenant");
    assert_eq!(ledger.audit_head(&[9; 16]).unwrap().length, 0);
    assert!(ledger.check().unwrap().is_sound());
}

/// What `check` says of a log of five entries after somebody wrote to the file.
fn altered(alter: impl FnOnce(&mut redb::Table<'_, AuditKey, &'static [u8]>)) -> Vec<String> {
    let folder = Folder::new();
    let ledger = Ledger::open(&folder.path()).unwrap();
    for number in 1..=5 {
        ledger.append_audit(&event(DEFAULT, number)).unwrap();
    }
    assert!(ledger.check().unwrap().is_sound());
    drop(ledger);
    let database = Database::open(folder.file()).unwrap();
    let transaction = database.begin_write().unwrap();
    alter(&mut transaction.open_table(AUDIT).unwrap());
    transaction.commit().unwrap();
    drop(database);
    let report = Ledger::open(&folder.path()).unwrap().check().unwrap();
    report.problems.iter().map(ToString::to_string).collect()
}

/// A stored value with another payload, and the tag that fits it: whoever can write the file can do that.
fn resealed(sequence: u64, value: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut payload = value[9..].to_vec();
    change(&mut payload);
    let key = <AuditKey as redb::Value>::as_bytes(&(&DEFAULT, sequence));
    let mut hasher = blake3::Hasher::new();
    hasher
        .update(b"audit\0")
        .update(&value[..1])
        .update(&(key.len() as u64).to_le_bytes())
        .update(&key)
        .update(&payload);
    [&value[..1], &hasher.finalize().as_bytes()[..8], &payload].concat()
}

#[test]
fn an_entry_that_was_changed_taken_out_or_cut_off_is_found() {
    let said =
        |problems: Vec<String>, words: &str| assert!(problems.iter().any(|one| one.contains(words)), "{problems:?}");
    said(
        altered(|table| {
            let value = table.get((&DEFAULT, 3)).unwrap().unwrap().value().to_vec();
            let changed = resealed(3, &value, |payload| {
                let place = payload.windows(3).position(|part| part == b"201").unwrap();
                payload[place] = b'4';
            });
            table.insert((&DEFAULT, 3), changed.as_slice()).unwrap();
        }),
        "does not follow",
    );
    said(altered(|table| drop(table.remove((&DEFAULT, 3)).unwrap())), "entry 3 is missing");
    said(altered(|table| drop(table.remove((&DEFAULT, 1)).unwrap())), "entry 1 is missing");
    said(altered(|table| drop(table.remove((&DEFAULT, 5)).unwrap())), "has 4 entries and ended with entry 5");
    said(altered(|table| table.retain(|_, _| false).unwrap()), "has 0 entries and ended with entry 5");
    said(
        altered(|table| {
            let last = table.get((&DEFAULT, 5)).unwrap().unwrap().value().to_vec();
            table.insert((&DEFAULT, 6), resealed(6, &last, |_| ()).as_slice()).unwrap();
        }),
        "has 6 entries and ended with entry 5",
    );
}

#[test]
fn a_request_with_a_key_is_first_once_and_then_answered_as_it_was() {
    let ledger = Ledger::memory().unwrap();
    let request = KeyedRequest { tenant: DEFAULT, key: [1; 32], fingerprint: [2; 32] };
    let (day, next) = ("2026-11-21T10:00:00.000Z", "2026-11-22T10:00:00.001Z");
    let begin = |request: &KeyedRequest| ledger.begin_keyed(request, day, "2026-11-20T10:00:00.000Z").unwrap();
    assert_eq!(begin(&request), Known::First);
    assert_eq!(begin(&request), Known::Unanswered);
    assert_eq!(begin(&KeyedRequest { fingerprint: [3; 32], ..request.clone() }), Known::Different);
    assert_eq!(begin(&KeyedRequest { tenant: OTHER, ..request.clone() }), Known::First, "another tenant's");
    let answer = StoredAnswer {
        status: 201,
        content_type: "application/json".into(),
        location: Some("/v1/tokens/1".into()),
        body: vec![0, 1, 2],
    };
    ledger.end_keyed(&request, Some(answer.clone())).unwrap();
    assert_eq!(begin(&request), Known::Answered(answer));
    assert_eq!(ledger.begin_keyed(&request, next, "2026-11-21T10:00:00.001Z").unwrap(), Known::First, "a day later");
    ledger.end_keyed(&request, None).unwrap();
    assert_eq!(begin(&request), Known::First, "it failed, and may be sent again");
    assert!(ledger.check().unwrap().is_sound());
}

#[test]
fn keys_that_are_old_are_forgotten_and_the_others_kept() {
    let ledger = Ledger::memory().unwrap();
    for number in 0..10u8 {
        let request = KeyedRequest { tenant: DEFAULT, key: [number; 32], fingerprint: [0; 32] };
        ledger.begin_keyed(&request, &format!("2026-11-2{number}T10:00:00.000Z"), "2026").unwrap();
    }
    assert_eq!(ledger.prune_keyed("2026-11-24T10:00:00.000Z").unwrap(), 4);
    assert_eq!(ledger.prune_keyed("2026-11-24T10:00:00.000Z").unwrap(), 0);
}
