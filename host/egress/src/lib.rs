//! What leaves the program for the network. In reading order:
//!
//! - [`guard`]: which URLs and which addresses may be reached at all.
//! - [`client`]: sends one request and takes one bounded answer; nothing follows redirects, nothing knows a proxy.

pub mod client;
pub mod guard;

pub use client::{Answer, Trust, WebClient, WebError};
pub use guard::{Allowed, Endpoint};
