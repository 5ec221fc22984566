//! Drift of 15,000 resources against their baseline, beside reading the same as JSON and comparing it natively. Every pair differs in
//! bytes, one in a hundred in what counts: the digests tell of none that it is the same.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use plumb_engine::drift::compare::{Comparison, compare_bytes};
use plumb_engine::drift::rules::Rules;
use plumb_engine::drift::versions::Versions;
use plumb_model::drift::{AttributeHint, Meaning};
use plumb_model::scan::{Catalogue, ScanStatus};
use plumb_store::{Digest, Ledger, NewScan, RecordBatch, TaskEnd, TaskRow};
use plumbline::provider::wire;
use serde_json::{Map, Value, json};

/// How many resources.
const RESOURCES: usize = 15_000;
/// Each side takes turns so often; the median counts.
const TURNS: usize = 7;
/// How many of them differ in what counts.
const DRIFTED: usize = RESOURCES / 100;
/// Documents that are read from the ledger at once, as in a detection.
const CHUNK: usize = 256;

/// A version of a resource in both forms.
struct Version {
    json: Vec<u8>,
    msgpack: Vec<u8>,
}

/// One JSON object for each way of comparing.
pub(crate) fn run() -> Result<Vec<Value>> {
    let kinds: Map<String, Value> = serde_json::from_str(include_str!("../../fixtures/drift/aws.json"))?;
    let version = |number: usize, later: bool| -> Result<Version> {
        let (kind, config) = kinds.iter().nth(number % kinds.len()).context("no kinds")?;
        let mut config = config.clone();
        let map = config.as_object_mut().context("a kind that is no object")?;
        map.insert("arn".to_owned(), json!(format!("arn:{number}:{later}")));
        let tags = json!({ "number": number, "later": later && number.is_multiple_of(100) });
        map.insert("tags".to_owned(), tags);
        let whole = json!({ "id": format!("{kind}.r{number}"), "kind": kind, "config": config, "gaps": [] });
        Ok(Version { json: serde_json::to_vec(&whole)?, msgpack: rmp_serde::to_vec(&whole)? })
    };
    let before = (0..RESOURCES).map(|number| version(number, false)).collect::<Result<Vec<Version>, _>>()?;
    let now = (0..RESOURCES).map(|number| version(number, true)).collect::<Result<Vec<Version>, _>>()?;
    let rules = rules();
    let ledger = Ledger::memory()?;
    let (old, new) = (record(&ledger, 1, &before)?, record(&ledger, 2, &now)?);
    let pairs: Vec<(Digest, Digest)> = old.into_iter().zip(new).collect();
    let (mut native, mut compared, mut through) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        native.push(timed(RESOURCES, || {
            let mut differ = 0;
            for (before, now) in before.iter().zip(&now) {
                let before: Value = serde_json::from_slice(&before.json)?;
                let now: Value = serde_json::from_slice(&now.json)?;
                differ += usize::from(before != now);
            }
            Ok(differ)
        })?);
        compared.push(timed(DRIFTED, || {
            let mut differ = 0;
            for (before, now) in before.iter().zip(&now) {
                let comparison = compare_bytes(&rules, &before.msgpack, &now.msgpack, false);
                differ += differs(&comparison.map_err(anyhow::Error::msg)?);
            }
            Ok(differ)
        })?);
        through.push(timed(DRIFTED, || {
            let mut versions = Versions::new(&ledger, &rules, false);
            let mut differ = 0;
            for pairs in pairs.chunks(CHUNK) {
                differ += versions.compare(pairs)?.iter().map(differs).sum::<usize>();
            }
            Ok(differ)
        })?);
    }
    let (native, compared, through) = (median(native), median(compared), median(through));
    let ratio = |time: Duration| time.as_secs_f64() / native.as_secs_f64();
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    let figure = |name: &str, time: Duration| json!({"figure": name, "ratio": ratio(time), "ours_ms": milliseconds(time), "theirs_ms": milliseconds(native)});
    Ok(vec![figure("drift", compared), figure("drift-from-ledger", through)])
}

fn differs(comparison: &Comparison) -> usize {
    usize::from(!comparison.differences.is_empty())
}

/// How long it takes to find as many pairs that differ as there are.
fn timed(expected: usize, body: impl FnOnce() -> Result<usize>) -> Result<Duration> {
    let begun = Instant::now();
    let found = black_box(body()?);
    let elapsed = begun.elapsed();
    ensure!(found == expected, "{found} pairs differ where {expected} do");
    Ok(elapsed)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn rules() -> Rules {
    let hint = |hint: wire::AttributeHint| AttributeHint {
        kind: hint.kind,
        path: hint.path,
        meaning: match hint.meaning {
            wire::Meaning::Security(_) => Meaning::Security(plumb_model::check::Severity::High),
            wire::Meaning::IdentityKey => Meaning::IdentityKey,
            wire::Meaning::Unordered => Meaning::Unordered,
            wire::Meaning::ProviderNoise => Meaning::ProviderNoise,
            wire::Meaning::Sensitive => Meaning::Sensitive,
        },
    };
    Rules::new(&provider_terraform::hints::hints().into_iter().map(hint).collect::<Vec<AttributeHint>>())
}

/// Keeps documents as a scan does.
fn record(ledger: &Ledger, number: u8, versions: &[Version]) -> Result<Vec<Digest>> {
    let id = [number; 16];
    let at = "2026-11-21T10:00:00.000Z";
    ledger.create_scan(&NewScan { id, created_at: at.to_owned(), ..NewScan::default() })?;
    ledger.transition(&id, ScanStatus::Running, at, None)?;
    ledger.put_catalogue(&id, &Catalogue::default())?;
    ledger.put_plan(&id, &[TaskRow::default()])?;
    let fence = ledger.start_task(&id, 0)?;
    let mut digests = Vec::new();
    for part in versions.chunks(CHUNK) {
        let digest = |version: &Version| *blake3::hash(&version.msgpack).as_bytes();
        let documents: Vec<(Digest, Vec<u8>)> =
            part.iter().map(|version| (digest(version), version.msgpack.clone())).collect();
        digests.extend(documents.iter().map(|(digest, _)| *digest));
        ledger.record(RecordBatch { scan: id, fence, documents, ..RecordBatch::default() })?;
    }
    ledger.record(RecordBatch { scan: id, fence, finished: Some(TaskEnd::Done), ..RecordBatch::default() })?;
    Ok(digests)
}
