//! Lines for the operator: `plumb scan --log-plugins` shows them. Natively they go to standard error.

pub use crate::bindings::checks::plumbline::plugin::log::Level;

/// One line; the host keeps 4 KiB of it.
pub fn write(level: Level, message: &str) {
    if cfg!(target_family = "wasm") {
        crate::bindings::checks::plumbline::plugin::log::write(level, message);
    } else {
        eprintln!("{level:?}: {message}");
    }
}

pub fn info(message: &str) {
    write(Level::Info, message);
}

pub fn warn(message: &str) {
    write(Level::Warn, message);
}
