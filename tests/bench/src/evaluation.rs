//! The checks in the sandbox, under every limit, against native code on the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use anyhow::{Result, anyhow, bail, ensure};
use checks_aws::CHECKS;
use plumb_runtime::batch::Intake;
use plumb_runtime::{Context, Plugin, Stance};
use plumbline::export::checks::{Document, evaluate, wire};
use serde_json::Value as Json;

use crate::rules;
use crate::samples::{Duel, since};
use crate::typed;

const REPETITIONS: usize = 31;
const SCAN_TIME: &str = "2026-01-01T00:00:00Z";

/// A batch in the forms that the contestants take: the same bytes.
struct Batch<'a> {
    resources: Vec<&'a [u8]>,
    document: Document,
}

impl Batch<'_> {
    fn bytes(&self) -> &[u8] {
        match &self.document {
            Document::Msgpack(bytes) => bytes,
            Document::Json(text) => text.as_bytes(),
        }
    }
}

fn prepared(batches: &[Vec<Intake>]) -> Result<Vec<Batch<'_>>> {
    let prepare = |batch: &'_ Vec<Intake>| -> Result<Document> {
        let mut bytes = vec![0xdd];
        bytes.extend(u32::try_from(batch.len())?.to_be_bytes());
        for intake in batch {
            bytes.extend_from_slice(&intake.bytes);
        }
        Ok(Document::Msgpack(bytes))
    };
    batches
        .iter()
        .map(|batch| {
            Ok(Batch {
                resources: batch.iter().map(|intake| intake.bytes.as_slice()).collect(),
                document: prepare(batch)?,
            })
        })
        .collect()
}

fn context() -> Context {
    Context { account: String::new(), scan_time: SCAN_TIME.to_owned() }
}

/// Every check of single resources that fits a kind in the batches.
fn fitting(batches: &[Vec<Intake>]) -> Vec<String> {
    let kinds: BTreeSet<&str> = batches.iter().flatten().map(|intake| intake.resource.kind.as_str()).collect();
    let fits =
        CHECKS.iter().filter(|check| !check.is_of_account() && check.kinds.iter().any(|kind| kinds.contains(kind)));
    fits.map(|check| check.id.to_owned()).collect()
}

/// The same Rust code, compiled for this machine and called without any boundary.
pub(crate) async fn against_native(plugin: &Plugin, batches: &[Vec<Intake>]) -> Result<Json> {
    let (ids, context) = (fitting(batches), context());
    let native_context = plumbline::check::Context { account: String::new(), scan_time: context.scan_time.clone() };
    let mut duel = Duel::default();
    let mut outcomes = 0;
    for repetition in 0..=REPETITIONS {
        let (mut ours, mut theirs) = (0.0, 0.0);
        outcomes = 0;
        for batch in prepared(batches)? {
            let started = Instant::now();
            let sandboxed = plugin.evaluate(&context, &ids, &batch.resources).await?;
            ours += since(started);
            let started = Instant::now();
            let native = evaluate(CHECKS, &native_context, &ids, &batch.document);
            theirs += since(started);
            let native = native.map_err(|error| anyhow!("{error:?}"))?;
            ensure!(failures(&sandboxed) == native_failures(&native), "the sandbox and native code disagree");
            outcomes += native.len();
        }
        if repetition > 0 {
            duel.ours.push(ours);
            duel.theirs.push(theirs);
        }
    }
    let about = format!("µs an outcome: {} checks in the sandbox; the same Rust code native", ids.len());
    Ok(duel.figure("sandbox-to-native", u32::try_from(outcomes)?, &about))
}

/// What one would write without plugins: the bytes decoded into structs, ten checks on the structs.
pub(crate) async fn against_structs(plugin: &Plugin, batches: &[Vec<Intake>]) -> Result<Json> {
    let ids: Vec<String> = rules::TEN.iter().map(|(id, _)| (*id).to_owned()).collect();
    let context = context();
    let mut duel = Duel::default();
    for repetition in 0..=REPETITIONS {
        let (mut ours, mut theirs) = (0.0, 0.0);
        for batch in prepared(batches)? {
            let started = Instant::now();
            let sandboxed = plugin.evaluate(&context, &ids, &batch.resources).await?;
            ours += since(started);
            let started = Instant::now();
            let resources: Vec<typed::Resource<'_>> = rmp_serde::from_slice(batch.bytes())?;
            let verdicts = rules::evaluate(&resources);
            theirs += since(started);
            drop(resources);
            agree(&ids, &sandboxed, &verdicts)?;
        }
        if repetition > 0 {
            duel.ours.push(ours);
            duel.theirs.push(theirs);
        }
    }
    let resources: usize = batches.iter().map(Vec::len).sum();
    let about = "µs a resource: ten checks in the sandbox; decoded into structs by serde, the same checks native";
    Ok(duel.figure("sandbox-to-structs", u32::try_from(resources)?, about))
}

/// (check, resource) of the violations.
fn failures(outcomes: &[plumb_runtime::Outcome]) -> BTreeSet<(usize, usize)> {
    let failed = outcomes.iter().filter(|outcome| matches!(outcome.stance, Stance::Fail(_)));
    failed.map(|outcome| (outcome.check, outcome.resource)).collect()
}

fn native_failures(outcomes: &[wire::Outcome]) -> BTreeSet<(usize, usize)> {
    let failed = outcomes.iter().filter(|outcome| matches!(outcome.verdict, wire::Verdict::Fail(_)));
    let position = |position: u32| usize::try_from(position).unwrap_or(usize::MAX);
    failed.map(|outcome| (position(outcome.check), position(outcome.resource))).collect()
}

/// A contestant that decides otherwise, or does not look, wins nothing.
fn agree(ids: &[String], sandboxed: &[plumb_runtime::Outcome], structs: &[rules::Outcome]) -> Result<()> {
    let mut counts: BTreeMap<(usize, usize), i32> = BTreeMap::new();
    for pair in failures(sandboxed) {
        *counts.entry(pair).or_default() += 1;
    }
    let failed = structs.iter().filter(|outcome| outcome.message.is_some());
    failed.for_each(|outcome| *counts.entry((outcome.check, outcome.resource)).or_default() -= 1);
    if let Some(((check, resource), _)) = counts.iter().find(|(_, count)| **count != 0) {
        let id = ids.get(*check).map_or("?", String::as_str);
        bail!("the sandbox and the structs disagree on {id}, resource {resource} of the batch");
    }
    ensure!(
        sandboxed.len() == structs.len(),
        "{} outcomes in the sandbox, {} of structs",
        sandboxed.len(),
        structs.len()
    );
    Ok(())
}
