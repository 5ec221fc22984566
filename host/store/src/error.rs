//! What can go wrong with a ledger, in words for the person who has to act.

use std::path::PathBuf;

use plumb_model::drift::DriftStatus;
use plumb_model::notification::DeliveryStatus;
use plumb_model::scan::ScanStatus;

/// Why the ledger did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    #[error("cannot open the ledger {}: {source}; check that the folder exists and is yours to write to", path.display())]
    Open { path: PathBuf, source: std::io::Error },

    #[error("the ledger {} is in use by another plumb; wait for it to end, or name another folder with --data", path.display())]
    InUse { path: PathBuf },

    #[error("{} is no ledger, or its first page is damaged: {problem}; restore it from a backup or name another folder with --data", path.display())]
    NotALedger { path: PathBuf, problem: String },

    #[error(
        "the ledger was written by a newer plumb (schema {found}, this program knows up to {known}); use that plumb or a later one"
    )]
    NewerSchema { found: u32, known: u32 },

    #[error("the ledger is damaged: table '{table}', key {key}: {problem}; run `plumb db check` and restore a backup")]
    Damaged { table: &'static str, key: String, problem: String },

    #[error("the ledger's file is damaged: {problem}; run `plumb db check` and restore a backup")]
    DamagedFile { problem: String },

    #[error("cannot write the backup {}: {source}; name a file that does not exist, in a folder that is yours to write to", path.display())]
    Backup { path: PathBuf, source: std::io::Error },

    #[error("there is no scan {0} in the ledger; `plumb history` lists them")]
    NoSuchScan(String),

    #[error("scan {0} is in the ledger already")]
    ScanExists(String),

    #[error("'{0}' is no scan id: give up to 32 hexadecimal digits of one, with or without dashes")]
    BadPrefix(String),

    #[error("'{prefix}' fits more than one scan ({}); give more digits", matches.join(", "))]
    AmbiguousPrefix { prefix: String, matches: Vec<String> },

    #[error("scan {scan} is {from} and cannot become {to}")]
    IllegalTransition { scan: String, from: ScanStatus, to: ScanStatus },

    #[error("scan {scan} is {status}, and {refused}")]
    WrongStatus { scan: String, status: ScanStatus, refused: &'static str },

    #[error("remediation {id} is {was} and cannot become {refused}")]
    RemediationStatus { id: String, was: &'static str, refused: &'static str },

    #[error(
        "scan {scan} cannot be deleted while scan {by} runs, which takes over what has not changed; wait until that has ended"
    )]
    TakenOver { scan: String, by: String },

    #[error("work on the ledger broke off: {0}")]
    BrokeOff(String),

    #[error("there is no schedule {0}; `plumb schedule list` names them")]
    NoSuchSchedule(String),

    #[error("schedule {schedule} has fired for {slot}, and does so once")]
    FiredAlready { schedule: String, slot: String },

    #[error("message {delivery} is {status}; only one that was given up is sent anew")]
    NotDead { delivery: String, status: DeliveryStatus },

    #[error("there is no drift {0}; `plumb drift list` names them")]
    NoSuchDrift(String),

    #[error("drift {drift} is {from} and cannot become {to}; it goes from detected to investigating to resolved")]
    IllegalDriftMove { drift: String, from: DriftStatus, to: DriftStatus },

    #[error(
        "the scan that saw drift {0} was deleted, so what the resource is like now is not known; detect drift again first"
    )]
    NoCurrentDocument(String),

    #[error("scan {scan} has no task {task}")]
    NoSuchTask { scan: String, task: u32 },

    #[error("task {task} of scan {scan} is not running here; start it before recording what it found")]
    TaskNotRunning { scan: String, task: u32 },

    #[error(
        "task {task} of scan {scan} was started again: a batch with fence {given} came after fence {current} and was refused"
    )]
    StaleFence { scan: String, task: u32, given: u64, current: u64 },

    #[error("task {task} of scan {scan} has not ended, so the scan cannot be completed")]
    TaskOpen { scan: String, task: u32 },

    #[error("the plan of scan {0} has been started and cannot be replaced; resume the scan instead")]
    PlanStarted(String),

    #[error("the plan of scan {scan} is out of order: task {found} stands at position {position}")]
    PlanOrder { scan: String, position: usize, found: u32 },

    #[error("the name '{0}' is taken; choose another")]
    NameTaken(String),

    #[error("there are {limit} {what} already, and no room for more; delete some")]
    TooMany { what: &'static str, limit: usize },

    #[error("{what} has {size} bytes, more than the {limit} the ledger keeps")]
    TooLarge { what: String, size: usize, limit: usize },

    #[error("there is a tenant '{0}' already; choose another name")]
    TenantExists(String),

    #[error("document {0} was handed over under a digest that is not its own")]
    WrongDigest(String),

    #[error("there is no evidence {0}; `plumb evidence list` lists what there is")]
    NoSuchEvidence(String),

    #[error("evidence {0} is part of its scan's record and goes with it; delete the scan instead")]
    AutomaticEvidence(String),

    #[error("evidence {0} is in the ledger already")]
    EvidenceExists(String),

    #[error("{}: {source}; a backup is restored into a folder that has no ledger", path.display())]
    Restore { path: PathBuf, source: std::io::Error },

    #[error("the file has more than {limit} bytes; split it, or upload a smaller one")]
    UploadTooLarge { limit: u64 },

    #[error("the file is not accepted: {0}")]
    NotAccepted(String),

    #[error("the file {}: {source}; check that the folder is yours to write to and has room", path.display())]
    Blob { path: PathBuf, source: std::io::Error },

    #[error("this ledger is in memory and keeps no files; open one in a folder")]
    NoFolder,

    #[error("a record for table '{table}' cannot be written: {problem}")]
    Encode { table: &'static str, problem: String },

    #[error("the ledger's database failed and is opened again; try again")]
    OpenedAgain,

    #[error("the ledger's database failed: {0}")]
    Database(#[source] Box<redb::Error>),
}

impl StoreError {
    /// Whether there is no room left to write to: what is there can still be read.
    pub fn is_disk_full(&self) -> bool {
        let full = |error: &std::io::Error| {
            matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
        };
        match self {
            StoreError::Database(error) => match error.as_ref() {
                redb::Error::Io(error) => full(error),
                _ => false,
            },
            StoreError::Blob { source, .. } => full(source),
            _ => false,
        }
    }

    /// Whether the database answers nothing after this: it does not know what is on the disk.
    pub(crate) fn is_lasting(&self) -> bool {
        let lasting = |error: &redb::Error| matches!(error, redb::Error::Io(_) | redb::Error::PreviousIo);
        matches!(self, StoreError::Database(error) if lasting(error))
    }

    /// A record that is there but cannot be right.
    pub(crate) fn damaged(table: &'static str, key: impl Into<String>, problem: impl Into<String>) -> StoreError {
        StoreError::Damaged { table, key: key.into(), problem: problem.into() }
    }
}

impl From<redb::Error> for StoreError {
    fn from(error: redb::Error) -> StoreError {
        match error {
            redb::Error::Corrupted(problem) => StoreError::DamagedFile { problem },
            redb::Error::TableTypeMismatch { .. }
            | redb::Error::TableIsMultimap(_)
            | redb::Error::TableDoesNotExist(_)
            | redb::Error::TypeDefinitionChanged { .. } => StoreError::DamagedFile { problem: error.to_string() },
            other => StoreError::Database(Box::new(other)),
        }
    }
}

/// The database has an error type per call; all of them are cases of one.
macro_rules! from_database_error {
    ($($name:ident),*) => {
        $(impl From<redb::$name> for StoreError {
            fn from(error: redb::$name) -> StoreError {
                redb::Error::from(error).into()
            }
        })*
    };
}

from_database_error!(
    CommitError,
    CompactionError,
    DatabaseError,
    SetDurabilityError,
    StorageError,
    TableError,
    TransactionError
);
