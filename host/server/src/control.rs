//! Administration while the server runs. The server has the ledger open, so `plumb token create` and its like ask the server: a Unix
//! socket in the data folder, for the user alone whom the server runs as. One line of JSON asks, one answers.

use std::io::{self, Read, Write};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixStream as BlockingStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::commands::{Question, perform, run_schedule};
use crate::state::AppState;

/// The socket in the data folder.
const SOCKET: &str = "control.sock";

/// Bytes of a question: a command with a few names.
const QUESTION_BYTES: u64 = 64 << 10;

/// Bytes of an answer: a list of all tokens.
const ANSWER_BYTES: u64 = 64 << 20;

/// Commands at a time. A backup takes as long as reading the ledger, and others must not wait for it.
const AT_A_TIME: usize = 4;

/// For a question to arrive, or an answer to be taken.
const PATIENCE: Duration = Duration::from_secs(30);

/// For a command to be done: a backup of a ledger of many gigabytes.
const DONE: Duration = Duration::from_hours(4);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Done(Value),
    Failed(String),
}

/// Why the server did not do it.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("the server's answer cannot be read: {0}")]
    Answer(#[from] serde_json::Error),
    #[error("{0}")]
    Failed(String),
}

impl ControlError {
    /// Whether nobody listens: whoever uses the ledger is no server.
    pub fn nobody_listens(&self) -> bool {
        use io::ErrorKind::{ConnectionRefused, NotFound};
        matches!(self, ControlError::Io { source, .. } if matches!(source.kind(), ConnectionRefused | NotFound))
    }
}

/// The socket; it goes away with this.
#[derive(Debug)]
pub struct Control {
    listener: UnixListener,
    path: PathBuf,
}

impl Control {
    /// Listens in a data folder. The ledger is open, so a socket that is there was left by a server that is gone.
    pub fn bind(folder: &Path) -> Result<Control, ControlError> {
        let path = folder.join(SOCKET);
        let failed = |source| ControlError::Io { path: path.clone(), source };
        if std::fs::symlink_metadata(&path).is_ok_and(|found| found.file_type().is_socket()) {
            std::fs::remove_file(&path).map_err(failed)?;
        }
        let listener = UnixListener::bind(&path).map_err(failed)?;
        // Who connects before this is asked for their user all the same.
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
        Ok(Control { listener, path })
    }

    /// Answers until it is dropped; what is being done then is finished.
    pub async fn serve(self, state: AppState) {
        let places = Arc::new(Semaphore::new(AT_A_TIME));
        let own = std::fs::metadata(&self.path).map(|found| std::os::unix::fs::MetadataExt::uid(&found));
        loop {
            let accepted = async {
                let place = Arc::clone(&places).acquire_owned().await.map_err(io::Error::other)?;
                let (stream, _) = self.listener.accept().await?;
                let peer = stream.peer_cred()?.uid();
                if own.as_ref().ok() != Some(&peer) {
                    tracing::warn!(peer, "another user asked the control socket and was refused");
                    return Ok::<_, io::Error>(());
                }
                let state = state.clone();
                tokio::spawn(async move {
                    if let Err(error) = answer(stream, &state).await {
                        tracing::warn!(%error, "a question on the control socket was not answered");
                    }
                    drop(place);
                });
                Ok(())
            };
            if let Err(error) = accepted.await {
                tracing::warn!(%error, "a connection to the control socket could not be accepted");
                // Where accepting fails it would fail again at once.
                tokio::time::sleep(crate::limits::ACCEPT_REST).await;
            }
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(%error, "the control socket is left behind");
        }
    }
}

async fn answer(mut stream: UnixStream, state: &AppState) -> io::Result<()> {
    let mut question = Vec::new();
    timeout(PATIENCE, (&mut stream).take(QUESTION_BYTES).read_to_end(&mut question)).await??;
    let answer = match serde_json::from_slice::<Question>(&question) {
        Ok(Question::Administer(command)) => {
            let key = state.token_key.clone();
            match state.write(move |ledger| Ok(perform(ledger, &key, &command))).await {
                Ok(Ok(done)) => Answer::Done(done),
                Ok(Err(error)) => Answer::Failed(error.to_string()),
                Err(error) => Answer::Failed(error.to_string()),
            }
        }
        Ok(Question::RunSchedule { tenant, schedule }) => {
            let ordered = run_schedule(state.scheduler(), &tenant, &schedule).await;
            ordered.map_or_else(|error| Answer::Failed(error.to_string()), Answer::Done)
        }
        Err(error) => {
            Answer::Failed(format!("the server does not understand this command; is it of another version? {error}"))
        }
    };
    timeout(PATIENCE, stream.write_all(&serde_json::to_vec(&answer)?)).await??;
    stream.shutdown().await
}

/// Asks the server that has a data folder's ledger open.
pub fn ask(folder: &Path, question: &Question) -> Result<Value, ControlError> {
    let path = folder.join(SOCKET);
    let failed = |source| ControlError::Io { path: path.clone(), source };
    let mut stream = BlockingStream::connect(&path).map_err(failed)?;
    stream.set_read_timeout(Some(DONE)).map_err(failed)?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(failed)?;
    stream.write_all(&serde_json::to_vec(question)?).map_err(failed)?;
    stream.shutdown(std::net::Shutdown::Write).map_err(failed)?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES).read_to_end(&mut answer).map_err(failed)?;
    match serde_json::from_slice(&answer)? {
        Answer::Done(done) => Ok(done),
        Answer::Failed(words) => Err(ControlError::Failed(words)),
    }
}
