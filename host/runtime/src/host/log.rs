//! `log`: lines into the host's own log, bounded in number and size.

use crate::bindings::checks::plumbline::plugin::log::{Host, Level};
use crate::call::State;
use crate::limits::{LOG_LINE, LOG_LINES};
use crate::output::log_line;

impl Host for State {
    async fn write(&mut self, level: Level, message: String) -> wasmtime::Result<()> {
        self.count_call()?;
        self.log_lines += 1;
        if self.log_lines > LOG_LINES {
            if self.log_lines == LOG_LINES + 1 {
                tracing::warn!(target: "plumb::plugin", plugin = self.plugin, "further log lines of this call are dropped");
            }
            return Ok(());
        }
        let line = log_line(&self.without_secrets(&message), LOG_LINE);
        match level {
            Level::Trace => tracing::trace!(target: "plumb::plugin", plugin = self.plugin, "{line}"),
            Level::Debug => tracing::debug!(target: "plumb::plugin", plugin = self.plugin, "{line}"),
            Level::Info => tracing::info!(target: "plumb::plugin", plugin = self.plugin, "{line}"),
            Level::Warn => tracing::warn!(target: "plumb::plugin", plugin = self.plugin, "{line}"),
            Level::Error => tracing::error!(target: "plumb::plugin", plugin = self.plugin, "{line}"),
        }
        Ok(())
    }
}
