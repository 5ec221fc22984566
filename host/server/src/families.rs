//! The families that documents of others describe, one file each; `/v1/scans` is among [`crate::v1`]. They translate and decide
//! nothing: what one of them starts, all show.

pub(crate) mod drifts;
mod evidence;
mod history;
mod scans;

use crate::routes::Routes;

pub(crate) fn routes() -> Routes {
    Routes::new().merge(scans::routes()).merge(history::routes()).merge(evidence::routes()).merge(drifts::routes())
}
