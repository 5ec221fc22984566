//! What happened in a scan, in order, for whoever follows it. Entries have sequence numbers; readers come for what lies after the last
//! one they have. Nobody waits for a reader: progress that nobody has read yet is replaced by later progress, and a reader who falls
//! behind what is kept is told that it missed something.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plumb_model::scan::{ScanId, ScanStatus};
use tokio::sync::watch;

/// Entries kept of one scan: every task of a large account and what became of it.
const KEPT: usize = 2_048;

/// Logs of ended scans that are kept for those who come back.
const ENDED: usize = 128;

/// Something happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    Status {
        status: ScanStatus,
        reason: Option<String>,
    },
    Planned {
        tasks: usize,
    },
    TaskStarted {
        task: String,
    },
    TaskDone {
        task: String,
    },
    TaskFailed {
        task: String,
        reason: String,
    },
    Progress(Standing),
    /// A plugin failed so often that it is not asked any more in this scan.
    PluginQuarantined {
        plugin: String,
        reason: String,
    },
    /// What lay between is not kept any more.
    Missed,
}

/// How far a scan is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Standing {
    pub scanned_resources: u64,
    /// An estimate until the scan has ended.
    pub total_resources: u64,
    pub tasks_done: u64,
    pub tasks: u64,
    pub violations: u64,
}

impl Standing {
    /// Per cent, one decimal, rounded down; 100 only when everything is done.
    #[allow(clippy::cast_precision_loss)]
    pub fn percentage(&self) -> f64 {
        let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part.min(whole) as f64 / whole as f64 };
        let done = share(self.scanned_resources, self.total_resources).max(share(self.tasks_done, self.tasks));
        let percent = (1000.0 * done).floor() / 10.0;
        // There may be more resources than were expected.
        if self.tasks_done < self.tasks { percent.min(99.9) } else { percent }
    }
}

/// One line of a log.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Grows, but not always by one.
    pub sequence: u64,
    /// RFC 3339, UTC, milliseconds.
    pub at: String,
    pub happening: Happening,
}

/// The log of one scan.
#[derive(Debug)]
pub struct Log {
    kept: Mutex<VecDeque<Entry>>,
    /// Sequence of the last entry, and whether it is the last there will be.
    head: watch::Sender<(u64, bool)>,
}

impl Log {
    /// Begins after a sequence number: later than all that an earlier process may have given.
    pub(crate) fn new(after: u64) -> Log {
        Log { kept: Mutex::new(VecDeque::new()), head: watch::Sender::new((after, false)) }
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, at: String, happening: Happening) {
        let mut kept = self.kept();
        let sequence = self.head.borrow().0 + 1;
        let progress = matches!(happening, Happening::Progress(_));
        if progress && kept.back().is_some_and(|last| matches!(last.happening, Happening::Progress(_))) {
            kept.pop_back();
        }
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        let ended = matches!(happening, Happening::Status { status, .. } if status.is_terminal());
        kept.push_back(Entry { sequence, at, happening });
        self.head.send_replace((sequence, ended));
    }

    /// Nothing will be added any more.
    pub(crate) fn close(&self) {
        self.head.send_modify(|head| head.1 = true);
    }

    /// Tells of every change: the sequence of the last entry, and whether it is the last there will be.
    pub fn follow(&self) -> watch::Receiver<(u64, bool)> {
        self.head.subscribe()
    }

    /// What lies after a sequence number, at most so many entries.
    pub fn after(&self, sequence: u64, most: usize) -> Vec<Entry> {
        let kept = self.kept();
        let begin = kept.partition_point(|entry| entry.sequence <= sequence);
        let mut entries: Vec<Entry> = kept.iter().skip(begin).take(most).cloned().collect();
        let forgotten = kept.len() >= KEPT && begin == 0 && sequence > 0;
        if let (true, Some(first)) = (forgotten, entries.first()) {
            let missed = Entry { sequence: first.sequence - 1, at: first.at.clone(), happening: Happening::Missed };
            entries.insert(0, missed);
        }
        entries
    }
}

