//! What a tenant keeps no longer goes by itself.

use plumb_engine::clock::{Clock as _, SystemClock};
use plumb_model::scan::ScanStatus;
use plumb_model::tenant::Tenant;
use plumb_server::{Limits, Routes};
use plumb_store::Ledger;

use super::harness::{PATIENCE, Server, new_scan};

const ACME: [u8; 16] = [9; 16];

fn days_ago(days: i64) -> String {
    let then = SystemClock.now() - jiff::SignedDuration::from_hours(24 * days);
    then.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

#[tokio::test]
async fn scans_older_than_their_tenant_keeps_them_are_removed_and_no_others() {
    let ledger = Ledger::memory().unwrap();
    let tenant = Tenant { id: ACME, name: "acme".into(), retention_days: Some(30), ..Tenant::default_tenant() };
    ledger.create_tenant(&tenant).unwrap();
    for (number, tenant, age, ends) in [
        (1, ACME, 40, true),
        (2, ACME, 20, true),
        (3, ACME, 40, false),
        (4, tenant.id, 31, true),
        (5, [0; 16], 400, true),
    ] {
        let scan = plumb_store::NewScan { tenant, created_at: days_ago(age), ..new_scan(number) };
        ledger.create_scan(&scan).unwrap();
        if ends {
            ledger.transition(&scan.id, ScanStatus::Cancelled, &days_ago(age), Some("cancelled")).unwrap();
        }
    }
    let server = Server::with(ledger, Limits::default(), Routes::new()).await;
    let there = |number| server.ledger.scan(&new_scan(number).id).unwrap().is_some();
    let begun = std::time::Instant::now();
    while there(1) || there(4) {
        assert!(begun.elapsed() < PATIENCE, "it is kept for ever");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!([2, 3, 5].map(there), [true; 3]);
}
