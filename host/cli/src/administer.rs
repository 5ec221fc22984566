//! Administration, by whoever has the ledger open: this program, or a server that is asked over its socket.

use std::path::Path;

use anyhow::Context as _;
use plumb_server::{AdminCommand, Question, TokenKey, TokenKeyError, perform};
use plumb_store::{Ledger, StoreError};
use serde_json::Value;

/// Does it, or has it done.
pub(crate) fn administer(folder: &Path, command: &AdminCommand) -> anyhow::Result<Value> {
    match Ledger::open(folder) {
        Ok(ledger) => Ok(perform(&ledger, &token_key(folder, &ledger)?, command)?),
        Err(in_use @ StoreError::InUse { .. }) => asked(folder, &command.clone().into(), in_use),
        Err(error) => Err(error).with_context(|| format!("the ledger in {}", folder.display())),
    }
}

/// The key that the ledger's tokens are stored under. Where it is gone, tokens that are there would not be known any more, and
/// a new one would not tell why.
pub(crate) fn token_key(folder: &Path, ledger: &Ledger) -> anyhow::Result<TokenKey> {
    if TokenKey::exists(folder) || !ledger.has_tokens()? {
        return Ok(TokenKey::open(folder)?);
    }
    Err(TokenKeyError::Missing { path: TokenKey::path(folder) }.into())
}

/// Asks the server that has the ledger open.
#[cfg(unix)]
pub(crate) fn asked(folder: &Path, question: &Question, in_use: StoreError) -> anyhow::Result<Value> {
    match plumb_server::ask(folder, question) {
        Ok(answer) => Ok(answer),
        // A scan has the ledger open, not a server.
        Err(error) if error.nobody_listens() => Err(in_use.into()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
pub(crate) fn asked(_: &Path, _: &Question, in_use: StoreError) -> anyhow::Result<Value> {
    Err(in_use.into())
}
