//! The exit codes, which scripts rely on.

use std::process::ExitCode;

use plumb_engine::EngineError;

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Clean.
    Success,
    /// The program failed.
    Failure,
    /// Wrong usage or configuration.
    Usage,
    /// Findings at or above `--fail-on`.
    Findings,
    /// The scan is incomplete or below `--min-coverage`: what it did not see may be worse than what it found.
    Incomplete,
    /// Interrupted; the partial record is kept.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Success => 0,
            Exit::Failure => 1,
            Exit::Usage => 2,
            Exit::Findings => 3,
            Exit::Incomplete => 4,
            Exit::Interrupted => 130,
        })
    }
}

/// Wrong usage that only shows when the command runs.
#[derive(Debug)]
pub(crate) struct UsageError(pub(crate) String);

impl std::fmt::Display for UsageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

/// An error that is the user's to mend.
pub(crate) fn usage(message: impl Into<String>) -> anyhow::Error {
    UsageError(message.into()).into()
}

/// Prints the error and says which code it means.
pub(crate) fn failed(error: &anyhow::Error) -> ExitCode {
    // Whoever reads our output has enough: `plumb history | head`.
    let closed = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(closed) {
        return Exit::Success.into();
    }
    let mut message = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !message.contains(&cause) {
            message = format!("{message}: {cause}");
        }
    }
    eprintln!("error: {}", crate::print::plain(&message));
    let by_user =
        error.downcast_ref::<UsageError>().is_some() || error.downcast_ref::<EngineError>().is_some_and(is_usage);
    if by_user { Exit::Usage.into() } else { Exit::Failure.into() }
}

fn is_usage(error: &EngineError) -> bool {
    matches!(
        error,
        EngineError::UnknownCheck(..)
            | EngineError::UnknownFramework(..)
            | EngineError::UnknownProvider(..)
            | EngineError::NoChecks(_)
            | EngineError::File(..)
            | EngineError::Target(_)
            | EngineError::NotResumable(..)
    )
}
