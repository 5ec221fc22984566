//! What the ledger costs: `cargo run --release -p plumb-store --example ledger_speed [RESOURCES] [FOLDER]`.
//!
//! Each resource has a document of half a kilobyte, five passes, one failure in full and cached verdicts; one task in ten
//! thousand resources, batches of 256. The first scan hands over rows alone, the second documents and verdicts as well, and the
//! third is of the same estate, so that its documents are known and its verdicts need not be handed over. Times are processor
//! time where the system tells it (Linux): others may be at work on the machine.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use plumb_model::check::{Check, PluginRef, Remediation, Scope, Severity};
use plumb_model::outcome::{Fingerprint, Verdict};
use plumb_model::resource::ResourceRef;
use plumb_model::scan::{Catalogue, Coverage, ScanId, ScanStatus, Summary};
use plumb_store::{
    CachedVerdict, CachedVerdicts, Digest, Ledger, NewScan, OutcomeRow, RecordBatch, ResourceRow, StoreError, TaskEnd,
    TaskRow, VerdictRow,
};

const TASK: u32 = 10_000;
const BATCH: u32 = 256;
const PLUGIN: Digest = [9; 32];
const AT: &str = "2026-11-21T10:00:00.000Z";

/// Processor time of this thread, which does all the work; wall time where that is not told.
struct Watch {
    wall: Instant,
    processor: Option<Duration>,
}

impl Watch {
    fn start() -> Watch {
        Watch { wall: Instant::now(), processor: processor_time() }
    }

    fn seconds(&self) -> f64 {
        let processor = self.processor.zip(processor_time()).map(|(start, end)| end.saturating_sub(start));
        processor.unwrap_or_else(|| self.wall.elapsed()).as_secs_f64()
    }
}

fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let resources: u32 = arguments.next().map_or(Ok(100_000), |number| number.parse())?;
    let folder = arguments.next().map_or_else(|| std::env::temp_dir().join("ledger_speed"), PathBuf::from);
    if folder.exists() {
        return Err(format!("{} exists; name a folder that does not", folder.display()).into());
    }
    let measured = measure(&folder, resources);
    std::fs::remove_dir_all(&folder)?;
    measured
}

fn measure(folder: &Path, resources: u32) -> Result<(), Box<dyn Error>> {
    let ledger = Ledger::open(folder)?;
    for (number, what) in [(1, "rows"), (2, "rows, documents, verdicts"), (3, "rows, known documents")] {
        let (seconds, of_ledger) = scan(&ledger, number, resources)?;
        report(&format!("scan {number}: {what}"), of_ledger, resources);
        say(&format!("scan {number}: with making the batches {seconds:.2} s"));
        let file = ledger.stats()?.file_bytes.unwrap_or(0);
        say(&format!("scan {number}: file {} MB", file >> 20));
    }
    let started = Watch::start();
    let mut count = 0u32;
    ledger.findings(&id(1), |_| {
        count += 1;
        Ok::<_, StoreError>(())
    })?;
    report("reading all findings", started.seconds(), count);
    let started = Watch::start();
    ledger.violations(&id(1), |_| Ok::<_, StoreError>(()))?;
    report("reading violations", started.seconds(), resources);
    let digests: Vec<Digest> = (0..resources).map(|number| *blake3::hash(&document(number)).as_bytes()).collect();
    let started = Watch::start();
    for page in digests.chunks(BATCH as usize) {
        ledger.verdicts(&PLUGIN, page)?;
    }
    report("looking up verdicts", started.seconds(), resources);
    let started = Watch::start();
    for digest in digests.iter().step_by(997) {
        ledger.document(digest)?;
    }
    report("opening a document", started.seconds(), resources.div_ceil(997));
    let started = Watch::start();
    let checked = ledger.check()?;
    report(&format!("check, {} problems", checked.problems.len()), started.seconds(), resources);
    for table in ledger.stats()?.tables {
        say(&format!("{:<16} {:>9} rows {:>8} KB", table.table, table.rows, table.stored_bytes >> 10));
    }
    keep_house(&ledger, folder, resources)
}

/// What is done to a ledger now and then.
fn keep_house(ledger: &Ledger, folder: &Path, resources: u32) -> Result<(), Box<dyn Error>> {
    let started = Watch::start();
    let backup = ledger.backup(&folder.join("copy.redb"), |_| ())?;
    report(&format!("backup, {} MB", backup.bytes >> 20), started.seconds(), resources);
    let started = Watch::start();
    ledger.prune()?;
    report("prune, everything is named", started.seconds(), resources);
    let started = Watch::start();
    (1..=3).try_for_each(|number| ledger.delete_scan(&id(number)))?;
    report("deleting the scans", started.seconds(), resources);
    let started = Watch::start();
    let pruned = ledger.prune()?;
    report(&format!("prune, {} documents removed", pruned.documents), started.seconds(), resources);
    let started = Watch::start();
    let compacted = ledger.compact()?;
    let (before, after) = (compacted.bytes_before >> 20, compacted.bytes_after >> 20);
    report(&format!("compact, {before} MB to {after} MB"), started.seconds(), resources);
    Ok(())
}

