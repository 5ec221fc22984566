//! The tasks of a scan: as they are written down, and run side by side.

use std::sync::Arc;

use plumb_runtime::Task;
use plumb_store::{TaskRow, TaskState};
use tokio::task::JoinSet;

use super::Shared;
use crate::choice::Chosen;
use crate::error::EngineError;
use crate::event::Event;
use crate::{account, task};

/// Tasks that may run side by side.
#[derive(Clone, Copy)]
pub(super) struct AtOnce {
    pub(super) files: usize,
    pub(super) live: usize,
}

/// All tasks that are not done, some side by side, then the checks of whole accounts.
pub(super) async fn run_tasks(shared: &Arc<Shared>, at_once: AtOnce) -> Result<(), EngineError> {
    let rows = shared.ledger.tasks(&shared.scan)?;
    let (accounts, rows): (Vec<TaskRow>, Vec<TaskRow>) = rows.into_iter().partition(|row| row.id == account::TASK);
    shared.watcher.tell(Event::Planned { tasks: rows.len() });
    let done = rows.iter().filter(|row| row.state == TaskState::Done).count();
    if done > 0
        && let Ok(figures) = shared.figures.lock()
    {
        let (resources, violations) = (figures.resources, figures.violations.values().sum());
        shared.watcher.tell(Event::Resumed { tasks: done, resources, violations });
    }
    let mut running = JoinSet::new();
    for row in rows.into_iter().filter(|row| row.state != TaskState::Done) {
        let is_live = shared.part(row.part)?.sources.egress.is_some();
        if running.len() >= if is_live { at_once.live } else { at_once.files } {
            next(&mut running).await?;
        }
        running.spawn(task::run(Arc::clone(shared), row.index, row.part, to_task(row)));
    }
    while !running.is_empty() {
        next(&mut running).await?;
    }
    for row in accounts.into_iter().filter(|row| row.state != TaskState::Done) {
        account::run(shared, row.index).await?;
    }
    Ok(())
}

async fn next(running: &mut JoinSet<Result<(), EngineError>>) -> Result<(), EngineError> {
    match running.join_next().await {
        None => Ok(()),
        Some(Ok(ended)) => ended,
        Some(Err(error)) => Err(EngineError::Stopped(error.to_string())),
    }
}

/// The plan as it is written down.
pub(super) fn rows(tasks: Vec<(u32, Task)>, chosen: &Chosen) -> Vec<TaskRow> {
    let row = |(index, (part, task)): (u32, (u32, Task))| TaskRow {
        index,
        part,
        id: task.id,
        service: task.service,
        account: task.account,
        region: task.region,
        kinds: task.kinds,
        payload: task.payload,
        ..TaskRow::default()
    };
    let mut rows: Vec<TaskRow> = (0u32..).zip(tasks).map(row).collect();
    if account::is_needed(chosen) {
        let index = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        rows.push(TaskRow { index, id: account::TASK.to_owned(), ..TaskRow::default() });
    }
    rows
}

fn to_task(row: TaskRow) -> Task {
    Task {
        id: row.id,
        service: row.service,
        account: row.account,
        region: row.region,
        kinds: row.kinds,
        payload: row.payload,
    }
}
