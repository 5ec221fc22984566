//! The HTTP service. The crate owns connections, routes, who may use them, the form of errors and the server's own metrics; it reads
//! the ledger and decides nothing about a scan.
//!
//! In reading order: [`limits`] (every bound), [`problem`] (what can go wrong with a request, and the only place with the status
//! codes of errors), [`family`] and [`errors`] (the form in which each API family expects that), [`routes`] (the table that every
//! route stands in), [`guard`] (what each request passes: [`access`] with [`token`], [`browser`] with [`session`], [`rate`],
//! [`idempotency`], [`audit`]), [`extract`] (bodies, queries, ids and pages as types) with [`time`], [`state`] (what all requests
//! share), [`router`] (what is served, and the layers around it), [`openapi`] and [`docs`] (what it says of itself), [`health`],
//! [`metrics`], [`families`] and [`v1`] (the routes there are, with [`administration`] behind some of them), [`views`] (what they
//! show alike) with [`rows`] and [`dashboard`] (the same for people), [`commands`] and [`control`] (administration from the machine itself),
//! [`connections`], [`tls`], [`activity`] and [`peer`] (from the socket to a request, and the end), [`housekeeping`] (what is done
//! now and then).

mod access;
mod activity;
mod administration;
mod audit;
mod browser;
mod commands;
mod connections;
#[cfg(unix)]
mod control;
mod dashboard;
mod docs;
mod errors;
mod extract;
mod families;
mod family;
mod guard;
mod health;
mod housekeeping;
mod idempotency;
mod limits;
mod metrics;
mod openapi;
mod peer;
mod problem;
mod rate;
mod router;
mod routes;
mod rows;
mod session;
mod state;
mod time;
mod tls;
mod token;
mod v1;
mod views;

pub use access::{Access, Browser, Need};
pub use administration::{AdministrationError, NewTenant, NewToken, create_tenant, create_token, find_token};
pub use commands::{AdminCommand, Question, perform, run_schedule};
pub use connections::{serve, serve_with};
#[cfg(unix)]
pub use control::{Control, ControlError, ask};
pub use extract::{JsonBody, MAX_PAGE, NoParameters, Page, PathParams, Query, RecordId};
pub use family::Family;
pub use idempotency::WithoutSecret;
pub use limits::Limits;
pub use openapi::{described, document};
pub use problem::{Detail, Problem, ScanLimit};
pub use router::routes;
pub use routes::{Declared, Routes};
pub use state::{AppState, LedgerError, ScanSettings};
pub use time::Time;
pub use tls::{Tls, TlsError};
pub use token::{TokenKey, TokenKeyError, TokenText};
