//! What earlier scans, and earlier runs of the same scan, have left.

use std::collections::HashMap;

use plumb_model::delta::Sighting;
use plumb_store::{StoredScan, TaskRow, TaskState};

use super::Run;
use crate::ahead::Ahead;
use crate::choice::Chosen;
use crate::error::EngineError;
use crate::previous::Previous;
use crate::recorder::Figures;
use crate::request::StoredRequest;

impl Run<'_> {
    /// The tasks of an earlier scan that belong to targets which this scan has too, in every respect.
    pub(super) fn tasks_of(&self, earlier: &StoredScan) -> Result<HashMap<(u32, String), TaskRow>, EngineError> {
        // A request that cannot be read is of a time when tasks did not say what they follow from.
        let Ok(request) = StoredRequest::from_bytes(&earlier.settings) else { return Ok(HashMap::new()) };
        let here: HashMap<u32, u32> = (0u32..)
            .zip(&request.targets)
            .filter_map(|(there, target)| {
                let (here, _) = (0u32..).zip(&self.stored.targets).find(|(_, own)| *own == target)?;
                Some((there, here))
            })
            .collect();
        let rows = self.engine.ledger.tasks(&earlier.scan.id)?.into_iter();
        Ok(rows.filter_map(|row| Some(((*here.get(&row.part)?, row.id.clone()), row))).collect())
    }

    /// The figures of the tasks that an earlier run finished. What an unfinished one left is dropped first.
    pub(super) async fn count_done(&self, chosen: &Chosen, previous: &Ahead<Previous>) -> Result<Figures, EngineError> {
        let ledger = &self.engine.ledger;
        let mut begun = false;
        for row in ledger.tasks(&self.id)? {
            begun |= row.attempt > 0;
            if row.attempt > 0 && row.state != TaskState::Done {
                ledger.start_task(&self.id, row.index)?;
            }
        }
        if !begun {
            return Ok(Figures::default());
        }
        let previous = previous.get().await?;
        let mut figures = Figures { gaps: ledger.gaps(&self.id)?, ..Figures::default() };
        ledger.resources(&self.id, |row| {
            figures.saw(&row.resource);
            Ok::<(), EngineError>(())
        })?;
        let checks = &chosen.catalogue.checks;
        ledger.findings(&self.id, |finding| {
            if let Some(check) = checks.get(&finding.check_id) {
                figures.count(check, finding.verdict, finding.muted.is_some(), 1);
                figures.reused += 1;
            }
            if finding.is_violation() {
                figures.sign(&finding.check_id, &finding.resource.account);
            }
            if previous.contains(&finding.fingerprint) {
                figures.sightings.insert(finding.fingerprint, Sighting::of(&finding));
            }
            Ok::<(), EngineError>(())
        })?;
        Ok(figures)
    }
}
