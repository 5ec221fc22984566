//! `inventory`: what a provider found, checked and handed on. The guest waits while the receiver is behind.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use plumb_model::resource::ScanGap;
use tokio::sync::mpsc::Sender;

use crate::batch::{self, Intake};
use crate::bindings::checks::plumbline::plugin::types::{Document, Error, Gap};
use crate::bindings::provider::plumbline::plugin::inventory::Host;
use crate::call::State;
use crate::limits::{REPORTED_GAPS, SOURCES};
use crate::output::text;

/// What arrives from a provider.
#[derive(Debug)]
pub enum Emission {
    Resources(Vec<Intake>),
    /// The digests of sources that are known: what came of them is taken over.
    Known(Vec<[u8; 32]>),
    Gap(ScanGap),
}

/// What came of sources when the same task was done before.
pub trait Memory: Send + Sync + fmt::Debug {
    /// Mixed into each source's digest: a digest of everything else that decides what comes of it.
    fn context(&self) -> [u8; 32];

    /// Which of these digests of sources are known. The error is for people. Blocks.
    fn knows(&self, sources: &[[u8; 32]]) -> Result<Vec<bool>, String>;
}

/// Where one collect call's findings go.
#[derive(Debug)]
pub(crate) struct Sink {
    pub(crate) sender: Sender<Emission>,
    /// For gaps.
    pub(crate) task: String,
    pub(crate) account: String,
    pub(crate) memory: Option<Arc<dyn Memory>>,
    /// The digests of the sources that were asked for last.
    pub(crate) recalled: Vec<[u8; 32]>,
}

impl State {
    /// Whether a credential of the host stands in what was found.
    fn gives_away(&self, found: &[Intake]) -> bool {
        let Some(egress) = &self.attachments.egress else { return false };
        found.iter().any(|found| egress.holds_secret(&found.bytes))
    }

    /// A plugin's words with the host's credentials struck.
    pub(crate) fn without_secrets(&self, words: &str) -> String {
        self.attachments.egress.as_ref().map_or_else(|| words.to_owned(), |egress| egress.redact(words))
    }

    /// Takes checked resources.
    async fn found(&mut self, intake: Vec<Intake>) -> wasmtime::Result<Result<(), Error>> {
        if self.gives_away(&intake) {
            return Ok(Err(Error::Invalid("it holds a credential of this host".to_owned())));
        }
        self.traffic.found(intake.len());
        self.emitted_gaps += intake.iter().map(|found| found.gaps.len()).sum::<usize>();
        self.hand_over(Emission::Resources(intake)).await?;
        Ok(Ok(()))
    }

    async fn hand_over(&mut self, emission: Emission) -> wasmtime::Result<()> {
        let Some(sink) = &self.attachments.inventory else {
            return Err(self.fault("nothing is being collected in this call".to_owned()));
        };
        let asked = Instant::now();
        let sent = sink.sender.send(emission).await;
        self.waited += asked.elapsed();
        sent.map_err(|_| self.fault("the scan was stopped".to_owned()))
    }
}

impl Host for State {
    async fn emit(&mut self, resources: Document) -> wasmtime::Result<Result<(), Error>> {
        self.count_call()?;
        match batch::intake(resources) {
            Ok(intake) => self.found(intake).await,
            Err(broken) => Ok(Err(Error::Invalid(broken.to_string()))),
        }
    }

    async fn recall(&mut self, sources: Vec<Vec<u8>>) -> wasmtime::Result<Result<Vec<bool>, Error>> {
        self.count_call()?;
        let Some(sink) = &mut self.attachments.inventory else {
            return Err(self.fault("nothing is being collected in this call".to_owned()));
        };
        if sources.len() > SOURCES {
            let reason = format!("{} sources in one call; {SOURCES} is the bound", sources.len());
            return Ok(Err(Error::Invalid(reason)));
        }
        sink.recalled.clear();
        let Some(memory) = &sink.memory else { return Ok(Ok(vec![false; sources.len()])) };
        let context = memory.context();
        sink.recalled.extend(sources.iter().map(|source| *blake3::keyed_hash(&context, source).as_bytes()));
        let known = match memory.knows(&sink.recalled) {
            Ok(known) => known,
            Err(reason) => return Err(self.fault(reason)),
        };
        let taken_over = sink.recalled.iter().zip(&known).filter(|(_, known)| **known);
        let taken_over: Vec<[u8; 32]> = taken_over.map(|(source, _)| *source).collect();
        if !taken_over.is_empty() {
            self.hand_over(Emission::Known(taken_over)).await?;
        }
        Ok(Ok(known))
    }

    async fn emit_from(
        &mut self,
        resources: Document,
        sources: Vec<Option<u32>>,
    ) -> wasmtime::Result<Result<(), Error>> {
        self.count_call()?;
        let mut intake = match batch::intake(resources) {
            Ok(intake) => intake,
            Err(broken) => return Ok(Err(Error::Invalid(broken.to_string()))),
        };
        if sources.len() != intake.len() {
            let reason = format!("{} resources, and {} sources for them", intake.len(), sources.len());
            return Ok(Err(Error::Invalid(reason)));
        }
        if let Some(sink) = &self.attachments.inventory
            && sink.memory.is_some()
        {
            for (found, source) in intake.iter_mut().zip(sources) {
                let Some(position) = source else { continue };
                let source = usize::try_from(position).ok().and_then(|position| sink.recalled.get(position));
                if source.is_none() {
                    return Ok(Err(Error::Invalid(format!("no source {position} was asked for last"))));
                }
                found.source = source.copied();
            }
        }
        self.found(intake).await
    }

    async fn report_gap(&mut self, kind: String, region: String, gap: Gap) -> wasmtime::Result<()> {
        self.count_call()?;
        self.reported_gaps += 1;
        if self.reported_gaps > REPORTED_GAPS {
            return Ok(());
        }
        let Some(sink) = &self.attachments.inventory else { return Ok(()) };
        let gap = Gap { reason: self.without_secrets(&gap.reason), ..gap };
        let reason = if gap.path.is_empty() { gap.reason } else { format!("{}: {}", gap.path, gap.reason) };
        let gap = ScanGap {
            task: sink.task.clone(),
            kind: text(&kind),
            account: sink.account.clone(),
            region: text(&region),
            reason: text(&reason),
            permission: gap.permission.as_deref().map(text),
        };
        self.hand_over(Emission::Gap(gap)).await
    }
}
