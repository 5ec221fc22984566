//! Calls and answers as files: one for each call, JSON, below account, region and service. A replay finds a call by what it asks and
//! takes its answers in the order they were recorded, without network and without credentials.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use plumb_runtime::egress::{HttpError, Response};
use ring::digest;
use serde::{Deserialize, Serialize};

use crate::aws::sigv4::hexadecimal;
use crate::secrets::Secrets;

/// The file that says what a folder is.
const HEAD: &str = "recording.json";
/// The form that this code writes and reads.
const FORMAT: u32 = 1;
/// Bytes of one file: the longest answer, in Base64, and its request.
const FILE_BYTES: u64 = 32 << 20;
/// Bytes of all files of a recording: an account with 150,000 resources makes some hundred megabytes.
const RECORDING_BYTES: u64 = 8 << 30;
/// Characters of an operation that go into a file's name.
const NAME_CHARACTERS: usize = 60;

/// What a call asks: all by which an answer is found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Question {
    pub(crate) method: String,
    pub(crate) url: String,
    /// Empty for the target's own account.
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Body,
}

/// Bytes, in the form in which they are best read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Body {
    Text(String),
    /// Joined by line feeds.
    Lines(Vec<String>),
    Base64(String),
}

impl Body {
    pub(crate) fn new(bytes: &[u8]) -> Body {
        match std::str::from_utf8(bytes) {
            Ok(text) if text.contains('\n') => Body::Lines(text.split('\n').map(str::to_owned).collect()),
            Ok(text) => Body::Text(text.to_owned()),
            Err(_) => Body::Base64(STANDARD.encode(bytes)),
        }
    }

