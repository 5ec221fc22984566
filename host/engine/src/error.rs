//! Why a scan does not begin, or cannot be recorded. What goes wrong inside a scan is part of its record instead.

use std::path::PathBuf;

use plumb_runtime::CallError;
use plumb_store::StoreError;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum EngineError {
    #[error("there is no check '{0}'.{1} `plumb check list` names them all")]
    UnknownCheck(String, String),
    #[error("there is no framework '{0}'.{1} `plumb framework list` names them all")]
    UnknownFramework(String, String),
    #[error("no plugin scans '{0}'.{1} `plumb plugin list` names the loaded ones")]
    UnknownProvider(String, String),
    #[error("no check is left to run: {0}")]
    NoChecks(String),
    #[error("{path}: {source}", path = .0.display(), source = .1)]
    File(PathBuf, #[source] std::io::Error),
    #[error("{0}")]
    Target(String),
    #[error("the target cannot be planned: {0}")]
    Plan(#[source] CallError),
    #[error("scan {0} is {1} and cannot be resumed; only one that was interrupted or failed can")]
    NotResumable(String, String),
    #[error(
        "scan {0} ran with other plugins than those loaded now, so its results would not fit together; start a new scan"
    )]
    PluginsChanged(String),
    #[error("scan {0} does not say how it was started: {1}")]
    BrokenRequest(String, String),
    #[error("the ledger failed: {0}")]
    Store(#[from] StoreError),
    #[error("a part of the engine stopped: {0}")]
    Stopped(String),
}
