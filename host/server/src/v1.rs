//! This server's own routes under `/v1`: one file for each kind of thing.

use crate::routes::Routes;

pub(crate) fn routes() -> Routes {
    Routes::new()
}
