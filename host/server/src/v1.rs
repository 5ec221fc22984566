//! This server's own routes under `/v1`: one file for each kind of thing. `/v1/scans` and its stream are a family that another
//! document describes; they stand here because of their path.

mod catalogue;
mod findings;
mod mutes;
mod policies;
mod scans;
mod stream;
mod targets;

use crate::routes::Routes;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .merge(scans::routes())
        .merge(stream::routes())
        .merge(targets::routes())
        .merge(policies::routes())
        .merge(mutes::routes())
        .merge(findings::routes())
        .merge(catalogue::routes())
}
