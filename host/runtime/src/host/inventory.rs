//! `inventory`: what a provider found, checked and handed on. The guest waits while the receiver is behind.

use std::time::Instant;

use plumb_model::resource::ScanGap;
use tokio::sync::mpsc::Sender;

use crate::batch::{self, Intake};
use crate::bindings::checks::plumbline::plugin::types::{Document, Error, Gap};
use crate::bindings::provider::plumbline::plugin::inventory::Host;
use crate::call::State;
use crate::limits::REPORTED_GAPS;
use crate::output::text;

/// What arrives from a provider.
#[derive(Debug)]
pub enum Emission {
    Resources(Vec<Intake>),
    Gap(ScanGap),
}

/// Where one collect call's findings go.
#[derive(Debug)]
pub(crate) struct Sink {
    pub(crate) sender: Sender<Emission>,
    /// For gaps.
    pub(crate) task: String,
    pub(crate) account: String,
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
            Ok(intake) => {
                if self.gives_away(&intake) {
                    return Ok(Err(Error::Invalid("it holds a credential of this host".to_owned())));
                }
                self.traffic.found(intake.len());
                self.emitted_gaps += intake.iter().map(|found| found.gaps.len()).sum::<usize>();
                self.hand_over(Emission::Resources(intake)).await?;
                Ok(Ok(()))
            }
            Err(broken) => Ok(Err(Error::Invalid(broken.to_string()))),
        }
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
