//! The database believes its pages: it checks them when it repairs a file, not when it reads one, and on some that are damaged it
//! panics (index out of range, unreachable code). Here such a panic becomes an error. The program has to be built with
//! unwinding for that, which is the default.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::error::StoreError;

thread_local! {
    /// Whether the caller's own code runs: a panic of it is not the ledger's to explain.
    static VISITING: Cell<bool> = const { Cell::new(false) };
}

/// Runs what works on the database; a panic becomes an error. Nothing half-done is seen afterwards: a write transaction that is
/// unwound is not committed, and a snapshot does not change.
pub(crate) fn contained<T, E: From<StoreError>>(body: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(result) => result,
        Err(panic) if VISITING.replace(false) => resume_unwind(panic),
        Err(panic) => {
            Err(StoreError::DamagedFile { problem: format!("reading it broke off ({})", words(&*panic)) }.into())
        }
    }
}

/// Runs the caller's code amid work on the database.
pub(crate) fn visiting<T>(visit: impl FnOnce() -> T) -> T {
    VISITING.set(true);
    let value = visit();
    VISITING.set(false);
    value
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a reason")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_the_database_becomes_an_error() {
        let broken: Result<(), StoreError> = contained(|| panic!("index out of range"));
        assert!(broken.unwrap_err().to_string().contains("index out of range"));
    }

    #[test]
    fn a_panic_of_the_caller_goes_on() {
        let caught = catch_unwind(|| contained(|| visiting(|| -> Result<(), StoreError> { panic!("mine") })));
        assert_eq!(caught.unwrap_err().downcast_ref::<&str>(), Some(&"mine"));
        assert!(contained(|| -> Result<(), StoreError> { panic!("not mine") }).is_err());
    }
}
