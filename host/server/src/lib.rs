//! The HTTP service. The crate owns connections, routes, the form of errors and the server's own metrics; it reads the ledger and
//! decides nothing about a scan. It serves nothing of a scan until tokens exist: no target, no resource, no finding leaves it,
//! only whether the server is well and how many scans stand in which state.
//!
//! In reading order: [`limits`] (every bound), [`errors`] (the only place with HTTP status codes and the only way an error leaves),
//! [`state`] (what all requests share), [`routes`] (what is served, and the layers around it), [`health`] and [`metrics`] (the
//! routes there are), [`query`] (parameters), [`connections`] and [`activity`] (from the socket to a request, and the end).

mod activity;
mod connections;
mod errors;
mod health;
mod limits;
mod metrics;
mod query;
mod routes;
mod state;

pub use connections::{serve, serve_with};
pub use limits::Limits;
pub use state::AppState;