fn scan(ledger: &Ledger, number: u8, resources: u32) -> Result<(f64, f64), StoreError> {
    let (started, mut of_ledger) = (Watch::start(), 0.0);
    let id = id(number);
    ledger.create_scan(&NewScan { id, created_at: AT.into(), ..NewScan::default() })?;
    ledger.transition(&id, ScanStatus::Running, AT, None)?;
    ledger.put_catalogue(&id, &catalogue())?;
    let tasks: Vec<TaskRow> =
        (0..resources.div_ceil(TASK)).map(|index| TaskRow { index, ..TaskRow::default() }).collect();
    ledger.put_plan(&id, &tasks)?;
    for task in &tasks {
        let fence = ledger.start_task(&id, task.index)?;
        let end = resources.min((task.index + 1) * TASK);
        for first in (task.index * TASK..end).step_by(BATCH as usize) {
            let last = end.min(first + BATCH);
            let mut batch = batch(id, task.index, fence, first..last);
            if number == 1 {
                batch.documents.clear();
            }
            if number != 2 {
                batch.verdicts.clear();
            }
            batch.finished = (last == end).then_some(TaskEnd::Done);
            let handed_over = Watch::start();
            ledger.record(batch)?;
            of_ledger += handed_over.seconds();
        }
    }
    let count = u64::from(resources);
    let summary = Summary {
        resources: count,
        violations_by_severity: BTreeMap::from([(Severity::High, count)]),
        outcomes_by_verdict: BTreeMap::from([(Verdict::Pass, 5 * count), (Verdict::Fail, count)]),
        ..Summary::default()
    };
    ledger.complete(&id, AT, Coverage::default(), &summary, &[])?;
    Ok((started.seconds(), of_ledger))
}

fn batch(scan: ScanId, task: u32, fence: u64, numbers: std::ops::Range<u32>) -> RecordBatch {
    let mut batch = RecordBatch { scan, task, fence, ..RecordBatch::default() };
    for number in numbers {
        let document = document(number);
        let digest = *blake3::hash(&document).as_bytes();
        let resource = ResourceRef {
            id: format!("arn:aws:s3:::bucket-{number:07}"),
            kind: "aws_s3_bucket".into(),
            name: format!("bucket-{number:07}"),
            account: "111122223333".into(),
            region: "eu-central-1".into(),
        };
        batch.outcomes.push(OutcomeRow {
            check: 5,
            severity: Severity::High,
            verdict: Verdict::Fail,
            message: format!("Bucket bucket-{number:07} lets everybody read: its policy has Principal \"*\""),
            fingerprint: Fingerprint::new("check_5", &resource.account, &resource.id),
            digest: Some(digest),
            delta: None,
            muted: None,
            resource: resource.clone(),
        });
        batch.resources.push(ResourceRow {
            resource,
            digest,
            passes: vec![0, 1, 2, 3, 4],
            not_applicable: vec![],
            gaps: vec![],
            source: Some(digest),
        });
        batch.documents.push((digest, document));
        let verdict = |check| CachedVerdict { check, verdict: Verdict::Pass, message: None, day: None };
        let verdicts = CachedVerdicts((0..6).map(verdict).collect());
        batch.verdicts.push(VerdictRow { plugin: PLUGIN, resource: digest, verdicts });
    }
    batch
}

fn document(number: u32) -> Vec<u8> {
    let policy = "{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Condition\":{}},".repeat(6);
    format!(
        "{{\"arn\":\"arn:aws:s3:::bucket-{number:07}\",\"owner\":\"{:016x}\",\"policy\":[{policy}]}}",
        u64::from(number) * 0x9e37_79b9
    )
    .into_bytes()
}

fn catalogue() -> Catalogue {
    let check = |number: u32| Check {
        id: format!("check_{number}"),
        title: String::new(),
        description: String::new(),
        risk: String::new(),
        severity: Severity::High,
        scope: Scope::Resource,
        kinds: vec![],
        subjects: vec![],
        reads: vec![],
        time_dependent: false,
        categories: vec![],
        references: vec![],
        remediation: Remediation::default(),
        plugin: PluginRef { id: "checks".into(), version: "0.1.0".into(), digest: PLUGIN },
    };
    let checks = (0..6).map(check).map(|check| (check.id.clone(), check));
    Catalogue { checks: checks.collect(), ..Catalogue::default() }
}

fn id(number: u8) -> ScanId {
    [number; 16]
}

fn report(what: &str, seconds: f64, of: u32) {
    say(&format!("{what:<44} {seconds:>7.2} s {:>8.2} µs each of {of}", seconds * 1e6 / f64::from(of)));
}

#[allow(clippy::print_stdout)] // Printing figures is what this program is for.
fn say(line: &str) {
    println!("{line}");
}
