//! What happened: it is told to channels, and it sets off triggers.

use plumb_model::notification::EventKind;
use plumb_model::scan::Trigger;
use plumb_model::schedule::{EventTrigger, Schedule, ScheduleId};
use plumb_model::target::TargetId;
use plumb_store::{Event, Happened, StoreError, StoredScanHead};

use crate::notify::message::{facts, messages};
use crate::schedule::Scheduler;

/// Events dealt with before schedules are attended to again.
const ROUND: usize = 256;

impl Scheduler {
    /// Deals with what has happened since the last look.
    pub(super) async fn settle_events(&self) -> Result<(), StoreError> {
        let events = self.read(|ledger| ledger.events(ROUND)).await?;
        let again = events.len() == ROUND;
        for event in events {
            self.settle(event).await?;
        }
        if again {
            self.wake();
        }
        Ok(())
    }

    async fn settle(&self, event: Event) -> Result<(), StoreError> {
        let tenant = event.tenant;
        let (Happened::ScanEnded { scan, .. } | Happened::DriftDetected { scan, .. }) = event.happened;
        // From the ledger: whoever changes a scan there tells the lists a moment later.
        let head = self.read(move |ledger| ledger.scan_head(&scan)).await?;
        let head = head.filter(|head| head.scan.tenant == tenant);
        let (messages, orders) = match head {
            Some(head) => {
                let previous = head.scan.previous;
                let previous = self.read(move |ledger| previous.map_or(Ok(None), |id| ledger.scan_head(&id))).await?;
                let score = previous.and_then(|previous| previous.figures).and_then(|figures| figures.score);
                let orders = self.set_off(&event, &head, score).await?;
                let (event, now, public_url) = (event.clone(), self.now(), self.0.notifier.public_url());
                let made = self.read(move |ledger| messages(ledger, &event, &head, score, now, public_url.as_deref()));
                (made.await?, orders)
            }
            // It was deleted meanwhile: there is nothing to tell.
            None => (Vec::new(), Vec::new()),
        };
        let told = !messages.is_empty();
        self.read(move |ledger| ledger.settle_event(&tenant, event.sequence, &messages, &orders)).await?;
        if told {
            self.0.notifier.wake();
        }
        Ok(())
    }

    /// The schedules that an event sets off.
    async fn set_off(
        &self,
        event: &Event,
        head: &StoredScanHead,
        previous_score: Option<f64>,
    ) -> Result<Vec<(ScheduleId, Trigger)>, StoreError> {
        let tenant = event.tenant;
        let schedules = self.read(move |ledger| ledger.schedules(&tenant)).await?;
        let mut orders = Vec::new();
        for schedule in schedules.into_iter().filter(|schedule| schedule.enabled) {
            let Some(trigger) = set_off_by(&schedule, event, head, previous_score) else { continue };
            // A scan that was set off this way and finds the same again must not set off another, for ever.
            if head.scan.about.trigger != trigger && self.covers(&schedule, touched(event, head)).await? {
                orders.push((schedule.id, trigger));
            }
        }
        Ok(orders)
    }

    /// Whether a schedule scans one of these targets.
    async fn covers(&self, schedule: &Schedule, touched: &[TargetId]) -> Result<bool, StoreError> {
        let picked = self.targets_of(schedule).await?;
        Ok(picked.is_ok_and(|picked| picked.iter().any(|target| touched.contains(&target.id))))
    }
}

/// The targets that an event is about.
fn touched<'e>(event: &'e Event, head: &'e StoredScanHead) -> &'e [TargetId] {
    match &event.happened {
        Happened::DriftDetected { target, .. } => std::slice::from_ref(target),
        Happened::ScanEnded { .. } => &head.scan.about.targets,
    }
}

fn set_off_by(
    schedule: &Schedule,
    event: &Event,
    head: &StoredScanHead,
    previous_score: Option<f64>,
) -> Option<Trigger> {
    let fall = facts(event, head, previous_score).score_fall();
    let found = schedule.trigger(|trigger| match (trigger, &event.happened) {
        (EventTrigger::ResourceChange, Happened::DriftDetected { .. }) => true,
        (EventTrigger::ComplianceDrift { score_fall }, Happened::ScanEnded { kind: EventKind::ScanCompleted, .. }) => {
            fall.is_some_and(|fall| fall >= *score_fall)
        }
        _ => false,
    });
    found.map(EventTrigger::trigger)
}
