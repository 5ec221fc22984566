//! The capabilities, one file each. A capability sees its own attachment and the budgets of its call, nothing else.

pub(crate) mod exchange;
pub mod files;
pub(crate) mod http;
pub mod inventory;
mod log;
pub mod snapshot;
pub(crate) mod wasi;

use std::sync::Arc;

use crate::bindings::types;
use crate::call::State;
use crate::egress::Egress;
use crate::host::files::Files;
use crate::host::inventory::Sink;
use crate::host::snapshot::Snapshot;

/// What one call may reach: set by the caller for what the call is about. A capability without an attachment answers that
/// there is nothing.
#[derive(Default)]
pub(crate) struct Attachments {
    pub(crate) files: Option<Arc<dyn Files>>,
    pub(crate) inventory: Option<Sink>,
    pub(crate) snapshot: Option<Arc<dyn Snapshot>>,
    pub(crate) egress: Option<Arc<dyn Egress>>,
    /// RFC 3339, UTC; none where the answer is not to depend on it. The clock of a guest that is granted `wasi`.
    pub(crate) scan_time: Option<String>,
}

impl types::Host for State {}