    fn into_bytes(self) -> Option<Vec<u8>> {
        match self {
            Body::Text(text) => Some(text.into_bytes()),
            Body::Lines(lines) => Some(lines.join("\n").into_bytes()),
            Body::Base64(text) => STANDARD.decode(text).ok(),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct File {
    request: Question,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Response { status: u16, error_code: String, headers: Vec<(String, String)>, body: Body },
    Error(Failure),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Failure {
    Refused(String),
    Unauthenticated(String),
    Timeout,
    Connect(String),
    TooLarge(u64),
    BudgetSpent(String),
}

#[derive(Serialize, Deserialize)]
struct Head {
    format: u32,
    /// When it was begun (RFC 3339): what is in it is as old as that. Recordings from before that was kept have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    made_at: Option<String>,
}

/// A folder that is written to or read from.
#[derive(Debug)]
pub struct Recording {
    folder: PathBuf,
    /// How often each call was asked.
    asked: Mutex<HashMap<String, u32>>,
    written: AtomicU64,
    made_at: Option<String>,
    is_replay: bool,
}

impl Recording {
    /// A folder to record into: a new one, or one that is empty.
    pub fn record(folder: &Path) -> Result<Recording, String> {
        let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
        std::fs::create_dir_all(folder).map_err(failed)?;
        if std::fs::read_dir(folder).map_err(failed)?.next().is_some() {
            return Err(format!("{} is not empty; give a new folder", folder.display()));
        }
        let head = Head { format: FORMAT, made_at: Some(format!("{:.0}", Timestamp::now())) };
        let text = serde_json::to_string_pretty(&head).map_err(|error| error.to_string())?;
        std::fs::write(folder.join(HEAD), text + "\n").map_err(failed)?;
        Ok(Recording::of(folder, head, false))
    }

    /// A folder that was recorded into.
    pub fn replay(folder: &Path) -> Result<Recording, String> {
        let path = folder.join(HEAD);
        let text = read(&path)?.ok_or_else(|| format!("{} is no recording: it has no {HEAD}", folder.display()))?;
        let head: Head = serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        if head.format != FORMAT {
            return Err(format!("{} has format {}, and {FORMAT} is what can be read", path.display(), head.format));
        }
        if let Some(made_at) = head.made_at.as_ref().filter(|made_at| made_at.parse::<Timestamp>().is_err()) {
            return Err(format!("{}: made_at is {made_at:?}, which is no time as RFC 3339 has it", path.display()));
        }
        Ok(Recording::of(folder, head, true))
    }

    fn of(folder: &Path, head: Head, is_replay: bool) -> Recording {
        let (asked, written) = (Mutex::default(), AtomicU64::new(0));
        Recording { folder: folder.to_owned(), asked, written, made_at: head.made_at, is_replay }
    }

    /// When it was made (RFC 3339), where it says so: checks that depend on the time are to be given this one.
    pub fn made_at(&self) -> Option<&str> {
        self.made_at.as_deref()
    }

    /// Whether answers come from it.
    pub fn is_replay(&self) -> bool {
        self.is_replay
    }

    /// The file of a call: the same call gets another number each time.
    pub(crate) fn path(&self, question: &Question, operation: &str) -> PathBuf {
        let text = serde_json::to_vec(question).unwrap_or_default();
        let mut key = hexadecimal(digest::digest(&digest::SHA256, &text).as_ref());
        key.truncate(16);
        let number = {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            let number = asked.entry(key.clone()).or_default();
            *number += 1;
            *number
        };
        let plain = |text: &str| -> String {
            let fits = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
            text.chars().map(fits).take(NAME_CHARACTERS).collect()
        };
        let or = |text: &str, otherwise: &str| plain(if text.is_empty() { otherwise } else { text });
        self.folder
            .join(or(&question.account, "own"))
            .join(or(&question.region, "global"))
            .join(or(&question.service, "other"))
            .join(format!("{}-{key}-{number:03}.json", plain(operation)))
    }

    /// Writes what a call came to.
    pub(crate) fn write(
        &self,
        path: &Path,
        question: Question,
        result: &Result<Response, HttpError>,
        secrets: &Secrets,
    ) -> Result<(), String> {
        let failed = |error: &dyn std::fmt::Display| format!("recording {}: {error}", path.display());
        let file = File { request: question, outcome: Outcome::of(result) };
        let text = serde_json::to_string_pretty(&file).map_err(|error| failed(&error))? + "\n";
        // A plugin never has a secret to send; what stood in a request all the same does not reach the disk.
        let text = if secrets.stand_in(text.as_bytes()) { secrets.strike(&text) } else { text };
        let written = self.written.fetch_add(text.len() as u64, Ordering::Relaxed) + text.len() as u64;
        if written > RECORDING_BYTES {
            return Err(failed(&format!("the recording has more than {} GiB", RECORDING_BYTES >> 30)));
        }
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
        }
        std::fs::write(path, text).map_err(|error| failed(&error))
    }

    /// What a call came to when it was recorded.
    pub(crate) fn read(&self, path: &Path, question: &Question) -> Result<Response, HttpError> {
        let Question { method, url, region, account, .. } = question;
        let refuse = |problem: &str| {
            let account = if account.is_empty() { "the target's own account" } else { account };
            Err(HttpError::Refused(format!(
                "{method} {url} in {region} of {account} {problem} in {}",
                self.folder.display()
            )))
        };
        match read(path).map(|text| text.map(|text| serde_json::from_slice::<File>(&text))) {
            Ok(None) => refuse("was not recorded"),
            Ok(Some(Ok(file))) if file.request == *question => file.outcome.into_result(),
            Ok(Some(Ok(_))) => refuse("stands for another call"),
            Ok(Some(Err(error))) => refuse(&format!("cannot be read ({error})")),
            Err(error) => refuse(&error),
        }
    }
}

/// A file of bounded size; nothing where there is none.
fn read(path: &Path) -> Result<Option<Vec<u8>>, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let file = match std::fs::File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(failed)?,
    };
    let mut bytes = Vec::new();
    file.take(FILE_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > FILE_BYTES {
        return Err(format!("{} has more than {FILE_BYTES} bytes", path.display()));
    }
    Ok(Some(bytes))
}

impl Outcome {
    fn of(result: &Result<Response, HttpError>) -> Outcome {
        match result {
            Ok(Response { status, headers, body, error_code }) => Outcome::Response {
                status: *status,
                error_code: error_code.clone(),
                headers: headers.clone(),
                body: Body::new(body),
            },
            Err(error) => Outcome::Error(match error.clone() {
                HttpError::Refused(rule) => Failure::Refused(rule),
                HttpError::Unauthenticated(reason) => Failure::Unauthenticated(reason),
                HttpError::Timeout => Failure::Timeout,
                HttpError::Connect(reason) => Failure::Connect(reason),
                HttpError::TooLarge(bytes) => Failure::TooLarge(bytes),
                HttpError::BudgetSpent(which) => Failure::BudgetSpent(which),
            }),
        }
    }

    fn into_result(self) -> Result<Response, HttpError> {
        match self {
            Outcome::Response { status, error_code, headers, body } => {
                let body = body.into_bytes();
                let body = body.ok_or_else(|| HttpError::Refused("the recorded body is no Base64".to_owned()))?;
                Ok(Response { status, headers, body, error_code })
            }
            Outcome::Error(failure) => Err(match failure {
                Failure::Refused(rule) => HttpError::Refused(rule),
                Failure::Unauthenticated(reason) => HttpError::Unauthenticated(reason),
                Failure::Timeout => HttpError::Timeout,
                Failure::Connect(reason) => HttpError::Connect(reason),
                Failure::TooLarge(bytes) => HttpError::TooLarge(bytes),
                Failure::BudgetSpent(which) => HttpError::BudgetSpent(which),
            }),
        }
    }
}
