//! `plumb schedule run`: a server that runs is asked; where none does, the scan is made here.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use plumb_engine::clock::SystemClock;
use plumb_engine::notify::Notifier;
use plumb_engine::scan::Engine;
use plumb_engine::schedule::Scheduler;
use plumb_engine::service::Service;
use plumb_engine::service::queue::Bounds;
use plumb_model::scan::{ScanId, ScanStatus};
use plumb_server::{Question, run_schedule};
use plumb_store::{Ledger, StoreError, StoredScanHead};
use serde_json::Value;

use crate::administer::{asked, token_key};
use crate::arguments::Common;
use crate::egress::Source;
use crate::exit::Exit;
use crate::notifications::Notifications;
use crate::{context, print};

pub(super) async fn run(common: &Common, folder: &Path, tenant: &str, schedule: &str) -> anyhow::Result<Exit> {
    match Ledger::open(folder) {
        Ok(ledger) => here(common, folder, Arc::new(ledger), tenant, schedule).await,
        Err(in_use @ StoreError::InUse { .. }) => {
            let question = Question::RunSchedule { tenant: tenant.to_owned(), schedule: schedule.to_owned() };
            let ordered = asked(folder, &question, in_use)?;
            print::out(print::field(&ordered, "id"))?;
            let figure = |name: &str| ordered.get(name).and_then(Value::as_u64);
            let number = figure("number").unwrap_or_default();
            match figure("queue_position") {
                Some(place) => eprintln!("scan {number} waits at place {place}"),
                None => eprintln!("scan {number} has begun"),
            }
            Ok(Exit::Success)
        }
        Err(error) => Err(error).with_context(|| format!("the ledger in {}", folder.display())),
    }
}

/// Scans with a service of its own, and waits for the end. What people are to be told stays in the ledger until a server sends it.
async fn here(
    common: &Common,
    folder: &Path,
    ledger: Arc<Ledger>,
    tenant: &str,
    schedule: &str,
) -> anyhow::Result<Exit> {
    let signing = token_key(folder, &ledger)?.signing();
    let settings = Notifications::default().settings(&ledger, signing)?;
    let engine = Engine::new(ledger, context::library(common).await?, Arc::new(SystemClock));
    let service = Service::start(engine.with_egress(Source::new()), Bounds::default())?;
    let clock = Arc::clone(service.engine().clock());
    let notifier = Notifier::new(Arc::clone(service.ledger()), clock, settings);
    let ordered = run_schedule(&Scheduler::new(service.clone(), notifier), tenant, schedule).await;
    let ended = match ordered {
        Ok(ordered) => ended(&service, &ordered).await,
        Err(error) => Err(error.into()),
    };
    service.stop().await;
    let head = ended?;
    print::out(&uuid::Uuid::from_bytes(head.scan.id).to_string())?;
    let score = head.figures.and_then(|figures| figures.score);
    let violations: u64 = head.figures.map(|figures| figures.violations.iter().sum()).unwrap_or_default();
    let reason = head.scan.status_reason.as_deref().map(print::plain);
    match (head.scan.status, score) {
        (ScanStatus::Completed, Some(score)) => {
            eprintln!("scan {} completed: score {score:.1}, {violations} violations", head.scan.number);
        }
        (status, _) => eprintln!(
            "scan {} {status}{}",
            head.scan.number,
            reason.map_or_else(String::new, |reason| format!(": {reason}"))
        ),
    }
    Ok(match head.scan.status {
        ScanStatus::Completed => Exit::Success,
        ScanStatus::Cancelled => Exit::Interrupted,
        _ => Exit::Failure,
    })
}

/// The scan of an order once it has ended. An interruption cancels it.
async fn ended(service: &Service, ordered: &Value) -> anyhow::Result<Arc<StoredScanHead>> {
    let id: ScanId = uuid::Uuid::try_parse(print::field(ordered, "id"))?.into_bytes();
    let tenant = service.ledger().scan_head(&id)?.context("the scan is not in the ledger any more")?.scan.tenant;
    loop {
        let head = service.scan(&tenant, &id).context("the scan is not in the ledger any more")?;
        if head.scan.status.is_terminal() {
            return Ok(head);
        }
        tokio::select! {
            () = service.happened() => {}
            interrupted = tokio::signal::ctrl_c() => {
                interrupted?;
                service.cancel(&tenant, &id).await?;
            }
        }
    }
}