/// The logs of running scans, and of some that have ended.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    logs: Mutex<Kept>,
}

/// The logs, and those of scans that have ended in the order they did.
type Kept = (HashMap<ScanId, Arc<Log>>, VecDeque<ScanId>);

impl Logs {
    fn logs(&self) -> MutexGuard<'_, Kept> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, id: &ScanId) -> Option<Arc<Log>> {
        self.logs().0.get(id).cloned()
    }

    /// The log of a scan; a new one begins after `after`.
    pub(crate) fn open(&self, id: &ScanId, after: u64) -> Arc<Log> {
        Arc::clone(self.logs().0.entry(*id).or_insert_with(|| Arc::new(Log::new(after))))
    }

    /// Keeps the log of an ended scan for a while.
    pub(crate) fn end(&self, id: &ScanId) {
        let mut logs = self.logs();
        let (open, ended) = &mut *logs;
        if let Some(log) = open.get(id) {
            log.close();
            ended.push_back(*id);
        }
        while ended.len() > ENDED {
            if let Some(oldest) = ended.pop_front() {
                open.remove(&oldest);
            }
        }
    }

    /// Forgets a scan that is deleted; whoever follows it is told that nothing more comes.
    pub(crate) fn forget(&self, id: &ScanId) {
        let mut logs = self.logs();
        if let Some(log) = logs.0.remove(id) {
            log.close();
        }
        logs.1.retain(|ended| ended != id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(scanned: u64) -> Happening {
        Happening::Progress(Standing { scanned_resources: scanned, ..Standing::default() })
    }

    #[test]
    fn a_reader_gets_what_it_has_not_got_and_only_the_latest_progress() {
        let log = Log::new(0);
        log.add(String::new(), Happening::Planned { tasks: 1 });
        (1..=5).for_each(|scanned| log.add(String::new(), progress(scanned)));
        let entries = log.after(0, 10);
        assert_eq!(entries.iter().map(|entry| entry.sequence).collect::<Vec<_>>(), [1, 6]);
        assert_eq!(entries.last().unwrap().happening, progress(5));
        assert_eq!(log.after(6, 10), []);
        log.add(String::new(), progress(6));
        assert_eq!(log.after(6, 10).len(), 1, "progress is news again for one who has read the last");
    }

    #[test]
    fn a_reader_who_falls_behind_is_told_so() {
        let log = Log::new(0);
        for number in 0..KEPT + 10 {
            log.add(String::new(), Happening::TaskDone { task: number.to_string() });
        }
        let entries = log.after(1, 3);
        assert_eq!((entries.len(), &entries[0].happening), (4, &Happening::Missed));
        assert_eq!(entries[0].sequence + 1, entries[1].sequence);
        let last = u64::try_from(KEPT).unwrap() + 9;
        assert_eq!(log.after(last, 3).len(), 1);
    }

    #[test]
    fn a_scan_with_an_open_task_is_not_done_however_few_resources_were_expected() {
        let standing = Standing { scanned_resources: 9, total_resources: 9, tasks: 1, ..Standing::default() };
        assert!((standing.percentage() - 99.9).abs() < f64::EPSILON);
        assert!((Standing { tasks_done: 1, ..standing }.percentage() - 100.0).abs() < f64::EPSILON);
    }

    #[test]
    fn the_end_is_told_to_those_who_follow() {
        let logs = Logs::default();
        let log = logs.open(&[1; 16], 40);
        let follow = log.follow();
        log.add(String::new(), Happening::Status { status: ScanStatus::Completed, reason: None });
        assert_eq!(*follow.borrow(), (41, true));
        logs.end(&[1; 16]);
        (0..200u8).for_each(|number| {
            logs.open(&[number; 16], 0);
            logs.end(&[number; 16]);
        });
        assert!(logs.get(&[1; 16]).is_none() && logs.get(&[199; 16]).is_some());
    }
}
